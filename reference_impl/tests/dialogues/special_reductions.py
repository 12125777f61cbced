"""Reductions at their rim: of no dimensions, without a degree of freedom, of nothing that a mask keeps, of infinities."""

inf = float("inf")


def play(torch, tr, tell):
    empty_dims(torch, tr, tell)
    degrees_of_freedom(torch, tr, tell)
    no_freedom_of_complex_numbers(torch, tr, tell)
    nothing(torch, tr, tell)
    masks(torch, tr, tell)


def empty_dims(torch, tr, tell):
    """any and all reduce no dimension then, each element becomes a truth value."""
    for x in (torch.ones(1), torch.tensor([[1.5, 0.0]]), torch.tensor([2, 0], dtype=torch.uint8), torch.tensor(3)):
        tell(torch.amax(x, None), x.amin(None, True), torch.amin(x, dim=None, keepdim=True).shape)
        tell(torch.any(x, dim=()), torch.all(x, dim=()), torch.any(x, (), True), x.all(dim=[]))


def degrees_of_freedom(torch, tr, tell):
    x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
    way = torch.tensor([1.0, 0.5, -2.0])
    for name in ("var", "std", "var_mean", "std_mean"):
        for correction in (0, 2, 3, 5, -1):
            for dims in ({}, {"dim": 0}):

                def f(x, name=name, correction=correction, dims=dims):
                    found = getattr(torch, name)(x, correction=correction, **dims)
                    return found.sum() if name in ("var", "std") else found[0].sum() + 2 * found[1].sum()

                tr(lambda f=f: f(x).detach())
                tr(lambda f=f: torch.autograd.grad(f(x), x))
                tr(lambda f=f: torch.func.jvp(f, (x.detach(),), (way,)))
                tr(lambda f=f: torch.func.jvp(f, (x.detach()[:1],), (way[:1],)))


def no_freedom_of_complex_numbers(torch, tr, tell):
    z = torch.tensor([1 + 1j], requires_grad=True)
    for name in ("var", "std"):
        tell(torch.autograd.grad(getattr(torch, name)(z), z)[0].dtype)


def nothing(torch, tr, tell):
    """Without an element there is no variance, whatever the correction."""
    for correction in (-1, 0):
        tell(torch.var(torch.ones(0), correction=correction), torch.std(torch.ones(0, 3), 0, correction=correction))


def masks(torch, tr, tell):
    x = torch.tensor([[1.0, 2.0, 0.5], [3.0, 4.0, -1.0]], requires_grad=True)
    some = torch.tensor([[True, True, False], [False, False, False]])
    rest = torch.tensor([[True, False, True], [False, True, True]])
    for mask in (some, rest, None):
        for order in (inf, -inf, 2.0, 1.0, -1.0):
            n = torch.masked.norm(x, order, dim=1, mask=mask)
            tell(order, n.detach(), torch.autograd.grad(n.sum(), x))
        for correction in (0, 1, 5):
            v = torch.masked.var(x, dim=1, mask=mask, correction=correction)
            tell(correction, v.detach(), torch.autograd.grad(v.sum(), x))
    cube = torch.arange(1.0, 25.0).reshape(2, 3, 4).log()
    for dims in ((-1, -2), (1, -1), (-3, 2), (0, -2)):
        tell(torch.masked.prod(cube, dim=dims))
    far = torch.tensor([[1.0, inf], [2.0, 3.0]], requires_grad=True)
    m = torch.masked.mean(far, dim=0)
    tell(m.detach(), torch.autograd.grad(m.sum(), far))
