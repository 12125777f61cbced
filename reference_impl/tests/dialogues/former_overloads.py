"""Keywords that once stood before the operands: what such calls return, and the one warning that they give."""


def play(torch, tr, tell):
    x, m, b = torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 2.0], [3.0, 5.0]]), torch.ones(2, 2, 2)
    torch.set_warn_always(True)
    tr(lambda: torch.add(x, 3, x))
    tr(lambda: x.add(3, x))
    tr(lambda: x.clone().add_(3, x))
    tr(lambda: x.sub(0.5, x))
    tr(lambda: torch.addcmul(x, 2, x, x))
    tr(lambda: x.addcmul(2, x, x))
    tr(lambda: x.addcdiv(2, x, x))
    tr(lambda: torch.addcdiv(x, 2, x, x, out=torch.empty(2)))
    tr(lambda: x.addmv(2, m, x))
    tr(lambda: torch.addmv(2, x, 3, m, x))
    tr(lambda: m.addmm(2, 3, m, m))
    tr(lambda: m.clone().addmm_(2, m, m))
    tr(lambda: m.addr(2, x, x))
    tr(lambda: torch.addr(2, m, 3, x, x))
    tr(lambda: b.baddbmm(2, b, b))
    tr(lambda: m.addbmm(2, 3, b, b))
    torch.set_warn_always(False)
    tell(torch.baddbmm(2, b, b, b), torch.addmm(2, m, 3, m, m))
    y = x.clone().requires_grad_()
    z = torch.addcmul(y, 2, y, y)
    tell(z)
    z.sum().backward()
    tell(y.grad)
    for call in (lambda: x.add(2, x, alpha=3), lambda: x.add("a", x)):
        try:
            tell(call())
        except (TypeError, RuntimeError) as error:
            tell(type(error).__name__)
