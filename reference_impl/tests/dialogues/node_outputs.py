"""Nodes with several outputs, and nodes called by hand."""


def play(torch, tr, tell):
    x, one = torch.tensor([1.0, 2.0], requires_grad=True), torch.ones(2)

    class Four(torch.autograd.Function):
        """Two outputs that have a gradient, among two that have none."""

        @staticmethod
        def forward(ctx, a, k, b):
            return 2 * k * a, k, 3 * k * b, torch.tensor([1])

        @staticmethod
        def backward(ctx, *gs):
            tell("backward", gs)
            return gs[0], None, gs[2]

    def four():
        a, _, b, _ = Four.apply(x, 3, x * 1)
        return a, b, a.grad_fn

    a, b, node = four()
    node.register_prehook(lambda gs: tell("before", gs))
    node.register_hook(lambda *gs: tell("after", gs))
    tell(a.output_nr, b.output_nr, [nr for _, nr in (b * 2).grad_fn.next_functions])
    for out in (a, b, a + b):
        tr(lambda out=out: torch.autograd.grad(out.sum(), x, retain_graph=True))
    node.register_prehook(lambda gs: tuple(None if g is None else g * 2 for g in gs))
    tr(lambda: torch.autograd.grad((a + b).sum(), x, retain_graph=True))
    for bad in (
        lambda gs: gs[:1],
        lambda gs: gs[0],
        lambda gs: (gs[0],) * 4,
        lambda gs: (gs[0], None, gs[0] * 2, None),
    ):
        handle = node.register_prehook(bad)
        tr(lambda: torch.autograd.grad((a + b).sum(), x, retain_graph=True))
        handle.remove()
    edge = torch.autograd.graph.get_gradient_edge(b)
    tell(edge.output_nr)
    tr(lambda: torch.autograd.grad(b.sin().sum(), edge, retain_graph=True))
    tr(lambda: torch.autograd.grad(edge, x, one, retain_graph=True))
    tr(lambda: torch.autograd.grad(torch.autograd.graph.GradientEdge(node, 2), x, one, retain_graph=True))
    tr(lambda: a.add_(1).grad_fn.next_functions)

    square, (variance, _) = x**2, torch.var_mean(x)
    for arguments in ((), (one,), (one, one), (None,), (1,), ([1.0],)):
        tr(lambda arguments=arguments: square.grad_fn(*arguments))
    for arguments in ((), (one.sum(),), (one.sum(), one.sum()), (None, None), (None, one.sum()), (1, 2)):
        tr(lambda arguments=arguments: variance.grad_fn(*arguments))

    for name in ("data", "requires_grad", "grad_fn", "is_leaf", "retains_grad", "shape", "grad"):
        tr(lambda name=name: delattr(x, name))
