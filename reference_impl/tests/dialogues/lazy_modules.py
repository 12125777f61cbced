"""Lazy modules: parameters without a shape, what they allow, and what the first call or a loaded state makes of them."""

import copy
import pickle


def play(torch, tr, tell):
    nn = torch.nn
    torch.manual_seed(0)

    def fresh():
        return nn.UninitializedParameter()

    p = fresh()
    tr(lambda: p)
    tr(lambda: (p.dtype, p.requires_grad, p.is_leaf, p.grad, p.device))
    tr(lambda: (nn.UninitializedParameter(False).requires_grad, nn.UninitializedParameter(dtype=torch.float64).dtype))
    tr(lambda: p.shape)
    tr(lambda: p + 1)
    tr(lambda: torch.exp(p))
    tr(lambda: p.sum())
    tr(lambda: nn.init.zeros_(nn.UninitializedParameter(False)))
    tr(lambda: p.share_memory_())
    tr(lambda: (type(copy.deepcopy(p)).__name__, type(pickle.loads(pickle.dumps(p))).__name__))
    tr(lambda: (nn.parameter.is_lazy(p), nn.parameter.is_lazy(nn.Parameter()), isinstance(p, nn.Parameter)))
    tr(lambda: (p.materialize((2, 3)), type(p).__name__, p.shape, p.requires_grad))
    b = nn.UninitializedBuffer()
    tr(lambda: b)
    tr(lambda: (b.materialize((2,), dtype=torch.float64), type(b).__name__, b.shape, b.dtype, b.requires_grad))

    m = nn.LazyLinear(3)
    tr(lambda: (m, m.has_uninitialized_params(), m.weight, m.in_features))
    tr(lambda: m.state_dict())
    tr(lambda: (m.reset_parameters(), m.zero_grad()))
    tr(lambda: m.double().weight.dtype)
    tr(lambda: m.share_memory())
    tr(lambda: nn.utils.parameters_to_vector(m.parameters()))
    o = torch.optim.SGD(m.parameters(), 0.5)
    twin = copy.deepcopy(m)
    tr(lambda: m(torch.ones(2, 4, dtype=torch.float64)).shape)
    tr(lambda: (m, m.weight.dtype, len(m._forward_pre_hooks), m.has_uninitialized_params()))
    tr(lambda: (m(m.weight).sum().backward(), o.step(), m.weight.grad.shape))
    tr(lambda: (twin.load_state_dict(m.state_dict()), twin, twin.has_uninitialized_params()))
    tr(lambda: ((twin(m.weight) == m(m.weight)).all(), twin))
    tr(lambda: m.load_state_dict(nn.LazyLinear(3).state_dict()))
    tr(lambda: nn.LazyLinear(3).load_state_dict(nn.LazyLinear(3).state_dict()))
    tr(lambda: nn.LazyLinear(3).load_state_dict({"weight": torch.ones(3, 2)}))
    tr(lambda: pickle.loads(pickle.dumps(nn.LazyLinear(2, bias=False)))(torch.ones(1, 3)).shape)
    s = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(2))
    tr(lambda: (s(torch.ones(1, 3)).shape, s))

    for name in ("Conv", "ConvTranspose", "BatchNorm", "InstanceNorm"):
        for dims in (1, 2, 3):
            kind = getattr(nn, f"Lazy{name}{dims}d")

            def made(kind=kind, name=name):
                return kind(4, 2) if name.startswith("Conv") else kind()

            def called(*shape, made=made):
                m = made()
                return m(torch.rand(*shape)).shape, m, [(n, t.shape) for n, t in m.state_dict().items()]

            space = (3,) * dims
            tr(lambda made=made: (made(), list(made().state_dict())))
            tr(lambda: called(2, 6, *space))
            tr(lambda: called(6, *space))
            tr(lambda: called(3))
    m = nn.LazyConv2d(4, 3, groups=2, bias=False)
    tr(lambda: m(torch.ones(1, 3, 5, 5)))
    m = nn.LazyBatchNorm1d(affine=False, track_running_stats=False)
    tr(lambda: (m(torch.ones(3, 2)), m))
    m = nn.LazyConv1d(2, 1)
    tr(lambda: (m.load_state_dict(nn.Conv1d(3, 2, 1).state_dict()), m(torch.ones(1, 3, 4)).shape, m))

    class Scale(nn.modules.lazy.LazyModuleMixin, nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.UninitializedParameter()

        def forward(self, x):
            return x * self.w

    class Filled(Scale):
        def initialize_parameters(self, x):
            self.w.materialize(x.shape)
            nn.init.constant_(self.w, 3)

    class Forgotten(Scale):
        def initialize_parameters(self, x):
            pass

    x = torch.ones(2, requires_grad=True)
    tr(lambda: Scale()(x))
    tr(lambda: Forgotten()(x))
    m = Filled()
    tr(lambda: (m(x).sum().backward(), x.grad, m.w.grad, type(m).__name__))
