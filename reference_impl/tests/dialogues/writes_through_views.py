"""What an in-place operator that wrote a view keeps of its result, differentiated twice; views of leaves that are views."""


def play(torch, tr, tell):
    class Square(torch.autograd.Function):
        """In place; keeps its result."""

        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            x.exp_()
            ctx.save_for_backward(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    F = torch.nn.functional

    def names(node, depth=3):
        return node and (node.name(), *(names(f, depth - 1) for f, _ in node.next_functions if depth))

    writes = (
        lambda v: v.exp_(), lambda v: v.sigmoid_(), lambda v: v.tanh_(), lambda v: F.relu(v, True), lambda v: v.sqrt_(),
        lambda v: F.elu(v, 1.0, True), lambda v: v.pow_(2), lambda v: v.mul_(v), Square.apply, lambda v: v.exp_().tanh_(),
    )  # fmt: skip
    views = (lambda b: b.view(-1), lambda b: b[0], lambda b: b.t()[1:], lambda b: b[1].view(1, 2)[..., 1])
    for write in writes:
        for view in views:
            x = torch.tensor([[0.5, 1.0], [2.0, 0.25]], requires_grad=True)

            def differentiated(x=x, write=write, view=view):
                base = x * 1.0
                part = view(base)
                write(part)
                y = base.pow(3).sum() + part.sin().sum()
                (g,) = torch.autograd.grad(y, x, create_graph=True)
                (h,) = torch.autograd.grad(g.pow(2).sum(), x, create_graph=True)
                return y, g, names(part.grad_fn), h, torch.autograd.grad(h.sum(), x)

            tr(differentiated)

    # the base of a leaf may be one that requires no gradient: views of it lose their history by any write
    for write in (
        lambda b, leaf, v: b.mul_(2), lambda b, leaf, v: leaf.mul_(2), lambda b, leaf, v: v.mul_(2),
        lambda b, leaf, v: leaf.detach().mul_(2),
    ):  # fmt: skip
        for mode in (torch.no_grad, torch.inference_mode):
            for view in (lambda x: x.t(), lambda x: x[0], lambda x: x.unbind()[1], lambda x: x.view(-1)[1:]):
                base = torch.tensor([0.5, 1.0, 2.0, 0.25])
                leaf = base.view(2, 2).requires_grad_()
                part = view(leaf)
                with mode():
                    write(base, leaf, part)
                tr(lambda p=part: (p, names(p.grad_fn), p.requires_grad, p.is_leaf))
                tr(lambda p=part, leaf=leaf: torch.autograd.grad(p.sum() + leaf.sum(), leaf, allow_unused=True))
                tr(lambda p=part: (p * p).sum().backward())
                tell(leaf.grad, leaf.is_leaf, base.requires_grad)

    # what the new history of a view shows
    memory = torch.arange(6.0, requires_grad=True) * 1
    for part in (memory.view(2, 3).t(), memory[1:3], memory.view(2, 3)[:, 1]):
        part.mul_(2)
        node = part.grad_fn
        tell(node.name(), node._saved_size, node._saved_stride, node._saved_storage_offset)
