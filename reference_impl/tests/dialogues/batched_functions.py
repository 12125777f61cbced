"""Custom Functions where autograd itself batches: without a vmap of theirs, and without random numbers."""


def play(torch, tr, tell):
    calls = [0]

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def vjp(ctx, g):
            return g * 2

        @staticmethod
        def jvp(ctx, t):
            return t * 2

    class RandomForward(Double):
        @staticmethod
        def jvp(ctx, t):
            torch.randn_like(t)
            return t * 2

    class RandomBackward(Double):
        @staticmethod
        def vjp(ctx, g):
            torch.randn_like(g)
            return g * 2

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            ctx.save_for_forward(x, y)
            return x * y, x.clone()

        @staticmethod
        def vjp(ctx, g, h):
            x, y = ctx.saved_tensors
            return g * y + h, g * x

        @staticmethod
        def jvp(ctx, s, t):
            calls[0] += 1
            x, y = ctx.saved_tensors
            return s * y + t * x, s.clone()

    class Nested(Double):
        @staticmethod
        def vjp(ctx, g):
            return Double.apply(g)

    def start(f):
        """The value of f, or the first paragraph of its error."""
        try:
            return f()
        except Exception as error:
            raise type(error)(str(error).partition("\n\n")[0]) from None

    x = torch.tensor([0.3, 0.4], dtype=torch.double, requires_grad=True)
    y = torch.tensor([0.7, -0.4], dtype=torch.double, requires_grad=True)
    cotangents = torch.eye(2, dtype=torch.double)
    for f, xs in ((Double, (x,)), (Product, (x, y)), (RandomForward, (x,)), (RandomBackward, (x,)), (Nested, (x,))):
        for fast in (True, False):
            calls[0] = 0
            tr(lambda f=f, xs=xs, fast=fast: start(lambda: torch.autograd.gradcheck(
                f.apply, xs, fast_mode=fast, check_batched_grad=True, check_forward_ad=True,
                check_batched_forward_grad=True)))  # fmt: skip
            tell(calls)
        out = f.apply(*xs)
        out = out[0] if isinstance(out, tuple) else out
        for create_graph in (False, True):
            tr(lambda out=out, create_graph=create_graph: torch.autograd.grad(
                out, x, cotangents, is_grads_batched=True, retain_graph=True, create_graph=create_graph))  # fmt: skip
        for strategy in ("reverse-mode", "forward-mode"):
            tr(lambda f=f, xs=xs, strategy=strategy: torch.autograd.functional.jacobian(
                lambda *a: f.apply(*a)[0], xs, vectorize=True, strategy=strategy))  # fmt: skip
        tr(lambda f=f, xs=xs: torch.func.vmap(f.apply)(*(a.detach() for a in xs)))
        tr(lambda f=f, xs=xs: torch.func.jacrev(f.apply)(*(a.detach() for a in xs)))
