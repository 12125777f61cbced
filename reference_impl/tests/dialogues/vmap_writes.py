"""In-place operators under vmap that are not pointwise: each sample is written as if it stood alone."""


def play(torch, tr, tell):
    func, F = torch.func, torch.nn.functional
    rows, blocks = torch.arange(12.0).reshape(3, 4), torch.arange(24.0).reshape(2, 3, 4)
    places = torch.tensor([[0, 2], [1, 3], [2, 0]])

    def plain(call):  # torch warns of what it does sample by sample
        try:
            tell(call())
        except RuntimeError as error:
            tell(error)

    for write in (
        lambda x: x.cumsum_(0), lambda x: x.clamp_(2, 5), lambda x: x.index_put_((torch.tensor([0]),), torch.tensor(9.0)),
        lambda x: x.scatter_(0, torch.tensor([1]), -1.0), lambda x: x.index_fill_(0, torch.tensor([1, 2]), 0.0),
        lambda x: x.index_add_(0, torch.tensor([0, 0]), torch.ones(2)), lambda x: x.masked_fill_(x > 4, -1.0),
        lambda x: x.put_(torch.tensor([3]), torch.ones(1)), lambda x: x[1:3].zero_(),
        lambda x: x.addmv_(torch.ones(4, 2), torch.ones(2)), lambda x: x.fill_(x[1].clone()),
    ):  # fmt: skip
        for dim in (0, 1):
            memory = rows.clone() if dim == 0 else rows.t().clone()
            plain(lambda: func.vmap(write, dim)(memory))
            plain(lambda: memory)
        plain(lambda: func.vmap(func.grad(lambda x: (write(x * 2) ** 2).sum()))(rows))
        plain(lambda: func.vmap(func.jacfwd(lambda x: write(x * 2)))(rows))
        plain(lambda: func.vmap(func.vmap(write), 1)(blocks.clone()))
        leaf = rows.clone().requires_grad_()
        plain(lambda: torch.autograd.grad((func.vmap(lambda x: write(x.clone()))(leaf) ** 2).sum(), leaf))

    for write in (
        lambda x, i: x.index_fill_(0, i, 0.5), lambda x, i: x.scatter_add_(0, i, torch.ones(2)),
        lambda x, i: x.__setitem__(i, 0.5) or x, lambda x, i: x.__setitem__(i[0], 0.5) or x,
        lambda x, i: x.__setitem__(x > 4, 0.5) or x, lambda x, i: x.__setitem__(slice(0, None, 2), x[1].clone()) or x,
        lambda x, i: x.index_copy_(0, i, torch.ones(2)), lambda x, i: x.add_(torch.ones(2, 4)),
    ):  # fmt: skip
        plain(lambda: func.vmap(write)(rows.clone(), places))

    for write in (
        lambda x: x.addbmm_(torch.ones(2, 3, 2), torch.ones(2, 2, 4)), lambda x: x.renorm_(2, 0, 3.0),
        lambda x: x.addmm_(torch.ones(3, 2), torch.ones(2, 4)), lambda x: x.triu_(), lambda x: F.relu_(x - 3),
        lambda x: x.fill_diagonal_(-1.0), lambda x: x.t_().cumsum_(1),
    ):  # fmt: skip
        plain(lambda: func.vmap(lambda x: write(x.clone()))(blocks))
        plain(lambda: func.vmap(func.grad(lambda x: (write(x.clone()) ** 2).sum()))(blocks))

    # what makes dimensions of samples is not pointwise either
    tr(lambda: func.vmap(lambda x: torch.cat([x[:0, 0], x, torch.ones(0)], 1))(blocks).shape)
    tr(lambda: func.vmap(lambda x: torch.cat([x[:0], x[:0]]))(rows).shape)
    tr(lambda: func.vmap(lambda a, b: torch.linspace(a, b, 3, dtype=torch.float64))(rows[0], rows[1]))
    plain(lambda: func.vmap(torch.argwhere)((rows > 4)[::2]))
    plain(lambda: func.vmap(torch.argwhere)(torch.eye(3)))
    tr(lambda: func.vmap(lambda x: x.data_ptr())(rows))
