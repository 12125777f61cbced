"""Where vmap's batches stand in trees of inputs and outputs, its own and those of a custom Function's vmap."""

from collections import OrderedDict, namedtuple

Pair = namedtuple("Pair", "a b")


def play(torch, tr, tell):
    V, F, x = torch.func.vmap, torch.autograd.Function, torch.ones(2, 3)
    results = (
        lambda a: a,
        lambda a: (a,),
        lambda a: [a, a],
        lambda a: {"a": a},
        lambda a: OrderedDict(a=a),
        lambda a: Pair(a, a),
        lambda a: torch.max(a, 0),
        lambda a: (a, (a, [a])),
    )
    places = (0, 1, (1,), [1], (0, 1), {"a": 1}, {"b": 1}, None, (None,), Pair(0, 1), "a", (0, (1, [0])), 0.5, [[0.5]])
    for f in results:
        for p in places:
            # the name of a class in a test is a path in torch's words
            tr(lambda: "" if "Pair" in str(p) or isinstance(f(x), Pair) else V(f, out_dims=p)(x))
            if isinstance(f(x), Pair) and not isinstance(p, str | float | tuple | list | dict):
                tr(lambda: V(f, out_dims=p)(x))
    for p in (0, (0,), [0], None, (None,), ((0, 0),), ([0, 1],), ({"a": 1},), 5, "a", (0.5,), (0, 0)):
        tr(lambda: V(lambda a: a[0], p)((x, x)))
        tr(lambda: V(lambda a: a[0], p)([x, x]))
        tr(lambda: V(lambda a: a["a"], p)(OrderedDict(a=x)))
        tr(lambda: V(lambda a: a, p)(x))

    class Made(F):
        @staticmethod
        def forward(a):
            return torch.zeros(a.shape)

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def vmap(info, in_dims, a):
            return made

    for out in (torch.zeros(2, 3), [torch.zeros(3)], (torch.zeros(3), torch.ones(2)), {"a": torch.ones(2)}):
        for p in (0, None, (None,), (None, None), [None], (None, 0), {"a": 0}):
            made = out, p
            tr(lambda: V(Made.apply)(x))

    class Named(Made):
        @staticmethod
        def forward(a, *, b):
            return a + b

        @staticmethod
        def vmap(info, in_dims, a, *, b):
            return a + b, 0

    tr(lambda: V(Named.apply)(x, b=x))
