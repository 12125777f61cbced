"""Matrices with a nan or an inf: what is refused, what is nan, and that nothing is taken for singular or goes on for ever."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    linalg = torch.linalg
    matrices = ([[inf, 1.0, 2.0], [2.0, 3.0, 5.0], [1.0, 2.0, 3.0]], [[nan, 1.0], [2.0, 3.0]], [[nan]], [[inf]])
    for given in matrices:
        for dtype in (torch.float64, torch.float32):
            x = torch.tensor(given, dtype=dtype)
            for a in (x, torch.stack([torch.eye(len(given), dtype=dtype), x])):
                for f in (linalg.svdvals, linalg.pinv, linalg.matrix_rank, linalg.cond):
                    tr(lambda f=f, a=a: f(a))
                for f in (linalg.det, linalg.slogdet, linalg.inv, linalg.inv_ex):
                    tr(lambda f=f, a=a: f(a))
                for order in ("nuc", 2, -2):
                    tr(lambda order=order, a=a: linalg.matrix_norm(a, order))
                tr(lambda a=a: linalg.solve(a, torch.ones_like(a)))
        y = torch.tensor(given, requires_grad=True)
        if len(given) == 1:
            continue
        for f in (linalg.det, linalg.inv, lambda y: linalg.slogdet(y)[1]):
            tr(lambda f=f, y=y: torch.autograd.grad(f(y).sum(), y))
