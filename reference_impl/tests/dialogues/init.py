"""torch.nn.init: what is drawn, and what is refused."""


def play(torch, tr, tell):
    nn, init = torch.nn, torch.nn.init

    def filled(name, shape, *args, **kwargs):
        torch.manual_seed(1)
        p = nn.Parameter(torch.full(shape, 7.0))
        out = getattr(init, name)(p, *args, **kwargs)
        return out is p, p.requires_grad, p.is_leaf, out

    square, image, line, hollow = (3, 4), (4, 2, 3, 3), (5,), (0, 3)
    for name in [
        "uniform_",
        "normal_",
        "trunc_normal_",
        "ones_",
        "zeros_",
        "eye_",
        "dirac_",
        "xavier_uniform_",
        "xavier_normal_",
        "kaiming_uniform_",
        "kaiming_normal_",
        "orthogonal_",
    ]:
        for shape in (square, (4, 3), image, line, hollow, (2, 3, 3)):
            tr(lambda name=name, shape=shape: filled(name, shape))
    tr(lambda: filled("constant_", square, 0.25))
    tr(lambda: filled("sparse_", (6, 2), 0.5))
    tr(lambda: filled("sparse_", line, 0.5))
    tr(lambda: filled("uniform_", square, -2, b=-1))
    tr(lambda: filled("normal_", square, mean=3.0, std=0.0))
    tr(lambda: filled("trunc_normal_", square, 0.0, 1.0, -0.1, 0.1))
    tr(lambda: filled("trunc_normal_", square, 9.0, 1.0))
    tr(lambda: filled("dirac_", image, 2))
    tr(lambda: filled("dirac_", image, groups=3))
    tr(lambda: filled("orthogonal_", square, gain=2))
    tr(lambda: filled("xavier_uniform_", square, gain=init.calculate_gain("relu")))
    tr(lambda: filled("kaiming_normal_", square, mode="FAN_OUT", nonlinearity="relu"))
    tr(lambda: filled("kaiming_uniform_", square, mode="fan_both"))
    tr(lambda: filled("kaiming_uniform_", square, nonlinearity="swish"))
    tr(lambda: filled("kaiming_uniform_", square, 0.2))
    tr(lambda: filled("normal", square))
    tr(lambda: filled("kaiming_normal", square))

    def own():
        g = torch.Generator().manual_seed(5)
        return [init.uniform_(torch.empty(3), generator=g), init.kaiming_normal_(torch.empty(2, 2), generator=g)]

    tr(own)
    for name in ["linear", "conv_transpose2d", "sigmoid", "tanh", "relu", "selu", "leaky_relu", "swish"]:
        tr(lambda name=name: init.calculate_gain(name))
    for slope in (0.3, 0, "0.3", True, None):
        tr(lambda slope=slope: init.calculate_gain("leaky_relu", slope))
