"""What layers and functions say of inputs that do not fit them."""


def play(torch, tr, tell):
    F, nn, ones = torch.nn.functional, torch.nn, torch.ones
    double, long = torch.float64, torch.int64
    for bias in (None, ones(4), ones(4, dtype=double)):
        for size in ((3,), (2, 3), (2, 2, 3)):
            for x, w in ((double, torch.float32), (long, torch.float32), (torch.float32, double)):
                tr(lambda s=size, b=bias, x=x, w=w: F.linear(ones(s, dtype=x), ones(4, 3, dtype=w), b))
    for a in (torch.float32, double):
        for b in (torch.float32, double):
            for c in (torch.float32, long):
                added, left, right = ones(2, 4, dtype=a), ones(2, 3, dtype=b), ones(3, 4, dtype=c)
                tr(lambda x=added, y=left, z=right: torch.addmm(x, y, z))
                tr(lambda x=added, y=left, z=right: torch.addmv(x[:, 0], y, z[:, 0]))
                tr(lambda x=added, y=left, z=right: torch.baddbmm(x, y[None], z[None]))
                tr(lambda x=added, y=left, z=right: torch.addbmm(x, y[None], z[None]))
    for kind in ("avg", "max"):
        for d in (1, 2, 3):
            for size in ((3,), (3, 3), (1, 3, 3)):
                for out in (2, (2, 2), (2,)):
                    tr(lambda f=f"adaptive_{kind}_pool{d}d", s=size, o=out: getattr(F, f)(ones(s), o))
    tr(lambda: F.glu(ones(())))
    tr(lambda: F.glu(ones(3)))
    tr(lambda: F.rms_norm(ones(2, 4), (3,)))
    tr(lambda: F.rms_norm(ones(2, 4), (3, 4)))
    tr(lambda: F.layer_norm(ones(2, 4), (3,)))
    for x in (ones(2, 3), ones(2, 3, dtype=double), ones(2, 4, dtype=double), ones(2), ones(2, 3, 2)):
        tr(lambda x=x: F.group_norm(x, 2, ones(4), ones(4)))
        tr(lambda x=x: F.layer_norm(x, (5,), ones(5)))
    tr(lambda: nn.Bilinear(0, 2, 3))
    for margin in (0, -1, 0.5):
        tr(lambda margin=margin: nn.TripletMarginLoss(margin))
    for p in (0, 1, 2, 3):
        tr(lambda p=p: nn.MultiMarginLoss(p))
    tr(lambda: nn.MultiMarginLoss(weight=ones(2, 2)))
    convolutions(torch, tr)
    classes_as_bytes(torch, tr)


def convolutions(torch, tr):
    """Dtypes that differ: torch looks at the bias first, and at the weight after the sizes."""
    F, ones = torch.nn.functional, torch.ones
    dtypes = (torch.float32, torch.float64, torch.float16, torch.int64, torch.complex64)
    for name, rank in (("conv1d", 1), ("conv2d", 2), ("conv3d", 3), ("conv_transpose1d", 1), ("conv_transpose2d", 2)):
        for x in dtypes:
            for w in dtypes[:2]:
                image, weight = ones((2, 3) + (5,) * rank, dtype=x), ones((3, 3) + (2,) * rank, dtype=w)
                for bias in (None, torch.float32) if x is not w else ():
                    b = None if bias is None else ones(3, dtype=bias)
                    tr(lambda f=name, x=image, w=weight, b=b: getattr(F, f)(x, w, b).dtype)
        for size in ((2, 3), (1, 1, 1, 1, 1, 1), (1, 4) + (5,) * rank):
            if "transpose" not in name:
                tr(lambda f=name, s=size, w=weight: getattr(F, f)(ones(s, dtype=torch.float64), w.float(), ones(3)))


def classes_as_bytes(torch, tr):
    scores, classes = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]]), torch.tensor([2, 0], dtype=torch.uint8)
    for reduction in ("mean", "sum", "none"):
        for smoothing in (0.0, 0.1):
            how = {"weight": scores[0], "reduction": reduction, "label_smoothing": smoothing}
            tr(lambda how=how: torch.nn.functional.cross_entropy(scores, classes, **how))
            tr(lambda how=how: torch.nn.functional.cross_entropy(scores[:0], classes[:0], **how))
    tr(lambda: torch.nn.functional.nll_loss(torch.ones(2, 3, 4), torch.zeros(2, 4, dtype=torch.uint8)))
