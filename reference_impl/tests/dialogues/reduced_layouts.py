"""Reductions lay their results out row by row, whatever the order of what they reduce, so that these can be viewed."""


def play(torch, tr, tell):
    x = torch.arange(24.0).reshape(2, 3, 4)
    orders = x, x.transpose(0, 2), x.transpose(0, 1), x.permute(1, 2, 0), torch.ones(2, 3, 4, 5).transpose(1, 3)
    reductions = "sum mean amax amin all any logsumexp prod argmax std var nansum".split()  # noqa: SIM905
    for name in reductions:
        for y in orders:
            for dim in (0, 1, 2):
                tr(lambda name=name, y=y, dim=dim: getattr(y, name)(dim).stride())
                tr(lambda name=name, y=y, dim=dim: getattr(y, name)(dim, keepdim=True).view(-1))
                tr(lambda name=name, y=y, dim=dim: getattr(y, name)(dim).view(-1))
    for y in orders:
        tr(lambda y=y: (y.sum((0, 2)).stride(), y.int().sum(1).stride(), y.sum(1, dtype=torch.double).stride()))
        tr(lambda y=y: [t.stride() for t in y.max(1)] + [t.stride() for t in y.aminmax(dim=1)])
        z = y.clone().requires_grad_()
        z.sum(1).pow(2).sum().backward()
        tr(lambda y=y, z=z: (z.stride(), z.grad.stride(), z.grad))  # noqa: B023
