"""Modules, hooks, optimizers."""

import copy


def play(torch, tr, tell):
    nn = torch.nn

    def fill(m):
        with torch.no_grad():
            for i, p in enumerate(m.parameters()):
                p.copy_((torch.arange(p.numel(), dtype=p.dtype).reshape(p.shape) - i) / 7)
        return m

    x = torch.arange(6.0).reshape(2, 3) / 5
    net = fill(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)))
    tr(lambda: net)
    tr(lambda: net(x))
    tr(lambda: [n for n, _ in net.named_parameters()])
    tr(lambda: nn.Parameter(torch.ones(2)))
    loss = nn.MSELoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for i in range(3):
        opt.zero_grad()
        l = loss(net(x), torch.ones(2, 1))
        l.backward()
        opt.step()
        tell(l)
    tr(lambda: list(net.parameters())[0])
    tr(lambda: net[0].weight.grad)
    opt = torch.optim.Adam(net.parameters(), lr=0.1)
    for i in range(2):
        opt.zero_grad()
        l = loss(net(x), torch.ones(2, 1))
        l.backward()
        opt.step()
        tell(l)

    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.l = nn.Linear(3, 2)
            self.register_buffer("b", torch.ones(2))
            self.register_parameter("n", None)

        def forward(self, x):
            return self.l(x) * self.b

    m = fill(M())
    tr(lambda: m)
    tr(lambda: list(m.state_dict()))
    tr(lambda: m(x).grad_fn.name())
    tr(lambda: m.l(x).grad_fn.name())
    h = m.register_full_backward_hook(lambda mod, gi, go: tell("hook", type(mod).__name__, gi, go))
    tr(lambda: m(x).sum().backward())
    y = x.clone().requires_grad_()
    tr(lambda: m(y).sum().backward())
    tr(lambda: m(y).grad_fn.name())
    h.remove()
    h = m.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 0 + 42,))
    y.grad = None
    m(y).sum().backward()
    tell(y.grad)
    tr(lambda: m(y).mul_(2))
    h.remove()
    h = m.register_full_backward_pre_hook(lambda mod, go: (go[0] * 3,))
    y.grad = None
    m(y).sum().backward()
    tell(y.grad)
    h.remove()
    h = m.register_forward_pre_hook(lambda mod, a: (a[0] * 2,))
    h2 = m.register_forward_hook(lambda mod, a, o: o + 1)
    tr(lambda: m(x))
    h.remove()
    h2.remove()
    h = nn.modules.module.register_module_full_backward_hook(lambda mod, gi, go: tell("g", type(mod).__name__))
    m(y).sum().backward()
    h.remove()
    tr(lambda: m.requires_grad_(False) is m)
    tr(lambda: m(x).requires_grad)
    tr(lambda: m.eval().training)
    tr(lambda: m.zz)
    tr(lambda: setattr(m, "l", 3))
    tr(lambda: setattr(m.l, "weight", torch.ones(2)))
    tr(lambda: list(m.children()))
    tr(lambda: nn.Module()(x))
    bn = nn.BatchNorm1d(3)
    tr(lambda: bn(x))
    tr(lambda: (bn.running_mean, bn.running_var, bn.num_batches_tracked))
    bn.eval()
    tr(lambda: bn(x))
    d = nn.Dropout(0.5)
    d.eval()
    tr(lambda: d(x) is x)
    d.train()
    tr(lambda: d)
    tr(lambda: nn.utils.clip_grad_norm_(net.parameters(), 0.1))
    tr(lambda: nn.utils.parameters_to_vector(net.parameters()).shape)
    tr(lambda: torch.func.functional_call(net, {n: p * 2 for n, p in net.named_parameters()}, (x,)).grad_fn.name())
    w = torch.empty(3, 5)
    nn.init.constant_(w, 3.0)
    tell(w)
    tr(lambda: nn.CrossEntropyLoss()(x, torch.tensor([0, 2])))
    tr(lambda: nn.Conv2d(1, 2, 3))
    tr(lambda: torch.optim.SGD([], lr=1))
    tr(lambda: torch.optim.SGD([x], lr=-1.0))
    tr(lambda: nn.Tanh()(x))
    tr(lambda: nn.ReLU(inplace=True))
    tr(lambda: nn.LeakyReLU(0.1))
    tr(lambda: nn.ELU())
    tr(lambda: copy.deepcopy(net)(x))
    tr(lambda: isinstance(copy.deepcopy(net)[0].weight, nn.Parameter))
    p = nn.Parameter(torch.tensor(1.0))
    tr(lambda: (p * 2).backward() or p.grad)
    tr(lambda: type(p * 2))
    tr(lambda: type(p.detach()))
    tr(lambda: type(p.data))
    tr(lambda: {p: 1}[p])

    # gradients of all parameters together
    torch.manual_seed(0)
    m = torch.nn.Linear(3, 2)
    (m(torch.ones(1, 3)) * 10).sum().backward()
    utils = torch.nn.utils
    tr(lambda: (utils.clip_grad_norm_(m.parameters(), 1.0), m.weight.grad))
    tr(lambda: utils.get_total_norm([p.grad for p in m.parameters()], 1.0))
    tr(lambda: (utils.clip_grad_value_(m.parameters(), 0.1), m.bias.grad))
    tr(lambda: utils.clip_grads_with_norm_(m.parameters(), 0.1, torch.tensor(0.2)))
    tr(lambda: m.bias.grad)
    m.bias.grad.fill_(float("inf"))
    tr(lambda: utils.clip_grad_norm_(m.parameters(), 1.0, error_if_nonfinite=True))
    tr(lambda: utils.clip_grad_norm_([], 1.0))
