"""Order and counts: searchsorted and bucketize, unique, bincount, histograms, running log-sum-exp; edges and refusals."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    names = ("uint8", "int32", "int64", "bfloat16", "float32", "float64", "bool", "complex64")
    numbers = [torch.tensor([1, 2, 3]).to(getattr(torch, n)) for n in names]
    for a in numbers:
        for b in numbers:
            tr(lambda a=a, b=b: torch.searchsorted(a, b))
            tr(lambda a=a, b=b: torch.searchsorted(a, b[1]))
            tr(lambda a=a, b=b: torch.bucketize(b[None], a, right=True))
    sequence, place = torch.tensor([2.0, 1.0]), torch.tensor([1.5])
    for kwargs in (
        {"side": "x"},
        {"side": "left", "right": True},
        {"side": "right", "right": True},
        {"sorter": torch.tensor([1, 0])},
        {"sorter": torch.tensor([1, 0], dtype=torch.int)},
        {"sorter": torch.tensor([1, 2])},
        {"sorter": torch.tensor([1])},
    ):
        tr(lambda kwargs=kwargs: torch.searchsorted(sequence, place, **kwargs))
    tr(lambda: torch.searchsorted(torch.tensor(1.0), place))
    tr(lambda: torch.searchsorted(torch.ones(2, 2), 1.0))
    tr(lambda: torch.searchsorted(torch.ones(2, 2), torch.ones(3, 2)))
    tr(lambda: torch.searchsorted(torch.tensor([1, 2]), 1.5))

    rows = torch.tensor([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    with_nan = torch.tensor([[nan, 1.0], [0.0, 1.0], [nan, 1.0], [0.0, 1.0]])
    for x in (rows, rows.bool(), with_nan, torch.empty(0, 3), torch.tensor(1), torch.tensor([nan, nan, 1.0])):
        for dim in (None, 0, 1):
            for kwargs in ({}, {"return_inverse": True}, {"return_inverse": True, "return_counts": True}):
                if x is not with_nan or dim is None:  # the order of rows with nan is nobody's promise
                    tr(lambda x=x, dim=dim, kwargs=kwargs: torch.unique(x, dim=dim, **kwargs))
                tr(lambda x=x, dim=dim, kwargs=kwargs: torch.unique_consecutive(x, dim=dim, **kwargs))

    counted = [[1, 3], [-1], [[1]], [1.0], [True], []]
    for values in counted:
        x = torch.tensor(values, dtype=None if values else torch.long)
        for kwargs in ({}, {"minlength": 5}, {"minlength": -1}, {"weights": torch.tensor([1.0, 2.0])}):
            tr(lambda x=x, kwargs=kwargs: torch.bincount(x, **kwargs))

    f = torch.tensor([3.0, 1.0, 2.0])
    for bins in (3, -1, f.sort()[0], f.double(), f[None], f[0]):
        for kwargs in (
            {},
            {"range": (1.0,)},
            {"range": (2.0, 1.0)},
            {"range": (0.0, nan)},
            {"weight": torch.ones(2)},
            {"weight": f},
            {"weight": f.double()},
        ):
            if not (isinstance(bins, torch.Tensor) and "range" in kwargs):
                tr(lambda bins=bins, kwargs=kwargs: torch.histogram(f, bins, **kwargs))
    tr(lambda: torch.histogram(torch.tensor(1, dtype=torch.int32), 1))
    for args in ((0,), (3, 3, 1), (3, nan, 1), (3, 1, 3)):
        tr(lambda args=args: torch.histc(f, *args))

    # counts have a node, and no derivative
    w, bins = torch.ones(2, requires_grad=True), torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    tr(lambda: torch.bincount(torch.tensor([1, 2]), w))
    tr(lambda: torch.bincount(torch.tensor([1, 2]), w).sum().backward())
    for counted in (
        torch.histogram(w, 3),
        torch.histogram(bins, w.cumsum(0), density=True),
        torch.histogramdd(bins * w, 2),
    ):
        tr(lambda counted=counted: counted)
        tr(lambda counted=counted: counted[0].sum().backward())
    tr(lambda: torch.func.jvp(lambda x: torch.histogram(x, 3)[0], (bins,), (bins,)))

    for values in ([-inf, -inf, 1.2], [inf, 0.0, -inf], [nan, 1.0], [-inf, inf]):
        tr(lambda values=values: torch.logcumsumexp(torch.tensor(values), 0))
    parts = (-inf, inf, nan, 1.0)
    numbers = [complex(a, b) for a in parts for b in parts]
    for a in numbers:
        for b in numbers:
            tr(lambda a=a, b=b: torch.logcumsumexp(torch.tensor([a, b, 1.2 + 2j], dtype=torch.complex128), 0))

    # what is unique has a history, which ends here
    w = torch.tensor([[0.3, 0.1], [0.3, 0.3]], requires_grad=True)
    for f in (torch.unique, torch.unique_consecutive):
        for kwargs in ({}, {"dim": 0}, {"dim": 1, "return_inverse": True, "return_counts": True}):
            found = f(w, **kwargs)
            tell(found)
            tr(lambda found=found: (found[0] if isinstance(found, tuple) else found).sum().backward())
            tr(lambda f=f, kwargs=kwargs: f(w * 1j, **kwargs))
