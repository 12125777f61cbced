"""What runs in one thread is nothing to the others: transforms, and the vmaps that forbid random numbers."""

import threading


def play(torch, tr, tell):
    def elsewhere(f):
        """What f gives, or says, in a thread of its own."""
        found = []

        def run():
            try:
                found.append(f())
            except Exception as error:
                found.append((type(error).__name__, error))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return found[0]

    x = torch.tensor([1.0, 2.0], requires_grad=True)

    def backward():
        x.grad = None
        (x * x).sum().backward()
        return x.grad.tolist()

    def leaf():
        y = torch.ones(2).requires_grad_()
        z = y * 2
        z.retain_grad()
        z.sum().backward()
        return z.grad.tolist()

    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * x

        @staticmethod
        def backward(ctx, g):
            return g * 3

    def applied():
        return torch.autograd.grad(Square.apply(x).sum(), x)[0].tolist()

    def inside(y):
        for f in (backward, leaf, applied, lambda: torch.rand(2).shape, lambda: torch.func.vmap(torch.sin)(x).shape):
            tell(elsewhere(f))
        return (y * y).sum()

    tr(lambda: torch.func.grad(inside)(torch.tensor([3.0, 4.0])))
    tr(lambda: torch.func.vmap(inside)(torch.tensor([[3.0, 4.0]])))
    tr(lambda: torch.func.jvp(inside, (torch.ones(2),), (torch.ones(2),)))

    outer, inner = threading.Event(), threading.Event()

    def waits(y):
        inner.set()
        outer.wait(5)
        return y * 2

    def first():
        return torch.func.vmap(waits)(torch.ones(2, 3)).shape

    thread = threading.Thread(target=lambda: tell(first()))
    thread.start()
    inner.wait(5)
    tell(torch.func.vmap(lambda y: (outer.set(), thread.join(), y + 1)[2])(torch.ones(4)).tolist())  # it ends first
