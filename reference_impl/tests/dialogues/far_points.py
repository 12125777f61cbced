"""Where numbers are zero, nan or infinite: what derivatives are there, and what is refused."""


def play(torch, tr, tell):
    F = torch.nn.functional
    nan, inf = float("nan"), float("inf")

    def tangent(f, *values):
        xs = tuple(torch.tensor(v) for v in values)
        return torch.func.jvp(f, xs, tuple(torch.ones_like(x) for x in xs))

    def gradients(f, *values, second=False):
        xs = [torch.tensor(v, requires_grad=True) for v in values]
        y = f(*xs)
        g = torch.autograd.grad(y, xs, torch.ones_like(y), create_graph=second)
        return [tuple(x.tolist() for x in torch.autograd.grad(g[0].sum(), xs))] if second else [x.tolist() for x in g]

    # forward mode knows no such care as the gradient has
    tr(lambda: tangent(torch.atan2, [0.0, 1.0, 0.0], [0.0, 0.0, -2.0]))
    tr(lambda: gradients(torch.atan2, [0.0, 1.0, 0.0], [0.0, 0.0, -2.0]))
    tr(lambda: torch.func.jvp(lambda x: torch.atan2(torch.tensor(2.0), x), (torch.tensor(3.0),), (torch.tensor(1.0),)))
    for f in (torch.max, torch.min, torch.median, torch.nanmedian):
        tr(lambda f=f: tangent(f, [1.0, nan]))
        tr(lambda f=f: tangent(f, [nan, nan]))
        tr(lambda f=f: tangent(f, [2.0, 2.0, 2.0]))
        tr(lambda f=f: gradients(f, [1.0, nan]))

    # the share of entries that equal the extremum is that of none where it is nan
    at = torch.tensor([0, 2])
    torch.ones(3).index_reduce(0, at, torch.ones(2), "amax")  # warns once a process, perhaps before
    for reduce in ("amin", "amax"):
        for include in (True, False):
            how = {"reduce": reduce, "include_self": include}
            for name in ("index_reduce", "scatter_reduce"):
                f = getattr(torch, name)
                tr(lambda f=f, how=how: gradients(lambda x, s: f(x, 0, at, s, **how), [1.0, nan, 1.0], [nan, 1.0]))
                tr(lambda f=f, how=how: gradients(lambda x, s: f(x, 0, at, s, **how), [1.0, 3.0, 1.0], [2.0, 1.0]))

    tr(lambda: gradients(torch.logit, [0.0, 1.0, 0.25]))
    tr(lambda: gradients(lambda x: torch.logit(x, 0.1), [0.0, 0.5, 1.0]))
    tr(lambda: [f(torch.tensor([nan, nan, 1.0]), torch.tensor([0.0, 1.0, nan])) for f in (torch.igamma, torch.igammac)])

    # probabilities that are none
    half = torch.tensor([0.5])
    for wrong in (nan, 2.0, -0.1, inf):
        tr(lambda wrong=wrong: F.binary_cross_entropy(half, torch.tensor([wrong])))
        tr(lambda wrong=wrong: F.binary_cross_entropy(torch.tensor([wrong]), half))
    tr(lambda: F.binary_cross_entropy(half, half, weight=torch.ones(2)))
    tr(lambda: F.binary_cross_entropy_with_logits(half, half, weight=torch.ones(2)))

    # weights that add to nothing
    scores, classes = [[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]], torch.tensor([0, 1])
    tr(lambda: gradients(lambda x: F.nll_loss(x, classes, weight=torch.zeros(3)), scores))
    tr(lambda: gradients(lambda x: F.nll_loss(x, classes, ignore_index=0), scores))
    tr(lambda: gradients(lambda x: F.nll_loss(x, classes * 0, ignore_index=0), scores))
    tr(lambda: gradients(lambda x: F.cross_entropy(x, classes * 0, ignore_index=0), scores))
    tr(lambda: gradients(lambda x: F.nll_loss(x, classes, ignore_index=0, reduction="none").sum() * nan, scores))

    # distances of what has none
    for p in (1.0, 2.0, 3.0):
        tr(lambda p=p: gradients(lambda x, y: torch.cdist(x, y, p=p), [[1.0, nan, 1.0]], [[1.0, 2.0, inf]]))
        tr(lambda p=p: gradients(lambda x: F.pdist(x, p), [[1.0, nan, 1.0], [1.0, 2.0, inf]]))

    # complex zeros
    tr(lambda: gradients(torch.sgn, [0j, 1 + 1j], second=True))
    tr(lambda: gradients(torch.angle, [0j, 1 + 1j], second=True))
    tr(lambda: gradients(torch.angle, [0j, 1 + 1j]))
    tr(lambda: torch.tensor([0j, complex(-0.0, 0.0), 1j]) ** torch.tensor([0j, 0j, 0j]))

    tr(lambda: tangent(torch.linalg.det, [[0.0]]))
    tr(lambda: tangent(torch.linalg.det, [[1.0, 2.0], [2.0, 4.0]])[1].abs())
    tr(lambda: tangent(torch.linalg.det, [[1.0, 2.0], [2.0, 5.0]]))

    # determinants are smooth where there is no inverse
    def bend(A):
        A = torch.tensor(A, dtype=torch.float64, requires_grad=True)
        many = torch.stack([A, A + torch.eye(len(A))])
        (g,) = torch.autograd.grad(torch.linalg.det(many).sum(), A, create_graph=True)
        weights = torch.arange(float(A.numel())).reshape(A.shape)
        return (torch.autograd.grad((g * weights).sum(), A)[0] * 1e6).round() + 0.0

    for A in ([[1.0, 2.0], [2.0, 4.0]], [[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [1.0, 1.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]):
        tr(lambda A=A: bend(A))
    curved = torch.func.hessian(torch.linalg.det)
    tr(lambda: (curved(torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64)) * 1e6).round() + 0.0)

    # factors that divide by zero
    LU, pivots = torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([1, 2], dtype=torch.int32)
    tr(lambda: torch.linalg.lu_solve(LU, pivots, torch.ones(2, 1)))
    tr(lambda: torch.linalg.lu_solve(LU, pivots, torch.ones(2, 0)))
