"""Custom Functions: what apply binds, attaches, checks."""


def play(torch, tr, tell):
    F = torch.autograd.Function
    x = torch.tensor([1.0, 2.0], requires_grad=True)

    def mk(fwd, bwd, **k):
        return type("Fn", (F,), dict(forward=staticmethod(fwd), backward=staticmethod(bwd), **k))

    tr(lambda: mk(lambda ctx, a: a * 2, lambda ctx, g: g * 3).apply(x))
    tr(lambda: mk(lambda ctx, a: a * 2, lambda ctx, g: (g * 3, g)).apply(x).sum().backward())
    tr(lambda: mk(lambda ctx, a: a * 2, lambda ctx, g: (g * 3, None, None)).apply(x).sum().backward())
    tr(lambda: mk(lambda ctx, a, b: a * 2, lambda ctx, g: g * 3).apply(x, 1).sum().backward())
    tr(lambda: mk(lambda ctx, a, b: a * 2, lambda ctx, g: (g * 3, g)).apply(x, 1).sum().backward())
    tr(lambda: mk(lambda ctx, a: a * 2, lambda ctx, g: torch.ones(3)).apply(x).sum().backward())
    tr(lambda: mk(lambda ctx, a: a * 2, lambda ctx, g: 1.0).apply(x).sum().backward())
    tr(lambda: mk(lambda ctx, a: a * 2, lambda ctx, g: [g]).apply(x).sum().backward())
    tr(lambda: mk(lambda ctx, a: 1.0, lambda ctx, g: [g]).apply(x))
    tr(
        lambda: (
            mk(lambda ctx, a: (a * 2, 5, None), lambda ctx, g, h, i: g if h is None and i is None else 0)
            .apply(x)[0]
            .sum()
            .backward()
        )
    )
    tr(lambda: mk(lambda ctx, a: [a * 2], lambda ctx, g: g).apply(x))
    tr(lambda: mk(lambda ctx, a: {"a": a * 2}, lambda ctx, g: g).apply(x))
    tr(lambda: mk(lambda ctx, a: (a * 2,), lambda ctx, g: g).apply(x))
    tr(lambda: mk(lambda ctx, a: a, lambda ctx, g: g * 10).apply(x))

    def f():
        y = x * 1
        z = mk(lambda ctx, a: a, lambda ctx, g: g * 10).apply(y)
        return (z is y, z._base is y, z.grad_fn.name(), z._is_view() if hasattr(z, "_is_view") else None)

    tr(f)

    def f():
        y = x * 1
        z = mk(lambda ctx, a: a.view(2, 1), lambda ctx, g: g.view(2) * 10).apply(y)
        return (z is y, z._base is y, z.grad_fn.name(), z.sum().backward())

    tr(f)

    def f():
        y = x * 1
        z = mk(lambda ctx, a: a.view(2, 1), lambda ctx, g: g.view(2) * 10).apply(y)
        z.mul_(2)

    tr(f)

    def f():
        y = x * 1
        z = mk(lambda ctx, a: a, lambda ctx, g: g * 10).apply(y)
        z.mul_(2)

    tr(f)

    def sv(ctx, a):
        ctx.save_for_backward(3)
        return a * 2

    tr(lambda: mk(sv, lambda ctx, g: g).apply(x))

    def sv(ctx, a):
        ctx.save_for_backward([a])
        return a * 2

    tr(lambda: mk(sv, lambda ctx, g: g).apply(x))

    def sv(ctx, a):
        ctx.save_for_forward(3)
        return a * 2

    tr(lambda: mk(sv, lambda ctx, g: g).apply(x))

    def md(ctx, a):
        a.mul_(2)
        ctx.mark_dirty(a)
        return a

    tr(lambda: mk(md, lambda ctx, g: g * 2).apply(x))
    y = x * 1

    def f():
        y = x * 1
        v = y._version
        z = mk(md, lambda ctx, g: g * 2).apply(y)
        return (z is y, y.grad_fn.name(), y._version - v, torch.autograd.grad(y.sum(), x))

    tr(f)

    def md2(ctx, a):
        a.mul_(2)
        ctx.mark_dirty(a)
        return a + 0

    tr(lambda: mk(md2, lambda ctx, g: g * 2).apply(x * 1))

    def md3(ctx, a):
        b = a * 1
        ctx.mark_dirty(b)
        return b

    tr(lambda: mk(md3, lambda ctx, g: g * 2).apply(x * 1))

    def md4(ctx, a):
        ctx.mark_dirty(3)
        return a * 1

    tr(lambda: mk(md4, lambda ctx, g: g * 2).apply(x * 1))

    def md5(ctx, a):
        ctx.mark_non_differentiable(3)
        return a * 1

    tr(lambda: mk(md5, lambda ctx, g: g * 2).apply(x * 1))

    def md6(ctx, a):
        ctx.set_materialize_grads(3)
        return a * 1

    tr(lambda: mk(md6, lambda ctx, g: g * 2).apply(x * 1))

    def f():
        y = x * 1
        z = y.view(2)
        mk(md, lambda ctx, g: g * 2).apply(z)
        return (y.grad_fn.name(), z.grad_fn.name(), torch.autograd.grad(y.sum(), x))

    tr(f)

    def f():
        y = x * 1
        a, b = y.unbind()
        mk(md, lambda ctx, g: g * 2).apply(a)

    tr(f)

    def f():
        v = x.view(2)
        mk(md, lambda ctx, g: g * 2).apply(v)

    tr(f)

    def f():
        y = x * 1

        def mdn(ctx, a):
            a.mul_(2)
            return a

        z = mk(mdn, lambda ctx, g: g * 2).apply(y)
        return (z is y, y.grad_fn.name(), z._base is y)

    tr(f)
    tr(lambda: F())

    class A(F):
        @staticmethod
        def forward(a):
            return a

    tr(lambda: A.apply(x))

    class B(F):
        @staticmethod
        def forward(a):
            return a * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.n = len(inputs)

        @staticmethod
        def vjp(ctx, g):
            return g * ctx.n

    tr(lambda: torch.autograd.grad(B.apply(a=x).sum(), x))

    class C(B):
        @staticmethod
        def backward(ctx, g):
            return g

    tr(lambda: torch.autograd.grad(C.apply(x).sum(), x))

    class D(F):
        @staticmethod
        def forward(a):
            return a * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

    tr(lambda: torch.autograd.grad(D.apply(x).sum(), x))
    tr(lambda: F.apply(x))
    tr(lambda: F.setup_context(None, (), None))
    tr(lambda: B()(x))
    tr(
        lambda: (
            F.vjp is F.backward,
            F._backward_cls,
            isinstance(B.apply(x).grad_fn, B._backward_cls),
            isinstance(B.apply(x).grad_fn, torch.autograd.function.BackwardCFunction),
            B._backward_cls,
        )
    )

    def kw(ctx, a, k=1.0, m=2.0):
        return a * k * m

    E1 = mk(kw, lambda ctx, g, *r: (g,) + (None,) * 3)
    tr(lambda: E1.apply(x, k=3.0))
    tr(lambda: E1.apply(x, m=3.0))
    tr(lambda: E1.apply(x, z=3.0))
    tr(lambda: E1.apply(x, a=x))
    tr(lambda: E1.apply(k=1.0, a=x))
    tr(lambda: E1.apply())

    class K(F):
        @staticmethod
        def forward(a, k=1.0, m=2.0):
            return a * k * m

        @staticmethod
        def setup_context(ctx, inputs, output):
            tell(inputs[1:])

        @staticmethod
        def backward(ctx, g):
            return (g, None, None)

    tr(lambda: K.apply(x, m=3.0))
    tr(lambda: K.apply(x, z=3.0))
    tr(lambda: K.apply(x, 1, k=3))
    tr(lambda: K.apply())

    class K2(K):
        @staticmethod
        def forward(a, *, k=1.0):
            return a

    tr(lambda: K2.apply(x))
    tr(lambda: K2.apply(x, k=1))

    class K3(K):
        @staticmethod
        def forward(ctx, a):
            return a

    tr(lambda: K3.apply(x))
