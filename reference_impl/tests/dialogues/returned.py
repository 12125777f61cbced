"""What forward and backward of a Function may return; gradients that are added to; nodes that need not run."""

import itertools
import warnings

import numpy as np


def play(torch, tr, tell):
    x = torch.ones(2, requires_grad=True)

    def function(forward, backward):
        class F(torch.autograd.Function):
            pass

        F.forward, F.backward = staticmethod(forward), staticmethod(backward)
        return F.apply

    returned = (None, 3, "a", (x, 3), [x, x], {"a": x}, (x * 1, None), (None, None), (), ((x,),), torch.Size([1]))
    for r in returned:
        f = function(lambda ctx, x, r=r: r, lambda ctx, *gs: torch.ones(2))
        tr(lambda f=f: f(x))
    one = torch.ones(2)
    for r in (
        None, (None,), (None, None), 3, "a", [one], (one, one), (), torch.ones(3), torch.ones(1), torch.ones(2, 2),
        torch.ones(1, 2), torch.tensor(1.0), one.double(), one.half(), one.long(), one.bool(), one * 1j,
    ):  # fmt: skip
        for dtype in (torch.float32, torch.complex64):
            leaf = torch.ones(2, dtype=dtype, requires_grad=True)
            f = function(lambda ctx, x: x * 2, lambda ctx, g, r=r: r)
            tr(lambda f=f, leaf=leaf: f(leaf).sum().backward(torch.ones((), dtype=leaf.dtype)))
            tell(leaf.grad)

    # what is written through a view runs only where it is needed
    def boom(ctx, g):
        raise RuntimeError("Boom")

    y = torch.ones(2, requires_grad=True)
    safe = function(lambda ctx, x: x.clone(), boom)(y)

    def written(before):
        out = x.clone().view(-1)
        more = before(out)
        out += safe
        return out if more is None else out + more

    for before in (lambda out: None, lambda out: out * 2):
        tr(lambda before=before: written(before).sum().backward())
        for wanted in (y, x, safe, (x, safe)):
            tr(lambda before=before, wanted=wanted: torch.autograd.grad(written(before).sum(), wanted))
    kept = []
    out = written(lambda out: kept.append(out + safe) or out.register_hook(lambda g: tell("called", g)) and None)
    tr(lambda: torch.autograd.grad((out + kept[0]).sum(), (kept[0], safe)))

    # .grad is added to in place, where it can be
    for create_graph in (False, True):
        for given in (
            torch.tensor([1.5, 2.5]),
            torch.tensor([1.5, 2.5], requires_grad=True),
            torch.tensor([[1.5, 0.0], [2.5, 0.0]])[:, 0],
            torch.ones(1).expand(2),
        ):
            leaf = torch.tensor([1.0, 2.0], requires_grad=True)
            leaf.grad = given

            def added(leaf=leaf, given=given, create_graph=create_graph):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    leaf.backward(torch.tensor([1.0, 2.0]), create_graph=create_graph)
                return leaf.grad is given, leaf.grad, leaf.grad._version

            tr(added)

    e = x.exp()
    for outputs, inputs, gradients in (
        (e, [], one), ([], x, None), (e, x, None), (e, {"a": x}, one), ({"o": e}, x, one), ("e", x, one),
        ({"o": e.sum()}, x, None), (e, [x, x], one), (e, e, one), ([e, x * 2], x, [one, None]),
        ([e.sum(), x * 2], x, [None, one]), (e, x, one.double()), (e, x, one.long()), (e, x, one * 1j), (e, x, 1.0),
    ):  # fmt: skip
        tr(lambda o=outputs, i=inputs, g=gradients: torch.autograd.grad(o, i, g, retain_graph=True))

    # an input returned as it is, which setup_context saves
    def returning(method, saved, dirty=False):
        class Returns(torch.autograd.Function):
            @staticmethod
            def forward(x, y):
                return x

            @staticmethod
            def setup_context(ctx, inputs, output):
                if dirty:
                    ctx.mark_dirty(inputs[0])
                getattr(ctx, method)({"input": inputs[0], "output": output, "other": inputs[1]}[saved])

            @staticmethod
            def backward(ctx, g):
                return g * ctx.saved_tensors[0], None

            @staticmethod
            def jvp(ctx, t, _):
                return t.add_(0) if dirty else t.view_as(t)

        return lambda x: Returns.apply(x.clone(), torch.ones(2))

    x = torch.tensor([2.0, 3.0])
    for case in itertools.product(
        ("save_for_backward", "save_for_forward"), ("input", "output", "other"), (False, True)
    ):
        f = returning(*case)
        tr(lambda f=f: f(x))
        if case[0] == "save_for_backward":
            tr(lambda f=f: torch.func.grad(lambda x: f(x).sum())(x))
        tr(lambda f=f: torch.func.jvp(f, (x,), (x,)))

    class Three(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, number):
            return x * number

        @staticmethod
        def backward(ctx, g):
            return g.sum(), g

    tr(lambda: Three.apply(torch.ones(2, requires_grad=True), 2.0).sum().backward())

    class Saves(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, what):
            ctx.save_for_backward(x, what)
            return x * 2

    tr(lambda: Saves.apply(torch.ones(2, requires_grad=True), np.ones(2)))
    tr(lambda: Saves.apply(torch.ones(2, requires_grad=True), 1.0))
