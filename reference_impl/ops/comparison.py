"""Extrema and bounds of two operands.

HOWTO. The formulas of what bounds (`masked`) say where the gradient passes; those of what takes one of two fill it where the
other is taken (`without`), as torch's do. At a tie, maximum and minimum give each side half, clamp gives the input all, fmax
and fmin give it to the first (but the tangent of fmax, and of clamp with one tensor, is the second's). With a nan on one side
every comparison is false.
"""

from __future__ import annotations

import numpy as np

from .. import dtypes
from ..errors import type_name
from ..tensor import Tensor
from .arithmetic import div_scalar
from .form import composite, elementwise, masked
from .logic import isnan
from .masks import without
from .structure import cast, where


def added(a, b):
    return a if b is None else b if a is None else a + b


def tangent_of_one(first, self_t, other_t):
    """The tangent of self where it comes first, of other elsewhere: with a nan in either, too."""
    return added(
        None if self_t is None else where(first, self_t, 0.0), None if other_t is None else where(first, 0.0, other_t)
    )


def tangent_of_best(first, tie, self_t, other_t):
    """The same, and at a tie half of both."""
    return where(tie, added(self_t, other_t) / 2, tangent_of_one(first, self_t, other_t))


def halved_where(tie, g):
    return where(tie, div_scalar(g, 2), g)


maximum = elementwise(
    "maximum(self, other)",
    np.maximum,
    inplace=False,
    self=lambda g, self, other: without(halved_where(self == other, g), self < other),
    other=lambda g, self, other: without(halved_where(self == other, g), self > other),
    jvp=lambda self, other, self_t, other_t: tangent_of_best(self > other, self == other, self_t, other_t),
    refuses="complex",
    numbers="none",
)
minimum = elementwise(
    "minimum(self, other)",
    np.minimum,
    inplace=False,
    self=lambda g, self, other: without(halved_where(self == other, g), self > other),
    other=lambda g, self, other: without(halved_where(self == other, g), self < other),
    jvp=lambda self, other, self_t, other_t: tangent_of_best(self < other, self == other, self_t, other_t),
    refuses="complex",
    numbers="none",
)
fmax = elementwise(
    "fmax(self, other)",
    np.fmax,
    inplace=False,
    self=lambda g, self, other: without(g, ~((self >= other) | isnan(other))),
    other=lambda g, self, other: without(g, (self >= other) | isnan(other)),
    jvp=lambda self, other, self_t, other_t: tangent_of_one((self > other) | isnan(other), self_t, other_t),
    refuses="complex",
    numbers="none",
)
fmin = elementwise(
    "fmin(self, other)",
    np.fmin,
    inplace=False,
    self=lambda g, self, other: without(g, ~((self <= other) | isnan(other))),
    other=lambda g, self, other: without(g, (self <= other) | isnan(other)),
    refuses="complex",
    numbers="none",
)


# -- clamp: 1 at the bounds; a bound that is a tensor gets what the input does not


def at_least(x, low):
    return np.maximum(x, everywhere(low, x))


def at_most(x, high):
    return np.minimum(x, everywhere(high, x))


def everywhere(bound, x):
    """numpy finds the extrema of two arrays several times as quickly as those of an array and a number."""
    if type(bound) is np.ndarray or type(x) is not np.ndarray or x.dtype.kind != "f" or not x.flags.c_contiguous:
        return bound
    bounds = np.empty(x.shape, x.dtype)
    bounds.fill(bound)
    return bounds


def clamp_kernel(x, low, high):
    if low is not None:
        x = at_least(x, low)
    return x if high is None else at_most(x, high)


def within(x, low, high):
    if low is None:
        return x <= high
    return x >= low if high is None else (x >= low) & (x <= high)


def fitting(x, bound):
    """A whole number that bounds integers is one of their dtype."""
    if type(bound) is int and x.dtype.kind in "iu":
        dtypes.number(bound, x.dtype)


clamp_min = masked(
    "clamp_min(self, min)",
    at_least,
    self=lambda self, min: self >= min,
    min=lambda self, min: self < min,
    jvp=lambda self, min, self_t, min_t: tangent_of_one(self >= min, self_t, min_t),
    grad_fn={"TT": "ClampMinBackward1", "Tn": "ClampMinBackward0"},
    check=fitting,
    scalar_overload=True,
    refuses="complex",
    numbers="right",
)
clamp_max = masked(
    "clamp_max(self, max)",
    at_most,
    self=lambda self, max: self <= max,
    max=lambda self, max: self > max,
    jvp=lambda self, max, self_t, max_t: tangent_of_one(self <= max, self_t, max_t),
    grad_fn={"TT": "ClampMaxBackward1", "Tn": "ClampMaxBackward0"},
    check=fitting,
    scalar_overload=True,
    refuses="complex",
    numbers="right",
)
clamp_numbers = masked(
    "clamp(self, min=None, max=None)",
    clamp_kernel,
    public=False,
    self=lambda self, min, max: within(self, min, max),
    grad_fn="ClampBackward1",
    refuses="complex bool",
)
clamp_low = masked(
    "clamp(self, min)",
    np.maximum,
    public=False,
    self=lambda self, min: self >= min,
    min=lambda self, min: self < min,
    jvp=lambda self, min, self_t, min_t: tangent_of_one(self > min, self_t, min_t),
    shows={"max": lambda: None},
    edges="TTn",
    refuses="complex bool",
)
clamp_high = masked(
    "clamp(self, max)",
    np.minimum,
    public=False,
    self=lambda self, max: self <= max,
    max=lambda self, max: self > max,
    jvp=lambda self, max, self_t, max_t: tangent_of_one(self < max, self_t, max_t),
    shows={"min": lambda: None},
    edges="TnT",
    refuses="complex bool",
)


def clamp_tangent(self, min, max, self_t, min_t, max_t):
    above = tangent_of_one(self > max, max_t, self_t)
    return tangent_of_one(min > max, max_t, tangent_of_one(self < min, min_t, above))


clamp_both = masked(
    "clamp(self, min, max)",
    clamp_kernel,
    public=False,
    self=lambda self, min, max: (self >= min) & (self <= max),
    min=lambda self, min, max: (self < min) & (min < max),
    max=lambda self, min, max: (self > max) | (max < min),
    jvp=clamp_tangent,
    refuses="complex bool",
)


@composite(aliases=("clip",), inplace=True, out=True)
def clamp(input, min=None, max=None):
    """input, no smaller than `min` and no larger than `max`, numbers or tensors (source: torch.clamp)."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if not isinstance(min, Tensor) and not isinstance(max, Tensor):
        x = joined(input, min, max)
        return clamp_numbers(x, *(None if b is None else dtypes.number(b, x.dtype.np) for b in (min, max)))
    given = [input, *(b for b in (min, max) if b is not None)]
    if not all(isinstance(x, Tensor) for x in given):
        raise TypeError(
            f"clamp() received an invalid combination of arguments - got ({', '.join(map(type_name, given))})"
        )
    if max is None:
        return clamp_low(input, min)
    return clamp_high(input, max) if min is None else clamp_both(input, min, max)


def joined(input, *bounds):
    """Integers between bounds that are floats become floats."""
    shown = np.empty((0,) * input.ndim, input.dtype.np)[()] if input.ndim else input.dtype.np.type(0)
    wanted = dtypes.result_type((shown, *(b for b in bounds if b is not None)))
    return input if wanted.np == input.dtype.np else cast(input, wanted.np)
