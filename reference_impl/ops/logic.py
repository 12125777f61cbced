"""Comparisons, and logic on truth values and bits: operators without a gradient.

HOWTO. A row without formulas records no node. `x.eq_(y)` does: x is a tensor of numbers still, of gradient 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..dtypes import INTEGER, same
from .form import composite, elementwise
from .writes import zero


def predicate(name, kernel, dunder="", aliases=(), operands="self, other", **options):
    return elementwise(f"{name}({operands})", kernel, dunder=dunder, aliases=aliases, **options)


def comparison(name, kernel, dunder, aliases=(), **options):
    return predicate(name, kernel, dunder, aliases, inplace=False, numbers="right", half_ready=True, **options)


def compared_in_place(row):
    return replace(
        row,
        formulas={"self": lambda g: zero(g), "other": lambda g: zero(g)},
        grad_fn={"TT": f"{row.name.capitalize()}Backward1", "Tn": f"{row.name.capitalize()}Backward0"},
        scalar_overload=True,
        public=False,
        inplace=True,
        dunder="",
    )


def order(name, kernel, dunder, alias):
    return comparison(name, kernel, dunder, (alias,), refuses="complex")


eq = comparison("eq", np.equal, "__eq__")
ne = comparison("ne", np.not_equal, "__ne__", ("not_equal",))
lt = order("lt", np.less, "__lt__", "less")
le = order("le", np.less_equal, "__le__", "less_equal")
gt = order("gt", np.greater, "__gt__", "greater")
ge = order("ge", np.greater_equal, "__ge__", "greater_equal")
write_eq, write_ne, write_lt, write_le, write_gt, write_ge = map(compared_in_place, (eq, ne, lt, le, gt, ge))

logical_and = predicate("logical_and", np.logical_and, numbers="none")
logical_or = predicate("logical_or", np.logical_or, numbers="none")
logical_xor = predicate("logical_xor", np.logical_xor, numbers="none")
logical_not = predicate("logical_not", np.logical_not, operands="self")
bitwise_and = predicate("bitwise_and", np.bitwise_and, "__and__ __rand__")
bitwise_or = predicate("bitwise_or", np.bitwise_or, "__or__ __ror__")
bitwise_xor = predicate("bitwise_xor", np.bitwise_xor, "__xor__ __rxor__")
bitwise_not = predicate("bitwise_not", np.invert, operands="self")
bitwise_left_shift = predicate("bitwise_left_shift", np.left_shift, "__lshift__", refuses="bool")
bitwise_right_shift = predicate("bitwise_right_shift", np.right_shift, "__rshift__", refuses="bool")


@composite("__rlshift__", modules="", method=False, dunder="__rlshift__")
def number_shifted_left(self, other):
    return bitwise_left_shift(other, self)


@composite("__rrshift__", modules="", method=False, dunder="__rrshift__")
def number_shifted_right(self, other):
    return bitwise_right_shift(other, self)


gcd = predicate("gcd", np.gcd, numbers="none")
lcm = predicate("lcm", np.lcm, numbers="none")

isnan = predicate("isnan", np.isnan, operands="self")
isinf = predicate("isinf", np.isinf, operands="self")
isfinite = predicate("isfinite", np.isfinite, operands="self")
isposinf = predicate("isposinf", np.isposinf, operands="self")
isneginf = predicate("isneginf", np.isneginf, operands="self")
signbit = predicate("signbit", lambda x: x < 0 if x.dtype.kind in "biu" else np.signbit(x), operands="self")
isreal = predicate("isreal", lambda x: np.isreal(x), operands="self")


def close(x, y, rtol, atol, equal_nan):
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance}")
    return np.isclose(x, y, rtol, atol, equal_nan)


isclose = elementwise(
    "isclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False)",
    close,
    check=lambda x, y: same("{0.legacy} did not match {1.legacy}", x, y),
    inplace=False,
    numbers="none",
)


@composite()
def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all elements are close (source: torch.allclose)."""
    return bool(np.all(isclose(input, other, rtol, atol, equal_nan)._array))


@composite("__invert__", modules="", method=False, dunder="__invert__")
def inverted(self):
    if self.dtype.category > INTEGER:
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return bitwise_not(self)


@composite()
def equal(input, other):
    """Whether two tensors have the same size and elements (source: torch.equal)."""
    return input.shape == other.shape and bool(np.all(input._array == other._array))


@composite()
def is_nonzero(input):
    """Whether the one element is not zero (source: torch.is_nonzero)."""
    return bool(input)
