"""The gradient of a sum is one value everywhere, in one place of memory, which nobody may write through."""


def play(torch, tr, tell):
    for shape in ((3,), (2, 3), (5000,), (1,), ()):
        x = torch.zeros(shape, requires_grad=True)
        for reduce in (
            torch.sum,
            torch.mean,
            lambda x: (x * 2).sum(),
            lambda x: x.sum() * 2,
            lambda x: x.sum() + x.sum(),
        ):
            for create_graph in (False, True):
                (g,) = torch.autograd.grad(reduce(x), x, create_graph=create_graph)
                tr(lambda g=g: (g.stride(), g.is_contiguous(), (-g).stride()))
                tr(lambda g=g: g.detach().add_(1).sum())

    x = torch.ones(3, requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g.mul_(2))
    tr(lambda: y.sum().backward())
    tr(lambda: x.grad)
    x.sum().backward()
    tr(lambda: (x.grad.stride(), x.grad.add_(1)))
