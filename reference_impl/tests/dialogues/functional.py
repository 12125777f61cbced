"""torch.autograd.functional."""


def play(torch, tr, tell):
    AF = torch.autograd.functional
    x = torch.tensor([1.0, 2.0, 3.0])
    y = torch.tensor([[2.0, 1.0], [0.5, 4.0]])
    W = torch.tensor([[1.0, 2.0, 0.5], [3.0, 1.0, 2.0]])
    f1 = lambda a: (W @ a).exp() * 0.1
    f2 = lambda a, b: (W @ a * b, a.sum() * b.sum())
    fs = lambda a: (a**3).sum()
    fs2 = lambda a, b: (a**3).sum() * (b * b).sum()
    lin = lambda a: (2 * a).sum()
    for kw in [
        {},
        dict(vectorize=True),
        dict(vectorize=True, strategy="forward-mode"),
        dict(create_graph=True),
        dict(vectorize=True, create_graph=True),
        dict(strict=True),
        dict(strict=True, create_graph=True),
        dict(strategy="forward-mode"),
        dict(strategy="x"),
        dict(vectorize=True, strict=True),
        dict(strategy="forward-mode", strict=True),
        dict(strategy="forward-mode", create_graph=True),
    ]:
        tell(kw)
        for f, i in [
            (f1, x),
            (f2, (x, y)),
            (f1, (x,)),
            (lambda a: (f1(a),), x),
            (lambda a: torch.ones(2), x),
            (lambda a, b: a * 2, (x, y)),
            (lambda a: [a], x),
            (f1, [x]),
            (f1, (x, 3)),
            (lambda a: a.transpose(0, 1) @ W.t()[:2], y),
            (lambda a: torch.stack([a, a * a], 1).reshape(-1)[1:4].cumsum(0).softmax(0), x),
        ]:
            tr(lambda: AF.jacobian(f, i, **kw))
    for kw in [
        {},
        dict(vectorize=True),
        dict(vectorize=True, outer_jacobian_strategy="forward-mode"),
        dict(create_graph=True),
        dict(strict=True),
        dict(strict=True, create_graph=True),
        dict(outer_jacobian_strategy="forward-mode"),
        dict(outer_jacobian_strategy="x"),
        dict(vectorize=True, strict=True),
    ]:
        tell(kw)
        for f, i in [
            (fs, x),
            (fs2, (x, y)),
            (fs, (x,)),
            (lin, x),
            (f1, x),
            (lambda a: (fs(a),), x),
            (lambda a: (a * a).sum(), x),
            (lambda a, b: fs(a), (x, y)),
            (lambda a: 3.0, x),
            (lambda a: (a**3).sum().view(1, 1), x),
            (lambda a: torch.ones(()), x),
        ]:
            tr(lambda: AF.hessian(f, i, **kw))
    for kw in [{}, dict(create_graph=True), dict(strict=True), dict(strict=True, create_graph=True)]:
        tell(kw)
        for v in [None, torch.tensor([1.0, 0.5]), torch.ones(3), (torch.ones(2),), (torch.ones(2), torch.ones(3)), 3]:
            tr(lambda: AF.vjp(f1, x, v, **kw))
            tr(lambda: AF.jvp(f1, x, v, **kw))
            tr(lambda: AF.vhp(fs, x, v, **kw))
            tr(lambda: AF.hvp(fs, x, v, **kw))
            tr(lambda: AF.hvp(lin, x, v, **kw))
            tr(lambda: AF.vhp(lin, x, v, **kw))
        tr(lambda: AF.vjp(f2, (x, y), (torch.ones(2, 2), torch.tensor(1.0)), **kw))
        tr(lambda: AF.jvp(f2, (x, y), (x, y), **kw))
        tr(lambda: AF.vhp(fs2, (x, y), (x, y), **kw))
        tr(lambda: AF.hvp(fs2, (x, y), (x, y), **kw))
        tr(lambda: AF.jvp(lambda a, b: a * 2, (x, y), (x, y), **kw))
        tr(lambda: AF.vjp(lambda a, b: a * 2, (x, y), x, **kw))
        tr(lambda: AF.vjp(fs, x, **kw))
        tr(lambda: AF.vhp(f1, x, x))
        tr(lambda: AF.hvp(lambda a: (fs(a),), x, x))
