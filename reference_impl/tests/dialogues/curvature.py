"""Second derivatives at kinks and poles, and of operators that torch differentiates once or not at all."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    F, special = torch.nn.functional, torch.special
    x = [[-1.0, 0.0, 2.0], [0.0, -0.0, nan]]
    for weight in ([0.25], [0.25, 0.5, -1.0]):
        twice(torch, tell, F.prelu, x, weight)
    for f in (special.i0, special.i0e, special.i1, special.i1e):
        twice(torch, tell, f, [nan, inf, 0.0, -0.0, 1.0, -20.0])
    distances(torch, tr, tell)
    complex_silu(torch, tr, tell)


def twice(torch, tell, f, *points):
    """The gradients, and each one's derivatives by the points and by the cotangent."""
    points = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in points]
    result = f(*points)
    cotangent = torch.full_like(result, 1.5).detach().requires_grad_()
    slopes = torch.autograd.grad(result, points, cotangent, create_graph=True)
    for g in slopes:
        tell(g.detach(), g.grad_fn.name())
        tell(torch.autograd.grad(g.sum(), [*points, cotangent], retain_graph=True, allow_unused=True))


def distances(torch, tr, tell):
    left, right = [[0.0, 0.0, 1.0], [1.0, 2.0, 3.0]], [[0.0, 0.0, 1.0], [1.0, 2.0, 4.0], [0.0, 2.0, 1.0]]
    fa = torch.autograd.forward_ad
    for p in (0.0, 0.5, 1.0, 2.0, 3.0, inf):
        for f in (lambda x, y, p=p: torch.cdist(x, y, p), lambda x, y, p=p: torch.nn.functional.pdist(y, p)):
            x, y = torch.tensor(left, requires_grad=True), torch.tensor(right, requires_grad=True)
            d = f(x, y)
            (g,) = torch.autograd.grad(d, y, torch.full_like(d, 0.5), create_graph=True)
            tell(g.detach())
            cotangent = torch.full_like(d, 0.5).detach().requires_grad_()
            (g,) = torch.autograd.grad(d, y, cotangent, create_graph=True)
            tell(g.grad_fn.name())
            for to in (x, y, cotangent):
                tr(lambda g=g, to=to: torch.autograd.grad(g.sum(), to, retain_graph=True, allow_unused=True))
            with fa.dual_level():
                dual = fa.make_dual(cotangent.detach(), torch.ones_like(d).detach())
                tr(lambda d=d, y=y, dual=dual: torch.autograd.grad(d, y, dual, retain_graph=True))


def complex_silu(torch, tr, tell):
    silu = torch.nn.functional.silu
    x = torch.tensor([1 + 2j, 3.0])
    tell(silu(x))
    tr(lambda: silu(x.clone().requires_grad_()))
    tr(lambda: silu(x.clone().requires_grad_() * 1, inplace=True))
    with torch.no_grad():
        tr(lambda: silu(x.clone().requires_grad_()))
