"""Random numbers: the bounds that a dtype allows, what has no such numbers, and the order in memory that is kept."""


def play(torch, tr, tell):
    inf, nan = float("inf"), float("nan")
    torch.manual_seed(1)
    bounds = ((3, 1), (2, 2), (-6e4, 6e4), (-3e38, 3e38), (-3e39, 0), (0, 1e39), (-1e308, 1e308), (nan, 1), (1, inf))
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        for low, high in bounds:
            tr(lambda low=low, high=high, dtype=dtype: torch.zeros(3, dtype=dtype).uniform_(low, high).isfinite())
    tr(lambda: torch.zeros(3).uniform_(to=3, **{"from": 2}))
    tr(lambda: torch.zeros(3).uniform_(0, 1, until=3))

    tr(lambda: torch.normal(0, -1, (3,)))
    tr(lambda: torch.normal(torch.zeros(2), -1.0))
    tr(lambda: torch.normal(torch.zeros(2), torch.tensor(-1.0)))
    tr(lambda: torch.normal(torch.zeros(4), torch.ones(2, 3)))
    tr(lambda: torch.normal(0.0, 1.0, (3,), dtype=torch.int64))
    tr(lambda: torch.normal(0.0, 1.0, (3,), device="nowhere"))

    torch.manual_seed(2)
    orders = (
        torch.zeros(3, 4).t(),
        torch.zeros(3, 4, 2).permute(2, 0, 1),
        torch.zeros(10, 3, 4)[::2].permute(2, 0, 1),
        torch.zeros(3, 1).expand(3, 4),
        torch.empty_strided((4, 3, 2), (0, 0, 1)),
        torch.empty_strided((4, 3, 2), (10, 3, 1)),
        torch.zeros(2, 3, 4, 5).to(memory_format=torch.channels_last),
    )
    for x in orders:
        for make in (torch.rand_like, torch.randn_like, lambda x, **k: torch.randint_like(x, 3, 10, **k)):
            tr(lambda make=make, x=x: (make(x), make(x).stride()))
            tr(lambda make=make, x=x: make(x, memory_format=torch.contiguous_format, dtype=torch.double).stride())
    tr(lambda: torch.randint_like(orders[0], 10, dtype=torch.int64))

    for seed in (-1, 2**64 - 1, 2**64, -(2**63) - 1):
        tr(lambda seed=seed: torch.manual_seed(seed).initial_seed())
    for shape in ((0, 5), (5, 0), (0,)):
        tr(lambda shape=shape: torch.multinomial(torch.ones(shape), 2, True))

    import pickle

    generator = torch.Generator().manual_seed(3)
    torch.rand(2, generator=generator)
    again = pickle.loads(pickle.dumps(generator))
    tell(again.initial_seed(), torch.rand(2, generator=again), torch.rand(2, generator=generator))
    torch.manual_seed(5)
    weights = torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    tr(lambda: weights.multinomial(4, True, generator=torch.Generator().manual_seed(3)))
    tr(lambda: weights.multinomial(1))
    for dtype in (torch.int64, torch.bool, torch.complex64, torch.float16):
        for shape in ((0,), (2, 0), (2,)):
            for draw in (torch.rand, torch.randn, lambda s, **k: torch.normal(0.0, 1.0, s, **k)):
                tr(lambda draw=draw, shape=shape, dtype=dtype: draw(shape, dtype=dtype).numel())
            x = torch.zeros(shape, dtype=dtype)
            drawn = (torch.bernoulli, lambda x: x.bernoulli(0.5)) if not x.numel() else ()
            for draw in (torch.rand_like, torch.randn_like, *drawn):
                tr(lambda draw=draw, x=x: draw(x).numel())
