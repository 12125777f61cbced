"""Gradients asked for where none arrive: hooks at the root all the same, views that were made without a history."""


def play(torch, tr, tell):
    x, u = (torch.ones(2, requires_grad=True) for _ in range(2))
    one = torch.ones(2)
    x.register_hook(lambda g: tell("x", g))
    for make in (lambda: x * 1, lambda: x, lambda: torch.stack([x, x]).unbind()[1], lambda: x.exp()):
        y = make()
        y.retain_grad()
        y.register_hook(lambda g: tell("y", g))
        if y.grad_fn is not None:
            y.grad_fn.register_prehook(lambda gs: tell("before", gs))
            y.grad_fn.register_hook(lambda inputs, outputs: tell("after", inputs, outputs))
        for roots in ((y,), (y, y), (y, u)):
            ones = [one] * len(roots)
            tr(lambda r=roots, g=ones: torch.autograd.grad(r, u, g, allow_unused=True, retain_graph=True))
            tell(y.grad)
        for create in (False, True):
            tr(lambda y=y, c=create: torch.autograd.backward(y, one, inputs=[u], retain_graph=True, create_graph=c))
            tell(y.grad, x.grad, u.grad)
        y.grad = None

    leaf = torch.tensor([1.0, -1.0], requires_grad=True)
    for make in (lambda: leaf * 1, lambda: leaf.to(torch.complex64).real, lambda: leaf.view(1, 2), lambda: leaf):
        y = make()
        with torch.no_grad():
            v = y.narrow(0, 0, 1)
        tell(v.requires_grad, v.is_leaf, v.grad_fn)
        tr(lambda y=y, v=v: torch.autograd.grad(y.sum(), v, allow_unused=True, retain_graph=True))
        tr(lambda v=v: torch.autograd.grad(v.sum(), v))
        tr(lambda v=v: torch.autograd.grad(v.sum(), v, materialize_grads=True))
        tr(lambda y=y, v=v: y.sum().backward(inputs=[v], retain_graph=True))
        tell(v.grad, leaf.grad)
        tr(lambda v=v: v.sum().backward())
        tell(v.grad, leaf.grad)
        tr(lambda v=v: torch.autograd.grad(v, v, torch.ones_like(v), allow_unused=True))
        tr(lambda v=v: v.backward(torch.ones_like(v)))
        tr(lambda v=v: torch.autograd.grad((v, leaf), leaf, (torch.ones_like(v), torch.ones(2))))
