"""The graph after writes, detach_(), views and recorded backwards; anomalies of backwards of backwards; what has none."""

import contextlib
import warnings


def play(torch, tr, tell):
    ag = torch.autograd

    def described(f, depth=0):
        inside = (
            "" if depth > 3 else f"({', '.join(described(n, depth + 1) for n, _ in f.next_functions)})" if f else ""
        )
        return type(f).__name__ + inside

    # retain_grad follows a view to its new history
    for how in ("view", "base", "other"):
        base = torch.tensor([1.0, 2.0], requires_grad=True).clone()
        view, other = base[:], base[:1]
        for t in (base, view, other):
            t.retain_grad()
        {"view": view, "base": base, "other": other}[how].mul_(2)
        ((view * 3).sum() + other.sum() + base.sum()).backward()
        tell(how, base.grad, view.grad, other.grad)

    # detach_() takes an operand from what was saved, but not a result
    for f in (torch.sin, torch.exp, torch.neg):
        a = torch.tensor([1.0, 2.0], requires_grad=True) * 2
        b = f(a)
        a.detach_()
        tr(lambda: b.sum().backward())
        tr(lambda: (f(a.requires_grad_()).sum().backward(), a.grad)[1])
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    y = leaf.sin()
    leaf.detach_()
    tr(lambda: y.sum().backward())

    # versions of tensors that are resized
    x = torch.zeros(1)
    tell([(x.resize_(size)._version, x.shape) for size in ((1, 2), (3,), (3,), (1,))])
    tell(x.resize_as_(torch.zeros(3))._version, x.resize_as_(torch.zeros(3))._version)

    w = torch.tensor([1.0, 2.0], requires_grad=True)
    tr(lambda: w.numpy())
    with torch.no_grad():
        tr(lambda: w.numpy())

    # recorded backwards
    class Once(ag.Function):
        @staticmethod
        def forward(ctx, a, b, c):
            ctx.save_for_backward(a)
            return a * 2 + c, c * 1

        @staticmethod
        @ag.function.once_differentiable
        def backward(ctx, g, h):
            return g * ctx.saved_tensors[0], None, g + h

    v = torch.tensor([3.0, 4.0], requires_grad=True)
    for _ in range(2):
        sum(t.sum() for t in Once.apply(w, 3, v)).backward(torch.tensor(2.0, requires_grad=True), create_graph=True)
        tell(w.grad, described(w.grad.grad_fn), described(v.grad.grad_fn))
    tr(lambda: ag.grad(v.grad.sum(), v))
    z = torch.tensor(2.0, requires_grad=True)
    (z * z).backward(create_graph=True)
    tell(z.grad, described(z.grad.grad_fn))
    tr(lambda: ag.grad(z.grad, z))

    # views that a custom Function makes of what needs no gradient
    class Viewed(ag.Function):
        @staticmethod
        def forward(ctx, a, same):
            return a if same else a.view_as(a)

        @staticmethod
        def backward(ctx, g):
            return g, None

    for same in (True, False):
        tr(lambda: Viewed.apply(torch.zeros(2), same).add_(w))
        tr(lambda: Viewed.apply(torch.zeros(2), same).copy_(w))
        tr(lambda: Viewed.apply(torch.zeros(2), same).mul_(2))
        with torch.no_grad():
            made = Viewed.apply(torch.zeros(2), same)
        tr(lambda: made.add_(w))

    # one warning for each backward that led to the node that failed
    class Inner(ag.Function):
        @staticmethod
        def forward(ctx, a):
            return a * 2

        @staticmethod
        def backward(ctx, g):
            return g * float("nan")

    class Outer(ag.Function):
        @staticmethod
        def forward(ctx, a):
            ctx.save_for_backward(a)
            return a.clone()

        @staticmethod
        def backward(ctx, g):
            return Inner.apply(g * ctx.saved_tensors[0])

    for early in (True, False):
        u = torch.tensor([1.0, 2.0], requires_grad=True)
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            with ag.set_detect_anomaly(early):
                (g,) = ag.grad(Outer.apply(u).sum(), u, create_graph=True)
            with ag.set_detect_anomaly(True), contextlib.suppress(RuntimeError):
                g.sum().backward()
        tell(*(w.category.__name__ + str(w.message)[:120].split("File")[0] for w in given))

    # a product into which several zeros fall may be differentiated once
    place = torch.tensor([0, 0])
    for reduce in (torch.scatter_reduce, torch.index_reduce):
        for source in ([0.0, 0.0], [0.0, 2.0], [1.0, 2.0]):
            for first in (1.0, 0.0):
                into = torch.tensor([first, 3.0], requires_grad=True)
                src = torch.tensor(source, requires_grad=True)
                gs = ag.grad(reduce(into, 0, place, src, "prod").sum(), (into, src), create_graph=True)
                tell(*(g.detach() for g in gs))
                tr(lambda: ag.grad(sum((g * g).sum() for g in gs), (into, src)))

    # the second derivatives of losses where their two pieces meet
    d = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
    for loss in (torch.nn.functional.huber_loss, torch.nn.functional.smooth_l1_loss):
        e = d.clone().requires_grad_()
        (g,) = ag.grad(loss(e, d * 0, reduction="sum"), e, create_graph=True)
        tell(g.detach(), ag.grad((g * d).sum(), e))
