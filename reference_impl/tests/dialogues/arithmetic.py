"""Arithmetic at its edges: signs of zero, half precision, integers, complex numbers of small parts, what has no result."""

inf, nan = float("inf"), float("nan")


def play(torch, tr, tell):
    t, half, bf = torch.tensor, torch.half, torch.bfloat16
    special = t([5.5, -5.5, inf, nan, 3.0, -0.0, 0.0])
    for dtype in (torch.float, torch.double, half, bf):
        x = special.to(dtype)
        for other in (t([2.1, -2.1, 2.0, 2.0, -inf, 2.0, 0.0]).to(dtype), 2.1, -3):
            for name in ("remainder", "fmod", "nextafter", "copysign", "atan2", "maximum"):
                if name in ("remainder", "fmod", "copysign") or isinstance(other, torch.Tensor):
                    tr(lambda name=name, x=x, other=other: getattr(torch, name)(x, other).tolist())
            for mode in ("trunc", "floor") if isinstance(other, torch.Tensor) else ():
                tr(lambda x=x, other=other, mode=mode: torch.div(x, other, rounding_mode=mode))
        for kwargs in ({}, {"nan": 0.1}, {"posinf": 2.0, "neginf": -3}, {"nan": 1e6}, {"posinf": nan}):
            tr(lambda x=x, kwargs=kwargs: torch.nan_to_num(torch.cat([x, -x]), **kwargs))
        near = t([0.3, -0.3, 0.1, 0.2, 0.7, -0.7]).to(dtype)
        for name in ("add", "sub", "rsub", "mul", "div", "eq", "ne", "lt", "le", "gt", "ge"):
            tr(lambda name=name, near=near: getattr(torch, name)(near, 0.3).tolist())
        tr(lambda near=near: (0.3**near, near**0.3, torch.nn.functional.hardshrink(near, 0.3)))
    low, high = t([-128, -128, 127, 5, -5], dtype=torch.int8), t([-1, 2, -128, -128, 3], dtype=torch.int8)
    for mode in ("trunc", "floor"):
        tr(lambda mode=mode: torch.div(low, high, rounding_mode=mode))
    one, zero = t([1.0, 0.0, -0.0]), t([2.0, 1.0, -1.0])
    for dtype in (torch.float, half, bf):
        tr(lambda dtype=dtype: torch.nextafter(one.to(dtype), zero.to(dtype)).tolist())
    tr(lambda: torch.nan_to_num(t([complex(nan, inf), complex(1, -inf)]), posinf=3))

    small = [1e-19 + 1e-18j, 1e-10 + 2e-12j, -1 + 0j, 0j, 1e-20j, 1e-200 + 2e-200j, 0.3 - 0.4j, 2 + 3j, -0.5 + 1e-9j]
    tr(lambda: [f"{v.real:.5g} {v.imag:.5g}" for v in torch.log1p(t(small, dtype=torch.complex128)).tolist()])

    for x in (
        t([1, 2, 3]),
        t([1, 2, 3], dtype=torch.uint8),
        t([1, 2, 300], dtype=torch.int16),
        t([True, False]),
        t([1 + 2j]),
    ):
        for n in (0, 3, 6):
            tr(lambda x=x, n=n: torch.vander(x, n))
    f = t([1.0, 4.0, 9.0, 3.0])
    for spacing in (1, 2.0, 2j, t(2.0), (t([0.0, 2.0, 3.0, 4.0]),), (t([0.0, 0.0, 3.0, 4.0]),), (1.0, 2.0)):
        for x in (f, f.long(), f * (1 + 1j)):
            for order in (1, 2):
                tr(lambda x=x, spacing=spacing, order=order: torch.gradient(x, spacing=spacing, edge_order=order))
    for args in ((t([2.0]), 2.0), (2.0, t([2.0])), (2, t([2, 3])), (t([1.0, 0.5, nan, 2.0]), t([2.0, 2.0, 2.0, -1.5]))):
        tr(lambda args=args: torch.special.zeta(*args))

    for x in (t([2]), t([2.0]), t([2.0], dtype=torch.double), t([1j])):
        for power in (3, 1.5, 2j, t([2.0])):
            tr(lambda x=x, power=power: torch.float_power(x, power))
            tr(lambda x=x, power=power: x.clone().float_power_(power))
