"""Derivatives where a formula divides by 0, meets nan, or is clamped out of sight; and operators of nothing."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    F, jvp = torch.nn.functional, torch.func.jvp
    for factor in (1, 1 - 2j):
        x = (torch.tensor([0.0, -0.0, 1.0, 0.3, 1e-200], dtype=torch.float64) * factor).requires_grad_()
        (g,) = torch.autograd.grad(
            torch.sinc(x), x, torch.tensor([1.0, inf, 2.0, 0.7, 0.3]) * factor, create_graph=True
        )
        tell(g.detach(), torch.autograd.grad(g, x, torch.ones_like(g)))
    far, target = torch.tensor([1.0, nan, 2.0, inf]), torch.tensor([2.0, 1.0, nan, 0.5])
    for loss in (F.huber_loss, F.smooth_l1_loss):
        x = far.clone().requires_grad_()
        tell(torch.autograd.grad(loss(x, target), x))
        tr(lambda loss=loss: jvp(lambda x: loss(x, target, reduction="none"), (far,), (torch.ones(4),)))
    for measure in (torch.var, torch.std):  # over all elements, and differentiated as if over one
        for correction in (0, 1, 2):
            x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
            tell(torch.autograd.grad(measure(x, dim=(), correction=correction), x))
    clamped_unseen(torch, tr, tell)
    of_nothing(torch, tr, tell)
    composed(torch, tr)
    at_the_rim(torch, tr, tell)
    product = torch.scatter(torch.ones(2, requires_grad=True), 0, torch.tensor([1]), 3.0, reduce="multiply")
    tell(product, product.grad_fn.name())
    tr(lambda: product.sum().backward())


def clamped_unseen(torch, tr, tell):
    """The graph does not see that a variance or a length is clamped; forward mode does."""
    F, one = torch.nn.functional, torch.ones(3)
    variance, x, y = torch.tensor([0.1, 2.0, 0.5]), torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.5, 2.0, 2.0])

    def loss(v):
        return F.gaussian_nll_loss(x, y, v, eps=0.5, reduction="none")

    tr(lambda: torch.func.jvp(loss, (variance,), (one,)))
    v = variance.clone().requires_grad_()
    tell(torch.autograd.grad(loss(v).sum(), v))
    for a in (x, x * 1e-9):
        tr(lambda a=a: torch.func.jvp(lambda a: F.cosine_similarity(a, y, 0), (a,), (one,)))


def of_nothing(torch, tr, tell):
    whole = torch.zeros(0, 3, dtype=torch.int64)
    tr(lambda: (torch.softmax(whole, 0), torch.log_softmax(whole.bool(), 1)))
    tr(lambda: torch.combinations(torch.ones(3, requires_grad=True), 0))
    for shape in ((0, 3), (3, 0)):
        for name in ("fft", "rfft", "irfft", "hfft", "ihfft"):
            tr(lambda shape=shape, name=name: getattr(torch.fft, name)(torch.ones(shape), dim=shape.index(0)))
        tr(lambda shape=shape: torch.fft.fftn(torch.ones(shape)))
    tr(lambda: torch.unsafe_chunk(torch.ones(2), 0))
    tr(lambda: torch.celu(torch.ones(2), 0.0))
    for dtype in (torch.uint8, torch.int16, torch.int32, torch.int64, torch.float16):
        tr(lambda dtype=dtype: (torch.empty(0, dtype=dtype).median(), torch.empty(0, dtype=dtype).nanmedian()))
    x = torch.ones(0, requires_grad=True)
    base = x.clone()
    part = base.as_strided((0,), (1,))
    part.round_()
    tr(lambda: torch.autograd.grad([base, part], x, [base.detach()] * 2))
    for number in (torch.tensor([1 + 1j, -2 + 0.5j]), torch.tensor(0.5 - 1j)):
        parts = number.requires_grad_()
        written = parts.clone()
        written.real.sigmoid_()
        (g,) = torch.autograd.grad(written.abs().sum(), parts, create_graph=True)
        tell(g.detach(), torch.autograd.grad(g.abs().sum(), parts))


def composed(torch, tr):
    """The dtype of a gradient is its input's; what does not change comes back as it is; a product of two vectors is one node."""
    x = torch.tensor(1.0, requires_grad=True)
    y = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64, requires_grad=True)
    for p in (2, 1, 3.5):
        tr(lambda p=p: torch.autograd.grad(torch.dist(x, y, p), (x, y)))
    tr(lambda: torch.autograd.grad(torch.dist(y, torch.tensor(2), 1.5), y))
    for a, b in (((2, 1, 1), (1, 2)), ((2, 3, 3), (4, 2)), ((3, 3), (2, 3)), ((2, 3, 3), (2, 3, 3))):
        system = torch.ones(a) + torch.eye(a[-1])
        tr(lambda system=system, b=b: torch.linalg.solve(system, torch.ones(b), left=False))
    tr(lambda: [t.grad_fn and t.grad_fn.name() for t in torch.broadcast_tensors(x, y)])
    tr(lambda: (torch.broadcast_tensors(y, y)[0] is y, torch.linalg.vecdot(y, y).grad_fn.name()))
    tr(lambda: torch.linalg.vecdot(y, y[:1]))
    tr(lambda: (torch.slogdet(torch.eye(2)), torch.linalg.slogdet(torch.eye(2)), torch.eye(2).slogdet()))


def at_the_rim(torch, tr, tell):
    """Neighbours of what is not finite, logarithms of 0, factors of singular matrices, memory that is not in rows."""
    F = torch.nn.functional
    matrices = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[inf, 0.0], [0.0, 1.0]], [[20.0, 3.0], [1.0, -5.0]]])
    tell(torch.matrix_exp(matrices)[[0, 2]], torch.matrix_exp(matrices[1]).isnan().any())
    p, t = (torch.tensor(v, requires_grad=True) for v in ([0.0, 1.0, 0.5], [1.0, 0.0, 0.2]))
    tell(torch.autograd.grad(F.binary_cross_entropy(p, t), (p, t)))
    tell(torch.special.spherical_bessel_j0(torch.tensor([0.0, inf, -inf, nan, 2.0])))
    singular = torch.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    for factor in (lambda A: torch.linalg.lu(A)[1], lambda A: torch.linalg.lu_factor_ex(A)[0]):
        tr(lambda factor=factor: torch.autograd.grad(factor(singular).sum(), singular))
    turned = torch.arange(6.0).reshape(2, 3).t().clone()
    tell(turned.stride(), turned.resize_(6))
