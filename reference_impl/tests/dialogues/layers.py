"""Layers: what the examples of rows do not show, such as options that are given by name, and writing in place."""


def play(torch, tr, tell):
    nn, functional = torch.nn, torch.nn.functional
    x = torch.arange(1.0, 9).reshape(2, 4)

    def in_place(f, *args):
        leaf = x.clone().requires_grad_()
        written = leaf + 0
        out = f(written, *args)
        tell(f.__name__, out is written, out.grad_fn and out.grad_fn.name())
        out.sum().backward()
        return bool(((out == 0) == (leaf.grad == 0)).all())

    for name in ("dropout", "alpha_dropout", "feature_alpha_dropout", "dropout1d"):
        tr(lambda name=name: in_place(getattr(functional, name), 0.5, True, True))
        tr(lambda name=name: in_place(getattr(functional, name), 1.0, True, True))
        tr(lambda name=name: in_place(getattr(functional, name), 0.5, False, True))
    for f in (functional.dropout1d, functional.dropout2d, functional.dropout3d):
        for shape in ((4,), (4, 3), (4, 3, 2), (2, 4, 3, 2), (2, 4, 2, 2, 2), (1, 1, 1, 1, 1, 1)):
            torch.manual_seed(0)
            tr(lambda f=f, shape=shape: f(torch.ones(shape)))
    below = x - 4
    tr(lambda: functional.rrelu_(below, 0.1, 0.3))
    for module in (torch, functional):
        tr(lambda m=module: (m.selu_(below), m.celu_(below), m.relu_(below)))
    tr(lambda: below)
    tr(lambda: functional.rrelu(x - 4, 0.1, 0.3, False, True))

    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    tr(lambda: nn.AdaptiveAvgPool2d(2)(input=image))
    tr(lambda: nn.AvgPool2d(2)(input=image))
    tr(lambda: nn.ReLU()(input=x))
    tr(lambda: nn.MSELoss()(target=x, input=x * 2))
    tr(lambda: nn.ReLU()(x, x))
    tr(lambda: nn.ReLU()(other=x))
    tr(lambda: nn.EmbeddingBag.from_pretrained(torch.arange(6.0).reshape(3, 2), mode="sum")(torch.tensor([[0, 2]])))
    tr(lambda: nn.Embedding.from_pretrained(torch.ones(3, 2), freeze=False).weight)
    tr(lambda: nn.EmbeddingBag.from_pretrained(torch.ones(3)))
    tr(lambda: nn.PReLU(2, 0.5).reset_parameters())
    tr(lambda: nn.PReLU(2, 0.5).weight)
    tr(lambda: functional.multi_margin_loss(torch.ones(3), torch.tensor([1]), reduction="none"))
    tr(lambda: functional.multi_margin_loss(torch.ones(3), torch.tensor(1), reduction="none"))

    scalar = nn.PReLU()
    out = scalar(x - 4)
    for _ in range(2):
        out.backward(x, retain_graph=True)
    tr(lambda: scalar.weight.grad)
    image_net = nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.Linear(2, 2))
    tr(lambda: [p.stride() for p in image_net.to(memory_format=torch.channels_last).parameters()])
    tr(lambda: [p.dtype for p in image_net.to(torch.float64, memory_format=torch.contiguous_format).parameters()])
    tr(lambda: nn.Dropout2d(1.5))
    tr(lambda: nn.AlphaDropout(-0.5))
    tr(lambda: nn.Dropout(2))
    tr(lambda: nn.CircularPad1d(1)(torch.ones(1, 1, 2, 2)))
    tr(lambda: nn.Embedding.from_pretrained(torch.arange(6).reshape(3, 2))(torch.tensor([2])))
    tr(lambda: nn.Embedding.from_pretrained(torch.arange(6).reshape(3, 2), freeze=False))
