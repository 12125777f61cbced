"""Wrong arguments to the functions of torch.autograd and torch.func."""


def play(torch, tr, tell):
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    grad, total = torch.autograd.grad, lambda: (x * 2).sum()
    tr(lambda: y.backward("a"))
    tr(lambda: total().backward(inputs=[]))
    tr(lambda: total().backward(inputs=["x"]))
    tr(lambda: grad(total(), "x"))
    tr(lambda: grad(3, x))
    tr(lambda: grad([], x))
    tr(lambda: torch.autograd.backward(3))
    tr(lambda: torch.autograd.backward([total(), total()], [None]))
    tr(lambda: y.backward(torch.ones(2), foo=1))
    for value in (3, torch.ones(3), torch.ones(2).double()):
        tr(lambda value=value: setattr(x, "grad", value))
    tr(lambda: setattr(x, "data", 3))
    tr(lambda: setattr(x, "data", torch.ones(2).long()))

    f = torch.func
    z = torch.ones(3, 2)
    tr(lambda: f.grad(torch.sin)(z))
    tr(lambda: f.grad(lambda a: 3)(z))
    tr(lambda: f.grad(lambda a: (a.sum(), a))(z))
    tr(lambda: f.grad(lambda a: a, has_aux=True)(z))
    tr(lambda: f.grad(lambda a: a.sum())(z.long()))
    tr(lambda: f.grad(lambda a: a.sum())(3))
    for argnums in (2, (), (0, 0), "a", ("a",), [0]):
        tr(lambda argnums=argnums: f.grad(lambda a: a.sum(), argnums=argnums)(z))
    tr(lambda: f.vjp(torch.sin, 3))
    tr(lambda: f.vjp(lambda a: 3, z))
    tr(lambda: f.vjp(lambda a: None, z))
    tr(lambda: f.vjp(lambda a: a > 0, z))
    tr(lambda: f.vjp(lambda a: a, z, has_aux=True))
    tr(lambda: f.jvp(torch.sin, z, z))
    tr(lambda: f.jvp(torch.sin, (z,), (z, z)))
    tr(lambda: f.jvp(torch.sin, (z,), [z]))
    tr(lambda: f.jvp(torch.sin, (), ()))
    tr(lambda: f.jvp(torch.sin, (3,), (3,)))
    tr(lambda: f.jvp(lambda a: 3, (z,), (z,)))
    tr(lambda: f.jvp(lambda a: torch.ones(1), (z,), (z,), strict=True))
    tr(lambda: f.jvp(lambda a: a, (z,), (z,), has_aux=True))
    tr(lambda: f.jacrev(torch.sin, chunk_size=0))
    tr(lambda: f.jacrev(torch.sin)(z.cfloat()))
    tr(lambda: f.jacfwd(torch.sin)(z.cfloat()))
    tr(lambda: f.jacrev(lambda a: 3)(z))
    tr(lambda: f.jacfwd(lambda a: 3)(z))
    tr(lambda: f.vmap(lambda a: a.nonzero())(z))
    tr(lambda: f.vmap(torch.sin, in_dims=(0, 0))(z))

    # how tensors look inside
    tr(lambda: f.jvp(lambda a: tell(a) or a * 2, (z,), (z,)))
    tr(lambda: f.grad(lambda a: tell(a) or a.sum())(z))
    tr(lambda: f.vmap(f.vmap(lambda a: tell(a) or a))(z))

    forward_ad = torch.autograd.forward_ad
    with forward_ad.dual_level():
        for primal, tangent in ((z, 3), (3, z), (z.long(), z), (z, z.long()), (z, torch.ones(2)), (z, z.double())):
            tr(lambda primal=primal, tangent=tangent: forward_ad.make_dual(primal, tangent))
        tr(lambda: forward_ad.unpack_dual(3))
