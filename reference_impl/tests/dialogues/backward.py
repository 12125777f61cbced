"""Arguments and errors of backward and grad."""


def play(torch, tr, tell):
    x = torch.ones(3, requires_grad=True)
    y = lambda: x * 2
    g = torch.autograd.grad
    b = torch.autograd.backward
    tr(lambda: g(y(), x, torch.ones(2)))
    tr(lambda: g(y(), x, 3))
    tr(lambda: g(y(), x))
    tr(lambda: g(y(), x, torch.ones(3, dtype=torch.complex64)))
    tr(lambda: g((y(), y()), x, torch.ones(3)))
    tr(lambda: g(y(), x, (torch.ones(3), torch.ones(3))))
    tr(lambda: g(y(), {"a": x}, torch.ones(3)))
    tr(lambda: g(y(), [], torch.ones(3)))
    tr(lambda: b(y(), torch.ones(3), inputs={}))
    tr(lambda: g(y().sum(), torch.ones(2, requires_grad=True)))
    tr(lambda: g(y().sum(), (x, torch.ones(2, requires_grad=True)), materialize_grads=True))
    tr(lambda: g(y().sum(), torch.ones(2), allow_unused=True))
    tr(lambda: g(torch.ones(2).sum(), x))
    tr(lambda: b((y().sum(), torch.ones(2)), (None, None)))

    def f():
        z = y()
        b(z.sum(), inputs=z)
        return (z.grad, z.retains_grad)

    tr(f)
    tr(lambda: b(y().sum(), inputs=torch.ones(1)))
    tr(lambda: isinstance(x, torch.autograd.Variable))
    tr(lambda: torch.autograd.Variable(x, requires_grad=True))

    # edges made by hand
    Edge = torch.autograd.graph.GradientEdge
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    a, b, _ = (x * 2).unbind()
    node, product = a.grad_fn, a * b
    tr(lambda: torch.autograd.grad(Edge(node, 1), x, torch.tensor(5.0), retain_graph=True))
    tr(lambda: torch.autograd.grad(product, Edge(node, 1), retain_graph=True))
    tr(lambda: torch.autograd.grad(product, [Edge(node, 1), Edge(node, 0)], retain_graph=True))
    tr(lambda: torch.autograd.backward(product, inputs=[Edge(x.grad_fn or (x * 1).grad_fn.next_functions[0][0], 0)]))
    tr(lambda: x.grad)

    # what nodes show of what they keep
    x = torch.rand(3, 3, requires_grad=True)
    shown = lambda y: {
        k: getattr(y.grad_fn, k)
        for k in dir(y.grad_fn)
        if k.startswith("_saved") and not isinstance(getattr(y.grad_fn, k), torch.Tensor)
    }
    for y in (
        x.select(0, -1), x.transpose(-1, -2), x.permute(-1, -2), x.diagonal(-1), x.softmax(-1), x.cumsum(-1), x.tril(-1),
        x.split(2, -1)[0], x.max(-1)[0], x.view(-1), x.unfold(0, 2, 1), x.index_select(0, x[0].long()),
        x.flip(-1), torch.nn.functional.softplus(x),
    ):  # fmt: skip
        tr(lambda y=y: (y.grad_fn.name(), shown(y)))

    for root in (x, x.sum()):
        found = torch.autograd.grad(root, [x, x], torch.ones_like(root))
        tell(found[0] is found[1])
    with torch.no_grad():
        part = x[0]
    tr(lambda: torch.autograd.graph.get_gradient_edge(part))

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            tell(g is given, g.requires_grad)
            return g * 2

    x, given = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    x.register_hook(lambda g: tell(g is given, g.requires_grad))
    for y in (x, x * 1, Double.apply(x)):
        y.backward(given, retain_graph=True)
        tell(x.grad, x.grad.requires_grad)
        tr(lambda y=y: [(g, g is given, g.requires_grad) for g in torch.autograd.grad(y, [x, y], given)])
    tell(given.grad)
