"""Division with a remainder or a rounding.

HOWTO. As in arithmetic.py. The jumps are ignored, so that floor(x / y) is constant.
"""

from __future__ import annotations

import numpy as np

from ..compiler.runtime import narrow, widened
from .arithmetic import div_
from .exponential import reciprocal
from .form import composite, elementwise
from .structure import neither
from .writes import zero


def nonzero_divisor(kernel):
    """Integers divided by 0 raise, as torch's do."""

    def checked(x, y):
        if np.asarray(x).dtype.char == "?" == np.asarray(y).dtype.char:
            raise NotImplementedError("\"remainder_cpu\" not implemented for 'Bool'")
        whole = np.asarray(y).dtype.kind in "biu" and np.asarray(x).dtype.kind in "biu"
        if whole and not np.all(y) and np.broadcast(x, y).size:
            raise RuntimeError("ZeroDivisionError")
        return kernel(x, y)

    return checked


def trunc_divide(x, y):
    if np.asarray(x).dtype.kind in "biu":
        down = np.floor_divide(x, y)
        return down + ((np.remainder(x, y) != 0) & ((np.asarray(x) < 0) != (np.asarray(y) < 0)))
    return np.trunc(x / y)


def floor_divide_kernel(x, y):
    """As numpy's, but x / 0 is inf as in torch, not nan."""
    if np.asarray(x).dtype.kind in "biu":
        return x // y
    return np.where(y == 0, x / y, np.floor_divide(x, y))[()]


def rounded(x, y, rounding_mode):
    """In half precision torch rounds the quotient before it cuts it off, but not before it takes the floor."""
    if rounding_mode == "trunc":
        return nonzero_divisor(trunc_divide)(x, y)
    half, x, y = widened(x, y)
    return narrow(nonzero_divisor(floor_divide_kernel)(x, y), half)


def remainder_kernel(x, y):
    """Of the divisor's sign. A zero keeps the sign of x, which numpy's loses."""
    if np.asarray(x).dtype.kind in "biu":
        return np.remainder(x, y)
    r = np.fmod(x, y)
    return np.where((r != 0) & ((np.asarray(y) < 0) != (r < 0)), r + y, r)[()]


def of_rounded(kernel):
    """In half precision, of a number that is rounded to it first."""

    def compute(x, y):
        half, x, y = widened(x, y)
        return narrow(nonzero_divisor(kernel)(x, y), half)

    return compute


fmod = elementwise(
    "fmod(self, other)",
    of_rounded(np.fmod),
    self=lambda g: g,
    other=lambda self, other: -div_rounded(self, other, rounding_mode="trunc"),
    grad_fn={"TT": "FmodBackward1", "Tn": "FmodBackward0"},
    scalar_overload=True,
    refuses="complex",
    numbers="right",
    half_ready=True,
)


remainder_of_number = elementwise(
    "remainder_of_number(self, other)",
    of_rounded(remainder_kernel),
    **neither("remainder", "other"),
    grad_fn="NotImplementedBackward0",
    scalar_overload=True,
    public=False,
    refuses="complex",
    half_ready=True,
)
remainder = elementwise(
    "remainder(self, other)",
    of_rounded(remainder_kernel),
    self=lambda g: g,
    other=lambda self, other: -div_rounded(self, other, rounding_mode="floor"),
    grad_fn={"TT": "RemainderBackward1", "Tn": "RemainderBackward0"},
    scalar_overload=True,
    overloads={"nT": remainder_of_number},
    dunder="__mod__",
    refuses="complex",
    half_ready=True,
)


div_rounded = elementwise(
    "div_rounded(self, other, *, rounding_mode)",
    rounded,
    public=False,
    self=lambda g, other, rounding_mode: zero(g),
    other=lambda g, self, other, rounding_mode: zero(g),
    grad_fn={"TT": "DivBackward2", "Tn": "DivBackward3", "nT": "DivBackward2"},
    half_ready=True,
    refuses="complex",
    numbers="all",
)


floor_divide = elementwise(
    "floor_divide(self, other)",
    lambda x, y: rounded(x, y, "floor"),
    **neither("floor_divide", "self", "other"),
    grad_fn="NotImplementedBackward0",
    scalar_overload=True,
    dunder="__floordiv__",
    refuses="complex",
    numbers="all",
)


@composite(aliases=("divide",), inplace=True, out=True)
def div(input, other, *, rounding_mode=None):
    """input / other, rounded down ("floor") or towards zero ("trunc") if asked (source: torch.div)."""
    if rounding_mode is None:
        return div_(input, other)
    if rounding_mode not in ("trunc", "floor"):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return div_rounded(input, other, rounding_mode=rounding_mode)


@composite(modules="", method=False, dunder="__rtruediv__ __rdiv__")
def number_over(self, other):
    return reciprocal(self) * other


@composite(modules="", method=False, dunder="__rmod__")
def number_modulo(self, other):
    return remainder(other, self)


@composite(modules="", method=False, dunder="__rfloordiv__")
def number_floor_divided(self, other):
    return floor_divide(other, self)
