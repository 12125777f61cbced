"""Where tangents and cotangents differ in torch: at ties, kinks, nan; and products with logarithms of nothing."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    jvp = torch.func.jvp
    a, b = torch.tensor([1.0, 2.0, nan, 1.0, inf]), torch.tensor([1.0, 1.0, 1.0, nan, inf])
    t = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])
    for f in (torch.maximum, torch.minimum, torch.fmax, torch.fmin):
        tr(lambda f=f: jvp(f, (a, b), (t, -2 * t)))
        tr(lambda f=f: jvp(lambda a: f(a, b), (a,), (t,)))
        tr(lambda f=f: jvp(lambda b: f(a, b), (b,), (t,)))
        tr(lambda f=f: jvp(f, (a[:, None], b), (t[:, None], -2 * t)))
    for bounds in ({"min": b}, {"max": b}, {"min": b, "max": b + 1}, {"min": 1.0}):
        tr(lambda bounds=bounds: jvp(lambda a: torch.clamp(a, **bounds), (a,), (t,)))
    tr(lambda: jvp(lambda a, b: torch.clamp(a, b), (a, b), (t, -t)))
    tr(lambda: jvp(lambda a, b: torch.clamp(a, max=b), (a, b), (t, -t)))
    tr(lambda: jvp(torch.clamp_min, (a, b), (t, -t)))
    x, w = torch.tensor([-1.0, 0.0, -0.0, 2.0]), torch.tensor([0.25])
    prelu = torch.nn.functional.prelu
    tr(lambda: jvp(prelu, (x, w), (torch.ones(4), w)))
    tr(lambda: jvp(lambda w: prelu(x, w), (w,), (w,)))
    products(torch, tr, tell)
    for x in (torch.tensor([0.0, 1.0, 0.25]), torch.tensor([0.25 - 0.5j, 0j, 1.5 + 1j])):
        f = torch.special.sinc if x.is_complex() else torch.logit
        x.requires_grad_()
        tell(torch.autograd.grad(f(x), x, torch.full_like(x, -2.0)))
    near = torch.tensor([5e-324, 1e-310, 0.0, 0.5], dtype=torch.float64, requires_grad=True)
    for f in (torch.i0, torch.special.i1, torch.special.i1e):
        (g,) = torch.autograd.grad(f(near).sum(), near, create_graph=True)
        tell(g.detach())
    (g,) = torch.autograd.grad(torch.i0(near).sum(), near, create_graph=True)
    tell(torch.autograd.grad(g.sum(), near))
    empty = torch.ones(0, dtype=torch.int64)
    tr(lambda: (empty % torch.zeros(1, dtype=torch.int64), empty // 0))
    tr(lambda: torch.ones(1, dtype=torch.int64) // 0)


def products(torch, tr, tell):
    """The cotangent, too, counts as 0 times a logarithm."""
    others = (
        torch.tensor([0.0, 0.0, inf, inf, -2.0]),
        torch.tensor([True, False, True, False, True]),
        0,
        inf,
        2.5,
        nan,
    )
    for f in (torch.xlogy, torch.special.xlog1py):
        x = torch.tensor([0.0, 1.0, 2.0, 0.0, 1.0], requires_grad=True)
        for other in others:
            for g in (torch.tensor([0.0, 0.0, -0.0, 1.0, 1.0]), torch.tensor([nan, 1.0, 2.0, inf, 0.0])):
                tell(torch.autograd.grad(f(x, other), x, g))
        tr(lambda f=f, x=x: torch.func.jvp(lambda x: f(x, x + 1), (x.detach(),), (torch.ones(5),)))
