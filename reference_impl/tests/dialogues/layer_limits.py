"""Layers at their limits: nothing in a batch, sizes that do not fit, masks and lengths out of range; pickled functions."""

import pickle


def play(torch, tr, tell):
    nn, functional = torch.nn, torch.nn.functional
    ones = torch.ones

    def shape(f, *size):
        x = ones(size, requires_grad=True)
        out = f(x)
        out.sum().backward()
        return tuple(out.shape), x.grad.shape, [float(p.grad.sum()) for p in f.parameters()]

    for layer, size in (
        (nn.Conv1d(3, 4, 2), (0, 3, 5)),
        (nn.Conv2d(3, 4, 2, padding=1), (0, 3, 5, 5)),
        (nn.Conv2d(4, 4, 2, groups=2), (0, 4, 5, 5)),
        (nn.Conv3d(1, 1, 2), (0, 1, 3, 3, 3)),
        (nn.ConvTranspose2d(3, 4, 2), (0, 3, 5, 5)),
        (nn.Conv1d(0, 8, 2, stride=2), (2, 0, 5)),
        (nn.Conv2d(0, 8, 2, bias=False), (2, 0, 5, 6)),
        (nn.Conv3d(0, 8, 2), (0, 5, 5, 5)),
        (nn.Conv1d(0, 8, 2), (2, 0, 1)),
        (nn.Conv1d(0, 8, 2), (2, 1, 0)),
        (nn.Conv1d(3, 8, 2, padding=1), (2, 3, 0)),
        (nn.Conv2d(3, 8, 2, padding=1), (0, 3, 0, 4)),
        (nn.Conv1d(3, 8, 2, dilation=0), (2, 1, 4)),
        (nn.Conv2d(3, 8, 2), (2, 3, 0, 0)),
        (nn.AdaptiveAvgPool1d(0), (2, 3, 4)),
        (nn.AdaptiveAvgPool2d(0), (3, 4, 5)),
        (nn.AdaptiveAvgPool3d(0), (1, 3, 4, 5, 6)),
        (nn.AdaptiveMaxPool1d(0), (3, 4)),
        (nn.AdaptiveMaxPool2d(0), (2, 3, 4, 5)),
        (nn.AdaptiveMaxPool3d((1, 0, 1)), (2, 3, 4, 5, 6)),
        (nn.AdaptiveMaxPool2d(2), (0, 4, 4)),
        (nn.AdaptiveAvgPool3d(2), (0, 4, 4, 4)),
        (nn.AdaptiveAvgPool3d(2), (1, 0, 4, 4, 4)),
        (nn.AdaptiveAvgPool1d(2), (2, 3, 0)),
        (nn.FractionalMaxPool2d((2,), 3), (2, 7, 7)),
        (nn.FractionalMaxPool3d(2, (3, 3)), (2, 7, 7, 7)),
        (nn.InstanceNorm1d(3, eps=0), (2, 3, 4)),
        (nn.BatchNorm1d(3, eps=0), (2, 3, 4)),
        (nn.GroupNorm(2, 2), (1, 2)),
        (nn.GroupNorm(2, 4), (1, 4)),
        (nn.TransformerEncoderLayer(8, 2, 4), (0, 3, 8)),
        (nn.TransformerEncoderLayer(8, 2, 4), (3, 0, 8)),
        (nn.Fold((4, 5), (2, 3)), (1, 5, 9)),
        (nn.Fold((4, 5), (2, 3), (1, 0), 1, 1), (1, 6, 9)),
        (nn.Fold((4, 5), (2, 3), 1, -1, 1), (1, 6, 9)),
        (nn.Unfold((4, 5)), (1, 5, 2, 2)),
        (nn.Unfold(3), (0, 3, 0, 4)),
        (nn.Unfold(2), (0, 3, 3, 4)),
        (nn.Unfold(2, stride=0), (1, 3, 3, 4)),
        (nn.Unfold((2, 0)), (1, 3, 3, 4)),
        (nn.ReflectionPad1d(2), (0, 3, 0)),
        (nn.ReflectionPad1d(2), (0, 3, 4)),
        (nn.ReplicationPad1d(2), (0, 3, 0)),
        (nn.ReflectionPad2d(2), (2, 0, 10, 10)),
        (nn.ReplicationPad2d(2), (2, 0, 10, 10)),
        (nn.ReplicationPad3d(2), (3, 0, 2, 2, 2)),
        (nn.CircularPad1d(1), (0, 3, 4)),
    ):
        tr(lambda layer=layer, size=size: shape(layer, *size))

    x = torch.arange(10.0).view(2, 1, 5)
    tr(lambda: functional.grad.conv1d_input(x.shape, ones(3, 1, 2), ones(2, 3, 4)))
    tr(lambda: functional.grad.conv1d_weight(x, (3, 1, 2), ones(2, 3, 4)))
    refusals_of_images(torch, functional, tr)
    bags(torch, tr)
    loss = functional.cosine_embedding_loss
    tr(lambda: loss(ones(3), ones(1, 2), ones(1)))
    tr(lambda: loss(ones(3, 2), ones(3, 2), ones(5, 1)))
    tr(lambda: loss(ones(3, 2, 2), ones(3, 2, 2), ones(3)))
    tr(lambda: loss(ones(3), 2 * ones(3), torch.tensor(1)))
    tr(lambda: functional.cross_entropy(ones(5, 0), ones(5, 0)))
    tr(lambda: functional.group_norm(ones(1, 2), 2))
    tr(lambda: torch.group_norm(ones(1, 2), 2))
    for size in ((2, 3, 2), (1, 3, 2), (2, 1, 2), (2, 3, 1), (2, 3), (1, 1, 2), (2,)):
        tr(lambda size=size: functional.gaussian_nll_loss(ones(2, 3, 2), ones(2, 3, 2), 2 * ones(size)))
    mean = ones(3, requires_grad=True)
    tr(lambda: functional.batch_norm(ones(2, 3), mean, ones(3), training=True))
    tr(lambda: functional.batch_norm(ones(2, 3), ones(3), mean))

    scores, labels = ones(5, 1, 3).log_softmax(2), torch.tensor([[1, 2]])
    for times, length in ((9, 2), (5, -2), (-1, 2), (5.0, 2), (5, 2.0)):
        tr(lambda t=times, n=length: functional.ctc_loss(scores, labels, torch.tensor([t]), torch.tensor([n])))

    for given, n in ((labels, 3), (labels[0], 3), (torch.tensor([1, 2, 1]), 2), (labels[0], 2)):
        tr(lambda y=given, n=n: functional.ctc_loss(scores, y, torch.tensor([5]), torch.tensor([n])))
    tr(lambda: functional.ctc_loss(scores[:, 0], labels[0], torch.tensor(5), torch.tensor(1)))
    tr(lambda: functional.ctc_loss(scores[:, 0], labels[0], torch.tensor(5), torch.tensor(3)))

    net = nn.Transformer(8, 2, 1, 1, 8)
    tr(lambda: net(ones(3, 4, 8), ones(3, 5, 8)))
    tr(lambda: net(ones(3, 4, 8), ones(3, 4, 7)))

    for options in ({}, {"output_size": 3, "output_ratio": 0.5}, {"output_ratio": (1.5, 0.5)}, {"output_ratio": 0.5}):
        tr(lambda options=options: nn.FractionalMaxPool2d(2, **options))
    places = torch.tensor([[[0.3, 0.6]]])
    tr(lambda: nn.FractionalMaxPool2d(2, 3, _random_samples=places)(torch.arange(64.0).reshape(1, 1, 8, 8)))
    many = torch.tensor([[[0.3, 0.6, 0.1]], [[0.9, 0.2, 0.5]]])
    tr(lambda: nn.FractionalMaxPool3d(2, 2, _random_samples=many)(torch.arange(64.0).reshape(1, 4, 4, 4)))
    tr(lambda: nn.FractionalMaxPool3d(2, output_ratio=0.5)(ones(1, 1, 8, 8, 8)).shape)

    for name in ("relu", "softsign", "dropout", "conv2d", "cross_entropy", "gelu", "layer_norm"):
        tr(lambda name=name: pickle.loads(pickle.dumps(getattr(functional, name))) is getattr(functional, name))
    tr(lambda: pickle.loads(pickle.dumps(torch.matmul)) is torch.matmul)
    tr(lambda: pickle.loads(pickle.dumps(nn.TransformerEncoderLayer(8, 2, 4))).linear1)


def refusals_of_images(torch, functional, tr):
    """Sizes that do not go together in folding, sampling and resizing."""
    ones = torch.ones
    for size, window in (
        ((1, 12, 12), {"kernel_size": 2, "dilation": 8}),
        ((1, 6, 10), {"kernel_size": (2, 3)}),
        ((6, 5), {"kernel_size": (2, 3), "stride": 2, "dilation": (1, 2), "padding": (2, 0)}),
        ((1, 5, 9), {"kernel_size": (2, 3)}),
        ((1, 1, 6, 9), {"kernel_size": (2, 3)}),
        ((1, 6, 0), {"kernel_size": (2, 3)}),
        ((0, 6, 9), {"kernel_size": (2, 3)}),
        ((1, 6, 9), {"kernel_size": (2, 3, 4)}),
    ):
        tr(lambda size=size, window=window: functional.fold(ones(size), (4, 5), **window))
    tr(lambda: functional.fold(ones(1, 6, 9).long(), (4, 5), (2, 3)))
    tr(lambda: functional.fold(ones(1, 6, 9), (4, 5, 6), (2, 3)))
    for image, grid in (
        ((1, 2, 2), (1, 1, 1, 2)), ((1, 1, 2, 2), (1, 1, 1, 1, 3)), ((1, 1, 2, 2), (2, 1, 1, 2)),
        ((1, 1, 0, 2), (1, 1, 1, 2)), ((1, 1, 2, 2), (1, 1, 2)), ((1, 1, 2, 2, 2), (1, 1, 1, 3)),
        ((1, 1, 2, 2, 2), (1, 1, 1, 1, 3)), ((1, 1, 2), (1, 1, 1)), ((1, 1, 2, 2), (1, 0, 1, 2)),
    ):  # fmt: skip
        tr(lambda i=image, g=grid: functional.grid_sample(ones(i), ones(g), mode="bicubic", align_corners=False))
    image, grid = ones(1, 1, 2, 2), ones(1, 1, 1, 2)
    for d in (torch.float64, torch.int64, torch.complex64):
        tr(lambda d=d: functional.grid_sample(image.to(d), grid, align_corners=False))
    for mode in ("nearest", "linear", "bilinear", "bicubic", "area"):
        for size in ((1, 0, 4), (1, 0, 4, 4), (0, 1, 4, 4), (1, 1, 0, 4), (1, 1, 4, 4, 4), (1, 4)):
            tr(lambda m=mode, s=size: functional.interpolate(ones(s), size=2, mode=m))
        tr(lambda m=mode: functional.interpolate(ones(1, 1, 4), size=0, mode=m))
    for options in (
        {"size": 2, "scale_factor": 2.0}, {}, {"size": 2, "recompute_scale_factor": True}, {"scale_factor": 1e20},
        {"size": (2, 2, 2)}, {"scale_factor": (2.0, 2.0, 2.0)}, {"size": 2, "align_corners": True},
    ):  # fmt: skip
        tr(lambda o=options: functional.interpolate(ones(1, 1, 4, 4), **o))


def bags(torch, tr):
    bag, table = torch.nn.functional.embedding_bag, torch.arange(8.0).reshape(4, 2)

    def at(*values):
        return torch.tensor(values)

    tr(lambda: bag(at(0, 1, 2, 1), table, at(0, 2, 4), include_last_offset=True))
    tr(lambda: bag(torch.ones(2, 2, 2, dtype=torch.int64), table))
    tr(lambda: bag(at(0, 1), torch.arange(8.0), at(0)))
    tr(lambda: bag(at(0, 1), table, torch.tensor([[0]])))
    tr(lambda: bag(at(0, 1), table, at(1)))
    tr(lambda: bag(at(0, 1), table, at(0, 9)))
    tr(lambda: bag(at(0, 1), table))
    tr(lambda: bag(at(0, 7), table, at(0), mode="sum"))
    tr(lambda: bag(at(0, -1), table, at(0)))
    tr(lambda: bag(at(0, 1), table, at(0), mode="least"))
    tr(lambda: bag(at(0.0, 1.0), table, at(0)))
    tr(lambda: bag(torch.tensor([[0, 1]]), table, at(0)))
    tr(lambda: bag(at(0, 1), table, at(0), mode="mean", per_sample_weights=torch.ones(2)))
    tr(lambda: bag(at(0, 1), table, at(0), mode="sum", per_sample_weights=torch.ones(3)))
    tr(lambda: bag(at(0, 1), table, at(0), mode="sum", per_sample_weights=torch.ones(2, dtype=torch.float64)))
    tr(lambda: bag(torch.tensor([[0, 1]]), table, mode="sum", per_sample_weights=torch.ones(2)))
