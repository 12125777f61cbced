"""Tensors made of sizes, ranges and random numbers: dtypes, formats in memory, out=, what is refused."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    def into(make, shape, dtype=None):
        out = torch.zeros(shape, dtype=dtype)
        found = make(out)
        return found is out, out

    ranges = (
        lambda out, **k: torch.arange(0, 4, out=out, **k),
        lambda out, **k: torch.linspace(0, 3, 4, out=out, **k),
        lambda out, **k: torch.logspace(0, 3, 4, base=2, out=out, **k),
        lambda out, **k: torch.range(0, 3, out=out, **k),
    )
    for make in ranges:
        for shape, dtype in (
            ((0,), None),
            ((4,), torch.int),
            ((2, 2), torch.half),
            ((4, 1), torch.double),
            ((5,), torch.int),
        ):
            tr(lambda make=make, shape=shape, dtype=dtype: into(make, shape, dtype))
        tr(lambda make=make: into(lambda out: make(out.narrow(1, 1, 2)), (2, 3)))
        tr(lambda make=make: into(lambda out: make(out, dtype=torch.int), (4,)))
    sizes = (
        lambda out, **k: torch.zeros(2, 2, out=out, **k),
        lambda out, **k: torch.ones((2, 2), out=out, **k),
        lambda out, **k: torch.full((2, 2), 1.5, out=out, **k),
        lambda out, **k: torch.eye(2, out=out, **k),
        lambda out, **k: torch.rand(2, 2, out=out, **k),
        lambda out, **k: torch.randn(size=(2, 2), out=out, **k),
        lambda out, **k: torch.randint(6, (2, 2), out=out, **k),
        lambda out, **k: torch.randint(1, 6, (2, 2), out=out, **k),
        lambda out, **k: torch.randperm(4, out=out, **k),
    )
    torch.manual_seed(1)
    for make in sizes:
        for shape, dtype in (((0,), None), ((2, 2), torch.double), ((3,), torch.complex64), ((2, 2), torch.int)):
            tr(lambda make=make, shape=shape, dtype=dtype: into(make, shape, dtype))
        tr(lambda make=make: into(lambda out: make(out, dtype=torch.half), (2, 2)))

    for bounds in ((1, 2j), (0j, 1), (1 + 1j, 2 - 1j), (-10, 10), (0.5, 2), (torch.tensor(1j), 2)):
        for steps in (0, 1, 4, 5):
            for dtype in (None, torch.float, torch.complex128, torch.int8, torch.bfloat16):
                tr(lambda bounds=bounds, n=steps, d=dtype: torch.linspace(*bounds, n, dtype=d))
            tr(lambda bounds=bounds, n=steps: torch.logspace(*bounds, n, base=2))
    for args in ((3,), (0, 3, 0.5), (3, 0), (3, 0, -1), (0, 3, 0), (1.5,), (True,), (0, inf), (nan,), (1j,)):
        tr(lambda args=args: torch.arange(*args))
        tr(lambda args=args: torch.range(0, *args) if len(args) == 1 else torch.range(*args))
    tr(lambda: (torch.arange(end=3), torch.arange(1, end=3), torch.arange(start=1, end=3, step=1)))

    formats = (torch.channels_last, torch.channels_last_3d, torch.contiguous_format)
    for format in formats:
        for size in ((1, 2, 3, 4), (1, 2, 3, 4, 5), (2, 3)):
            tr(lambda size=size, f=format: torch.empty(size, memory_format=f).stride())
            tr(lambda size=size, f=format: torch.zeros_like(torch.ones(size), memory_format=f).stride())
    x = torch.ones(2, 3, 4)
    views = [
        x,
        x.permute(2, 0, 1),
        x.permute(2, 0, 1)[:, :, ::2],
        x[:, ::2].transpose(0, 2),
        x.expand(5, 2, 3, 4),
        x[:1],
    ]
    views += [
        x.transpose(1, 2).expand(5, 2, 4, 3),
        torch.ones(3, 1).t(),
        torch.ones(1, 3, 1).transpose(0, 1),
        x[:, :, :0].t,
    ]
    for v in views[:-1]:
        tr(lambda v=v: (torch.zeros_like(v).stride(), torch.ones_like(v).stride(), torch.exp(v).stride()))
    tr(lambda: x.new_empty_strided((2, 3), (1, 2)).stride())
    tr(lambda: torch.empty_strided((-1,), (1,)))
    for args in (
        (2, 3),
        ((2,), "a"),
        ((2,), torch.tensor([3])),
        ((2,), torch.tensor(3)),
        ((2, -1), 1),
        ((2,), 1j),
        ((), 2),
    ):
        tr(lambda args=args: torch.full(*args))
    tr(lambda: torch.empty(2**40, 2**40))
    tr(lambda: torch.zeros("a"))

    for name, args in (("kaiser", (12.0,)), ("hamming", (0.4, 0.5)), ("hann", ()), ("bartlett", ()), ("blackman", ())):
        make = getattr(torch, f"{name}_window")
        for length in (0, 1, 6):
            tr(lambda n=length: (make(n, dtype=torch.double), make(n, False), make(n, True, *args)))  # noqa: B023
        tr(lambda: make(-1))  # noqa: B023
    tr(lambda: torch.kaiser_window(4, True, beta=3.0))

    x = torch.tensor([[1, 0, 2], [0, 0, 3]])
    for size in (0, 2, 5):
        tr(lambda size=size: (torch.nonzero_static(x, size=size), x.nonzero_static(size=size, fill_value=7)))
    tr(lambda: torch.nonzero_static(x, size=-1))
    tr(lambda: torch.nonzero_static(torch.tensor(3), size=2))

    for dtype in (torch.complex64, torch.bool, torch.float16):
        tr(lambda dtype=dtype: torch.arange(3, dtype=dtype))
    for end in (2**62, 1e20):
        tr(lambda end=end: torch.arange(end))
    tr(lambda: torch.linspace(0, 1, steps=torch.tensor(3)))
    for make in (torch.polar, torch.complex):
        for dtype in (torch.bool, torch.int32, torch.float64):
            tr(lambda make=make, dtype=dtype: make(torch.ones(2, dtype=dtype), torch.ones(2, dtype=dtype)))

    for bounds in ((0, 5, 1.5), (0.5, 5.9, 1), (5.9, 0.5, -1.5), (0, 64, 0.5), (-3.5, 3, 2)):
        for dtype in (None, torch.int64, torch.int32):
            tr(lambda bounds=bounds, dtype=dtype: torch.arange(*bounds, dtype=dtype).shape)
            if dtype is torch.int64:
                tr(
                    lambda bounds=bounds: (
                        torch.arange(*bounds, dtype=torch.int64),
                        torch.range(*bounds, dtype=torch.int64),
                    )
                )

    for size in ((2, 4, 2**29, 2**29), (0, 4, 2**61), (0, 2**40, 2**40), (0, 4, 2**34)):
        tr(lambda size=size: torch.empty(size, dtype=torch.float64).shape)
    tr(lambda: torch.empty_strided((8, 8), (2**61, 1), dtype=torch.float64))

    class Unreadable:
        def __len__(self):
            return 2

        def __getitem__(self, i):
            raise TypeError

    tr(lambda: torch.tensor(Unreadable()))
