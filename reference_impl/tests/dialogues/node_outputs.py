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

    # to ask for one output of a node lets run what leads to the others
    for pick in (lambda v, m: v, lambda v, m: m):
        x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
        v, m = torch.var_mean(x)
        y = (m * 2).exp()
        y.grad_fn.register_hook(lambda gi, go: tell("ran"))
        x.register_hook(lambda g: tell("reached"))
        tr(lambda: torch.autograd.grad(y, pick(v, m), retain_graph=True, allow_unused=True))
        tr(lambda: torch.autograd.grad(y, pick(v, m)))
        tr(lambda: y.backward())

    # hooks of all outputs, in the order in which the outputs got them, before the node runs
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
        parts = x.unbind()
        for i in order:
            parts[i].register_hook(lambda g, i=i: tell(i, g))
        parts[0].register_hook(lambda g: tell("again", g))
        parts[1].retain_grad()
        y = parts[0] * 2 + parts[2] * 3
        y.backward(retain_graph=True)
        tell(parts[1].grad)
        (y + parts[1]).backward(retain_graph=True)
        tell(parts[1].grad)
        for asked in ([parts[1]], [parts[0]], [parts[0], x], [parts[1], parts[2]]):
            tr(lambda y=y, asked=asked: torch.autograd.grad(y, asked, allow_unused=True, retain_graph=True))
        tr(lambda parts=parts: torch.autograd.grad(parts[0], parts[0], retain_graph=True))
        tr(lambda parts=parts: torch.autograd.grad(parts[0], parts[1], allow_unused=True, retain_graph=True))
        parts[2].register_hook(lambda g: 1 / 0)
        tr(lambda parts=parts: parts[0].backward())

    # what is captured on the way is not what tensor hooks made of it; at the end of the way it is
    for of in (lambda x: x.exp(), lambda x: x.sort()[0]):
        x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
        m = of(x)
        m.register_hook(lambda g: g * 10)
        m.retain_grad()
        m.grad_fn.register_prehook(lambda gs: (gs[0] * 100, *gs[1:]))
        tr(lambda m=m, x=x: torch.autograd.grad(m.sum(), [m, x], retain_graph=True))
        tr(lambda m=m: torch.autograd.grad(m.sum(), m, retain_graph=True))
        tell(m.grad)

    # a node of several outputs that has but one
    row = torch.tensor([[1.0, 2.0]], requires_grad=True)
    for part in (row.unbind()[0], row.chunk(1)[0], row.split(2)[0]):
        part.register_hook(lambda g: tell("one", g))
        part.grad_fn.register_prehook(lambda gs: tell("before", gs))
        part.grad_fn.register_hook(lambda gi, go: tell("after", gi, go))
        tr(lambda part=part: torch.autograd.grad(part.sum(), part, retain_graph=True))
        tr(lambda part=part: torch.autograd.grad(part.sum(), [part, row], retain_graph=True))
        edge = torch.autograd.graph.get_gradient_edge(part)
        tr(lambda part=part, edge=edge: torch.autograd.grad(part.sum(), edge, retain_graph=True))
        tr(lambda part=part: part.grad_fn(torch.ones_like(part)))
        tr(lambda part=part: part.sum().backward())
    above, below = torch.ones(2, 2, requires_grad=True).unbind()
    above.register_hook(lambda g: tell("above", g))
    for root in (below, below * 1):
        tr(lambda root=root: torch.autograd.grad(root.sum(), torch.ones(1, requires_grad=True), allow_unused=True))
        tr(
            lambda root=root: torch.autograd.grad(
                root, torch.ones(1, requires_grad=True), torch.ones(2), allow_unused=True
            )
        )
