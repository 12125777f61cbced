"""vmap and forward mode where memory is made, written and reshaped in place; batch statistics; choices against numbers."""


def play(torch, tr, tell):
    fn, V = torch.func, torch.func.vmap
    W = torch.arange(6.0).reshape(3, 2)

    def written(a, make):
        b = make(a)
        b.copy_(a)
        return b

    new = (
        lambda a: a.new_zeros(a.shape),
        lambda a: a.new_empty(2),
        lambda a: a.new_ones((2,)),
        lambda a: a.new_full((2,), 3.0),
        torch.zeros_like,
        torch.ones_like,
        lambda a: torch.full_like(a, 2.0),
        lambda a: torch.empty_like(a, dtype=torch.float64),
        lambda a: torch.zeros(2),
    )
    for make in new:
        tr(lambda: V(lambda a: written(a, make))(W))
        tr(lambda: V(fn.grad(lambda a: written(a, make).sum()))(W))
        tr(lambda: V(V(lambda a: written(a, lambda b: make(b) if make(b).ndim == b.ndim else b * 1)))(W))
        tr(lambda: fn.jacrev(lambda a: written(a, make))(W[0]))
        tr(lambda: fn.jacfwd(lambda a: written(a, make).float())(W[0]))
    tr(lambda: V(lambda a: a.new_zeros(2).shape and a.new_zeros(2))(W))
    tr(lambda: V(lambda a: torch.zeros_like(a) + 1, out_dims=1)(W))

    inside = (
        lambda a: a.unsqueeze_(0),
        lambda a: a.unsqueeze_(-1),
        lambda a: a.t_(),
        lambda a: a.transpose_(0, 1),
        lambda a: a.swapaxes_(-1, 0),
        lambda a: a.squeeze_(),
        lambda a: a.squeeze_(-1),
    )
    for f in inside:
        tr(lambda: V(lambda a: f(a.clone()))(W.reshape(3, 2, 1)))
        tr(lambda: V(fn.grad(lambda a: (f(a * 2) ** 2).sum()))(W.reshape(3, 2, 1)))
        tr(lambda: V(V(lambda a: f(a.clone())))(torch.arange(8.0).reshape(2, 2, 2, 1)))

    tr(lambda: torch.cov(torch.arange(6.0).reshape(2, 3), correction=5))
    tr(lambda: V(torch.cov)(torch.arange(12.0).reshape(2, 3, 2)))
    tr(lambda: V(V(torch.cov))(torch.arange(24.0).reshape(2, 2, 3, 2)))
    tr(lambda: fn.jvp(torch.cov, (W,), (W,)))
    tr(lambda: V(fn.jacrev(torch.cov))(torch.arange(12.0).reshape(2, 3, 2)).shape)

    x = torch.arange(12.0).reshape(3, 2, 2)
    norm = torch.nn.BatchNorm1d(2)
    tr(lambda: V(norm)(x))
    norm.eval()
    tr(lambda: V(norm)(x).detach())
    tr(lambda: V(torch.nn.BatchNorm1d(2, track_running_stats=False))(x).detach())

    tr(lambda: V(lambda a: torch.where(a > 1, 1.0, a))(W))
    tr(lambda: V(lambda a: torch.where(a > 1, a, 1))(W))
    tr(lambda: fn.hessian(lambda a: torch.where(a > 1, a**3, 0.0).sum())(W[1]))
    tr(lambda: fn.hessian(lambda a: torch.where(a > 1, 0, a**3).sum())(W[1]))
    tr(lambda: fn.jvp(fn.grad(lambda a: (2 * a * torch.clamp(a, 1.0)).sum()), (W,), (W,)))

    # tangents that are written into views and bases, whatever lies how in memory
    def into_view(a, b):
        a = a.clone()
        part = a[0]
        part.copy_(b[0])
        return part, a

    def into_base(a, b):
        a = a.clone()
        part = a[0]
        a.copy_(b)
        return part, a

    a, b = torch.arange(24.0).reshape(2, 2, 6), torch.arange(24.0).reshape(2, 6, 2)
    for f in (into_view, into_base):
        tr(lambda: V(lambda a, b: fn.jvp(lambda b: f(a, b), (b,), (b + 1,)), in_dims=(1, 2))(a, b))
        tr(lambda: V(lambda a, b: fn.jvp(lambda a: f(a, b), (a,), (a + 1,)), in_dims=(1, 2))(a, b))
        tr(lambda: fn.jvp(lambda b: f(a[0], b.t()), (b[0],), (b[1],)))
    turned = torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1)
    tr(lambda: torch.as_strided(turned.clone(), (2, 3), (1, 6), 1))

    def assigned(a, b):
        c = torch.zeros(3)
        c[:2] = a
        c[2] = b[0]
        c[1:] += b
        return c

    for jacobian in (fn.jacrev, fn.jacfwd):
        tr(lambda: jacobian(assigned, argnums=(0, 1))(W[1], W[2]))
