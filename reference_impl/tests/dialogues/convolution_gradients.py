"""torch.nn.grad: gradients of convolutions with strides, padding, dilation and groups, and their own gradients."""


def play(torch, tr, tell):
    F, gradients = torch.nn.functional, torch.nn.grad
    torch.manual_seed(0)
    options = (
        {},
        {"stride": 2},
        {"padding": 1},
        {"dilation": 2},
        {"groups": 2},
        {"stride": 2, "padding": 1, "groups": 2},
    )
    for d in (1, 2, 3):
        conv = getattr(F, f"conv{d}d")
        by_input, by_weight = getattr(gradients, f"conv{d}d_input"), getattr(gradients, f"conv{d}d_weight")
        for given in options:
            x = torch.randn((2, 4) + (6,) * d, dtype=torch.float64, requires_grad=True)
            w = torch.randn((4, 4 // given.get("groups", 1)) + (2,) * d, dtype=torch.float64, requires_grad=True)
            y = conv(x, w, **given)
            g = torch.randn_like(y).requires_grad_()
            expected = torch.autograd.grad(y, (x, w), g.detach())
            found = by_input(x.shape, w, g, **given), by_weight(x, w.shape, g, **given)
            tr(lambda e=expected, f=found: [torch.allclose(a, b) for a, b in zip(e, f, strict=True)])
            total = sum((t * t).sum() for t in found)
            tr(lambda t=total, x=x, w=w, g=g: [a.abs().sum() for a in torch.autograd.grad(t, (x, w, g))])
    x, w, g = torch.ones(1, 1, 4), torch.ones(1, 1, 2, requires_grad=True), torch.ones(1, 1, 3)
    tr(lambda: gradients.conv1d_input((1, 1, 4), w, g))
    tr(lambda: gradients.conv1d_weight(x, [1, 1, 2], g))
