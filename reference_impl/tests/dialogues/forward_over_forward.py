"""Forward mode inside forward mode, of functions that switch gradients off, detach and write: no_grad does not concern it."""


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

    for f in (switched, detached, again, written):
        for g in (
            along(f), along(along(f)), along(along(along(f))), along(func.grad(f)), func.grad(along(f)),
            func.jacfwd(func.jacfwd(f)), func.hessian(f), func.jacrev(func.jacfwd(f)), func.grad(func.grad(f)),
        ):  # fmt: skip
            tr(lambda: g(x))
        tr(lambda: along(along(lambda x: func.vmap(f)(x.expand(2)).sum()))(x))
        tr(lambda: func.vmap(along(along(f)))(x.expand(2)))

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
