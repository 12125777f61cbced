"""Inputs at the rim of what operators take: comparisons in place, bounds in the wrong order, empty shapes, infinities."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    comparisons(torch, tr, tell)
    masked_gradients(torch, tr, tell)
    operands(torch, tr, tell)
    infeasible(torch, tr, tell)
    pooled_and_sampled(torch, tr, tell)
    tr(lambda: torch.round(torch.tensor([1.25, -150.0, 1e30]), decimals=400))
    tr(lambda: torch.round(torch.tensor([1.25, -150.0, 1e30], dtype=torch.float64), decimals=-2))
    pair = torch.tensor([1.0, 2.0], requires_grad=True)
    tr(lambda: torch.autograd.grad(torch.view_as_complex(pair), pair, torch.tensor(1 - 2j)))
    turns = torch.tensor([1.5j, 0j, 1 + 0j])
    tell(turns.bool(), torch.zeros(3, dtype=torch.bool).copy_(turns))
    spread_over(torch, tr, tell)
    refusals(torch, tr, tell)
    bytes_ = torch.ones(2, 2, dtype=torch.uint8)
    tr(lambda: torch.addmm(bytes_, bytes_, bytes_, alpha=-1, beta=-2))
    tr(lambda: torch.addmm(bytes_.float(), bytes_.float(), bytes_.float(), alpha=1j))
    tr(lambda: torch.ones(2, dtype=torch.complex64).abs_())
    for x in (torch.tensor([2, 3]), torch.tensor([1.5, -2.5])):
        tr(lambda x=x: (torch.round(x), x.absolute_()))
        tr(lambda x=x: torch.special.round(x).dtype)
    tr(lambda: torch.lgamma(torch.tensor([5e-324, -1e-310, 0.0, 1e-307, 2.5], dtype=torch.float64)))
    small = torch.tensor(3, dtype=torch.int8)
    tr(lambda: torch.nn.functional.margin_ranking_loss(small, -small, small, reduction="sum"))


def comparisons(torch, tr, tell):
    """x.eq_(y) leaves numbers, of gradient 0."""
    x, y = torch.tensor([1.0, 2.0, 3.0], requires_grad=True), torch.tensor([1.0, 1.0, 5.0], requires_grad=True)
    for name in ("eq", "ne", "lt", "le", "gt", "ge", "not_equal", "greater"):
        for other in (y, 2.0):
            z = getattr(x.clone(), name + "_")(other)
            tell(z, len(z.grad_fn.next_functions), torch.autograd.grad(z.sum() + 0 * y.sum(), (x, y)))
    tell(torch.tensor([1, 2, 3]).eq_(y).detach(), torch.tensor([True, False]).lt_(True))


def masked_gradients(torch, tr, tell):
    """A cotangent of nan or inf does not come through where there is no slope."""
    x = torch.tensor([-1.0, 0.0, 0.3, 0.5, 1.0, 2.0], requires_grad=True)
    g = torch.tensor([nan, inf, 1.0, nan, -inf, inf])
    for eps in (None, 0.0, 0.2, 0.6, -0.1):
        y = torch.logit(x, eps=eps)
        tell(y.detach(), torch.autograd.grad(y, x, g))
    for function in (torch.xlogy, torch.special.xlog1py):
        a = torch.tensor([0.0, 0.0, 1.0, 0.0], requires_grad=True)
        b = torch.tensor([-2.0, 1.0, 2.0, nan], requires_grad=True)
        tell(torch.autograd.grad(function(a, b), (a, b), torch.tensor([nan, nan, 2.0, 1.0])))
    far = torch.tensor([1.0, inf, nan, -inf], requires_grad=True)  # multiplied by 0 here, not masked
    tell(torch.autograd.grad(torch.nan_to_num(far), far, torch.tensor([inf, 1.0, inf, nan])))


def refusals(torch, tr, tell):
    for shape, dim in (((3, 0), None), ((3, 0), 1), ((3, 0), (0, 1)), ((3, 0), 0), ((0,), -1)):
        for order in (inf, -inf, -1, -2.5, 2, 0):
            tr(lambda s=shape, order=order, dim=dim: torch.linalg.vector_norm(torch.ones(s), order, dim))
    for side in ("X", "l", "upper", ""):
        tr(lambda side=side: torch.linalg.eigvalsh(torch.eye(2), UPLO=side))
        tr(lambda side=side: torch.linalg.eigvalsh(torch.ones(0, 0), UPLO=side))
    small = torch.tensor([1, 200, 3], dtype=torch.uint8)
    for limit, value in ((0.5, -5), (2, 300), (1, 2.7), (-1, 0)):
        tr(lambda limit=limit, value=value: torch.nn.functional.threshold(small, limit, value))
    tr(lambda: torch.isin(torch.tensor([1.5, 2.0], dtype=torch.bfloat16), torch.tensor([2, 3])))


def spread_over(torch, tr, tell):
    """Values that broadcast along an index of several dimensions are added at each of its places."""
    index = torch.tensor([[2, 2], [0, 2]])
    for dtype in (torch.float16, torch.float32, torch.int64):
        x, values = torch.zeros(5, dtype=dtype), torch.tensor([1, -2]).to(dtype)
        for v in (values, values[:, None], values[:1], values[0], values.expand(2, 2)):
            tell(torch.index_put(x, (index,), v, accumulate=True))
        tr(lambda x=x: torch.index_put(x, (index,), torch.ones_like(x)[:3], accumulate=True))
        tr(lambda x=x: torch.index_put(x, (index + 5,), torch.ones_like(x)[:1], accumulate=True))


def operands(torch, tr, tell):
    """Dtypes and shapes that do not go together, and some that do."""
    one, two = torch.ones(2), torch.ones(2, dtype=torch.float64)
    tr(lambda: torch.isclose(one, two, rtol=-1.0))
    tr(lambda: torch.allclose(one.int(), one.bool()))
    for test in (True, 1j, two.bool(), two):
        tr(lambda test=test: torch.isin(one, test))
    tell(torch.block_diag(one.half(), two[0]), torch.block_diag(one.half(), two[0].bfloat16(), one.int()))
    tr(lambda: torch.channel_shuffle(torch.ones(4, 2), 2))
    for a, b in (((3,), (1,)), ((3, 3), (1, 3)), ((2, 3), (1, 3))):
        tr(lambda a=a, b=b: torch.cross(torch.ones(a), torch.ones(b), dim=len(a) - 1 if a == (2, 3) else 0))
    across = torch.arange(6.0).reshape(2, 3).t()
    for size in ((6,), (-1, 2), (4,), (-2, 4)):
        tr(lambda size=size: torch.view_copy(across, size))


def infeasible(torch, tr, tell):
    """A target longer than its input: zero_infinity takes the loss and its gradient for 0."""
    scores = torch.tensor([[[0.1, 0.2]], [[0.3, 0.5]], [[0.6, 0.1]]])
    x = scores.log_softmax(-1).requires_grad_()
    for zero in (True, False):
        loss = torch.nn.functional.ctc_loss(x, torch.tensor([[1, 1]]), (2,), (2,), zero_infinity=zero)
        tell(loss.detach(), torch.autograd.grad(loss, x))
    tr(lambda: torch.func.jvp(lambda x: torch.nn.functional.ctc_loss(x, torch.tensor([[1]]), (2,), (1,)), (x,), (x,)))


def pooled_and_sampled(torch, tr, tell):
    """Powers without bound pool by the largest; points at infinity lie outside of a volume."""
    F = torch.nn.functional
    x = torch.tensor([[[[1.0, -3.0, 2.0], [0.5, -1.0, -4.0]]]], requires_grad=True)
    for order in (inf, -inf, 2.0):
        for pool, image in ((F.lp_pool2d, x), (F.lp_pool1d, x[0])):
            y = pool(image, order, 2, 1, True)
            tell(y.detach(), torch.autograd.grad(y.sum(), x))
    points = [[inf, 0.1, 0.3], [0.1, -inf, 0.4], [1e20, 0.2, 0.1], [0.1, 0.2, 0.3], [5.0, 0.1, 0.2]]
    double, image = torch.float64, torch.ones(1, 1, 1, 4)
    tr(lambda: F.conv_transpose1d(torch.ones(2, 1, 3, dtype=double), torch.ones(1, 2, 1, dtype=double), padding=2))
    tr(lambda: F.interpolate(image, scale_factor=0.5, mode="area"))
    tr(lambda: F.interpolate(image, scale_factor=0.5, mode="nearest"))
    for mode in ("bilinear", "nearest"):
        for padding in ("zeros", "border"):  # torch may read anywhere for a nan
            volume = torch.arange(1.0, 28.0).reshape(1, 1, 3, 3, 3).requires_grad_()
            grid = torch.tensor(points).reshape(1, 5, 1, 1, 3).requires_grad_()
            y = F.grid_sample(volume, grid, mode, padding, align_corners=True)
            tell(y.detach().flatten(), *torch.autograd.grad(y.sum(), (volume, grid)))
    places = torch.empty(0, dtype=torch.int64)
    tell(torch.argsort(torch.tensor([2.0, 1.0, 3.0]), stable=True, out=places), places)
