"""Operators between a tensor and what is none: the other side is asked, and if it has no answer Python says so."""

import operator


class Unit:
    """An operand of a user's own: knows how to stand on the right."""

    def __radd__(self, other):
        return "added"

    def __rmatmul__(self, other):
        return "multiplied"

    def __rpow__(self, other):
        return "raised"

    def __gt__(self, other):
        return "compared"


def play(torch, tr, tell):
    ordering = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
    bits = (operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift)
    arithmetic = (
        operator.add,
        operator.sub,
        operator.mul,
        operator.truediv,
        operator.floordiv,
        operator.mod,
        operator.pow,
    )
    inplace = (operator.iadd, operator.isub, operator.imul, operator.itruediv)
    for compute in (*ordering, *bits, *arithmetic, *inplace, operator.matmul):
        for other in (Unit(), object(), "s", None, [1, 2]):
            x = torch.ones(2)
            tr(lambda compute=compute, x=x, other=other: compute(x, other))
            tr(lambda compute=compute, x=x, other=other: compute(other, x))
    tr(lambda: torch.add(torch.ones(2), None))
    tr(lambda: torch.mul(torch.ones(2), "s"))
    tr(lambda: torch.ones(2).__add__(torch.ones(2), alpha=3))

    for x in (torch.tensor([1, 2]), torch.tensor([1.0, 2.0]), torch.tensor([1, 2], dtype=torch.int8)):
        tr(lambda x=x: (2 << x, 8 >> x, x << 1, x >> 1) if not x.is_floating_point() else None)
        for other in (300, 3, 2.5):
            tr(lambda x=x, other=other: torch.where(x > 1, x, other))
            tr(lambda x=x, other=other: torch.where(x > 1, other, x))
    tr(lambda: torch.where(torch.tensor([1, 0], dtype=torch.uint8), 1, 2))

    # alpha is of the result's category or a lower one
    def alike(a, b, alpha, compute):
        return compute(a, b, alpha=alpha)

    tensors = [torch.ones(2, dtype=getattr(torch, d)) for d in ("bool", "int32", "float16", "float32", "complex64")]
    for a in tensors:
        for b in (*tensors, 2):
            for alpha in (0, 2, 1.5, 2j):
                tr(lambda a=a, b=b, alpha=alpha: alike(a, b, alpha, torch.add))
                tr(lambda a=a, b=b, alpha=alpha: alike(a, b, alpha, torch.sub))
    tr(lambda: torch.add(tensors[0], tensors[0], alpha=True))

    # the functions of arithmetic alone take two numbers
    for a, b in ((1, 1), (2.5, 2), (True, True), (3, 2j), (7, 0), (2**40, 2**40)):
        for name in ("add", "sub", "mul", "div", "true_divide"):
            tr(lambda a=a, b=b, name=name: getattr(torch, name)(a, b))
    tr(lambda: torch.add(1, 2, alpha=3))
    tr(lambda: (torch.div(7, 2.0, rounding_mode="floor"), torch.floor_divide(7, 2)))
    tr(lambda: torch.add(input=1, other=2, out=torch.zeros(())))
    tr(lambda: torch.add("a", 1))
