"""Gradients of powers: bases of zero and below, exponents of other kinds and dtypes than the base."""


def play(torch, tr, tell):
    def derivatives(base, exponent):
        e = torch.tensor(exponent, requires_grad=True)
        y = base**e
        wanted = [t for t in (base, e) if isinstance(t, torch.Tensor)]
        for g in torch.autograd.grad((y.real if y.is_complex() else y).sum(), wanted):
            tell(g.dtype, [round(v, 4) if isinstance(v, float) else v for v in g.tolist()])

    for base in (0, 0.0, 2, -1.5):
        derivatives(base, [-1.0, 0.0, 1.5])
    derivatives(2, [0.5 + 0.2j, -1 + 0j, 2 + 0j])
    for dtype in (torch.float64, torch.float32):
        for base in (0.0, 2.0, -1.5):
            derivatives(torch.full((1,), base, dtype=dtype, requires_grad=True), [-1.0, 0.0, 1.5])
    base = torch.tensor([-1.0, 2.0], dtype=torch.double)
    exponent = torch.tensor([0.3 + 1j, 2 - 1j], dtype=torch.cdouble, requires_grad=True)
    for of in (base, -3):
        tr(lambda: torch.autograd.gradcheck(lambda e: of**e, (exponent,)))
        tr(lambda: torch.autograd.gradgradcheck(lambda e: of**e, (exponent,)))
    for side in (0.0, -0.0):  # of the branch cut
        cut = torch.tensor([complex(-2.0, side)], dtype=torch.complex128, requires_grad=True)
        derivatives(cut, [1.5 + 0j])
    for dtype in (torch.int8, torch.int64):  # the least exponent is none that can be negated
        least = torch.iinfo(dtype).min
        exponents = torch.tensor([least, least + 1, -1, 0, 3], dtype=dtype)
        tell([(torch.tensor(base, dtype=dtype) ** exponents).tolist() for base in (-2, -1, 0, 1, 2)])
    for base, power in (
        ("int8", -200), ("int8", 200), ("int8", 127), ("uint8", 300), ("uint8", 2.5), ("bool", -1), ("bool", 2), ("int8", 1j),
    ):  # fmt: skip
        tr(lambda base=base, power=power: torch.tensor([1, 2], dtype=getattr(torch, base)) ** power)

    # how often a square can be differentiated
    for f in (torch.square, lambda x: x**2, lambda x: x * x, lambda x: x.pow(1), lambda x: (x * 1).square_()):
        x = torch.tensor([2.0, 3.0], requires_grad=True)
        g = f(x)
        for _ in range(3):
            (g,) = torch.autograd.grad(g.sum(), x, create_graph=True)
            tell(g.tolist(), g.requires_grad)
            if not g.requires_grad:
                break
