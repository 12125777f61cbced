"""What a checkpoint without reentrance is given: saved like what other operators save, and read when it runs again."""

import importlib


def play(torch, tr, tell):
    graph, forward = torch.autograd.graph, torch.autograd.forward_ad
    run = importlib.import_module(torch.__name__ + ".utils.checkpoint").checkpoint
    checkpoint = lambda f, *args, **named: run(f, *args, use_reentrant=False, **named)

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    hooks = graph.saved_tensors_hooks(
        lambda t: (tell("pack", t.tolist()), t * 2)[1], lambda t: (tell("unpack", t.tolist()), t)[1]
    )
    with hooks:
        y = checkpoint(lambda x, k, y, *, z: x.sin() * k * y * z, x * 1, 3, torch.ones(2), z=torch.ones(2))
        tell("made")
    y.sum().backward(retain_graph=True)
    tell(x.grad)
    y.sum().backward()
    tell(x.grad)

    class Holds:
        def __init__(self, t):
            self.t = t

    for given in (x, x * 1):
        tr(lambda given=given: torch.autograd.grad(checkpoint(lambda h: h.t.sin(), Holds(given)).sum(), x))
        tr(lambda given=given: torch.autograd.grad(checkpoint(lambda d: d["t"].sin(), {"t": given}).sum(), x))
    between = x * 1
    y = checkpoint(torch.sin, between)
    between.add_(1)
    tr(lambda: y.sum().backward())
    between = x * 1
    with graph.allow_mutation_on_saved_tensors():
        y = checkpoint(torch.sin, between)
        between.add_(1)
        tr(lambda: torch.autograd.grad(y.sum(), x))
    with graph.save_on_cpu():
        y = checkpoint(torch.sin, x * 1)
    tr(lambda: torch.autograd.grad(y.sum(), x))
    with graph.saved_tensors_hooks(lambda t: 1 / 0, lambda t: t):
        tr(lambda: checkpoint(torch.sin, x))
    with graph.disable_saved_tensors_hooks("not here"):
        tr(lambda: checkpoint(torch.sin, x))

    x = x.detach()
    once = lambda x: checkpoint(torch.sin, x)
    tr(lambda: torch.func.jvp(once, (x,), (x,)))
    tr(lambda: torch.func.grad(lambda x: once(x).sum())(x))
    tr(lambda: torch.func.vmap(once)(x))
    with forward.dual_level():
        tr(lambda: forward.unpack_dual(once(forward.make_dual(x, x))))
    with torch.inference_mode():
        tr(lambda: once(x))
