"""Whole numbers at random: the bounds of each dtype, what it holds but roughly, seeds of either sign."""


def play(torch, tr, tell):
    names = ("uint8", "int8", "int64", "bool", "float16", "bfloat16", "float32", "float64")
    bounds = [
        (),
        (10,),
        (300,),
        (5, 5),
        (5, 2),
        (-1, 3),
        (0, 2),
        (0, 4000),
        (0, 2**25),
        (-5, None),
        (-(2**63), None),
        (0, None),
    ]
    for name in names:
        for args in bounds:
            if args[:1] == (-(2**63),) and name != "int64":
                continue
            x = torch.zeros(5, dtype=getattr(torch, name))

            def fill(x=x, args=args):
                torch.manual_seed(3)
                return x.random_(*args)

            tr(fill)
        for low, high in ((0, 2), (0, 300), (-1, 3), (3, 3), (0, 5000)):
            torch.manual_seed(3)
            tr(lambda low=low, high=high, name=name: torch.randint(low, high, (3,), dtype=getattr(torch, name)))
    for seed in (-1, 2**63, 0, 7):
        tr(lambda seed=seed: (torch.manual_seed(seed).initial_seed(), torch.initial_seed(), torch.rand(2)))
        tr(lambda seed=seed: torch.Generator().manual_seed(seed).initial_seed())
    torch.manual_seed(0)
