"""Forward mode through gradients, where an operator's operands depend on each other; along, and differentiated again."""


def play(torch, tr, tell):
    func, F = torch.func, torch.nn.functional
    x = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], dtype=torch.float64)
    t = torch.tensor([[1.0, 0.5, -1.0], [0.0, 2.0, 0.25]], dtype=torch.float64)
    one = torch.zeros(2).long()
    for f in (
        lambda x: x.log_softmax(-1)[0, 1] ** 2, lambda x: F.cross_entropy(x, one) ** 2, lambda x: x.softmax(0).pow(3).sum(),
        lambda x: F.nll_loss(x.log_softmax(1), one).exp(), lambda x: x.tanh().pow(3).sum(), lambda x: F.gelu(x).pow(2).sum(),
        lambda x: F.softplus(x).pow(2).sum(), lambda x: x.sigmoid().log().pow(2).sum(), lambda x: F.mse_loss(x, x * x) ** 2,
        lambda x: torch.cdist(x, x * x + 1).pow(2).sum(), lambda x: F.silu(x).pow(2).mean(), lambda x: F.elu(x).pow(2).sum(),
        lambda x: F.hardswish(x).pow(2).sum(), lambda x: F.layer_norm(x, (3,)).pow(3).sum(),
        lambda x: x.logsumexp(1).pow(2).sum(),
        lambda x: F.smooth_l1_loss(x, x * 2) ** 2, lambda x: torch.cumprod(x, 1).pow(2).sum(), lambda x: x.var() ** 2,
        lambda x: F.embedding(one, x).pow(2).sum(), lambda x: x.prod(1).pow(2).sum(), lambda x: F.logsigmoid(x).pow(2).sum(),
    ):  # fmt: skip
        slope = func.grad(f)
        for p in (x, x.clone().requires_grad_()):
            tr(lambda p=p, g=slope: [r.detach() for r in func.jvp(g, (p,), (t,))])
            tr(lambda p=p, g=slope: func.jacfwd(g)(p).detach().sum((0, 1)))
            tr(lambda p=p, f=f: func.jvp(f, (p,), (t,))[1].detach())
        tr(lambda p=p, g=slope: torch.autograd.grad(func.jvp(g, (p,), (t,))[1].sum(), p))
