"""Variance and standard deviation.

HOWTO. The gradient of a root is 0 where the root is 0: sqrt's own would be inf there.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np

from ..tensor import Tensor
from ..warn import warn
from .dims import row_by_row
from .form import composite, general
from .reduce import axes, count, mean, spread, spread_mean, sum
from .structure import cast, conj, real_part, where


def asked(correction):
    """Where nobody asked, None: one degree of freedom is the mean's."""
    return 1 if correction is None else correction


def average(x, ax, keepdims=True):
    return np.add.reduce(x, ax, keepdims=keepdims) / x.real.dtype.type(count(x.shape, ax))


def var_kernel(x, dim, correction, keepdim, name="var"):
    if x.dtype.kind in "biu":
        raise RuntimeError("std and var only support floating point and complex dtypes")
    ax = axes(x, dim)
    free = count(x.shape, dim) - asked(correction)
    if free <= 0:
        warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input "
            "numel divided by output numel)."
        )
    off = np.abs(x - average(x, ax)) if x.size else np.abs(x)
    return row_by_row(np.add.reduce(off * off, ax, keepdims=keepdim) / off.dtype.type(max(0, free) if x.size else 0))


def over(numerator, n):
    """numerator / n for numbers, where n may be 0."""
    return numerator / n if n else inf


def var_slopes(g, self, self_shape, self_dtype, dim, correction):
    """g times each element's slope. Without a degree of freedom torch's are inf over all elements, finite over some; and
    with dim=(), which is all of them, it counts one."""
    free = (1 if dim in ((), []) else count(self_shape, dim)) - asked(correction)
    if free <= 0 and (dim is None or not self_shape):
        return cast(where(self == mean(self), g * nan, g * inf), self_dtype)
    return (over(2.0, free) * g) * (self - mean(self, dim, True))


def var_vjp(g, self, self_shape, self_dtype, dim, correction, keepdim):
    return var_slopes(spread(g, self_shape, dim, keepdim), self, self_shape, self_dtype, dim, correction)


def var_jvp(self, self_t, self_shape, self_dtype, dim, correction, keepdim):
    return sum(real_part(var_slopes(conj(self_t), self, self_shape, self_dtype, dim, correction)), dim, keepdim)


def std_vjp(g, self, result, self_shape, self_dtype, dim, correction, keepdim):
    return var_vjp(masked_halved(g, result), self, self_shape, self_dtype, dim, correction, keepdim)


def masked_halved(g, root):
    """g / (2 root), and 0 where the root is 0."""
    return where(root == 0, 0.0, g / (2 * root))


def std_jvp(self, self_t, result, self_shape, self_dtype, dim, correction, keepdim):
    return masked_halved(var_jvp(self, self_t, self_shape, self_dtype, dim, correction, keepdim), result)


var_ = general("var(self, dim, correction, keepdim)", var_kernel, self=var_vjp, jvp=var_jvp, public=False)
std_ = general(
    "std(self, dim, correction, keepdim)",
    lambda x, dim, correction, keepdim: np.sqrt(var_kernel(x, dim, correction, keepdim, "std")),
    self=std_vjp,
    jvp=std_jvp,
    public=False,
)


def var_mean_vjp(g_var, g_mean, self, self_shape, self_dtype, dim, correction, keepdim):
    terms = []
    if g_var is not None:
        terms.append(var_vjp(g_var, self, self_shape, self_dtype, dim, correction, keepdim))
    if g_mean is not None:
        terms.append(spread_mean(g_mean, self_shape, dim, keepdim))
    return terms[0] if len(terms) == 1 else terms[0] + terms[1]


def std_mean_vjp(g_std, g_mean, self, std, self_shape, self_dtype, dim, correction, keepdim):
    g_var = None if g_std is None else masked_halved(g_std, std)
    return var_mean_vjp(g_var, g_mean, self, self_shape, self_dtype, dim, correction, keepdim)


def mean_of(x, dim, keepdim):
    return average(x, axes(x, dim), keepdim)


var_mean_ = general(
    "var_mean(self, dim, correction, keepdim) -> (var, mean)",
    lambda x, dim, correction, keepdim: (var_kernel(x, dim, correction, keepdim, "var_mean"), mean_of(x, dim, keepdim)),
    self=var_mean_vjp,
    jvp=lambda self, self_t, self_shape, self_dtype, dim, correction, keepdim: (
        var_jvp(self, self_t, self_shape, self_dtype, dim, correction, keepdim),
        mean(self_t, dim, keepdim),
    ),
    public=False,
)
std_mean_ = general(
    "std_mean(self, dim, correction, keepdim) -> (std, mean)",
    lambda x, dim, correction, keepdim: (
        np.sqrt(var_kernel(x, dim, correction, keepdim, "std_mean")),
        mean_of(x, dim, keepdim),
    ),
    self=std_mean_vjp,
    saved_as={"std": "result0"},
    jvp=lambda self, self_t, std, self_shape, self_dtype, dim, correction, keepdim: (
        std_jvp(self, self_t, std, self_shape, self_dtype, dim, correction, keepdim),
        mean(self_t, dim, keepdim),
    ),
    public=False,
)


def spread_measure(row, name, method):
    """torch's three ways to call it: (dim, unbiased, keepdim), (unbiased), and by keywords; what is a method takes out=."""

    def function(input, dim: Any = None, unbiased=True, keepdim=False, *, correction=None):
        if isinstance(dim, bool):
            dim, correction = None, int(dim)
        if correction is None and (dim is not None or unbiased is not True):
            correction = int(unbiased)
        found = row(input, dim, correction, keepdim)
        return found if isinstance(found, Tensor) else tuple(found)

    function.__doc__ = f"See the documentation page of torch.{name} (source: torch.{name})."
    return composite(name, method=method, out=method)(function)


var, std = spread_measure(var_, "var", True), spread_measure(std_, "std", True)
var_mean, std_mean = spread_measure(var_mean_, "var_mean", False), spread_measure(std_mean_, "std_mean", False)
