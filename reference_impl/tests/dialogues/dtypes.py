"""Which dtypes operators take, and what they make of those that they were not made for."""


def play(torch, tr, tell):
    F = torch.nn.functional
    x, sign = torch.arange(-2, 3), torch.tensor([1, -1, 1, -1, 0])
    for d in (torch.int64, torch.uint8, torch.float16):
        for margin in (1.0, 8.39, 1.9):
            tr(lambda: F.hinge_embedding_loss(x.to(d), sign.to(d), margin, reduction="none"))

    # a matrix product of nothing is nothing, whatever the dtype
    for shape, other in (((0, 3), (3, 2)), ((2, 0), (0, 2))):
        a, b = torch.ones(shape, dtype=torch.bool), torch.ones(other, dtype=torch.bool)
        tr(lambda: torch.mm(a, b))
        tr(lambda: torch.bmm(a[None], b[None]))
    tr(lambda: torch.linalg.det(torch.ones(0, 0).half()))
    tr(lambda: torch.linalg.svd(torch.ones(0, 3).half()))
    tr(lambda: F.adaptive_avg_pool2d(torch.ones(0, 2, 4, 4).int(), 2))

    ints = torch.ones(1, 2, 2, dtype=torch.int16)
    tr(lambda: F.scaled_dot_product_attention(ints, ints, ints))
    for d in (torch.bool, torch.complex64, torch.int64):
        for mask in (None, torch.tensor([True, False, True])):
            tr(lambda: torch.masked.median(torch.tensor([1, 0, 2]).to(d), 0, mask=mask))

    # a number has no dtype of its own
    for degree in (torch.tensor(2.0), torch.tensor([2.0, 3.0]), torch.tensor([2, 3])):
        tr(lambda: torch.special.hermite_polynomial_h(2.5, degree))
        tr(lambda: torch.special.chebyshev_polynomial_t(degree, 2))

    # real numbers made of complex ones are a copy
    for dtype in (torch.float32, torch.float64, torch.float16, torch.int64):
        z = torch.ones(2, 3, dtype=torch.complex64)
        y = z.to(dtype)
        tr(lambda y=y, z=z: (y.stride(), y.view(-1).zero_(), z, z.t().to(y.dtype).stride()))
