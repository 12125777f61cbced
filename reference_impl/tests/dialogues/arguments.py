"""Arguments of a wrong type, too few of them, and of unknown names."""


def play(torch, tr, tell):
    x, square = torch.ones(2), torch.eye(2)
    for name in ("reshape", "expand", "repeat", "permute", "flip", "sum_to_size"):
        tr(lambda name=name: getattr(x, name)())
    tr(
        lambda: (
            torch.reshape(x, shape=(2, 1)),
            torch.ones(()).view(()),
            torch.ones(()).expand(()),
            torch.ones(1).view([]),
        )
    )
    tr(lambda: torch.reshape(x, (2, 1), foo=3))
    tr(lambda: torch.resolve_conj(3))
    for value in (None, "a", x, torch.tensor(3)):
        tr(lambda value=value: torch.full_like(x, value))

    # numbers: a tensor stands for one only where it has no dimensions
    for wrong in ("a", x):
        tr(lambda wrong=wrong: torch.polygamma(wrong, x))
        tr(lambda wrong=wrong: torch.multinomial(x, wrong))
    tr(lambda: torch.nn.functional.hardshrink(x, "a"))
    tr(lambda: torch.multinomial([1.0], 1))
    tr(lambda: torch.chunk(x, 1.5))
    tr(lambda: (torch.hardshrink(x, torch.tensor(3.0)), torch.allclose(x, x, torch.tensor(0.5))))
    tr(lambda: torch.linalg.matrix_rank(torch.ones(3, 2, 2), rtol=torch.ones(3)))

    # nothing but these
    tr(lambda: x.float(memory_format=torch.preserve_format))
    tr(lambda: torch.allclose(x, x.double()))
    tr(lambda: square.sum(dim=0, axis2=1))
    tr(lambda: torch.Tensor.add_(2.5, 1))
    tr(lambda: torch.Tensor.cauchy_(None))
    pivots = torch.tensor([1, 2, 3], dtype=torch.int32)
    for dtype in (torch.bool, torch.int64, torch.float16, torch.bfloat16):
        tr(lambda dtype=dtype: torch.lu_unpack(torch.ones(4, 3, dtype=dtype), pivots))
    for a, b in (("a", torch.int32), (torch.int32, 3)):
        tr(lambda a=a, b=b: torch.can_cast(a, b))
        tr(lambda a=a, b=b: torch.promote_types(a, b))
        tr(lambda a=a: torch.iinfo(a))
        tr(lambda a=a: torch.finfo(a))
    for size in (0, True, 1.5, "a", 2):
        tr(lambda size=size: list(torch.utils.data.DataLoader([1, 2, 3], batch_size=size)))
    tr(lambda: torch.nn.functional.linear(*[torch.zeros(s, dtype=torch.bool) for s in ((0, 3), (4, 3), (4,))]))
