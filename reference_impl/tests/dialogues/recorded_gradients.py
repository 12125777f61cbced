"""The operators that gradients are made of, where these are recorded: the first node behind each."""


def play(torch, tr, tell):
    F = torch.nn.functional

    def first_nodes(f, *tensors):
        """The names behind the gradients of f, and the derivative of their sum in the tensors and in the cotangents."""
        xs = [t.clone().requires_grad_() if t.dtype.is_floating_point or t.dtype.is_complex else t for t in tensors]
        out = f(*xs)
        outs = [y for y in (out if isinstance(out, tuple | list) else (out,)) if y.requires_grad]
        vs = [torch.linspace(0.5, 1.5, y.numel()).reshape(y.shape).to(y.dtype).requires_grad_() for y in outs]
        leaves = [x for x in xs if x.requires_grad]
        found = [
            g for g in torch.autograd.grad(outs, leaves, vs, create_graph=True, allow_unused=True) if g is not None
        ]
        names = [g.grad_fn and g.grad_fn.name() for g in found]
        kept = [g for g in found if g.requires_grad]
        again = (
            [torch.autograd.grad(sum(g.abs().sum() for g in kept), (*leaves, *vs), allow_unused=True)] if kept else []
        )
        return names, *again

    x = torch.linspace(-0.9, 1.1, 6, dtype=torch.float64).reshape(2, 3) + 0.05
    y = torch.tensor([[0.3, -0.2, 0.7], [1.3, 0.4, 0.9]], dtype=torch.float64)
    one, row = x[0, 0] + 1.2, y[1]
    k = torch.tensor([[1, 0, 1]])

    for f, *given in (
        (lambda a, b: torch.stack((a, b), 1), x, y),
        (lambda a: a.unbind(1), x),
        (lambda a, b: a.scatter(0, k, b), x, y),
        (lambda a, b: a.scatter_add(0, k, b), x, y),
        (lambda a: a.sort(1), x),
        (lambda a: a.sort(dim=0, stable=True), x),
        (lambda a: a.topk(2), x),
        (lambda a: a.max(), x),
        (lambda a: a.min(), x.round()),
        (lambda a: a.median(), x),
        (lambda a: a.nanmedian(), one),
        (torch.maximum, x, y),
        (torch.minimum, x, x),
        (torch.fmax, x, y),
        (torch.fmin, x, row),
        (torch.fmin, x, x),
        (lambda a, b: a.masked_fill(a > 0, b), x, one),
        (torch.exp2, x),
        (torch.hypot, x, y),
        (torch.ldexp, x, y),
        (torch.deg2rad, x),
        (torch.rad2deg, x),
        (lambda a, b: a.lerp(b, 0.3), x, y),
        (lambda a, b: a.lerp(b, 0.3 + 0.1j), x + 0j, y + 1j),
        (torch.xlogy, x, y.abs()),
        (lambda a: torch.xlogy(a, 2.0), x),
        (torch.special.xlog1py, x, y),
        (torch.pow, y.abs(), x),
        (lambda a: a[:1].squeeze(), x),
        (lambda a: a[:1].squeeze((0, 1)), x),
        (lambda a: a.squeeze(0), x),
        (lambda a: a.expand(()), one),
        (lambda a: a.expand(2, 3), row),
        (lambda a, b: a.index_add(0, k[0, :1], b, alpha=2), x, y[:1]),
        (lambda a, b: a.index_copy(0, k[0, :1], b), x, y[:1]),
        (lambda a, b: a.index_fill(0, k[0, :1], b), x, one),
        (lambda a, b: a.put(k, b[:1]), x, y),
        (lambda a: a.repeat(2, 1), x),
        (lambda a: a.repeat(2, 1, 3), x),
        (lambda a: a.repeat(0, 1), x),
        (lambda a: torch.cat((a[0, :0], a[1])), x),
        (lambda a: a.cumsum(0), x),
        (lambda a: a[:1].cumsum(0), x),
        (lambda a: a[:, :1].cumprod(1), x),
        (lambda a: a.cummax(0)[0], one),
        (lambda a: a[:, [0, 2]], x),
        (lambda a: a[a > 0], x),
        (lambda a, b: a.index_put((k[0],), b), x, row),
        (lambda a, b, c: F.group_norm(a[None], 2, b, c), x.reshape(2, 3), one.repeat(2), row[:2]),
        (lambda a: F.group_norm(a[None, :, None], 1), x),
        (lambda a: F.interpolate(a[None], 4), x),
        (lambda a: F.interpolate(a[None, None], (3, 2), mode="bicubic"), x),
        (lambda a: F.glu(a, 0), x),
        (lambda a: F.glu(a[:, :2]), x),
        (lambda a: F.soft_margin_loss(a, k - 0.5, reduction="sum"), x),
        (F.binary_cross_entropy, y.abs() * 0.7, x.abs() * 0.5),
        (lambda a, b: F.binary_cross_entropy(a, b, row, reduction="none"), y.abs() * 0.7, x.abs() * 0.5),
        (F.binary_cross_entropy_with_logits, x, y),
        (lambda a, b: F.binary_cross_entropy_with_logits(a, b, y, reduction="sum", pos_weight=row), x, y),
        (torch.fft.fft2, x),
        (torch.fft.irfft, x + 1j),
        (lambda a: torch.fft.irfft(a, 2), x + 0j),
        (torch.fft.hfft, x),
        (lambda a: a.to(torch.complex128), x),
        (torch.pow, y, x.round()),
    ):
        tr(lambda: first_nodes(f, *given))

    def chain(node):
        """A node, and in brackets what is behind it."""
        if node is None or hasattr(node, "variable"):
            return "-" if node is None else "leaf"
        return f"{node.name()}({', '.join(f'{chain(below)}.{nr}' for below, nr in node.next_functions)})"

    image = torch.linspace(-1.0, 1.0, 48, dtype=torch.float64).reshape(1, 3, 4, 4).sin()
    classes = torch.tensor([2, 0])
    for f, *given in (
        (lambda a: F.max_pool2d(a, 2), image),
        (lambda a: F.max_pool1d(a[0], 2, 1), image),
        (lambda a: F.avg_pool2d(a, 2, 1), image),
        (lambda a: F.avg_pool3d(a, 2), image),
        (lambda a: F.adaptive_avg_pool2d(a, 3), image),
        (lambda a: F.adaptive_max_pool2d(a, (3, 1)), image),
        (lambda a: F.pad(a, (1, 0, 2, 1), "reflect"), image),
        (lambda a: F.pad(a[0], (1, 2), "replicate"), image),
        (lambda a: F.nll_loss(a, classes), x),
        (lambda a: F.cross_entropy(a, classes, reduction="sum"), x),
        (lambda a: F.cross_entropy(a[..., None, None], classes[:, None, None]), x),
        (lambda a: F.leaky_relu(a, 0.2), x),
        (lambda a: F.hardtanh(a, -0.5, 0.5), x),
        (F.relu6, x),
        (lambda a: F.hardshrink(a, 0.3), x),
        (lambda a: F.softshrink(a, 0.3), x),
        (lambda a: a.gather(0, k), x),
        (lambda a: a.index_select(1, k[0]), x),
        (lambda a: a.renorm(2, 0, 0.5), x),
        (lambda a: torch.linalg.vector_norm(a, 2, 1), x),
        (lambda a: a.norm(), x),
        (lambda a: a.norm(3, (0, 1), keepdim=True), x),
        (lambda a: a.norm(1, 0), x),
        (torch.trace, x),
        (lambda a: torch.block_diag(a, a[:1]), x),
        (lambda a: a.t().reshape(-1), x),
        (torch.diagflat, x),
    ):
        xs = [t.clone().requires_grad_() for t in given]
        out = f(*xs)
        v = torch.ones_like(out).requires_grad_()
        found = torch.autograd.grad(out, xs, v, create_graph=True)
        tr(lambda: [chain(g.grad_fn) for g in found])
        tr(lambda: torch.autograd.grad(sum((g * g).sum() for g in found), (*xs, v), allow_unused=True))

    # those of means are nobody's view, large ones too
    x = torch.ones(100, 100, requires_grad=True)
    for y in (x.mean(), torch.var_mean(x)[1]):
        tr(lambda y=y: torch.autograd.grad(y, x)[0].mul_(5000)[0, :2])
