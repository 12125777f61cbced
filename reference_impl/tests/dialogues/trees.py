"""Which containers the transforms of torch.func open, and in which order: dicts count by the order of their keys."""

from collections import OrderedDict, defaultdict, deque, namedtuple

Pair = namedtuple("Pair", "u v")


class OwnList(list):
    pass


class OwnDict(dict):
    pass


def play(torch, tr, tell):
    F, a, b, rows = torch.func, torch.tensor(2.0), torch.tensor(3.0), torch.ones(2, 3)
    trees = (
        OrderedDict(a=a, b=b),
        defaultdict(list, {"a": a, "b": b}),
        deque([a, b]),
        deque([a, b], 3),
        Pair(a, b),
        OwnList([a, b]),
        OwnDict(a=a, b=b),
        [a, (b,)],
        torch.Size([2]),
        None,
        {"a": {"c": a}, "b": []},
        {3: a, "x": b},
    )
    for tree in trees:
        tr(lambda t=tree: F.vjp(lambda x: t, a)[1](3))
        tr(lambda t=tree: F.jvp(lambda x: x, (t,), (3,)))
        tr(lambda t=tree: F.vmap(lambda x: x, in_dims=({"q": 0},))(t))
        tr(lambda t=tree: F.vmap(lambda x: t, out_dims=({"q": 0},))(rows))
        tr(lambda t=tree: F.vmap(lambda x: t)(rows))
        tr(lambda t=tree: F.grad(lambda x: a * 1)(t))

    turned = {"b": torch.tensor(10.0), "a": torch.tensor(1.0)}
    tr(lambda: F.jvp(lambda d: d["a"] * d["a"] * d["b"], ({"a": a, "b": b},), (turned,)))
    tr(lambda: F.vjp(lambda x: {"a": x * 2, "b": x * 3}, a)[1](turned))

    x, y = torch.ones(3), torch.arange(2.0)
    places = (
        {"a": 0, "b": None},
        {"b": 0, "a": None},
        OrderedDict(b=None, a=0),
        defaultdict(int, a=0, b=None),
        OwnDict(a=0, b=None),
        {"a": 0},
        [0, None],
        (0,),
    )
    for dims in places:
        for kind in (dict, OrderedDict, lambda **d: defaultdict(list, d)):
            tr(lambda d=dims, k=kind: F.vmap(lambda t: t["a"] - t["b"], in_dims=(d,))(k(a=x, b=y)))
    for dims in (deque([0, None]), (0, None), [0, None], Pair(0, None), [0], (0, None, None)):
        for tree in (deque([x, y[0]]), [x, y[0]], (x, y[0]), Pair(x, y[0])):
            tr(lambda d=dims, t=tree: F.vmap(lambda t: t[0] - t[1], in_dims=(d,))(t))

    tr(lambda: F.vmap(lambda x: torch.stack(OwnList([x, x])))(rows))
