"""Forward mode inside forward mode, of functions that switch gradients off, detach, write and differentiate: no_grad does not
concern it."""


def play(torch, tr, tell):
    func = torch.func
    x, t = torch.tensor(0.7, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64)

    def along(f):
        return lambda x: func.jvp(f, (x,), (t,))[1]

    def switched(x):
        with torch.no_grad():
            y = x**3
        return x**2 * y

    def detached(x):
        return x**2 * x.detach() ** 3

    def again(x):
        with torch.no_grad(), torch.enable_grad():
            y = x**3
        return x**2 * y

    def written(x):
        y = torch.zeros_like(x)
        with torch.no_grad():
            y.add_(x**2)
        return y * x

    def reused(x):
        y = x * x * torch.ones(3, dtype=x.dtype)
        y[0] = y[1] * y[2]
        y[1:] = y[1:].exp()
        return y.mul_(x).sum()

    def reshaped(x):
        y = (x * torch.ones(2, 3, dtype=x.dtype)).cumsum(1)
        return (y * y.t().clone().t()).unsqueeze(0)[0, 1].pow(3).sum()

    def differentiated(x):
        return func.grad(switched)(x) * x

    class Cube(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return x**3

        @staticmethod
        def setup_context(ctx, inputs, output):
            (x,) = inputs
            ctx.save_for_backward(x)
            ctx.save_for_forward(x)

        @staticmethod
        def backward(ctx, g):
            return g * 3 * ctx.saved_tensors[0] ** 2

        @staticmethod
        def jvp(ctx, t):
            return t * 3 * ctx.saved_tensors[0] ** 2

    for f in (
        along(Cube.apply),
        along(func.grad(Cube.apply)),
        along(along(func.grad(Cube.apply))),
        func.grad(along(Cube.apply)),
    ):
        tr(lambda: f(x))

    for f in (switched, detached, again, written, reused, reshaped, differentiated):
        for g in (
            along(f), along(along(f)), along(along(along(f))), along(func.grad(f)), func.grad(along(f)),
            func.jacfwd(func.jacfwd(f)), func.hessian(f), func.jacrev(func.jacfwd(f)), func.grad(func.grad(f)),
        ):  # fmt: skip
            tr(lambda: g(x))
        tr(lambda: along(along(lambda x: func.vmap(f)(x.expand(2)).sum()))(x))
        tr(lambda: func.vmap(along(along(f)))(x.expand(2)))

    fw = torch.autograd.forward_ad

    def shown(x):
        tell(x, fw._current_level)
        return x.sin()

    tr(lambda: along(along(shown))(x))

    def halted(x):
        with fw._set_fwd_grad_enabled(False):
            shift = x**2
        return x**2 - shift

    tr(lambda: (along(halted)(x), along(along(halted))(x), fw._current_level))
    with fw._set_fwd_grad_enabled(False):
        tr(lambda: (along(torch.sin)(x), fw._is_fwd_grad_enabled()))
    with fw.dual_level():
        tr(lambda: along(torch.sin)(x))
        tr(lambda: fw._current_level)

    def inside(x):
        with fw.dual_level():
            return fw.make_dual(x, t).sin()

    tr(lambda: along(inside)(x))

    def looking(x):
        seen = [torch.is_grad_enabled()]
        with torch.no_grad():
            seen.append(torch.is_grad_enabled())
            with torch.enable_grad():
                seen.append(torch.is_grad_enabled())
        with torch.set_grad_enabled(False):
            seen.append(torch.is_grad_enabled())
        tell(*seen, torch.is_grad_enabled())
        return x * x

    tr(lambda: along(along(looking))(x))
    tell(torch.is_grad_enabled())
