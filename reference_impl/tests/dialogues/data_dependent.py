"""Functions that look at their data, under the transforms of torch.func: Jacobians by forward mode, which batch tangents,
leave the values to be looked at; vmap does not."""


def play(torch, tr, tell):
    func = torch.func
    x = torch.tensor([1.0, 2.0, -0.5])

    def show(call):  # torch warns of what it does sample by sample
        try:
            tell(call())
        except RuntimeError as error:
            tell(error)

    def branch(x):
        return (x**3).sum() if x.sum() > 0 else x.sum()

    def item(x):
        return x[0] ** int(x[1].item()) + x.prod()

    def mask(x):
        return (x[x > 0] ** 3).sum() * x[0]

    def selected(x):
        return (x.masked_select(x > 0) ** 3).sum() * x.prod()

    def places(x):
        return x[(x > 0).nonzero().squeeze(-1)].prod()

    def inner_gradient(x):
        return func.grad(lambda y: (y**3 * x)[x > 0].sum())(x * 2).sum()

    def inner_samples(x):
        return func.vmap(lambda y: y**3 * x[x > 0].sum())(x * 2).sum()

    for f in (branch, item, mask, selected, places, inner_gradient, inner_samples):
        tell(f.__name__)
        show(lambda: func.jacfwd(f)(x))
        show(lambda: func.hessian(f)(x) + 0)
        show(lambda: func.jacfwd(func.jacfwd(f))(x) + 0)
        show(lambda: func.jacrev(func.jacfwd(f))(x) + 0)
        show(lambda: func.hessian(func.hessian(f))(x).sum((0, 1)) + 0)

    chosen = torch.tensor([True, False, True])
    show(lambda: func.vmap(lambda x: x.masked_select(chosen))(torch.stack([x, 2 * x])))
    show(lambda: func.vmap(lambda x: x.masked_select(x > 0))(torch.stack([x, 2 * x])))

    # what is drawn differs between the columns
    def noisy(x):
        return func.grad(lambda y: (y * y * torch.rand(3).sign() * x).sum())(x)

    show(lambda: func.jacfwd(noisy, randomness="different")(x))
    show(lambda: func.jacfwd(noisy, randomness="same")(x))
    show(lambda: func.jacfwd(noisy)(x))
