"""`x.data = y` while views of x, or a graph that begins at x, are alive: the version counter stays, the shape may change."""


def play(torch, tr, tell):
    for view in (lambda x: x[1:], lambda x: x.detach(), lambda x: x.T):
        x = torch.ones(3)
        v, given = view(x), torch.zeros(2)
        v.data = given
        tell(v._version, x.mul_(2), v, v._version, given.add_(1), v, v._version, v.add_(1), x, x._version)
    y = torch.ones(3, requires_grad=True)
    z = y * y
    y.data = torch.zeros(3)
    with torch.no_grad():
        y.add_(1)
    tr(lambda: z.sum().backward())
    for new in (torch.zeros(2, 3), torch.zeros(3, 2), torch.zeros(1, 3, 1), torch.zeros(1, 1, 3)):
        for use in (lambda x: x * 2, lambda x: x.expand(2, 3).sum(), lambda x: x.flip(0), lambda x: x.clone()):
            x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
            y = use(x)
            x.data = new
            tr(lambda y=y: y.backward(torch.ones_like(y)))
            tell(x.grad)
    x = torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    row = x.unbind()[0]
    x.data = torch.zeros(3)
    tr(lambda: row.sum().backward())
    tell(x.grad)
    tr(lambda: x.detach().new_tensor(x.detach()))
    tr(lambda: torch.tensor(x.detach()))
