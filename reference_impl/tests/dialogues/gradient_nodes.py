"""The gradients of a recorded backward: the names of their nodes, and second derivatives, at kinks too."""


def play(torch, tr, tell):
    F = torch.nn.functional
    functions = (
        torch.tanh,
        torch.sigmoid,
        torch.relu,
        lambda x: F.threshold(x, 0.5, 3.0),
        F.elu,
        lambda x: F.elu(x, 2.0),
        F.selu,
        lambda x: F.celu(x, 1.5),
        F.gelu,
        lambda x: F.gelu(x, approximate="tanh"),
        F.softplus,
        lambda x: F.softplus(x, 2, 4),
        F.logsigmoid,
        F.hardswish,
        F.hardsigmoid,
        lambda x: x.softmax(0),
        lambda x: x.log_softmax(-1),
        lambda x: F.multi_margin_loss(x, torch.tensor([0, 2])),
        lambda x: F.multilabel_margin_loss(x, torch.tensor([[0, 2, -1], [1, -1, -1]])),
    )
    x = torch.tensor([[-1.0, 0.0, 2.0], [0.5, 3.0, -3.0]], dtype=torch.float64, requires_grad=True)
    y = torch.tensor([[-1.0, 1.0, 1.0], [0.5, -1.0, 0.3]], dtype=torch.float64, requires_grad=True)

    def told(out, inputs):
        v = torch.arange(1.0, 1 + out.numel(), dtype=torch.float64).reshape(out.shape).requires_grad_()
        first = torch.autograd.grad(out, inputs, v, create_graph=True)
        tell(*((g.detach(), g.grad_fn.name()) for g in first))
        tr(lambda: torch.autograd.grad(sum((g * g + g).sum() for g in first), (*inputs, v)))

    for f in functions:
        told(f(x), (x,))
    for loss in (F.mse_loss, F.huber_loss, F.smooth_l1_loss):
        for reduction in ("mean", "sum", "none"):
            told(loss(x, y, reduction=reduction), (x, y))
        tell(torch.func.vmap(torch.func.hessian(lambda a, b: loss(a, b)))(x.detach(), y.detach() * 0.9))
    for f in functions[-4:-2]:
        tell(torch.func.vmap(torch.func.jacrev(torch.func.jacrev(f)))(x.detach()))
    w = torch.tensor([[0.2, 0.4, 0.8]], requires_grad=True)
    for f in (torch.log, torch.log1p, torch.sqrt, torch.atan, torch.atanh, lambda x: x / 2, lambda x: 2 / x):
        (g,) = torch.autograd.grad(f(w).sum(), w, create_graph=True)
        tell(g)
    for f in (lambda x: x / w, lambda x: w / x, lambda x: x.unsqueeze(-1) * w, lambda x: x[0], lambda x: x[:, 1:]):
        (g,) = torch.autograd.grad(f(w).sum(), w, create_graph=True)
        tell(g)
    for f in (lambda x: x.view(3), lambda x: x.diagonal(), lambda x: x.unfold(1, 2, 1), torch.asin, torch.logit):
        (g,) = torch.autograd.grad(f(w * 1).sum(), w, create_graph=True)
        tell(g)
    z = (x + 0.5j).detach().requires_grad_()
    for f in (torch.tanh, torch.sigmoid):
        (g,) = torch.autograd.grad(f(z).abs().sum(), z, create_graph=True)
        tr(lambda: torch.autograd.grad(g.real.sum() + 2 * g.imag.sum(), z))

    # a gradient that is constant is recorded where torch's operator for it takes tensors that require gradients
    def gradients(f, *tensors):
        taken = [t for t in tensors if t.requires_grad]
        found = []
        for g in torch.autograd.grad(f(*tensors).sum(), taken, create_graph=True):
            name = g.grad_fn and g.grad_fn.name()
            again = torch.autograd.grad(g.sum(), taken, allow_unused=True, retain_graph=True) if name else ()
            found.append((name, *again))
        return found

    F = torch.nn.functional
    leaf = lambda *shape: torch.linspace(0.1, 0.9, max(1, torch.Size(shape).numel())).reshape(shape).requires_grad_()
    const = lambda *shape: leaf(*shape).detach()
    for make in (leaf, const):
        tr(lambda: gradients(F.conv2d, leaf(1, 1, 3, 3), make(1, 1, 2, 2), make(1)))
        tr(lambda: gradients(F.conv2d, make(1, 1, 3, 3), leaf(1, 1, 2, 2), make(1)))
        tr(lambda: gradients(F.conv1d, make(1, 1, 3), make(1, 1, 2), leaf(1)))
        tr(lambda: gradients(lambda x, w, b: F.layer_norm(x, (3,), w, b), make(2, 3), leaf(3), make(3)))
        tr(lambda: gradients(lambda x, w, b: F.layer_norm(x, (3,), w, b), make(2, 3), make(3), leaf(3)))
        tr(lambda: gradients(lambda x, w, b: F.batch_norm(x, None, None, w, b, True), make(2, 3), leaf(3), make(3)))
    tr(lambda: gradients(lambda x: F.batch_norm(x, torch.zeros(3), torch.ones(3)), leaf(2, 3)))
    tr(lambda: gradients(lambda x: F.fractional_max_pool2d(x, 2, 2, _random_samples=const(1, 1, 2)), leaf(1, 1, 4, 4)))
    x = leaf(1, 1, 3)
    (slope,) = torch.autograd.grad(F.conv1d(x, const(1, 1, 2)).sum(), x, create_graph=True)
    tr(lambda: (slope.norm() - 1).square().backward())
    tr(lambda: x.grad)
    scores = leaf(4, 1, 3).log_softmax(-1).detach().requires_grad_()
    loss = F.ctc_loss(scores, torch.tensor([[1, 2]]), (4,), (2,))
    tr(lambda: torch.autograd.grad(loss, scores, create_graph=True)[0].sum().backward())

    # sums of what was broadcast and shares of what was reduced, in torch's steps; conjugates; zeros are constants
    def chain(node):
        return (
            "leaf"
            if node is None or hasattr(node, "variable")
            else f"{node.name()}({chain(node.next_functions[0][0])})"
        )

    x = leaf(2, 3)
    scalar, row, z = (torch.rand(s, requires_grad=True) for s in ((), (3,), (1, 3)))
    for f, t in (
        (lambda: x * scalar, scalar),
        (lambda: x + row, row),
        (lambda: x - z, z),
        (lambda: x.sum(), x),
        (lambda: x.sum(1), x),
        (lambda: x.sum((0, 1)), x),
        (lambda: x.sum(0, keepdim=True), x),
        (lambda: x.mean(), x),
        (lambda: x.mean((0, 1)), x),
        (lambda: x.mean(1, keepdim=True), x),
        (lambda: torch.complex(row, row).exp(), row),
        (lambda: torch.complex(row, row) * (1j * row), row),
        (lambda: torch.complex(row, row), row),
        (lambda: torch.add(x, row, alpha=2), row),
        (lambda: torch.sub(x, x * 2, alpha=3), x),
        (lambda: torch.rsub(row, row.detach()), row),
        (lambda: torch.addmm(row, x.detach(), x.detach().t() @ x.detach(), beta=0.5) + row, row),
        (lambda: x.max(1, keepdim=True)[0], x),
        (lambda: x.kthvalue(1, 1, True)[0], x),
        (lambda: x.masked_select(x > 0), x),
        (lambda: x.slice_scatter(x.detach()[:1], 0, 0, 1), x),
        (lambda: x.detach().select_scatter(row, 0, 1), row),
        (lambda: torch.nn.functional.embedding(torch.tensor([0, 1]), x), x),
        (lambda: row.floor(), row),
        (lambda: row.sign() + row.round(), row),
    ):
        out = f()
        v = torch.ones_like(out).requires_grad_()
        (g,) = torch.autograd.grad(out, t, v, create_graph=True)
        tell(chain(g.grad_fn), g.requires_grad)
