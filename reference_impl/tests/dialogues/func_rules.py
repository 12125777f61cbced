"""What the transforms of torch.func respect (no_grad, forward mode switched off) and refuse."""

import warnings


def play(torch, tr, tell):
    fn, F, ag = torch.func, torch.nn.functional, torch.autograd
    x = torch.tensor([1.0, 2.0, 3.0])
    wanted = torch.tensor([1.0, -2.0], requires_grad=True)
    cube = lambda a: (a**3).sum()

    # a transform does not see the no_grad around it; its result does
    with torch.no_grad():
        tr(lambda: fn.grad(cube)(wanted))
        tr(lambda: fn.grad_and_value(cube)(wanted))
        tr(lambda: fn.jacrev(torch.sin)(wanted))
        value, pull = fn.vjp(cube, wanted)
        tell(value, pull(torch.tensor(1.0)))
    (g,) = pull(torch.tensor(1.0))
    tell(g.requires_grad, ag.grad(g.sum(), wanted))

    def stopped(a):
        with torch.no_grad():
            inner = fn.grad(lambda b: (0.25 * b**4).sum())(a)
        return (a**3 - inner).sum()

    tr(lambda: fn.grad(stopped)(wanted))
    tr(lambda: ag.grad(fn.grad(stopped)(wanted).sum(), wanted))

    # what inputs and results may be asked for
    tr(lambda: fn.grad(lambda a: a.requires_grad_().sum())(x))
    tr(lambda: fn.vmap(lambda a: a.requires_grad_())(x))
    tr(lambda: fn.grad(lambda a: torch.ones(3).requires_grad_().sum() + a.sum())(x))

    def kept(a):
        b = a.sin()
        b.retain_grad()
        return b.sum()

    tr(lambda: fn.grad(kept)(x))
    tr(lambda: fn.jvp(lambda a: a.requires_grad_(), (x,), (x,)))
    tr(lambda: fn.grad(lambda a: ag.functional.jacobian(torch.sin, a).sum())(x))
    tr(lambda: fn.grad(lambda a: ag.functional.vjp(cube, a)[0])(x))
    tr(lambda: fn.grad(lambda a: ag.functional.hessian(cube, a).sum())(x))
    tr(lambda: fn.vmap(lambda a: ag.functional.jvp(cube, a, a)[0])(x))

    # saved tensor hooks
    for transform in (
        fn.grad,
        fn.grad_and_value,
        fn.jacrev,
        fn.hessian,
        fn.jacfwd,
        fn.vmap,
        lambda f: lambda a: fn.vjp(f, a),
    ):

        def hooked(a):
            with ag.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
                return cube(a)

        def around():
            with ag.graph.save_on_cpu():
                return transform(cube)(x)

        tr(lambda: transform(hooked)(x) and None)
        tr(lambda: around() and None)

    # aux
    for aux in (1, "abc", None, [x, 2.0], {"a": x}):
        tr(lambda: fn.grad(lambda a: (a.sum(), aux), has_aux=True)(x))
        tr(lambda: fn.grad_and_value(lambda a: (a.sum(), aux), has_aux=True)(x))
        tr(lambda: fn.vjp(lambda a: (a, aux), x, has_aux=True)[2])
        tr(lambda: fn.jvp(lambda a: (a, aux), (x,), (x,), has_aux=True)[2])
        tr(lambda: fn.jacrev(lambda a: (a, aux), has_aux=True)(x))
        tr(lambda: fn.jacfwd(lambda a: (a, aux), has_aux=True)(x))

    for argnums in (-3, 2, [0], ("0",), (0, 0), (0, -2), (), "a", (0, 5), True):
        for transform in (fn.grad, fn.jacrev, fn.jacfwd, fn.hessian):
            tr(lambda: transform(lambda a, b: (a * b).sum(), argnums=argnums)(x, x))

    # forward mode switched off, and where nothing depends on the input
    def off(a):
        with ag.forward_ad._set_fwd_grad_enabled(False):
            shift = a**2
        return a**2 - shift

    tr(lambda: fn.jvp(off, (x,), (x,)))
    ones = torch.ones(3)
    flat = lambda a: fn.grad(lambda b: ones @ b)(a)
    tell(fn.linearize(flat, x)[1](x).tolist())
    tr(lambda: fn.jvp(flat, (x,), (x,)))
    tell(fn.linearize(lambda a: torch.ones(2), x)[1](x).tolist())
    tr(lambda: fn.vmap(lambda d, a: fn.jvp(torch.cov, (a,), (torch.ones(2),)), (0, None))(torch.ones(2), x[:2]))

    # custom Functions
    class Old(ag.Function):
        @staticmethod
        def forward(ctx, a):
            return a.sin()

        @staticmethod
        def backward(ctx, g):
            return g

    for transform in (fn.grad, fn.grad_and_value, fn.jacrev, fn.jacfwd, fn.vmap, fn.hessian):
        tr(lambda: transform(Old.apply)(x[0]))
    tr(lambda: fn.vmap(Old.apply)(x))
    tr(lambda: fn.vjp(Old.apply, x))
    tr(lambda: fn.jvp(Old.apply, (x,), (x,)))

    # numbers to numbers
    point, several = torch.tensor(0.5), lambda a, b: (a * b, a.sin())
    for transform in (fn.jacrev, fn.jacfwd, fn.hessian):
        tr(lambda: transform(several, argnums=(0, 1))(point, point))
    for strategy in ("reverse-mode", "forward-mode"):
        tr(lambda: ag.functional.jacobian(several, (point, point), vectorize=True, strategy=strategy))
    tr(lambda: ag.functional.hessian(lambda a: a**3, point, vectorize=True))
    strided(torch, tr)


def strided(torch, tr):
    """Writes into views by strides, for every sample."""
    x = torch.arange(6.0).reshape(2, 3)

    def diagonal(x):
        y = torch.outer(x, x)
        y.fill_diagonal_(7.0)
        return y

    def written(x):
        y = x * 2
        y.as_strided((2,), (2,)).mul_(5)
        return y

    def silent(f):  # torch says that it is slow
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return f()

    for f in (diagonal, written, lambda x: x.as_strided((2, 2), (1, 1))):
        tr(lambda: silent(lambda: torch.vmap(f)(x)))
        tr(lambda: silent(lambda: torch.vmap(torch.func.grad(lambda x: (f(x) ** 2).sum()))(x)))
        tr(lambda: silent(lambda: torch.func.jacfwd(f)(x[0])))
        tr(lambda: silent(lambda: torch.func.jacrev(f)(x[0])))

    masked(torch, tr)


def masked(torch, tr):
    """Masks of one element beside operands of several."""
    x = torch.tensor([0.5, -1.0, 2.0])
    tr(lambda: torch.func.hessian(lambda x: (x.norm() * x).sum())(x))
    tr(lambda: torch.func.hessian(lambda x: torch.fmax(x, x.sum()).sum())(x))
    tr(lambda: torch.vmap(lambda c: torch.where(c, x, 0.0))(x > 0))
