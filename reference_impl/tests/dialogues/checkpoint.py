"""Checkpointing, both kinds."""

import contextlib
import importlib


def play(torch, tr, tell):
    C = importlib.import_module(torch.__name__ + ".utils.checkpoint")
    ck = C.checkpoint
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    n = [0]

    def f(a):
        n[0] += 1
        return (a.sin() * a).exp()

    def g(a):
        n[0] += 1
        b = a.exp()
        c = b.sin()
        d = c * b
        n[0] += 100
        return d + 0

    def run(fn=f, k=1, **kw):
        n[0] = 0
        x.grad = None
        y = ck(fn, x, **kw)
        for i in range(k):
            y.sum().backward(retain_graph=i < k - 1)
        return (x.grad, n)

    for kw in (dict(use_reentrant=True), dict(use_reentrant=False), {}):
        tr(lambda: run(**kw))
        tr(lambda: run(k=2, **kw))
        tr(lambda: run(fn=g, **kw))
        tr(lambda: torch.autograd.grad(ck(f, x, **kw).sum(), x))
        tr(lambda: ck(f, x, **kw).sum().backward(inputs=[x]))
        tr(lambda: ck(f, x.detach(), **kw))
        tr(lambda: ck(lambda d: d["a"] * 2, {"a": x}, **kw))
        tr(lambda: ck(lambda a: torch.autograd.grad((a * a).sum(), a)[0] * a, x, **kw))
        tr(lambda: ck(lambda a, k=1: a * k, x, k=3, **kw))
        tr(lambda: ck(lambda a: a.detach() * 2, x, **kw).sum().backward())
        tr(lambda: ck(f, x, determinism_check="foo", **kw))
        tr(lambda: ck(f, x, debug=True, context_fn=lambda: 1, **kw))
        tr(lambda: ck(lambda a: 1 / 0, x, **kw))
    tr(lambda: run(fn=g, use_reentrant=False, early_stop=False))

    def es():
        with C.set_checkpoint_early_stop(False):
            y = ck(g, x, use_reentrant=False)
        n[0] = 0
        y.sum().backward()
        return n

    tr(es)

    def dd(**kw):
        y = ck(lambda a: (a * a).exp(), x, use_reentrant=False, **kw)
        (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        return torch.autograd.grad(g.sum(), x)

    tr(dd)
    c = [0]

    def meta(a):
        c[0] += 1
        return a.exp() if c[0] % 2 else a.double().exp().sum()

    def more(a):
        c[0] += 1
        b = a.exp()
        if c[0] % 2 == 0:
            b = b.exp()
        return b

    def fewer(a):
        c[0] += 1
        b = a.exp()
        if c[0] % 2 == 1:
            b = b.exp()
        return b

    for fn in (meta, more, fewer):
        for kw in ({}, dict(early_stop=False), dict(determinism_check="none")):
            c[0] = 0
            tr(lambda: ck(fn, x, use_reentrant=False, **kw).sum().backward())

    def rng(**kw):
        seen = []

        def h(a):
            m = (torch.rand(2) > 0.5).float()
            seen.append(m)
            return a * m * a

        y = ck(h, x, **kw)
        st = torch.get_rng_state()
        y.sum().backward()
        return (
            bool((torch.get_rng_state() == st).all()),
            bool((seen[0] == seen[1]).all()) if kw.get("preserve_rng_state", True) else None,
        )

    tr(lambda: rng(use_reentrant=True))
    tr(lambda: rng(use_reentrant=False))
    tr(lambda: rng(use_reentrant=False, preserve_rng_state=False))

    def ng():
        with torch.no_grad():
            return ck(f, x, use_reentrant=False)

    tr(ng)
    tr(lambda: issubclass(C.CheckpointError, RuntimeError))
    for r in (True, False, None):
        kw = {} if r is None else dict(use_reentrant=r)

        def sq():
            n[0] = 0
            x.grad = None
            y = C.checkpoint_sequential([f, f, torch.sin, f], 2, x * 0.1, **kw)
            y.sum().backward()
            return (x.grad, n)

        tr(sq)
    tr(lambda: C.checkpoint_sequential([f, f], 2, x, use_reentrant=False, foo=3))

    @contextlib.contextmanager
    def cm(s):
        tell("in", s)
        yield
        tell("out", s)

    tr(lambda: ck(f, x, use_reentrant=False, context_fn=lambda: (cm(1), cm(2))).sum().backward())
    y = ck(f, x, use_reentrant=False)

    for segments in (1, 2, 3, 4, 0):
        for again in (True, False):
            tr(lambda segments=segments, again=again: C.checkpoint_sequential(
                [torch.sin, torch.exp, torch.cos], segments, x, use_reentrant=again))  # fmt: skip
