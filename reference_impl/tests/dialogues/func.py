"""torch.func and batched gradients."""


def play(torch, tr, tell):
    fn = torch.func
    x = torch.tensor([1.0, 2.0, 3.0])
    W = torch.tensor([[1.0, 2.0, 0.5], [3.0, 1.0, 2.0]])
    f = lambda a: (a.sin() * a).sum()
    g = lambda a: (W @ a).tanh()
    tr(lambda: fn.grad(f)(x))
    tr(lambda: fn.grad(fn.grad(lambda a: a.sin()))(torch.tensor(1.0)))
    tr(lambda: fn.grad(g)(x))
    tr(lambda: fn.grad(lambda a, b: (a * b).sum(), argnums=(0, 1))(x, x))
    tr(lambda: fn.grad(lambda a: (f(a), a), has_aux=True)(x))
    tr(lambda: fn.grad_and_value(f)(x))
    tr(lambda: fn.grad(lambda d: (d["a"] * d["b"]).sum())({"a": x, "b": x}))
    tr(lambda: fn.vmap(fn.grad(f))(W))
    tr(lambda: fn.vmap(fn.grad(lambda w, a: (w @ a).tanh().sum()), in_dims=(None, 0))(W, W))
    tr(lambda: fn.jacrev(g)(x))
    tr(lambda: fn.jacfwd(g)(x))
    tr(lambda: fn.hessian(f)(x))
    tr(lambda: fn.jacrev(fn.jacrev(f))(x))
    tr(lambda: fn.jacfwd(fn.jacfwd(f))(x))
    tr(lambda: fn.jacrev(fn.jacfwd(f))(x))
    tr(lambda: fn.jacfwd(fn.jacrev(f))(x))
    tr(lambda: fn.vjp(g, x)[0])
    tr(lambda: fn.vjp(g, x)[1](torch.ones(2)))
    tr(lambda: fn.jvp(g, (x,), (x,)))
    tr(lambda: fn.jvp(g, (x,), (x, x)))
    tr(lambda: fn.jvp(fn.grad(f), (x,), (x,)))
    tr(lambda: fn.vmap(fn.jacrev(g))(W))
    tr(lambda: fn.vmap(fn.hessian(f))(W))
    tr(lambda: fn.jacrev(lambda a, b: (a * b, a.sum()), argnums=(0, 1))(x, x))
    tr(lambda: fn.jacfwd(lambda a, b: (a * b, a.sum()), argnums=(0, 1))(x, x))
    tr(lambda: fn.jacrev(g, chunk_size=1)(x))
    y = x.clone().requires_grad_()
    tr(lambda: fn.grad(f)(y).requires_grad)
    tr(lambda: torch.autograd.grad(fn.grad(f)(y).sum(), y))
    tr(lambda: fn.grad(lambda a: (a * y).sum())(x))
    tr(lambda: fn.grad(f)(x).requires_grad)
    tr(lambda: fn.vmap(lambda v: fn.vjp(g, x)[1](v)[0])(torch.eye(2)))
    tr(lambda: fn.vmap(fn.vmap(fn.grad(lambda a: a * a)))(W))

    def inner(a):
        a.sum().backward()

    tr(lambda: fn.vmap(inner)(W))
    tr(lambda: fn.vmap(lambda v: torch.autograd.grad((y * y).sum() * 1, y, retain_graph=True)[0] * v)(W))
    tr(lambda: torch.autograd.grad(y * y, y, W * 0 + 1, is_grads_batched=True))
    tr(lambda: torch.autograd.grad(y * y, y, torch.ones(2, 2), is_grads_batched=True))
    tr(lambda: torch.autograd.grad((y * y).sum(), y, is_grads_batched=True))
    tr(lambda: torch.autograd.grad(y * y, y, W, is_grads_batched=True, create_graph=True)[0].sum().backward() or y.grad)

    class Fn(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(a):
            return a * a.sum()

        @staticmethod
        def setup_context(ctx, i, o):
            ctx.save_for_backward(*i)

        @staticmethod
        def backward(ctx, g):
            (a,) = ctx.saved_tensors
            return g * a.sum() + (g * a).sum()

    class Fv(torch.autograd.Function):
        @staticmethod
        def forward(a):
            return a * 2

        @staticmethod
        def setup_context(ctx, i, o):
            pass

        @staticmethod
        def backward(ctx, g):
            return g * 2

        @staticmethod
        def vmap(info, in_dims, a):
            tell(tuple(info), in_dims, a.shape)
            return (Fv.apply(a), 0)

    class Cube(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(a):
            return a**3, 3 * a**2

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0], output[1])

        @staticmethod
        def backward(ctx, g, of_slope):
            a, slope = ctx.saved_tensors
            return g * slope + of_slope * 6 * a

    tr(lambda: fn.vmap(fn.grad(lambda a: Cube.apply(a)[0]))(x))
    tr(lambda: fn.vmap(fn.grad(fn.grad(lambda a: Cube.apply(a)[0])))(x))
    tr(lambda: fn.vmap(fn.grad(lambda a: Cube.apply(a)[1]))(x))

    class Fc(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            return a * 2

    class Fn0(Fn):
        generate_vmap_rule = False

    class Fboth(Fv):
        generate_vmap_rule = True

    tr(lambda: fn.vmap(Fn.apply)(W))
    tr(lambda: fn.vmap(fn.grad(lambda a: Fn.apply(a).sum()))(W))
    tr(lambda: fn.vmap(Fv.apply)(W))
    tr(lambda: fn.vmap(Fv.apply, in_dims=1)(W))
    tr(lambda: fn.vmap(Fc.apply)(W))
    tr(lambda: fn.vmap(Fn0.apply)(W))
    tr(lambda: fn.vmap(Fboth.apply)(W))
    tr(lambda: fn.grad(lambda a: Fc.apply(a).sum())(x))
    tr(lambda: fn.grad(lambda a: Fn.apply(a).sum())(x))
    tr(lambda: fn.jacrev(Fn.apply)(x))

    class Exp(torch.autograd.Function):
        """Saves its output, which has a tangent where forward mode goes over reverse mode."""

        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return x.exp()

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(output)
            ctx.save_for_forward(output)

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

        @staticmethod
        def jvp(ctx, t):
            return t * ctx.saved_tensors[0]

    x = torch.tensor([0.3, 1.2], dtype=torch.float64)
    tr(lambda: torch.func.hessian(lambda x: Exp.apply(x).sum())(x))
    tr(lambda: torch.func.jacfwd(torch.func.jacrev(Exp.apply))(x))
    tr(lambda: torch.func.jvp(torch.func.grad(lambda x: Exp.apply(x).sum()), (x,), (x,)))

    # forward mode through a pull-back: nothing of what the pull-back differentiates is left behind
    for f in (lambda x: x.std(), lambda x: x.log1p().sum(), lambda x: x.minimum(x[0]).cumprod(-1)):
        for x in (torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 2.0, 4.0], requires_grad=True)):

            def pulled(x, f=f):
                y, pull = torch.func.vjp(f, x)
                return pull(torch.ones_like(y))[0]

            tr(lambda x=x: [(t.requires_grad, t.detach()) for t in torch.func.jvp(pulled, (x,), (torch.ones(3),))])
            tr(lambda x=x: (torch.func.jacfwd(pulled)(x).requires_grad, torch.func.jacrev(pulled)(x).requires_grad))
            tr(lambda x=x: torch.func.jvp(lambda x: torch.func.jvp(pulled, (x,), (x,))[1], (x,), (x,))[1].requires_grad)

    x = torch.ones(2, requires_grad=True)
    for f in (torch.sin, lambda x: x, lambda x: x.detach(), lambda x: torch.func.jvp(torch.sin, (x,), (x,))[0]):
        tr(lambda f=f: torch.func.jvp(f, (x,), (x,)))
    tr(lambda: torch.func.jvp(lambda x: (x, x * 2), (x,), (x,), has_aux=True))
    tr(lambda: torch.func.jvp(lambda x: (x, x * 2), (x.detach(),), (x.detach(),), has_aux=True))
