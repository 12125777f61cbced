"""What nodes show of what they saved, by name and value."""


def play(torch, tr, tell):
    F = torch.nn.functional

    def leaf(*shape):
        return torch.linspace(0.1, 0.9, max(1, torch.Size(shape).numel())).reshape(shape).requires_grad_()

    const = lambda *shape: leaf(*shape).detach()
    classes = torch.tensor([0, 2])

    def saved(y):
        node = y.grad_fn
        return node.name(), [(n, getattr(node, n)) for n in dir(node) if n.startswith("_saved_")]

    # layers
    tr(lambda: saved(F.layer_norm(leaf(2, 3), (3,), leaf(3), leaf(3))))
    tr(lambda: saved(F.layer_norm(const(2, 3), (3,), const(3), leaf(3))))
    tr(lambda: saved(F.batch_norm(leaf(2, 3), torch.zeros(3), torch.ones(3), leaf(3), leaf(3), True)))
    tr(lambda: saved(F.batch_norm(leaf(2, 3), None, None, training=True)))
    tr(lambda: saved(F.batch_norm(leaf(2, 3), torch.zeros(3), torch.ones(3))))
    tr(lambda: [name for name, _ in saved(F.group_norm(leaf(2, 4, 3), 2, leaf(4), leaf(4)))[1]])
    for reduction in ("mean", "sum", "none"):
        tr(lambda: saved(F.nll_loss(leaf(2, 3), classes, reduction=reduction)))
        tr(lambda: saved(F.nll_loss(leaf(2, 3), classes, const(3), reduction=reduction)))
    tr(lambda: saved(F.multi_margin_loss(leaf(2, 3), classes)))
    tr(lambda: saved(F.multilabel_margin_loss(leaf(2, 3), torch.tensor([[0, 1, -1], [1, -1, -1]]))))

    tr(lambda: saved(F.embedding(classes, leaf(3, 2))))
    tr(lambda: saved(F.logsigmoid(leaf(3))))
    tr(lambda: saved(F.elu(leaf(3))))
    tr(lambda: saved(F.relu6(leaf(3))))

    # matrices and spectra
    square = torch.tensor([[4.0, 1, 0], [1, 3, 1], [0, 1, 2]], requires_grad=True)
    for y in (
        torch.linalg.inv(square),
        torch.linalg.cholesky(square),
        torch.linalg.lu(square)[1],
        torch.linalg.lu_factor(square)[0],
        torch.lu_unpack(*torch.linalg.lu_factor(square))[1],
        torch.cholesky_solve(leaf(3, 2), square),
        torch.triangular_solve(leaf(3, 2), square)[0],
        torch.linalg.svdvals(square),
        torch.linalg.lstsq(square, leaf(3, 2))[0],
        torch.std_mean(leaf(2, 3), 1)[0],
        torch.fft.fft(leaf(4)),
        torch.fft.ifft(leaf(4) * 1j, norm="ortho"),
        torch.fft.irfft(leaf(4) * 1j, norm="forward"),
        torch.fft.rfft2(leaf(4, 4)),
    ):
        tr(lambda: [(n, v) for n, v in saved(y)[1] if not isinstance(v, torch.Tensor)])
        tr(lambda: [n for n, _ in saved(y)[1]])
    for y in (
        torch.linalg.det(square),
        torch.linalg.det(square.t() * 1),
        torch.linalg.slogdet(square)[1],
        torch.linalg.solve(square, const(3, 2)),
        torch.linalg.solve(square.detach(), leaf(3)),
    ):
        tr(lambda: saved(y))

    # reductions
    tr(lambda: saved(F.nll_loss(leaf(3), torch.tensor(1), const(3), reduction="none")))
    tr(lambda: saved(leaf(2, 3).renorm(2, -1, 0.5)))
    for y in (
        torch.masked.mean(leaf(2, 3), 0),
        torch.masked.mean(leaf(2, 3), mask=const(2, 3) > 0.3),
        torch.masked.var(leaf(2, 3), 1, mask=const(2, 3) > 0.3),
        torch.masked.var(leaf(2, 3), unbiased=False),
    ):
        tr(lambda: y.grad_fn._saved_other)

    # shapes and places
    tr(lambda: saved(leaf(1, 2).squeeze(0)))
    tr(lambda: saved(leaf(1, 2).squeeze()))
    tr(lambda: saved(leaf(2, 3) @ leaf(3)))
    tr(lambda: saved(leaf(3) @ leaf(3, 2)))
    tr(lambda: saved(leaf(1, 2, 1).squeeze((0, 2))))

    # norms and variances: numbers as they were given
    for f in (
        lambda x: x.norm(),
        lambda x: x.norm(3, 1),
        lambda x: x.norm(2.0, dim=0),
        lambda x: torch.linalg.norm(x),
        lambda x: torch.linalg.norm(x, 2, 0),
        lambda x: torch.linalg.vector_norm(x, 3.5),
        lambda x: x.renorm(2, 0, 1),
        lambda x: F.pairwise_distance(x, const(2, 3)),
        lambda x: x.var(),
        lambda x: x.var(keepdim=True),
        lambda x: x.std(0),
        lambda x: x.var(unbiased=False),
        lambda x: x.std((0, 1), correction=0),
        lambda x: torch.var_mean(x)[0],
    ):
        tr(lambda: saved(f(leaf(2, 3))))

    # negative numbers; numbers as operands
    x, y = leaf(2, 3), leaf(2, 3)
    for z in (
        torch.sub(x, y, alpha=-2),
        torch.addcmul(x, x, y, value=-1),
        torch.addmv(leaf(2), x, leaf(3), beta=-1, alpha=-2.5),
        x**-2,
        2**x,
        x * -2,
        x / 2.5,
        2j * x,
        x.clamp(-3, -2),
        F.leaky_relu(x, -1),
        F.hardtanh(x, -2, -1),
        x.norm(-2),
        x.var(correction=-1),
        x.roll(-1, 0),
        x.tril(-1),
        x.select(1, -1),
        x[:, -2:],
        x[1:],
        x.narrow(-1, 0, 2),
        x.chunk(2)[1],
        x.tensor_split(2)[1],
        x.diff(),
        x.rot90(-1),
        x[0].diag(),
        torch.var_mean(x, True)[0],
        x.sum_to_size(1, 3),
        torch.linalg.cross(x, y),
        torch.view_as_complex(leaf(3, 2)).imag,
        torch.trapezoid(x, y, dim=-1),
        torch.normal(x, 1.0),
        torch.normal(1.0, x),
        F.adaptive_avg_pool2d(leaf(1, 3, 3), 1),
        x.slice_scatter(y, -1),
        x.select_scatter(leaf(3), 0, -1),
        x.diagonal_scatter(leaf(2), 1),
        x.as_strided_scatter(leaf(2), (2,), (3,), 1),
        x.as_strided((2,), (1,)),
        x[1].as_strided((2,), (1,), 1),
        (x * 1).as_strided_((2,), (1,), 2),
        F.rrelu(x, 0.25, 0.25, training=True),
        x @ leaf(3, 2),
        torch.addmm(leaf(2), x, leaf(2, 3).t()),
        torch.addbmm(leaf(2, 2), leaf(1, 2, 3), leaf(1, 3, 2)),
        F.conv1d(leaf(1, 2, 4), leaf(1, 2, 3), const(1)),
        F.conv1d(leaf(1, 2, 4), const(1, 2, 3)),
    ):
        tr(lambda: saved(z))

    # images
    image, volume = leaf(1, 1, 4, 4), leaf(1, 1, 2, 2, 2)
    for y in (
        F.max_pool2d(image, 2),
        F.max_pool2d(image, 2, 1, 1, 1, True),
        F.avg_pool2d(image, 2),
        F.avg_pool2d(image, 2, 1, 1),
        F.avg_pool3d(volume, 2),
        F.interpolate(image, scale_factor=2),
        F.interpolate(image, size=3, mode="bilinear", align_corners=True),
        F.interpolate(image, scale_factor=0.5, mode="bilinear", antialias=True),
        F.interpolate(volume, scale_factor=2, mode="trilinear"),
        F.interpolate(leaf(1, 1, 4), scale_factor=2.0, mode="linear"),
        F.pad(image, (1, 0, 1, 0), "reflect"),
        F.pad(image[0], (1, 1), "replicate"),
        F.unfold(image, 2),
        F.fold(leaf(1, 4, 9), (4, 4), 2),
        leaf(3, 2).index_add(0, torch.tensor([0]), leaf(1, 2)),
        leaf(3, 2).index_add(0, torch.tensor([0]), const(1, 2)),
        leaf(3, 2).index_copy(0, torch.tensor([0]), leaf(1, 2)),
        leaf(3, 2).put(torch.tensor([0]), leaf(1)),
        leaf(3, 2).take(torch.tensor([0])),
    ):
        tr(lambda: saved(y))

    # running statistics change without a new version: what evaluation saved of them may be written by training
    mean, variance = torch.zeros(3), torch.ones(3)
    y = F.batch_norm(leaf(2, 3), mean, variance)
    F.batch_norm(leaf(2, 3), mean, variance, training=True)
    tr(lambda: (mean, mean._version, variance._version))
    tr(lambda: y.sum().backward())
    y = F.batch_norm(leaf(2, 3), mean, variance, training=True)
    mean.zero_()
    tr(lambda: y.sum().backward())
    y = F.layer_norm(leaf(2, 3), (3,), leaf(3), bias := leaf(3))
    bias.detach().zero_()
    tr(lambda: y.sum().backward())
