"""What samples are and are not inside vmap: their ranks, their layout in memory, their places; and tensors that got away."""


def play(torch, tr, tell):
    V = torch.func.vmap
    x, m = torch.arange(24.0).reshape(2, 3, 4), torch.arange(8.0).reshape(2, 2, 2)

    for f in (torch.mm, torch.bmm, torch.mv, torch.dot):
        for left in (m, m[0], x, torch.ones(2, 2, 2, 2)):
            for right in (m, m[0], torch.ones(2, 5, 2), torch.ones(2, 2, 2, 2)):
                for places in (0, (0, None), (None, 0)):
                    tr(lambda: V(f, in_dims=places)(left, right))

    for f in (
        lambda a: a.roll(2),
        lambda a: a.roll((2, 1), (0, 1)),
        lambda a: a.as_strided((2, 2), (1, 1)),
        lambda a: a.as_strided((2, 2), (1, 1), 1),
        lambda a: a.as_strided((2, 2), (4, 1), 4),
        lambda a: a.as_strided((9,), (4,)),
        lambda a: a.contiguous(memory_format=torch.channels_last),
        lambda a: a.clone(memory_format=torch.channels_last_3d),
        lambda a: a.data,
        lambda a: torch.where(a),
        lambda a: torch.full(a.shape, float(a.is_contiguous())),
        lambda a: torch.ones(3) * a.storage_offset(),
    ):
        for place in (0, 1, 2):
            tr(lambda: V(f, in_dims=place)(x))
        tr(lambda: V(f)(x[:, 1:]))
        tr(lambda: V(V(f), in_dims=1)(x))
        tr(lambda: V(V(f, in_dims=1), in_dims=1)(x[None]))
    for f in (
        torch.ones_like,
        torch.empty_like,
        lambda a: torch.full_like(a, 2.0),
        lambda a: a.new_empty_strided((2, 3), (1, 4)),
    ):
        tell([V(f, in_dims=place)(x).stride() for place in (0, 1, 2)], V(V(f, in_dims=1), in_dims=1)(x).stride())

    scalars = torch.arange(3.0)
    for f in (
        lambda a: a.squeeze(),
        lambda a: a.squeeze(0),
        lambda a: a.squeeze(1),
        lambda a: a.squeeze(-1),
        lambda a: a.transpose(0, -1),
        lambda a: a.transpose(0, 1),
        lambda a: torch.view_as_complex(a),
    ):
        tr(lambda: V(f)(scalars))
    tell(V(lambda a: a.transpose(0, -1))(scalars) is scalars)
    z = torch.view_as_complex(torch.ones(3, 2))
    tell([V(f)(z)._base is z._base for f in (torch.real, torch.imag, torch.view_as_real)])
    for other in (2.0, torch.ones(2), torch.ones(()), torch.ones(2, dtype=torch.complex64)):
        V(lambda a: (tell(torch.result_type(a, other)), a)[1])(scalars.double())

    i, j = torch.tensor([1, 2]), torch.tensor([0, 1])
    keys = (
        lambda k: k,
        lambda k: (k, 1),
        lambda k: (1, k),
        lambda k: (slice(None), k),
        lambda k: (..., k),
        lambda k: (k, slice(0, 2)),
        lambda k: (None, k),
        lambda k: (k, k),
        lambda k: (k, j),
        lambda k: (k, None, [0, 1]),
    )

    def put(key, a, k, v):
        a = a.clone()
        a[key(k)] = v
        return a.sin()

    for key in keys:
        for places in (0, (None, 0), (0, None)):
            tr(
                lambda: V(lambda a, k: a[key(k)], in_dims=places)(
                    x if places != (None, 0) else x[0], i if places != (0, None) else i[0]
                )
            )
        tr(lambda: V(lambda a, k, v: put(key, a, k, v))(x, i, torch.tensor([-1.0, -2.0])))
        a, v = x.clone().requires_grad_(), torch.tensor([-1.0, -2.0], requires_grad=True)
        tr(lambda: torch.autograd.grad(V(lambda a, k, v: put(key, a, k, v))(a, i, v).sum(), (a, v)))

    away = []
    V(lambda a: (away.append(a), a)[1])(x)
    for f in (torch.sin, lambda a: a.mul_(2), lambda a: torch.mm(a, a.mT), lambda a: a.transpose(0, 1)):
        tr(lambda: f(away[0]))
