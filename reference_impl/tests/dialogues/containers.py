"""Modules that hold modules and parameters, and their state."""

import copy
import io
import pickle


def containers(torch, tell):
    nn = torch.nn
    tell(nn.ParameterList([torch.ones(2), nn.Parameter(torch.ones(2, 3))]))
    tell(nn.ParameterDict({"a": torch.ones(2), "b": nn.Parameter(torch.tensor(1.0))}))
    tell(nn.ModuleList([nn.Linear(2, 2) for _ in range(3)] + [nn.ReLU()]))
    tell(nn.ModuleList([nn.Sequential(nn.Linear(2, 2), nn.ReLU()) for _ in range(3)] + [nn.ReLU()]))
    tell(nn.ModuleDict({"a": nn.ReLU(), "b": nn.ModuleList()}))
    tell(nn.Sequential())
    s = nn.Sequential(nn.ReLU(), nn.Tanh())
    s.insert(1, nn.Sigmoid())
    tell(s)
    s.extend([nn.ReLU()])
    tell(len(s), s.pop(0), s[-1])
    tell(s + nn.Sequential(nn.Tanh()))
    try:
        s[10]
    except IndexError as e:
        tell(e)
    m = nn.ModuleList([nn.ReLU()])
    m += [nn.Tanh()]
    m.insert(0, nn.Tanh())
    tell(m, m[1:], m + m)
    try:
        m(torch.ones(2))
    except Exception as e:
        tell(type(e).__name__, e)
    try:
        m.extend(3)
    except Exception as e:
        tell(type(e).__name__, e)
    try:
        m.append(3)
    except Exception as e:
        tell(type(e).__name__, e)
    d = nn.ParameterDict()
    d["x"] = torch.ones(2)
    d["y"] = torch.zeros(1)
    tell(d.get("z"), list(d.keys()), d.pop("x"), len(d), "y" in d)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleDict({"fc": nn.Linear(2, 3)})
            self.act = nn.ReLU(inplace=True)
            self.p = nn.Parameter(torch.ones(2))
            self.register_buffer("b", torch.zeros(1))

        def forward(self, x):
            return self.act(self.layers["fc"](x))

    n = Net()
    tell(n)
    tell(
        [k for k, _ in n.named_parameters()],
        [k for k, _ in n.named_modules()],
        [k for k, _ in n.named_children()],
        [k for k, _ in n.named_buffers()],
    )
    tell(list(n.state_dict()), n.state_dict()._metadata)
    tell(sum(p.numel() for p in n.parameters()), sum(p.numel() for p in n.parameters() if p.requires_grad))


def module_state(torch, tell):
    nn = torch.nn
    torch.manual_seed(0)
    a = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    b = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    tell(b.load_state_dict(a.state_dict()))
    tell(all((p == q).all() for p, q in zip(a.parameters(), b.parameters())))
    try:
        nn.Linear(3, 2).load_state_dict({"weight": torch.ones(1, 1), "x": torch.ones(1)})
    except RuntimeError as e:
        tell(e)
    tell(nn.Linear(3, 2).load_state_dict({"x": torch.ones(1)}, strict=False))
    f = io.BytesIO()
    torch.save(a.state_dict(), f)
    f.seek(0)
    c = torch.load(f)
    tell(c.keys(), c["0.weight"])
    d = copy.deepcopy(a)
    d[0].weight.data.zero_()
    tell(a[0].weight.abs().sum() > 0)
    e = pickle.loads(pickle.dumps(a))
    tell(e)
    a.eval()
    tell(a.training, a[1].training)
    a.train()
    a.requires_grad_(False)
    tell([p.requires_grad for p in a.parameters()])
    a.apply(lambda m: tell(type(m).__name__))
    a.half()
    tell(a[0].weight.dtype)
    a.to(torch.float64)
    tell(a[0].weight.dtype, a[1].num_batches_tracked.dtype)

    def init(m):
        if isinstance(m, nn.Linear):
            nn.init.ones_(m.weight)
            nn.init.constant_(m.bias, 0.5)

    a.apply(init)
    tell(a[0].weight, a[0].bias)
    a.zero_grad()
    tell(a[0].weight.grad)

    class M(nn.Module):
        def get_extra_state(self):
            return {"k": 3}

        def set_extra_state(self, s):
            tell("set", s)

    m = M()
    tell(m.state_dict())
    m.load_state_dict(m.state_dict())
    try:
        M()(3)
    except NotImplementedError as e:
        tell(e)
    try:
        a.foo
    except AttributeError as e:
        tell(e)
    try:
        nn.Linear(2, 3)(torch.ones(3))
    except RuntimeError as e:
        tell(e)
    try:
        nn.Linear(2, 3)(torch.ones(3, 3))
    except RuntimeError as e:
        tell(e)

    class B(nn.Module):
        def __init__(self):
            self.x = nn.Parameter(torch.ones(1))

    try:
        B()
    except AttributeError as e:
        tell(e)
    try:
        a.register_parameter("p", torch.ones(2))
    except TypeError as e:
        tell(e)
    try:
        a.weight2 = nn.Parameter(torch.ones(2))
        a.weight2 = torch.ones(2)
    except TypeError as e:
        tell(e)
    try:
        nn.Parameter(torch.ones(2, dtype=torch.long))
    except RuntimeError as e:
        tell(e)
    h = a.register_state_dict_post_hook(lambda m, sd, p, l: tell("post", len(sd)))
    a.state_dict()
    h.remove()
    a.register_load_state_dict_post_hook(lambda m, k: tell("loaded", k))
    a.load_state_dict(a.state_dict())
    tell(nn.utils.parameters_to_vector(nn.Linear(2, 1).parameters()).shape)


def play(torch, tr, tell):
    containers(torch, tell)
    module_state(torch, tell)
