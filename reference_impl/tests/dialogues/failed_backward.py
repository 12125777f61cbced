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
