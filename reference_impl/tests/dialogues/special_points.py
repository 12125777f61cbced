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
    clamped_unseen(torch, tr, tell)
    of_nothing(torch, tr, tell)
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
    x = torch.ones(0, requires_grad=True)
    base = x.clone()
    part = base.as_strided((0,), (1,))
    part.round_()
    tr(lambda: torch.autograd.grad([base, part], x, [base.detach()] * 2))
    parts = torch.tensor([1 + 1j, -2 + 0.5j], requires_grad=True)
    written = parts.clone()
    written.real.sigmoid_()
    (g,) = torch.autograd.grad(written.abs().sum(), parts, create_graph=True)
    tell(g.detach(), torch.autograd.grad(g.abs().sum(), parts))
