"""Whose memory a result lies in, what a write to it makes stale, and what a second backward finds freed."""


def play(torch, tr, tell):
    # results without dimensions are no views of what they were computed from
    for f in (
        lambda x: x.flip(0),
        lambda x: x.roll(0),
        lambda x: x.cumsum(0),
        lambda x: x.cumprod(0),
        lambda x: x.logcumsumexp(0),
        lambda x: x.sort()[0],
        lambda x: x.msort(),
        lambda x: torch.matrix_power(x.expand(2, 2).contiguous(), 1),
    ):
        x = torch.tensor([3.0, 4.0])[0]
        y = f(x)
        x.mul_(2)
        tell(x, y)

    # memory that is not there
    tr(lambda: torch.ones(0).as_strided((2,), (1,)))
    tr(lambda: torch.ones(0).as_strided((0,), (1,)).shape)
    tr(lambda: torch.ones(3).as_strided((2,), (3,)))
    part = torch.arange(12.0).reshape(2, 3, 2).unfold(0, 2, 1).chunk(2)[0]
    tr(lambda: (part.as_strided((2,), (5,)), part.storage_offset(), part.untyped_storage().nbytes()))
    wide = torch.arange(3.0).expand(2, 3)
    tr(lambda: (wide.untyped_storage().nbytes(), wide.as_strided((3,), (1,)), wide[1, 1:].storage_offset()))
    pairs = torch.view_as_real(torch.ones(4, dtype=torch.complex64)[1:])
    tr(lambda: (pairs.storage_offset(), pairs.untyped_storage().nbytes(), pairs.as_strided((2, 2), (2, 1)).shape))

    # a saved result is stale after a write of any kind
    for make in (lambda x: x.softmax(-1), lambda x: x.exp(), lambda x: x.sin()):
        for look in (lambda y: None, lambda y: y.detach()):
            for write in ("unsqueeze_ 0", "t_", "squeeze_", "transpose_ 0 1", "mul_ 2"):
                y = make(torch.ones(2, 2, requires_grad=True))
                look(y)
                name, *args = write.split()
                getattr(y, name)(*map(int, args))
                tr(lambda y=y: y.sum().backward())
    x = torch.tensor(2.0, requires_grad=True)
    y = x.norm()
    v = y.view(())
    v.sigmoid_()
    y.div_(3)
    tr(lambda: (x**v).backward())
    y = torch.tensor([1.0, 2.0], requires_grad=True).max()
    y.add_(1)
    tr(lambda: y.backward())

    y = torch.ones(3, requires_grad=True).prod()
    y.tanh_()
    tr(lambda: y.backward())

    # what a second backward may still use
    for write in ("add_", "mul_", "neg_", "zero_", "lerp_"):
        x = torch.ones(4, requires_grad=True)
        y = x * 1
        v = y.view(2, 2)
        getattr(v, write)(*{"lerp_": (v, 0.5), "neg_": (), "zero_": ()}.get(write, (1,)))
        y.sum().backward()
        tr(lambda y=y: y.sum().backward())
    x = torch.ones(2, requires_grad=True)
    y = torch.lerp(x, x, 0.5)
    y.sum().backward()
    y.sum().backward()
    tell(x.grad)

    # names and places in errors
    for index in ((..., 9), (..., 9, 0), (0, ..., 9), (None, ..., 9), (..., 0, 9)):
        tr(lambda index=index: torch.ones(2, 3, 4)[index])
    for source in ((0,), (2,), (1,), (2, 3), ()):
        tr(lambda source=source: torch.ones(2, 1).index_add_(0, torch.tensor([0]), torch.ones(source)).shape)
    tr(lambda: torch.ones(0).index_select(0, torch.tensor([0])))
    for bad in (5, -1):
        tr(lambda bad=bad: torch.ones(2).index_select(0, torch.tensor([0, bad])))
        tr(lambda bad=bad: torch.ones(2, 3).index_select(1, torch.tensor([0, bad])))
    index = torch.tensor([2, 1, 0])
    tr(lambda: index.index_fill_(0, index, 0))
    tr(lambda: torch.ones(3, 2) ** torch.ones(0))
    torch.set_warn_always(True)
    for shape in ((), (3,), (2, 2, 2)):
        for name in ("T", "mT", "H", "mH"):
            tr(lambda shape=shape, name=name: getattr(torch.ones(shape), name).shape)
    torch.set_warn_always(False)

    # several elements in one place
    torch.set_warn_always(True)
    for write in (
        lambda x: x.index_put_((torch.tensor([0]),), torch.tensor([1.0, 2.0, 3.0])),
        lambda x: x.index_put_((torch.tensor([0, 1]), torch.tensor([0, 1])), torch.tensor(5.0)),
        lambda x: x.index_put_((torch.tensor([0]),), torch.tensor([1.0, 2.0, 3.0]), accumulate=True),
        lambda x: x.masked_fill_(torch.tensor([[True, False, True], [False, False, False]]), 2.0),
        lambda x: x.masked_fill_(torch.tensor([True, False, True]), float("nan")),
        lambda x: x.index_fill_(1, torch.tensor([0]), 2.0),
        lambda x: x.fill_(3.0),
        lambda x: x.zero_(),
        lambda x: x.mul_(2),
        lambda x: x.scatter_(0, torch.tensor([[0, 0, 0]]), 2.0),
    ):
        tr(lambda write=write: write(torch.ones(3).expand(2, 3)))
    torch.set_warn_always(False)
