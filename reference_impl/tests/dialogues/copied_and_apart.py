"""Copies of leaves with gradients, writes beside what is read, one row after the other, and names of types."""

import copy


def play(torch, tr, tell):
    s = torch.eye(3).to_sparse()
    s.grad = torch.eye(3).to_sparse()
    tell(copy.deepcopy(s).grad, copy.deepcopy(s).grad is s.grad)
    e = torch.nn.Embedding(3, 2, sparse=True)
    e(torch.tensor([0, 2])).sum().backward()
    tell(copy.deepcopy(e).weight.grad)

    tr(lambda: torch.func.grad(lambda x: x.coalesce()._values().sum())(s))
    x = torch.arange(6.0)
    for mask in (x > 2, torch.arange(6).bool()):
        tr(lambda: x.clone().masked_fill_(mask, 7.0))
        tr(lambda: mask[1:].masked_fill_(mask[:-1], True))
        tr(lambda: mask.clone().masked_fill_(mask, False))
    m = torch.tensor([True, False, False])
    tr(lambda: m.masked_fill_(m, False))

    class Looks(torch.autograd.Function):
        @staticmethod
        def forward(x, y):
            return x * y, x.sin()

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, g, h):
            x, y = ctx.saved_tensors
            return g * y + h * x.cos() * h.nonzero().shape[0], g * x

    a, b = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 5.0])
    for size in (1, 2, None):
        tr(lambda: torch.func.jacrev(Looks.apply, argnums=(0, 1), chunk_size=size)(a, b))
        tr(lambda: torch.func.jacrev(lambda x, y: {"p": x @ y, "q": x * y}, argnums=(0, 1), chunk_size=size)(a, b))

    for sizes in ((), [], (1,), 1, (1, -1)):
        tr(lambda: torch.ones(2, 1).unflatten(1, sizes).shape)
    for kind in (torch.Tensor, torch.FloatTensor, "torch.LongTensor", torch.int8):
        tell(torch.ones(2).int().type(kind).dtype)
    for f in (torch.poisson, lambda p, **given: torch.binomial(p * 9, p, **given)):
        tell(f(torch.full((2,), 0.0), generator=torch.Generator()))
