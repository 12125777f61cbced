"""torch.func on modules, and what is linear near a point."""

import importlib


def play(torch, tr, tell):
    func = importlib.import_module(torch.__name__ + ".func")
    nn = torch.nn
    call, stack, linearize = func.functional_call, func.stack_module_state, func.linearize
    ones = torch.ones

    value, along = linearize(lambda x, y: x.sin() * y, torch.zeros(3), ones(3))
    tr(lambda: (value, along(ones(3), ones(3))))
    tr(lambda: along(ones(2), ones(3)))
    tr(lambda: along(ones(3).double(), ones(3)))
    tr(lambda: func.vmap(along)(torch.eye(3), ones(3, 3)))
    _, of_dict = linearize(lambda d: {"a": d["x"] * 2, "b": d["x"].sum()}, {"x": ones(2)})
    _, of_itself = linearize(lambda x: x, ones(2))
    tr(lambda: (of_dict({"x": ones(2)}), of_itself(ones(2))))

    x = ones(1)
    tr(lambda: func.functionalize(lambda x: x.add_(1), remove="views")(x))
    tr(lambda: (func.functionalize(lambda x: x.add_(1))(x), x))

    layer, state = nn.Linear(2, 1), {"weight": ones(1, 2), "bias": torch.zeros(1)}
    tr(lambda: call(layer, {**state, "other": x}, (ones(2),)))
    tr(lambda: call(layer, {"weight": ones(1, 2)}, (ones(2),), strict=True))
    tr(lambda: call(layer, {**state, "other": x}, (ones(2),), strict=True))
    tr(lambda: call(layer, ({"weight": ones(1, 2)}, {"weight": x}), (ones(2),)))
    tr(lambda: call(layer, (state,), ones(2)))
    tr(lambda: call(layer, 3, (ones(2),)))
    one = nn.Linear(2, 2, bias=False)
    twice = nn.Sequential(one, one)
    tr(lambda: call(twice, {"0.weight": torch.eye(2) * 2}, (ones(2),)))

    norm = nn.Sequential(
        nn.Linear(2, 3), nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm1d(3, track_running_stats=False))
    )
    with torch.no_grad():
        norm[0].weight.copy_(torch.arange(6.0).view(3, 2))
        norm[0].bias.copy_(ones(3))
    samples = torch.tensor([1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 1.0, 0.0, 2.0, 7.0, 1.0, 8.0]).view(2, 3, 2)
    loss = lambda params, x: call(norm, params, (x,)).pow(3).sum()
    tr(lambda: func.vmap(lambda x: call(norm, {}, (x,)))(samples))
    tr(lambda: func.replace_all_batch_norm_modules_(norm) is norm)
    tr(lambda: (norm, dict(norm.named_buffers()), norm.state_dict().keys(), norm[1][0].running_mean))
    for training in (True, False):
        norm.train(training)
        tr(lambda: norm(samples[0]))
        tr(lambda: func.vmap(func.grad(loss), (None, 0))({n: p.detach() for n, p in norm.named_parameters()}, samples))
    tr(lambda: func.replace_all_batch_norm_modules_(nn.BatchNorm2d(2)).track_running_stats)
    tr(lambda: func.replace_all_batch_norm_modules_(nn.InstanceNorm2d(2, track_running_stats=True)).track_running_stats)

    params, buffers = stack([nn.Linear(2, 1) for _ in range(3)])
    tr(lambda: ([(n, t.shape, t.requires_grad, t.is_leaf) for n, t in params.items()], buffers))
    tr(lambda: func.vmap(lambda p, x: call(layer, p, (x,)), (0, None))(params, ones(4, 2)).shape)
    tr(lambda: stack([]))
    tr(lambda: stack([nn.Linear(2, 1), nn.Tanh()]))
    tr(lambda: stack([nn.Linear(2, 1), nn.Linear(2, 1).eval()]))
    frozen = nn.Linear(2, 1).requires_grad_(False)
    tr(lambda: stack([nn.Linear(2, 1), frozen]))
    tr(lambda: torch._foreach_add([x, x], 1))
    tr(lambda: torch._foreach_mul([x, x], [x, 3 * x]))

    leaked = []

    def leaking(x):
        tell(x)
        leaked.append(x * x)
        tell(leaked[-1])
        return (x * x).sum()

    x = torch.tensor([1.0, 3.0])
    tr(lambda: func.grad(leaking)(x))
    tell(leaked.pop())
    tr(lambda: func.vjp(leaking, x)[0])
    tell(leaked.pop())
    tr(lambda: func.vmap(func.grad(lambda y: (tell(y), y * y)[1]))(x))
    tr(lambda: func.grad(func.grad(lambda y: (tell(y), y * y * y)[1]))(x[0]))
    w = torch.ones(2, requires_grad=True)
    tr(lambda: func.grad(lambda x: (x * x * w).sum())(x).detach())

    # the linear map is differentiable itself
    def quietly(call):  # torch warns of how it folds constants
        tell(call())

    _, map_ = linearize(lambda x, y: x * y.sin(), x, x * 2)
    quietly(lambda: func.grad(lambda t: (map_(t, t) ** 2).sum())(x))
    quietly(lambda: func.jacrev(lambda t: map_(t, x))(x))
    tell(map_(x, x).requires_grad)

    beside = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    named = dict(beside.named_parameters())
    tr(lambda: call(beside, (named, named), x))
    tr(lambda: call(beside, ({"b": x, "a": x, "c": x}, {"a": x}, {"c": x, "b": x}), x))
    tr(lambda: call(beside, {"0.weight": ones(2, 3), "z": x, "y": x}, x, strict=True))
