"""Resizing with antialias: values and gradients of each filter where an image shrinks and where it grows; what is refused."""


def play(torch, tr, tell):
    F = torch.nn.functional
    x = torch.arange(2 * 2 * 5 * 7, dtype=torch.float64).reshape(2, 2, 5, 7).sin().requires_grad_()

    def resized(**options):
        y = F.interpolate(x, antialias=True, **options)
        cotangent = torch.arange(y.numel()).reshape(y.shape)
        return y, torch.autograd.grad((y * cotangent).sum(), x)

    sizes = ({"size": 3}, {"size": (2, 9)}, {"size": (8, 10)}, {"size": (1, 1)})
    factors = ({"scale_factor": 0.4}, {"scale_factor": (0.5, 1.7)})
    for mode in ("bilinear", "bicubic", "lanczos"):
        for options in (*sizes, *factors, {"scale_factor": 0.45, "recompute_scale_factor": True}):
            tr(lambda mode=mode, options=options: resized(mode=mode, **options))
            if mode != "lanczos":
                tr(lambda mode=mode, options=options: resized(mode=mode, align_corners=True, **options))
    for mode in ("nearest", "nearest-exact", "area", "linear", "trilinear"):
        tr(lambda mode=mode: resized(mode=mode, size=3))
    for y in (x[0], x[None], x.half()):
        tr(lambda y=y: F.interpolate(y, size=3, mode="bilinear", antialias=True))
    tr(lambda: F.interpolate(x, size=(0, 1), mode="bilinear", antialias=True))
    tr(lambda: F.interpolate(x, size=3, mode="lanczos"))
