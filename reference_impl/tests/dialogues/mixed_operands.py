"""Gradients of operands of several dtypes, of whole numbers beside floats, and of a singular matrix in a batch."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    F = torch.nn.functional
    wide = torch.ones(3, 3, dtype=torch.float64, requires_grad=True)
    narrow = torch.ones(3, requires_grad=True)
    for replaced in (
        lambda: torch.diagonal_scatter(wide, narrow),
        lambda: torch.select_scatter(wide, narrow, 0, 1),
        lambda: torch.slice_scatter(wide, narrow[None], 0, 1, 2),
        lambda: torch.as_strided_scatter(wide, narrow, (3,), (1,)),
        lambda: torch.cat([wide, narrow[None]]),
        lambda: torch.stack([wide[0], narrow]),
    ):
        for recorded in (False, True):
            grads = torch.autograd.grad(replaced().sum(), (wide, narrow), create_graph=recorded)
            tell([(g.dtype, g.detach()) for g in grads])
    whole = torch.ones(3, 3, dtype=torch.long)
    for joined in (torch.cat, torch.vstack, torch.hstack, torch.stack, torch.dstack, torch.column_stack):
        (g,) = torch.autograd.grad((joined([whole, wide]) ** 2).sum(), wide, create_graph=True)
        tell(g.detach(), torch.autograd.grad(g.sum(), wide))
    weight, x, classes = torch.ones(3, requires_grad=True), torch.zeros(2, 3), torch.tensor([0, 1])
    for loss in (
        lambda: F.nll_loss(x, classes, weight),
        lambda: F.nll_loss(x[..., None], classes[:, None], weight),
        lambda: F.cross_entropy(x, classes, weight),
        lambda: F.cross_entropy(x, torch.ones(2, 3) / 3, weight),
        lambda: F.binary_cross_entropy(x, x, weight),
        lambda: F.binary_cross_entropy_with_logits(x, x, weight),
        lambda: F.binary_cross_entropy_with_logits(x, x, pos_weight=weight),
        lambda: F.multi_margin_loss(x, classes, weight=weight),
        lambda: F.soft_margin_loss(x[0], weight),
    ):
        tr(lambda loss=loss: loss().detach())
        with torch.no_grad():
            tr(loss)
    steps = torch.tensor([-4.0, -3.0, -2.0, 2.0, 3.0, 4.0, nan, inf], requires_grad=True)
    for g in (1.0, inf, nan):
        tell(torch.autograd.grad(F.hardswish(steps), steps, torch.full_like(steps, g)))
        tell(torch.autograd.grad(torch.nansum(steps), steps, torch.tensor(g)))
    singular_in_a_batch(torch, tell)


def singular_in_a_batch(torch, tell):
    forward = torch.autograd.forward_ad
    for A in (torch.tensor([2.0, 0.0, 3.0]).reshape(3, 1, 1), torch.stack([torch.ones(2, 2), torch.eye(2) + 1])):
        for log in (torch.logdet, lambda A: torch.linalg.slogdet(A)[1]):
            leaf = A.clone().requires_grad_()
            tell(torch.autograd.grad(log(leaf).sum(), leaf))
            if A.shape[-1] == 1:
                with forward.dual_level():
                    tell(forward.unpack_dual(log(forward.make_dual(A, torch.ones_like(A)))).tangent)
