"""Gradients that are constant but for kinks still depend on what was differentiated: with derivative 0, not with none."""


def play(torch, tr, tell):
    F = torch.nn.functional
    start = [[0.3, -0.2, 1.5, -2.0], [0.7, 4.0, -0.6, 0.05]]
    image = (1, 1, 2, 4)
    functions = (
        torch.relu,
        F.relu6,
        F.leaky_relu,
        F.hardtanh,
        F.hardshrink,
        F.softshrink,
        lambda x: F.threshold(x, 0.1, 0.0),
        lambda x: F.prelu(x, torch.ones(1) * 0.2),
        lambda x: F.max_pool1d(x, 2),
        lambda x: F.max_pool2d(x.reshape(image), 2),
        lambda x: F.adaptive_max_pool2d(x.reshape(image), 1),
        lambda x: F.avg_pool2d(x.reshape(image), 2),
        lambda x: F.adaptive_avg_pool2d(x.reshape(image), 1),
        lambda x: F.adaptive_avg_pool2d(x.reshape(image), (2, 3)),
        lambda x: F.adaptive_avg_pool1d(x, 3),
        lambda x: F.adaptive_avg_pool3d(x.reshape(1, 1, *image[1:]), (1, 2, 2)),
        lambda x: F.pad(x.reshape(image), (1, 1, 1, 1), "reflect"),
        lambda x: F.pad(x, (1, 2), "replicate"),
        lambda x: F.pad(x, (1, 2), "circular"),
        lambda x: F.nll_loss(x, torch.tensor([0, 1])),
        lambda x: F.l1_loss(x, torch.zeros(2, 4)),
        lambda x: x.clamp(0, 1),
        lambda x: x.abs(),
        lambda x: x.max(0)[0],
    )

    def first(f, x):
        return torch.autograd.grad(f(x).sum(), x, create_graph=True)[0]

    for f in functions:
        x = torch.tensor(start, requires_grad=True)
        g = first(f, x)
        tell(g.requires_grad, g.detach())
        tr(lambda g=g, x=x: torch.autograd.grad(g.sum(), x))
        tr(lambda f=f: torch.autograd.functional.hessian(lambda x: f(x).sum(), torch.tensor(start)).shape)
        tr(lambda f=f: torch.func.hessian(lambda x: f(x).sum())(torch.tensor(start)).abs().sum())
        tr(lambda f=f: torch.vmap(torch.func.grad(lambda x: first(f, x).sum() * x.sum()))(torch.tensor([start, start])))

    # a gradient penalty gives every bias a gradient, if one of zeros
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    x = torch.tensor([[0.5, -1.0, 2.0]], requires_grad=True)
    (g,) = torch.autograd.grad(net(x).sum(), x, create_graph=True)
    (g.norm() - 1).square().backward()
    for name, p in net.named_parameters():
        tell(name, p.grad)
