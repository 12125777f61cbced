"""scatter_reduce, index_reduce, and scatter with reduce=: several sources fall on one place and are combined.

HOWTO. The formulas are written once for scatter_reduce; index_reduce expands its index and uses them.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import LEGACY, from_numpy, number
from ..errors import Unsupported
from ..warn import once
from .dims import wrap_dim
from .form import general, linear
from .gathering import check_index, first, gather, mesh, same_kind, scatter_add, scatter_value
from .masks import masked_fill_number
from .places import check_source
from .structure import no_derivative, no_tangent, where
from .writes import zero

UFUNCS = {"sum": np.add, "prod": np.multiply, "mean": np.add, "amax": np.maximum, "amin": np.minimum}
NEUTRAL = {"sum": 0, "mean": 0, "prod": 1}


def neutral(reduce, dtype):
    if reduce in NEUTRAL:
        return NEUTRAL[reduce]
    if dtype.kind not in "biu":
        return -np.inf if reduce == "amax" else np.inf
    if dtype.kind == "b":
        return reduce == "amin"
    return np.iinfo(dtype).min if reduce == "amax" else np.iinfo(dtype).max


def kernel(x, dim, index, src, reduce, include_self):
    if reduce not in UFUNCS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    check_index(x, dim, index, "scatter")
    if (x.dtype.kind == "c" and reduce in ("amax", "amin")) or (x.dtype.kind == "b" and reduce == "mean"):
        raise NotImplementedError(
            f"\"scatter_gather_tensor_cpu_reduce_{reduce}\" not implemented for '{LEGACY[from_numpy(x.dtype)]}'"
        )
    same_kind(x, dim, src, index)
    r, at = np.array(x, order="C"), mesh(x, dim, index)
    if not index.size:
        return r
    values = first(src, index)
    if not include_self:
        r[at] = neutral(reduce, r.dtype)
    UFUNCS[reduce].at(r, at, values)
    if reduce == "mean":
        count = np.full(r.shape, int(include_self))
        np.add.at(count, at, 1)
        count = np.maximum(count, 1)
        r = (r / count).astype(r.dtype) if r.dtype.kind not in "biu" else r // count.astype(r.dtype)
    return r


def scatter_reduce_vjp(g, self, src, result, dim, index, reduce, include_self):
    return reduced_vjp(g, self, src, result, dim, index, reduce, include_self, SCATTERED)


def reduced_vjp(g, self, src, result, dim, index, reduce, include_self, once):
    if reduce == "sum":
        g_self, g_src = g, gather(g, dim, index)
    elif reduce == "mean":
        share = g / number_of_hits(self, dim, index, include_self)
        g_self, g_src = share, gather(share, dim, index)
    elif reduce == "prod":
        g_self, g_src = product_vjp(g, self, src, result, dim, index, include_self, once)
    else:
        hit_self, hit_src = as_number(self == result, self), as_number(src == gather(result, dim, index), src)
        share = g / scatter_add(hit_self, dim, index, hit_src)
        g_self, g_src = hit_self * share, hit_src * gather(share, dim, index)
    return (g_self if include_self else scatter_value(g_self, dim, index, 0)), g_src


def product_vjp(g, self, src, result, dim, index, include_self, once):
    """The product of the other factors: by division, except where the one zero is; of several zeros only once."""
    ones = masked_fill_number(self, self == 0, 1)
    others = scatter_reduce(ones, dim, index, src, "prod", include_self)
    is_zero = src == 0
    zeros = gather(scatter_add(zero(self), dim, index, as_number(is_zero, src)), dim, index)
    single = as_number(is_zero, src) * as_number(zeros == 1, src) == 1
    without = scatter_reduce(self, dim, index, masked_fill_number(src, single, 1), "prod", include_self)
    g_src = where(
        single,
        gather(g * without, dim, index),
        gather(g * result, dim, index) / masked_fill_number(src, is_zero, 1),
    )
    return g * others / ones, differentiable_once(g_src, zeros, once)


def refused_kernel(x, zeros, message):
    if (zeros > 1).any():
        raise RuntimeError(message)
    return x


refused = linear(
    "refused(x, zeros: nondiff, message)",
    refused_kernel,
    x=lambda g, zeros, message: refused(g, zeros, message),
    public=False,
)
differentiable_once = linear(
    "differentiable_once(x, zeros: nondiff, message)",
    lambda x, zeros, message: x,
    x=lambda g, zeros, message: refused(g, zeros, message),
    public=False,
)
SCATTERED, INDEXED = (
    f"{name}(): Double backward is unsupported for {src} when >1 zeros in {src} are scattered to the same position in self"
    for name, src in (("scatter_reduce", "src"), ("index_reduce", "source"))
)


def scatter_reduce_jvp(self, src, result, dim, index, reduce, include_self, self_t, src_t):
    self_t, src_t = zero(self) if self_t is None else self_t, zero(src) if src_t is None else src_t
    if reduce in ("sum", "mean"):
        return scatter_reduce(self_t, dim, index, src_t, reduce, include_self)
    if reduce == "prod":
        raise Unsupported("scatter_reduce: forward mode with reduce='prod'")
    kept = self_t if include_self else scatter_value(self_t, dim, index, 0)
    hit_self, hit_src = as_number(self == result, self), as_number(src == gather(result, dim, index), src)
    hit_self = hit_self if include_self else scatter_value(hit_self, dim, index, 0)
    hits = at_least_one(scatter_add(hit_self, dim, index, hit_src))
    touched = scatter_add(kept * hit_self, dim, index, src_t * hit_src) / hits
    return where(number_of_hits(self, dim, index, False) == 0, self_t, touched)


as_number = linear("as_number(x: nondiff, like: nondiff)", lambda x, like: x.astype(like.dtype), public=False)
at_least_one = linear("at_least_one(count: nondiff)", lambda n: np.maximum(n, 1), public=False)


def hits_kernel(x, dim, index, include_self):
    count = np.full(x.shape, int(include_self), x.dtype)
    if index.size:
        np.add.at(count, mesh(count, dim, index), x.dtype.type(1))
    return np.maximum(count, 1)


number_of_hits = linear("number_of_hits(x: nondiff, dim, index: nondiff, include_self)", hits_kernel, public=False)
scatter_reduce = general(
    "scatter_reduce(self, dim, index: nondiff, src, reduce, include_self=True)",
    kernel,
    vjp=scatter_reduce_vjp,
    jvp=scatter_reduce_jvp,
    wrt="self src",
    inplace=True,
)


def line_index_kernel(x, dim, index):
    d = wrap_dim(dim, x.ndim)
    shape = [index.size if i == d else n for i, n in enumerate(x.shape)]
    return np.broadcast_to(index.reshape([-1 if i == d else 1 for i in range(len(shape))]), shape)


line_index = linear("line_index(x: nondiff, dim, index: nondiff)", line_index_kernel, public=False)


def index_reduce_vjp(g, self, source, result, dim, index, reduce, include_self):
    reduce = "sum" if reduce == "add" else reduce
    return reduced_vjp(g, self, source, result, dim, line_index(self, dim, index), reduce, include_self, INDEXED)


def index_reduce_kernel(x, dim, index, source, reduce, include_self):
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    once("index_reduce() is in beta and the API may change at any time.")
    check_source(x, dim, index, source, "index_reduce")
    return kernel(x, dim, line_index_kernel(x, dim, index), source, reduce, include_self)


index_reduce = general(
    "index_reduce(self, dim, index: nondiff, source, reduce, *, include_self=True)",
    index_reduce_kernel,
    vjp=index_reduce_vjp,
    jvp=no_tangent("index_reduce"),
    wrt="self source",
    refuses="complex bool",
    inplace=True,
)


# -- scatter(..., reduce=) has no derivative in torch


def scatter_with_kernel(x, dim, index, src, reduce):
    if reduce not in ("add", "multiply"):
        raise RuntimeError("reduce argument must be either add or multiply.")
    src = number(src, x.dtype)
    check_index(x, dim, index, "scatter")
    r = np.array(x, order="C")
    if not index.size:
        return r
    {"add": np.add, "multiply": np.multiply}[reduce].at(r, mesh(r, dim, index), first(src, index))
    return r


scatter_with = general(
    "scatter(self, dim, index: nondiff, src: nondiff, reduce)",
    scatter_with_kernel,
    self=no_derivative("scatter"),
    public=False,
    grad_fn="NotImplementedBackward0",
)
