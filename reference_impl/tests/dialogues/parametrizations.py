"""Parametrized modules: what they hold, what they compute and refuse, and how they end."""

import copy
import pickle


def play(torch, tr, tell):
    nn = torch.nn
    parametrize, ready = nn.utils.parametrize, nn.utils.parametrizations

    class Symmetric(nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(-1, -2)

        def right_inverse(self, x):
            return x.triu()

    class Doubled(nn.Module):
        def forward(self, x):
            tell("doubled")
            return 2 * x

    class Factors(nn.Module):
        def forward(self, a, b):
            return a @ b

        def right_inverse(self, x):
            return x[:, :1].clone(), x[:1].clone()

    class Wrong(nn.Module):
        def __init__(self, give):
            super().__init__()
            self.give = give

        def forward(self, x):
            return self.give(x)

    def linear(n=2):
        m = nn.Linear(n, n)
        with torch.no_grad():
            m.weight.copy_(torch.arange(float(n * n)).reshape(n, n) + 1)
            m.bias.zero_()
        return m

    m = linear()
    tr(lambda: parametrize.register_parametrization(m, "weight", Symmetric()) is m)
    tr(lambda: m)
    tr(lambda: type(m).__name__)
    tr(lambda: parametrize.type_before_parametrizations(m).__name__)
    tr(lambda: m.weight)
    tr(lambda: m.state_dict())
    tr(lambda: [n for n, _ in m.named_parameters()])
    tr(lambda: (m(torch.ones(1, 2)).sum().backward(), m.parametrizations.weight.original.grad))
    tr(lambda: parametrize.register_parametrization(m, "weight", Doubled()).weight)
    tr(lambda: setattr(m, "weight", torch.eye(2)))
    tr(lambda: parametrize.is_parametrized(m, "bias"))
    tr(lambda: parametrize.register_parametrization(m, "absent", Doubled()))

    def once():
        with parametrize.cached():
            return m.weight is m.weight

    tr(once)
    tr(lambda: copy.deepcopy(m).weight)
    tr(lambda: pickle.dumps(m))
    tr(lambda: parametrize.remove_parametrizations(m, "weight"))
    tr(lambda: (type(m).__name__, m.weight, list(m.state_dict())))
    tr(lambda: parametrize.remove_parametrizations(m, "weight"))

    m = parametrize.register_parametrization(linear(), "weight", Symmetric())
    tr(lambda: (setattr(m, "weight", torch.eye(2) * 3), m.weight))
    tr(lambda: parametrize.transfer_parametrizations_and_params(m, linear()).weight)
    tr(lambda: parametrize.remove_parametrizations(m, "weight", leave_parametrized=False).weight)

    m = parametrize.register_parametrization(linear(), "weight", Factors())
    tr(lambda: m.state_dict())
    tr(lambda: parametrize.remove_parametrizations(m, "weight", leave_parametrized=False))
    tr(lambda: parametrize.remove_parametrizations(m, "weight").weight)

    for give in (lambda x: 3, lambda x: x.double(), lambda x: x[0]):
        tr(lambda give=give: parametrize.register_parametrization(linear(), "weight", Wrong(give)))
        again = parametrize.register_parametrization(linear(), "weight", Symmetric())
        tr(lambda give=give, m=again: parametrize.register_parametrization(m, "weight", Wrong(give)))
    tr(lambda: parametrize.register_parametrization(linear(), "weight", Wrong(lambda x: x[0]), unsafe=True).weight)
    tr(lambda: parametrize.ParametrizationList([], torch.ones(1)))

    m = ready.weight_norm(linear())
    tr(lambda: m.state_dict())
    tr(lambda: m(torch.ones(1, 2)))
    tr(lambda: (m(torch.ones(1, 2)).sum().backward(), [p.grad for p in m.parameters()]))
    tr(lambda: m.load_state_dict({"weight_g": torch.ones(2, 1), "weight_v": torch.eye(2), "bias": torch.ones(2)}))
    tr(lambda: ready.weight_norm(linear(), dim=None).weight)
    torch.manual_seed(3)
    m = ready.spectral_norm(linear())
    tr(lambda: m.weight)
    tr(lambda: m.eval().weight)
    tr(lambda: (m(torch.ones(1, 2)).sum().backward(), m.parametrizations.weight.original.grad))
    tr(lambda: list(m.state_dict()))
    tr(lambda: ready.spectral_norm(nn.ConvTranspose1d(2, 3, 2)).parametrizations.weight[0]._u.shape)
    tr(lambda: ready.spectral_norm(linear(), "bias").bias)
    tr(lambda: ready.spectral_norm(linear(), "absent"))
    tr(lambda: ready.spectral_norm(linear(), dim=2))
    tr(lambda: ready.spectral_norm(linear(), n_power_iterations=0))

    m = nn.utils.weight_norm(linear())
    tr(lambda: nn.utils.weight_norm(m))
    tr(lambda: (m.weight.detach(), [n for n, _ in m.named_parameters()]))
    with torch.no_grad():
        m.weight_g.mul_(2)
    tr(lambda: (m(torch.ones(1, 2)).sum().backward(), m.weight.detach(), m.weight_g.grad, m.weight_v.grad))
    tr(lambda: nn.utils.remove_weight_norm(m).weight)
    tr(lambda: [n for n, _ in m.named_parameters()])
    tr(lambda: nn.utils.remove_weight_norm(m))
    tr(lambda: nn.utils.weight_norm(linear(), dim=None).weight_g)
