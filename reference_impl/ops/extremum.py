"""Extrema, and what is found by order: median, mode, k-th value.

HOWTO. Without dim, ties share the gradient evenly; with dim, it goes to the index that was returned. Operators that
return (values, indices) are made by `pick`.
"""

from __future__ import annotations

import math

import numpy as np

from ..tensor import Tensor
from .comparison import maximum, minimum
from .dims import row_by_row, wrap_dim
from .form import SIZES, composite, general, linear
from .logic import isnan
from .masks import only
from .reduce import axes, spread, sum
from .structure import cast

# -- over everything


def needs_elements(name, reduce):
    def kernel(x):
        if not x.size:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                "with the 'dim' argument."
            )
        return reduce(x)

    return kernel


def undefined(dtype):
    """nan, and what the processor makes of it in an integer."""
    if dtype.kind == "f":
        return dtype.type(np.nan)
    return dtype.type(np.iinfo(dtype).min if dtype.itemsize > 2 else 0)


def median_kernel(x):
    """The lower of the two in the middle; nan if there is one."""
    if not x.size:
        return undefined(x.dtype)
    flat = np.sort(x, axis=None)
    if x.dtype.kind == "f" and np.isnan(flat[-1]):
        return flat[-1]
    return flat[(flat.size - 1) // 2]


def nanmedian_kernel(x):
    kept = x if x.dtype.kind != "f" else x[~np.isnan(x)]
    return median_kernel(kept)


def evenly(g, self, result, self_dtype):
    """g in equal parts to all entries that equal the result (or are nan as it is)."""
    hit = (self == result) | (isnan(self) & isnan(result))
    return only(g / cast(sum(hit), self_dtype), hit)


def evenly_jvp(self, result, self_dtype, self_t):
    """nan where the result is: it equals no entry."""
    hit = cast(self == result, self_dtype)
    return sum(hit * (self_t / sum(hit)))


def of_all(name, kernel, grad_fn):
    refuses = "complex bool" if "median" in name else "complex"
    return general(f"{name}(self)", kernel, self=evenly, jvp=evenly_jvp, grad_fn=grad_fn, refuses=refuses, public=False)


max_all = of_all("max", needs_elements("max", np.max), "MaxBackward1")
min_all = of_all("min", needs_elements("min", np.min), "MinBackward1")
median_all = of_all("median", median_kernel, "MedianBackward0")
nanmedian_all = of_all("nanmedian", nanmedian_kernel, "NanmedianBackward0")


# -- amax, amin, aminmax: several dimensions, ties share evenly, a nan result leaves nan everywhere


def shared(g, self, result, self_shape, self_dtype, dim, keepdim):
    hit = cast(self == spread(result, self_shape, dim, keepdim), self_dtype)
    return spread(g, self_shape, dim, keepdim) / sum(hit, dim, True) * hit


def reducing(name, reduce):
    def kernel(x, dim, keepdim):
        if not x.size and count_along(x.shape, dim) == 0:
            if dim in ((), None):
                raise RuntimeError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction "
                    "dim with the 'dim' argument."
                )
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
        return row_by_row(reduce(x, axes(x, dim), keepdims=keepdim))

    return kernel


def count_along(shape, dim):
    return math.prod([shape[d] for d in ((dim,) if isinstance(dim, int) else dim or range(len(shape)))])


amax = general("amax(self, dim=(), keepdim=False)", reducing("amax", np.max), self=shared, refuses="complex")
amin = general("amin(self, dim=(), keepdim=False)", reducing("amin", np.min), self=shared, refuses="complex")


def aminmax_vjp(g_min, g_max, self, min, max, self_shape, self_dtype, dim, keepdim):
    low = None if g_min is None else shared(g_min, self, min, self_shape, self_dtype, dim, keepdim)
    if g_max is None:
        return low
    high = shared(g_max, self, max, self_shape, self_dtype, dim, keepdim)
    return high if low is None else low + high


def aminmax_kernel(x, dim, keepdim):
    if not x.size and not count_along(x.shape, dim):
        if dim is not None:
            raise IndexError(f"aminmax: Expected reduction dim {dim} to have non-zero size.")
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
        )
    return tuple(row_by_row(f(x, axes(x, dim), keepdims=keepdim)) for f in (np.min, np.max))


aminmax = general(
    "aminmax(self, *, dim=None, keepdim=False) -> (min, max)", aminmax_kernel, self=aminmax_vjp, refuses="complex"
)


# -- along one dimension: (values, indices)


def pick(name, find):
    """A kernel from find(x, dim, ...) -> indices with dim kept, of size 1."""

    def kernel(x, dim, keepdim, *how):
        wrap_dim(dim, x.ndim)
        if type(x) is not np.ndarray or not x.ndim:
            if how and how[0] != 1:
                raise RuntimeError("kthvalue(): selected number k out of range for dimension 0")
            return x[()], np.int64(0)
        if not x.shape[dim]:
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
        k = find(x, dim, *how)
        v = np.take_along_axis(x, k, dim)
        return (v, k) if keepdim else (v.squeeze(dim)[()], k.squeeze(dim)[()])

    return kernel


def median_index(x, dim, ignore_nan=False):
    order = np.argsort(x, dim, kind="stable")
    n = x.shape[dim]
    k = np.full_like(np.take(order, [0], dim), (n - 1) // 2)
    if x.dtype.kind == "f":
        nans = np.isnan(x)
        if ignore_nan:
            k = np.maximum(np.add.reduce(~nans, dim, keepdims=True) - 1, 0) // 2
        else:
            return np.where(
                nans.any(dim, keepdims=True), np.argmax(nans, dim, keepdims=True), np.take_along_axis(order, k, dim)
            )
    return np.take_along_axis(order, k, dim)


def mode_index(x, dim):
    """The smallest of the most frequent values, at its last occurrence."""
    order = np.argsort(x, dim, kind="stable")
    s = np.moveaxis(np.take_along_axis(x, order, dim), dim, -1)
    run, best, at = np.ones(s.shape[:-1], int), np.zeros(s.shape[:-1], int), np.zeros(s.shape[:-1], int)
    for i in range(s.shape[-1]):
        run = np.where(s[..., i] == s[..., i - 1], run + 1, 1) if i else run
        at, best = np.where(run > best, i, at), np.maximum(run, best)
    return np.take_along_axis(order, np.expand_dims(at, dim), dim)


def kth_index(x, dim, k):
    if not 1 <= k <= x.shape[dim]:
        raise RuntimeError("kthvalue(): selected number k out of range for dimension " + str(dim % x.ndim))
    return np.take(np.argsort(x, dim, kind="stable"), [k - 1], dim)


def place_kernel(g, index, shape, dim, keepdim):
    if not shape:
        return g
    r = np.zeros(shape, g.dtype)
    if not keepdim:
        g, index = np.expand_dims(g, dim), np.expand_dims(index, dim)
    np.put_along_axis(r, index, g, dim)
    return r


def picked_kernel(x, index, dim, keepdim):
    if not x.ndim:
        return x
    if keepdim:
        return np.take_along_axis(x, index, dim)
    return np.take_along_axis(x, np.expand_dims(index, dim), dim).squeeze(dim)[()]


# the adjoint of picking one element along dim
place = linear(
    "place(self, index: nondiff, shape, dim, keepdim)",
    place_kernel,
    public=False,
    self=lambda g, index, dim, keepdim: picked(g, index, dim, keepdim),
    grad_fn="ScatterBackward0",
    edges="nT",
)
picked = linear(
    "picked(self, index: nondiff, dim, keepdim)",
    picked_kernel,
    public=False,
    grad_fn="GatherBackward0",
    self=lambda g, index, self_shape, dim, keepdim: place(g, index, self_shape, dim, keepdim),
)


def picking(signature, find, grad_fn, refuses="complex"):
    return general(
        f"{signature} -> (values, indices: nondiff)",
        find,
        self=lambda g, indices, self_shape, dim, keepdim: place(g, indices, self_shape, dim, keepdim),
        jvp=lambda self_t, indices, dim, keepdim: picked(self_t, indices, dim, keepdim),
        grad_fn=grad_fn,
        saved_as=SIZES,
        refuses=refuses,
        public=False,
    )


def arg(reduce):
    return lambda x, dim: np.expand_dims(reduce(x, dim), dim)


max_dim = picking("max(self, dim, keepdim)", pick("max", arg(np.argmax)), "MaxBackward0")
min_dim = picking("min(self, dim, keepdim)", pick("min", arg(np.argmin)), "MinBackward0")
median_dim = picking("median(self, dim, keepdim)", pick("median", median_index), "MedianBackward1", "complex bool")
nanmedian_dim = picking(
    "nanmedian(self, dim, keepdim)",
    pick("nanmedian", lambda x, d: median_index(x, d, True)),
    "NanmedianBackward1",
    "complex bool",
)
mode_dim = picking("mode_(self, dim, keepdim)", pick("mode", mode_index), "ModeBackward0")
kth = picking("kthvalue(self, dim, keepdim, k)", pick("kthvalue", kth_index), "KthvalueBackward0", "complex bool")


# -- as torch calls them


def extremum(name, of_all, along, of_two):
    def function(input, dim: int | Tensor = ..., keepdim=False, *, other=None):
        if isinstance(dim, Tensor) or other is not None:
            if keepdim is not False:
                raise TypeError(f"{name}() takes no keepdim beside another tensor")
            return of_two(input, dim if other is None else other)
        return of_all(input) if dim is ... else along(input, dim, keepdim)

    function.__doc__ = f"Of everything, along dim, or of two tensors (source: torch.{name})."
    return composite(name, out=True)(function)


max, min = extremum("max", max_all, max_dim, maximum), extremum("min", min_all, min_dim, minimum)


@composite(out=True)
def median(input, dim=..., keepdim=False):
    """The lower median, of everything or along dim (source: torch.median)."""
    return median_all(input) if dim is ... else median_dim(input, dim, keepdim)


@composite(out=True)
def nanmedian(input, dim=..., keepdim=False):
    """The median of what is not nan (source: torch.nanmedian)."""
    return nanmedian_all(input) if dim is ... else nanmedian_dim(input, dim, keepdim)


@composite(out=True)
def mode(input, dim=-1, keepdim=False):
    """The most frequent value along dim (source: torch.mode)."""
    return mode_dim(input, dim, keepdim)


@composite(out=True)
def kthvalue(input, k, dim=-1, keepdim=False):
    """The k-th smallest value along dim (source: torch.kthvalue)."""
    return kth(input, dim, keepdim, k)
