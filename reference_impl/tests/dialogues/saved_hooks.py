"""What a pair of hooks on saved tensors gives back: values alone, but a constant as it is."""


def play(torch, tr, tell):
    hooks = torch.autograd.graph.saved_tensors_hooks
    x, constant = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0])
    other, learned = torch.tensor([5.0, 6.0]), torch.tensor([7.0, 8.0], requires_grad=True)
    named = {"x": x, "constant": constant, "other": other, "learned": learned}

    def who(t):
        return [name for name, known in named.items() if t is known], t.requires_grad, t.is_leaf, t

    class Keep(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            out = a * b
            ctx.save_for_backward(a, b, out)
            return out

        @staticmethod
        def backward(ctx, g):
            for t in ctx.saved_tensors:
                tell(*who(t))
            return g, None

    for first in (x, x * 1, x.view(2)):
        for second in (constant, constant.view(2), constant.detach()):
            for unpack in (lambda t: t, lambda t: other, lambda t: learned, lambda t: learned * 2):
                with hooks(lambda t: t, unpack):
                    kept, product = Keep.apply(first, second), first * second
                kept.sum().backward(retain_graph=True)
                kept.grad_fn.apply(torch.ones(2))
                tell(
                    *(
                        who(t) if t is not None else t
                        for t in (product.grad_fn._saved_self, product.grad_fn._saved_other)
                    )
                )
    for name in named:
        tell(name, named[name], named[name].grad_fn, named[name]._version)

    saved = (x * constant).grad_fn._raw_saved_other
    for pair in ((), (len,), (len, 1), (1, len), (len, len, len)):
        tr(lambda pair=pair: saved.register_hooks(*pair))

    # what allow_mutation_on_saved_tensors keeps is gone when it is cleared, and when it ends
    allow = torch.autograd.graph.allow_mutation_on_saved_tensors

    def overwritten(clear, inside):
        leaf = torch.ones(2, requires_grad=True)
        with allow() as kept:
            t = leaf * 1
            y = t.sin()
            t.mul_(2)
            if clear:
                kept.clear()
            if inside:
                y.sum().backward()
        if not inside:
            y.sum().backward()
        return leaf.grad

    for clear in (False, True):
        for inside in (False, True):
            tr(lambda clear=clear, inside=inside: overwritten(clear, inside))
