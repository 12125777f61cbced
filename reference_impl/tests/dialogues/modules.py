"""What modules do besides computing: names, buffers, states of former versions, hooks of calls and of registration."""

from collections import OrderedDict, namedtuple

Pair = namedtuple("Pair", "first second")


def play(torch, tr, tell):
    nn = torch.nn
    registry = nn.modules.module

    shared = nn.ReLU()
    net = nn.Sequential(shared, nn.Tanh(), shared)
    tr(lambda: [n for n, _ in net.named_children()])
    tr(lambda: [type(m).__name__ for m in net.children()])
    tr(lambda: [n for n in dir(nn.Linear(1, 1)) if n in ("weight", "bias", "forward")])
    tr(lambda: "0" in dir(net))

    m = nn.Module()
    m.count = 3
    del m.count
    tr(lambda: m.count)
    tr(lambda: m.register_buffer("count", torch.ones(1), persistent=False))
    tr(lambda: (list(m.state_dict()), m.register_buffer("count", torch.ones(1)), list(m.state_dict())))
    tr(lambda: delattr(m, "absent"))
    tr(lambda: nn.Module(3))
    tr(lambda: nn.Module(size=3))
    tr(lambda: nn.Linear(1, 1).to(torch.int64))
    tr(lambda: nn.Linear(1, 1).to(torch.ones(1, dtype=torch.int64)))
    tr(lambda: nn.Linear(1, 1).to(torch.complex64).weight.dtype)

    class Mixin:
        def __init__(self, *args, **kwargs):
            self.given = args

    class Both(nn.Module, Mixin):
        call_super_init = True

    tr(lambda: Both(1, 2).given)

    norm = nn.BatchNorm1d(2)
    state = norm.state_dict()
    del state["num_batches_tracked"]
    tr(lambda: nn.BatchNorm1d(2).load_state_dict(state))
    state._metadata[""]["version"] = 1
    tr(lambda: nn.BatchNorm1d(2).load_state_dict(state))
    tr(lambda: nn.BatchNorm1d(2).load_state_dict(OrderedDict(state)))

    layer = nn.Linear(1, 1)
    layer._register_load_state_dict_pre_hook(
        lambda state, prefix, *rest: tell("loading", sorted(state), prefix, len(rest))
    )
    layer._register_load_state_dict_pre_hook(lambda *given: tell("and", type(given[0]).__name__), with_module=True)
    layer._register_state_dict_hook(lambda module, state, prefix, local: tell("saved", sorted(state), prefix))
    tr(lambda: layer.load_state_dict(layer.state_dict()))

    handles = [
        registry.register_module_parameter_registration_hook(lambda m, name, p: tell("parameter", name)),
        registry.register_module_buffer_registration_hook(lambda m, name, b: b + 1),
        registry.register_module_module_registration_hook(lambda m, name, s: nn.Tanh() if name == "1" else None),
    ]
    tr(lambda: nn.Sequential(nn.Linear(1, 1), nn.ReLU()))
    tr(lambda: nn.BatchNorm1d(2).running_mean)
    for handle in handles:
        handle.remove()
    tr(lambda: nn.BatchNorm1d(2).running_mean)
    calls(torch, tr, tell)


def calls(torch, tr, tell):
    nn = torch.nn
    registry = nn.modules.module

    class Fails(nn.Module):
        def forward(self, x, scale=1.0):
            if scale == 0:
                raise ValueError("scale is 0")
            return x * scale

    x = torch.ones(2, 2, requires_grad=True)
    m = Fails()
    m.register_forward_hook(lambda m, args, out: tell("always", out), always_call=True)
    m.register_forward_hook(lambda m, args, kwargs, out: tell("keywords", kwargs, out), with_kwargs=True)
    m.register_forward_hook(lambda m, args, out: 1 / 0, always_call=True)
    tr(lambda: m(x, scale=0))
    tr(lambda: m(x))
    handle = registry.register_module_forward_hook(
        lambda m, args, kwargs, out: tell("global", kwargs), with_kwargs=True, always_call=True
    )
    tr(lambda: Fails()(x, scale=2.0))
    tr(lambda: Fails()(x, scale=0))
    handle.remove()

    class Returns(nn.Module):
        def __init__(self, make):
            super().__init__()
            self.make = make

        def forward(self, *xs):
            return self.make(*xs)

    def watched(make, *args, kind="register_full_backward_hook", hook=None):
        m = Returns(make)
        getattr(m, kind)(hook or (lambda m, *grads: tell(*grads)))
        out = m(*args)
        tell(type(out).__name__)
        first = next(iter(out.values())) if isinstance(out, dict) else out[0] if isinstance(out, tuple) else out
        first.sum().backward()

    tr(lambda: watched(lambda x: Pair(x * 2, x * 3), x))
    tr(lambda: watched(lambda x: {"y": x * 2}, x))
    tr(lambda: watched(lambda x: [x * 2], x))
    tr(lambda: watched(lambda x: x * 2, x, kind="register_full_backward_pre_hook", hook=lambda m, g: g + g))
    tr(lambda: watched(lambda x: x * 2, x, kind="register_full_backward_pre_hook", hook=lambda m, g: ()))
    weight = torch.ones(2, requires_grad=True)
    for given in (None, (None, None), (x, x)):
        tr(lambda given=given: watched(lambda a, b: a * weight + b, x.detach(), x.detach(), hook=lambda *_: given))

    old = "register_backward_hook"
    tr(lambda: watched(lambda x: x * 2, x, kind=old))
    tr(lambda: watched(lambda x: (x * 2) + 1, x, kind=old))
    tr(lambda: watched(lambda x: (x * 2, x * 3), x, kind=old))
    tr(lambda: watched(lambda x: {"y": x * 2}, x, kind=old))
    tr(lambda: watched(lambda x, k: x * k, x, 2, kind=old))
    tr(lambda: watched(lambda x: x.detach(), x, kind=old))
    tr(lambda: watched(lambda x: x * 2, x, kind=old, hook=lambda m, gi, go: gi[:-2]))

    both = nn.ReLU()
    both.register_full_backward_hook(lambda *_: None)
    tr(lambda: both.register_backward_hook(lambda *_: None))
    both = nn.ReLU()
    both.register_backward_hook(lambda *_: None)
    tr(lambda: both.register_full_backward_hook(lambda *_: None))
    contents(torch, tr, tell)


def contents(torch, tr, tell):
    nn = torch.nn
    relu, tanh = nn.ReLU(), nn.Tanh()
    modules = nn.ModuleDict([("a", relu)])
    tr(lambda: (modules.update(nn.ModuleDict({"b": tanh})), modules))
    tr(lambda: modules.update(3))
    tr(lambda: modules.update([3]))
    tr(lambda: modules.update([(1, 2, 3)]))
    tr(lambda: modules.update({"c": 3}))
    tr(lambda: modules.pop("a"))
    tr(lambda: modules.pop("z"))
    tr(lambda: (modules.clear(), len(modules)))
    tr(lambda: nn.Sequential(relu).insert(5, tanh))
    tr(lambda: nn.Sequential(relu).insert(-1, tanh))
    tr(lambda: nn.Sequential(relu).insert(0, 3))
    tr(lambda: nn.ModuleList([relu])[torch.tensor(0)] is relu)

    held = nn.ParameterDict({"b": torch.ones(2), "a": 3, "c": nn.Parameter(torch.zeros(1))})
    tr(lambda: held)
    tr(lambda: (list(held), held["a"], [n for n, _ in held.named_parameters()]))
    tr(lambda: list(reversed(held)))
    tr(lambda: held.popitem()[0])
    tr(lambda: (held | nn.ParameterDict({"d": 4})).get("d"))
    tr(lambda: list(held.fromkeys(["x", "y"], 1).items()))
    tr(lambda: held.update(nn.ParameterDict({"e": torch.ones(1)})))
    tr(lambda: list(held.copy()))
    tr(lambda: (held.pop("a"), held.get("a", "gone"), held.setdefault("f", 5)))
    tr(lambda: held[3])
    tr(lambda: held["absent"])
    tr(lambda: held.update(3))
    tr(lambda: held({}))
    items = nn.ParameterList([torch.ones(2), "text", nn.Parameter(torch.zeros(1))])
    tr(lambda: items)
    tr(lambda: (len(items), items[1], items[-1], [n for n, _ in items.named_parameters()]))
    tr(lambda: items[:2])
    tr(lambda: items[7])
    tr(lambda: items[torch.tensor(1)])
    tr(lambda: items.extend(torch.ones(2)))
    tr(lambda: items(3))
    items[1] = torch.ones(1)
    tr(lambda: items[1])

    net = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1)))
    net[1][0]._register_load_state_dict_pre_hook(lambda state, prefix, *rest: tell(prefix, sorted(state)))
    tr(lambda: net.load_state_dict(net.state_dict()))
