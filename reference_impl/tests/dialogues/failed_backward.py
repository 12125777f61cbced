"""What a backward that fails midway has accumulated: the gradients that were complete."""


def play(torch, tr, tell):
    class Fails(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            raise ValueError("no gradient")

    def stale(x):
        """What was written after its product saved it."""
        y = x.exp()
        z = y * y
        y.add_(1)
        return z

    for fails in (Fails.apply, stale):
        for hooked in (False, True):
            x, u, w = (torch.ones(2, requires_grad=True) for _ in range(3))
            if hooked:
                x.register_hook(lambda g: tell("x", g))
                u.register_hook(lambda g: tell("u", g))
            for f in (
                lambda: fails(x) * u + x, lambda: fails(x * w) * u, lambda: w * x + fails(x), lambda: fails(u) + fails(x) * w,
                lambda: torch.stack([fails(x), w * u]).unbind()[0],
            ):  # fmt: skip
                tr(lambda f=f: f().sum().backward())
                tell(x.grad, u.grad, w.grad)
                tr(lambda f=f: torch.autograd.grad(f().sum(), [u, w], allow_unused=True))
                x.grad = u.grad = w.grad = None

    # what has another shape since
    def reshaped():
        x = torch.ones(2, requires_grad=True)
        y = (x * x).sum()
        x.data = torch.zeros(3)
        y.backward()

    def replaced(pack, unpack):
        x = torch.ones(3, requires_grad=True)
        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            y = (x * x.exp()).sum()
        y.backward()

    tr(reshaped)
    tr(lambda: replaced(lambda t: t[:2], lambda t: t))
    tr(lambda: replaced(lambda t: t, lambda t: torch.ones(5)))

    def raised(g):
        raise ValueError("operands could not be broadcast together with shapes (2,) (3,)")

    x = torch.ones(2, requires_grad=True)
    x.register_hook(raised)
    tr(lambda: (x * x).sum().backward())
