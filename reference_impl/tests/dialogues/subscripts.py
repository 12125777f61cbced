"""x[...] and x[...] = y with every kind of subscript: what they give, what they refuse, what they warn of."""

import contextlib

SUBSCRIPTS = [
    "m",
    "m,0",
    "m,1:2",
    "...,m[:,:2]",
    "b",
    "b,0",
    ":,b[0]",
    "True",
    "False",
    "True,m",
    "True,0:1",
    "t(1,byte)",
    "t(0,byte)",
    "t(1.)",
    "t(2)",
    "t([1])",
    "[0,1]",
    "[[0,1],[1,2]]",
    "[[[0,1],[1,2]]]",
    "[slice(None),0]",
    "[None,0]",
    "[t([0,1]),t([1,2])]",
    "[t(1),0]",
    "[[]]",
    "[]",
    "m.tolist()",
    "(m.tolist(),)",
    "[True,False]",
    "[0.5]",
    "range(2)",
    "'a'",
    "b'a'",
    "{}",
    "1.",
    "1j",
    "object()",
    "::-1",
    "::0",
    "t(1.):",
    "0,0,0,0",
    "2",
    "0,3",
    "t([5])",
    ":,t([3])",
    "t([0]),:,t([5])",
    "t([0,1]),t([0,1,2])",
    "False,t([0,1,1])",
    "t([True,False]),t([True,True,True])",
    "t([True])",
    "t([0],short)",
    "t([0.])",
    "t([0,1]),:,t([0,1])",
    "t([0,1]),None,t([0,1])",
]
VALUES = [
    "5",
    "5.",
    "True",
    "1j",
    "None",
    "'a'",
    "[1.,2.,3.,4.]",
    "1e300",
    "ones(3,4)",
    "ones(1,1,2,3,4)",
    "ones(3,4,long)",
    "ones(2)",
    "t(3)",
    "t(3.,double)",
]
ZERO_DIM = [
    "0",
    ":",
    "0,",
    "[0]",
    "t(0)",
    "t([0])",
    "t(1,byte)",
    "t(True)",
    "True",
    "False",
    "...",
    "None",
    "{}",
    "'a'",
    "::-1",
    "0,0",
]


def play(torch, tr, tell):
    def tensor(data, dtype=None):
        return torch.tensor(data, dtype=dtype)

    def ones(*size):
        *size, dtype = size if isinstance(size[-1], torch.dtype) else (*size, None)
        return torch.ones(*size, dtype=dtype)

    mask = torch.tensor([[True, False, True], [False, True, False]])
    names = {"t": tensor, "ones": ones, "m": mask, "b": mask.byte()}
    names |= {n: getattr(torch, n) for n in ("short", "long", "double")} | {"byte": torch.uint8}

    def read(x, key):
        found = eval(f"x[{key}]", names | {"x": x})
        return tuple(found.shape), found.dtype, found.tolist()

    def readable(x, key):
        with contextlib.suppress(Exception):
            return bool(read(x, key))

    def write(x, key, value):
        exec(f"x[{key}] = {value}", names | {"x": x})
        return x.tolist()

    whole = torch.arange(24.0).reshape(2, 3, 4)
    for key in SUBSCRIPTS:
        tr(lambda key=key: read(whole, key))
        for value in VALUES if readable(whole, key) else ["5"]:
            tr(lambda key=key, value=value: write(whole.clone(), key, value))
    for key in ("'a':", "(0,):", "1.5:2", ":t([1])", "t([0,1]):", "::None", "True:", "::'a'"):
        tr(lambda key=key: read(whole, key))
    for key in ZERO_DIM:
        tr(lambda key=key: read(torch.tensor(1.0), key))
        tr(lambda key=key: write(torch.tensor(1.0), key, "2."))

    # empty dimensions, indices of one dimension
    for key in ("0", "t([0])", ":,t([1])", "t([0]),t([0])", "[]", "t([]),:", "t([],long)"):
        tr(lambda key=key: read(torch.zeros(0, 3), key))
        tr(lambda key=key: read(torch.zeros(3, 0), key))
    for name, fill in (("index_add", torch.ones(2, 3)), ("index_copy", torch.ones(2, 3)), ("index_fill", 1.0)):
        for index in ([0, 1], [0, -1], [0, 5], [-9, 0]):
            x, k = torch.zeros(4, 3), torch.tensor(index)
            tr(lambda name=name, x=x, k=k, fill=fill: getattr(x, name)(0, k, fill))
            tr(
                lambda name=name, k=k: getattr(torch.zeros(4), name)(
                    0, k, 1.0 if name == "index_fill" else torch.ones(2)
                )
            )

    # what is written may have a gradient, and another dtype
    for key in ("0", "0:1", ":,0", "m", "True", "t([0])", "t([True,False])"):
        for value in (torch.tensor(2.0), torch.ones(1, 1), torch.tensor(2.0, dtype=torch.double)):
            v = value.requires_grad_()

            def back(key=key, v=v):
                x = torch.zeros(2, 3) * 1
                exec(f"x[{key}] = v", names | {"x": x, "v": v})
                (grad,) = torch.autograd.grad((x * x).sum(), v)
                return x.grad_fn.name(), x.grad_fn.next_functions[1][0].name(), grad

            tr(back)
