"""How results lie in memory where the input is not contiguous: what may be viewed flat."""


def play(torch, tr, tell):
    x = torch.arange(24.0).view(2, 3, 4).permute(2, 1, 0) / 7 - 1
    index = torch.tensor([2, 0, 1])
    places = torch.zeros(2, 2, 2, dtype=torch.long)
    F = torch.nn.functional
    for f in (
        lambda x: x.softmax(-1), lambda x: x.log_softmax(0), lambda x: x.cumsum(1), lambda x: x.cumprod(0),
        lambda x: x.cummax(1)[0], lambda x: x.cummin(2)[1], lambda x: torch.cat([x, x], 1), lambda x: torch.cat([x]),
        lambda x: torch.stack([x, x], -1), lambda x: torch.hstack([x, x]), lambda x: x.roll(1, 0), lambda x: x.tril(),
        lambda x: x.triu(1), lambda x: x.repeat(2, 1, 1), lambda x: x.tile(1, 2), lambda x: F.pad(x, (1, 0)),
        lambda x: x.index_select(1, index), lambda x: x.repeat_interleave(2, 1), lambda x: x.masked_fill(x > 0, 2.0),
        lambda x: x.masked_scatter(x > 0, x), lambda x: x.index_add(1, index, x), lambda x: x.index_copy(1, index, x),
        lambda x: x.scatter(0, places, 2.0),
        lambda x: x.scatter_add(1, places, x), lambda x: x.scatter_reduce(0, places, x, "sum"), lambda x: x.prod(0),
        lambda x: x.var(0), lambda x: x.std(1, keepdim=True), lambda x: torch.var_mean(x, 0)[0],
        lambda x: x.aminmax(dim=0)[0], lambda x: F.layer_norm(x, (3, 2)),
    ):  # fmt: skip
        for t in (x, x.transpose(0, 1), x[::2], x.contiguous()):
            tr(lambda f=f, t=t: (f(t).shape, f(t).stride(), f(t).sum()))
    batch = torch.arange(24.0).view(3, 2, 4)
    for sample in (
        lambda y: y.t().reshape(8), lambda y: y.t().reshape(2, 2, 2), lambda y: y[:, ::2].reshape(2, 1, 2),
        lambda y: y.t().reshape(-1, 1),
    ):  # fmt: skip
        tr(lambda f=sample: (torch.vmap(f)(batch).stride(), torch.vmap(f)(batch)))
    matrices(torch, tr)
    transforms(torch, tr)


def transforms(torch, tr):
    """The dimensions transformed lie innermost, in the order of the input's strides."""
    x = torch.arange(60.0).reshape(3, 4, 5)
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)):
        y = x.permute(order)
        for dim in ((0,), (1,), (2,), (0, 1), (2, 0), (1, 2), (2, 1, 0)):
            for name in ("fftn", "ifftn", "rfftn", "irfftn", "hfftn", "ihfftn"):
                tr(lambda name=name, y=y, dim=dim: getattr(torch.fft, name)(y, dim=dim).stride())


def matrices(torch, tr):
    """What LAPACK computes lies in memory column by column."""
    linalg = torch.linalg
    a = torch.tensor([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 5.0]], dtype=torch.float64)
    b = torch.arange(6.0, dtype=torch.float64).reshape(3, 2)
    for matrix in (a, torch.stack([a, a + 1])):
        for f in (
            linalg.inv, torch.inverse, linalg.cholesky, lambda a: linalg.cholesky(a, upper=True), torch.linalg.pinv,
            lambda a: linalg.eigh(a)[1], lambda a: linalg.eig(a)[1], lambda a: linalg.lu_factor(a)[0], torch.matrix_exp,
            lambda a: linalg.svd(a)[0], lambda a: linalg.svd(a[..., :2])[2], lambda a: torch.svd(a)[2],
            lambda a: linalg.qr(a)[0], lambda a: linalg.qr(a)[1], lambda a: torch.geqrf(a)[0], torch.cholesky_inverse,
            lambda a: linalg.solve(a, b), lambda a: linalg.solve(a, b.t(), left=False), lambda a: linalg.solve(a, b[:, 0]),
            lambda a: torch.cholesky_solve(b, a), lambda a: linalg.solve_triangular(a, b, upper=True),
            lambda a: linalg.solve_triangular(a, b.t(), upper=True, left=False), lambda a: linalg.lu(a)[1],
            lambda a: linalg.lu_solve(*linalg.lu_factor(a), b),
        ):  # fmt: skip
            tr(lambda f=f, matrix=matrix: f(matrix).stride())
