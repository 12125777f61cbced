"""Custom Functions: what they save, mark and hand back, forward mode and vmap."""


def play(torch, tr, tell):
    F = torch.autograd.Function
    x = torch.tensor([1.0, 2.0], requires_grad=True)

    def mk(fwd, bwd, **k):
        return type("Fn", (F,), dict(forward=staticmethod(fwd), backward=staticmethod(bwd), **k))

    class S(F):
        clear_saved_tensors_on_access = True

        @staticmethod
        def forward(ctx, a):
            ctx.save_for_backward(a)
            return a * a

        @staticmethod
        def backward(ctx, g):
            (a,) = ctx.saved_tensors
            return 2 * a * g

    def f():
        y = S.apply(x).sum()
        y.backward(retain_graph=True)
        y.backward()

    tr(f)

    class BX(F):
        boxed_grads_call = True

        @staticmethod
        def forward(ctx, a):
            return (a * 1, a * 2)

        @staticmethod
        def backward(ctx, gs):
            tell(type(gs), len(gs))
            return gs[0] + 2 * gs[1]

    tr(lambda: torch.autograd.grad(sum(o.sum() for o in BX.apply(x)), x))

    class O(F):
        @staticmethod
        def forward(ctx, a):
            ctx.save_for_backward(a)
            return a * a

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            (a,) = ctx.saved_tensors
            return 2 * a * g

    def f():
        s = torch.ones(2, requires_grad=True)
        (g,) = torch.autograd.grad(O.apply(x), x, s, create_graph=True)
        tell(g.requires_grad, g.grad_fn.name() if g.grad_fn else None)
        g.sum().backward()

    tr(f)

    def f():
        (g,) = torch.autograd.grad(O.apply(x).sum(), x, create_graph=True)
        tell(g.requires_grad)
        g.sum().backward()

    tr(f)

    class M(F):
        @staticmethod
        def forward(ctx, a):
            b = a.to(torch.int64)
            ctx.mark_non_differentiable(b)
            return (a * 1, b)

        @staticmethod
        def backward(ctx, g, h):
            tell(h)
            return g

    tr(lambda: M.apply(x)[0].sum().backward())

    class SV(F):
        @staticmethod
        def forward(ctx, a):
            y = a.exp()
            ctx.save_for_backward(a, None, y)
            return y

        @staticmethod
        def backward(ctx, g):
            a, n, y = ctx.saved_tensors
            tell(a is x, n, y.requires_grad, y.grad_fn is ctx if y.grad_fn else None, torch.is_grad_enabled())
            return g * y

    def f():
        y = SV.apply(x)
        (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        tell(g)
        tell(torch.autograd.grad(g.sum(), x))
        return y.grad_fn.saved_tensors

    tr(f)

    def f():
        y = SV.apply(x)
        y.sum().backward()
        y.sum().backward()

    tr(f)

    def f():
        y = x * 1
        z = SV2.apply(y)
        y.add_(1)
        z.sum().backward()

    class SV2(F):
        @staticmethod
        def forward(ctx, a):
            ctx.save_for_backward(a)
            return a * a

        @staticmethod
        def backward(ctx, g):
            return g * 2 * ctx.saved_tensors[0]

    tr(f)

    def f():
        z = SV2.apply(x).grad_fn
        z.saved_tensors = 3

    tr(f)
    tr(lambda: SV2.apply(x).grad_fn.saved_variables)
    tr(lambda: SV2.apply(x).grad_fn.mark_shared_storage())
    tr(lambda: SV2.apply(x).grad_fn.needs_input_grad)
    tr(
        lambda: (
            SV2.apply(x).grad_fn.name(),
            SV2.apply(x).grad_fn.next_functions[0][0].name(),
            SV2.apply(x).grad_fn.metadata,
            SV2.apply(x).grad_fn.to_save,
            SV2.apply(x).grad_fn.materialize_grads,
            SV2.apply(x).grad_fn.non_differentiable,
            SV2.apply(x).grad_fn.dirty_tensors,
        )
    )
    tr(lambda: torch.autograd.function.InplaceFunction(True).inplace)
    tr(lambda: torch.autograd.function.NestedIOFunction().forward_extended())
    tr(lambda: torch.autograd.function.NestedIOFunction.apply(x))
    tr(lambda: torch.autograd.function.NestedIOFunction()(x))
    tr(lambda: sorted(torch.autograd.function.__all__))

    class J(F):
        @staticmethod
        def forward(ctx, a):
            return a * 1

        @staticmethod
        def backward(ctx, g):
            1 / 0

    tr(lambda: J.apply(x).sum().backward())

    def f():
        with torch.no_grad():
            y = SV2.apply(x)
        return y

    tr(f)

    def f():
        y = SV2.apply(torch.ones(2))
        return y

    tr(f)

    class NN(F):
        @staticmethod
        def forward(ctx, a, b):
            tell(ctx.needs_input_grad)
            return a * b

        @staticmethod
        def backward(ctx, g):
            return (g, g)

    tr(lambda: NN.apply(x, torch.ones(2)).sum().backward())

    def f():
        with torch.no_grad():
            NN.apply(x, x)

    tr(f)
    tr(lambda: NN.apply(x, x).sum().backward())
    tr(lambda: torch.autograd.grad(mk(lambda ctx, a: a * 1, lambda ctx, g: None).apply(x).sum(), x))
    tr(lambda: torch.autograd.grad(mk(lambda ctx, a: a * 1, lambda ctx, g: g.double()).apply(x).sum(), x))
    tr(lambda: torch.autograd.grad(mk(lambda ctx, a: a * 1, lambda ctx, g: g.expand(3, 2)).apply(x).sum(), x))

    class MG(F):
        @staticmethod
        def forward(ctx, a):
            ctx.set_materialize_grads(False)
            return (a * 1, a * 2)

        @staticmethod
        def backward(ctx, g, h):
            tell(g, h)
            return g

    tr(lambda: torch.autograd.grad(MG.apply(x)[0].sum(), x))
