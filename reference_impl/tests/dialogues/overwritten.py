"""What a node saved, overwritten before backward reads it; and indices that were only looked at."""


def play(torch, tr, tell):
    F = torch.nn.functional
    x = torch.arange(16.0).reshape(1, 1, 4, 4).requires_grad_()
    makers = (
        lambda: x.max(-1),
        lambda: x.min(0, keepdim=True),
        lambda: x.median(-1),
        lambda: x.mode(-1),
        lambda: x.kthvalue(2),
        lambda: x.sort(-1),
        lambda: x.topk(2),
        lambda: x.cummax(2),
        lambda: F.max_pool1d(x[0], 2, return_indices=True),
        lambda: F.max_pool2d(x, 2, return_indices=True),
        lambda: F.max_pool3d(x, (1, 2, 2), return_indices=True),
        lambda: F.adaptive_max_pool2d(x, 2, return_indices=True),
        lambda: F.fractional_max_pool2d(x, 2, 2, return_indices=True),
    )
    for make in makers:
        values, indices = make()
        part = indices.select(-1, 0)
        part.fill_(0)
        tr(lambda values=values: values.sum().backward())
        x.grad = None
        values, indices = make()
        _ = indices + 1
        tr(lambda values=values: (torch.autograd.grad(values.sum(), x, create_graph=True)[0] * x).sum())
    values, indices = F.max_pool2d(x, 2, return_indices=True)
    spread = F.max_unpool2d(values, indices, 2)
    indices.zero_()
    tr(lambda: spread.sum().backward())

    # one of several results
    matrix = torch.tensor([[4.0, 1, 0], [1, 3, 1], [0, 1, 2]], requires_grad=True)
    for make in (
        torch.linalg.qr,
        torch.linalg.eigh,
        torch.linalg.svd,
        torch.linalg.slogdet,
        torch.linalg.lu,
        torch.linalg.lu_factor,
        torch.std_mean,
        torch.aminmax,
        lambda a: torch.triangular_solve(a[:, :1], a),
        lambda a: (torch.linalg.eigvalsh(a), torch.linalg.svdvals(a)),
    ):
        for k in range(len(make(matrix))):
            found = make(matrix)
            found[k].detach().mul_(1)
            tr(lambda: found[0].sum().backward())
            tr(lambda: found[-1].sum().backward())

    # what a formula could do without, but torch's node keeps
    a, places = torch.linspace(0.1, 0.9, 6).reshape(2, 3).requires_grad_(), torch.tensor([[0, 1, 1]])
    for make in (
        lambda x: x.gather(0, places),
        lambda x: x.masked_select(x > 0.5),
        lambda x: x.take_along_dim(places, 0),
        lambda x: x.cummax(0)[0],
        lambda x: x.cumprod(0),
        lambda x: x.prod(0),
        lambda x: x.erfinv(),
        lambda x: torch.fft.rfft(x).real,
        lambda x: x / 2,
        lambda x: torch.linalg.householder_product(x.mT, x[:, 0]),
        lambda x: x.take(places),
        lambda x: torch.zeros(2, 3).index_add(0, places[0, :2], x),
        lambda x: F.fractional_max_pool2d(x.expand(1, 1, 2, 3), 2, 1),
        lambda x: torch.div(x, 0.3, rounding_mode="trunc"),
    ):
        for k in range(2):
            x = a * 1
            y = make(x)
            (x, y)[k].detach().mul_(1)
            tr(lambda: y.sum().backward())
            tr(lambda: sorted(n for n in dir(make(x).grad_fn) if n.startswith("_saved_")))

    def pack(t):
        tell("pack", t)
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        values, indices = x.max(-1)
    tr(lambda: torch.autograd.grad(values.sum(), x))
