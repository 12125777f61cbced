"""Products with no, one and two zeros among their factors, and with nan and inf; their derivatives, recorded and not."""

inf, nan = float("inf"), float("nan")
FACTORS = (
    [2.0, 3.0, 4.0],
    [0.0, 3.0, 4.0],
    [2.0, 0.0, 0.0],
    [nan, 3.0, 4.0],
    [nan, 0.0, 4.0],
    [0.0, 2.0, nan],
    [inf, 3.0, 4.0],
    [inf, 0.0, 0.0],
    [2.0, inf, 0.0],
    [-inf, inf, 2.0],
)


def play(torch, tr, tell):
    for factors in FACTORS:
        for product in (lambda x: x.prod(), lambda x: x.prod(-1, True), lambda x: x.cumprod(0), rows(torch)):
            derivatives(torch, tell, product, torch.tensor(factors, dtype=torch.float64))
    turned = torch.tensor([1 + 1j, 0j, 2 - 1j])
    derivatives(torch, tell, lambda x: x.prod(0), turned)
    derivatives(torch, tell, lambda x: x.cumprod(0), turned)
    tell(torch.func.vmap(torch.func.grad(torch.prod))(torch.tensor([[2.0, 0.0], [3.0, 4.0], [0.0, 0.0]])))
    jacobian = torch.func.jacrev(lambda x: x.cumprod(0))
    tell(torch.func.vmap(jacobian)(torch.tensor([[2.0, 0.0, 1.0], [3.0, 4.0, 5.0], [0.0, 0.0, 2.0]])))
    for empty in (torch.ones(0, requires_grad=True), torch.ones(2, 0, requires_grad=True)):
        tell(torch.autograd.grad(empty.prod(), empty), torch.autograd.grad(empty.cumprod(0).sum(), empty))


def rows(torch):
    return lambda x: torch.stack([x, x + 1]).cumprod(1)


def derivatives(torch, tell, product, at):
    x = at.clone().requires_grad_()
    y = product(x)
    g = torch.arange(1, y.numel() + 1).reshape(y.shape).to(y.dtype)
    tell(y.detach(), torch.autograd.grad(y, x, g, retain_graph=True))
    (first,) = torch.autograd.grad(y, x, g, create_graph=True)
    tell(first.detach(), torch.autograd.grad(first, x, torch.ones_like(first)))
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        tell(forward.unpack_dual(product(forward.make_dual(at, torch.arange(1, 4).to(at.dtype)))))
