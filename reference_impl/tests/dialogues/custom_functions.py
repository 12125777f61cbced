"""Functions that keep tensors, hooks on what is kept, and gradients that are not those of the value."""


def saved_hooks(torch, tell):
    x = torch.randn(5, requires_grad=True, generator=torch.Generator().manual_seed(3))

    def pack(x):
        tell("Packing", x)
        return x

    def unpack(x):
        tell("Unpacking", x)
        return x

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = x * x
    y.sum().backward()
    tell(x.grad)

    y = x.exp()
    y.grad_fn._raw_saved_result.register_hooks(lambda x: x.detach() * 1, lambda x: x)
    tell(y.equal(y.grad_fn._saved_result), y is y.grad_fn._saved_result)
    try:
        y.grad_fn._raw_saved_result.register_hooks(lambda x: x, lambda x: x)
    except RuntimeError as e:
        tell(e)
    x = torch.ones(3, requires_grad=True)
    y = x.pow(2)
    y.grad_fn._raw_saved_self.register_hooks(lambda x: 2 * x, lambda x: x)
    y.sum().backward()
    tell(x.grad)

    def pack_bad(x):
        x *= 4
        return x

    y = x.pow(3)
    try:
        y.grad_fn._raw_saved_self.register_hooks(pack_bad, lambda x: x)
    except RuntimeError as e:
        tell(e)
    tell(y.grad_fn._raw_saved_self)


def dbackward_custom(torch, tell):
    class Sinh(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            expx = torch.exp(x)
            expnegx = torch.exp(-x)
            ctx.save_for_backward(expx, expnegx)
            return (expx - expnegx) / 2, expx, expnegx

        @staticmethod
        def backward(ctx, grad_out, _grad_out_exp, _grad_out_negexp):
            expx, expnegx = ctx.saved_tensors
            grad_input = grad_out * (expx + expnegx) / 2
            grad_input += _grad_out_exp * expx
            grad_input -= _grad_out_negexp * expnegx
            return grad_input

    def sinh(x):
        return Sinh.apply(x)[0]

    torch.manual_seed(0)
    x = torch.rand(3, 3, requires_grad=True, dtype=torch.double)
    tell(torch.autograd.gradcheck(sinh, x), torch.autograd.gradgradcheck(sinh, x))
    y = sinh(x)
    (gx,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    tell(gx)
    tell(torch.autograd.grad(gx.sum(), x))

    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 2 * x

    (g,) = torch.autograd.grad(Square.apply(x).sum(), x, create_graph=True)
    try:
        g.sum().backward()
    except RuntimeError as e:
        tell(e)
    try:
        torch.autograd.gradgradcheck(Square.apply, x)
    except Exception as e:
        tell(type(e).__name__, e)


def ste_grl(torch, tell):
    class STE(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return (x > 0).float()

        @staticmethod
        def backward(ctx, g):
            return torch.nn.functional.hardtanh(g)

    class GradReverse(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, lambd):
            ctx.lambd = lambd
            return x.view_as(x)

        @staticmethod
        def backward(ctx, g):
            return g.neg() * ctx.lambd, None

    x = torch.tensor([-1.0, 0.5, 2.0], requires_grad=True)
    y = STE.apply(x)
    tell(y)
    (y * torch.tensor([3.0, 0.2, -4.0])).sum().backward()
    tell(x.grad)
    x.grad = None
    y = GradReverse.apply(x, 0.5)
    tell(y, y._base is None, y._is_view())
    (y**2).sum().backward()
    tell(x.grad)
    y = x + (x.round() - x).detach()
    y.sum().backward()
    tell(x.grad, y)


def play(torch, tr, tell):
    saved_hooks(torch, tell)
    dbackward_custom(torch, tell)
    ste_grl(torch, tell)
