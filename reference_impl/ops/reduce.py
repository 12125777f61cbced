"""Sums, means, counts.

HOWTO. `self_shape` keeps only the shape. A reduced gradient goes back by `spread(g, shape, dim, keepdim)`. Operators
with `dim` left out and given are two in torch: name both nodes in `grad_fn=` as an expression over the params.
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes
from ..compiler.edge import sum_to as sum_arrays
from .arithmetic import div_scalar
from .dims import row_by_row, wrap_dims
from .form import SIZES, composite, general, linear
from .logic import isnan
from .shape import unsqueeze, unsqueezed
from .structure import broadcast, cast, fill, stretch, where

ALL = (None, (), [])  # what `dim` is for all dimensions
MANY = 1 << 13  # below, numpy's add.reduce takes no longer than the way to a product


def axes(x, dim):
    """numpy's axis for torch's dim."""
    if dim in ALL:
        return None
    dims = wrap_dims(dim, x.ndim)
    return None if not x.ndim else dims[0] if len(dims) == 1 else dims


def sum_kernel(x, dim=None, keepdim=False, dtype=None):
    if dtype is not None:
        return row_by_row(np.add.reduce(x.astype(dtype.np), axes(x, dim), dtype=dtype.np, keepdims=keepdim))
    if x.dtype.kind in "biu":
        return row_by_row(np.add.reduce(x, axes(x, dim), dtype=np.int64, keepdims=keepdim))
    if type(x) is not np.ndarray:
        axes(x, dim)
        return x
    if dim is None:
        return np.add.reduce(x, None, keepdims=keepdim)
    return row_by_row(totals(x, axes(x, dim), keepdim))


def totals(x, axis, keepdim):
    """Sums along an axis, or several. Of many rows, or columns, they are one product with ones (compiler/edge.py)."""
    shape = x.shape
    if x.size < MANY or type(axis) is not int or len(shape) < 2 or shape[axis] < 2 or not x.flags.c_contiguous:
        return np.add.reduce(x, axis, keepdims=keepdim)
    if axis == len(shape) - 1:
        rows = x.reshape(-1, shape[axis])
        r = sum_arrays(rows, (len(rows), 1))
    elif axis == 0:
        columns = x.reshape(len(x), -1)
        r = sum_arrays(columns, columns.shape[1:])
    else:
        return np.add.reduce(x, axis, keepdims=keepdim)
    return r.reshape(*shape[:axis], *((1,) if keepdim else ()), *shape[axis + 1 :])


def beside(x, shape, dim, keepdim):
    """What was reduced to, so that it broadcasts with what was reduced."""
    if keepdim or not shape or dim in ALL:
        return x
    dims = wrap_dims(dim, len(shape))
    return unsqueezed(x, tuple([1 if d in dims else n for d, n in enumerate(shape)]), dims)


def spread_kernel(g, shape, dim, keepdim):
    if dim in ALL:
        return fill(g if type(g) is not np.ndarray or not g.ndim else g.reshape(()), shape)
    if not keepdim and shape:
        dims = [d % len(shape) for d in ((dim,) if isinstance(dim, int) else dim)]
        g = g.reshape([1 if d in dims else n for d, n in enumerate(shape)])
    return stretch(g, shape) if shape else g


def spread_mean_kernel(g, shape, dim, keepdim):
    """In memory of its own, as torch's."""
    n = count(shape, dim) or 1
    if dim in ALL and shape:
        r = np.empty(shape, g.dtype)
        r.fill(g / n if not g.ndim else (g / n).reshape(()))
        return r
    return spread_kernel(g, shape, dim, keepdim) / n


def spread_in_steps(g, shape, dim, keepdim):
    if dim not in ALL and not keepdim and shape:
        for d in sorted(d % len(shape) for d in ((dim,) if isinstance(dim, int) else dim)):
            g = unsqueeze.function(g, d)
    return broadcast.function(g, tuple(shape))


def spread_mean_in_steps(g, shape, dim, keepdim):
    return div_scalar.function(spread_in_steps(g, shape, dim, keepdim), count(shape, dim) or 1)


def sum_vjp(g, self_shape, self_dtype, dim, keepdim, dtype):
    g = spread(g, self_shape, dim, keepdim)
    return g if dtype is None else cast(g, self_dtype)


# the adjoint of spreading is the sum over the same dimensions
spread = linear(
    "spread(self, shape, dim, keepdim)",
    spread_kernel,
    steps=spread_in_steps,
    public=False,
    grad_fn="ExpandBackward0",
    self=lambda g, dim, keepdim: sum(g, dim, keepdim),
)
spread_mean = linear(
    "spread_mean(self, shape, dim, keepdim)",
    spread_mean_kernel,
    steps=spread_mean_in_steps,
    public=False,
    self=lambda g, dim, keepdim: mean(g, dim, keepdim),
)
sum = linear(
    "sum(self, dim=None, keepdim=False, *, dtype=None)",
    sum_kernel,
    grad_fn="SumBackward0 if dim is None else SumBackward1",
    saved_as=SIZES,
    self=sum_vjp,
)


def mean_kernel(x, dim=None, keepdim=False, dtype=None):
    if dtype is not None:
        x = x.astype(dtype.np)
    if x.dtype.kind in "biu":
        raise RuntimeError(
            f"mean(): could not infer output dtype. {'Input' if dtype is None else 'Optional'} dtype must be either a "
            f"floating point or complex dtype. Got: {dtypes.LEGACY[dtypes.from_numpy(x.dtype)]}"
        )
    return sum_kernel(x, dim, keepdim) / x.dtype.type(count(x.shape, dim))


def count(shape, dim):
    """How many elements go into one mean."""
    if dim in ALL or not shape:
        return math.prod(shape)
    n = 1
    for d in (dim,) if isinstance(dim, int) else dim:
        n *= shape[d]
    return n


def mean_vjp(g, self_shape, self_dtype, dim, keepdim, dtype):
    g = spread_mean(g, self_shape, dim, keepdim)
    return g if dtype is None else cast(g, self_dtype)


mean = linear(
    "mean(self, dim=None, keepdim=False, *, dtype=None)",
    mean_kernel,
    grad_fn="MeanBackward0 if dim is None else MeanBackward1",
    saved_as=SIZES,
    shows={"self_sym_numel": lambda self_shape: math.prod(self_shape)},
    self=mean_vjp,
)


# -- without the nans


def nansum_kernel(x, dim, keepdim, dtype):
    return sum_kernel(
        x if x.dtype.kind in "biu" else np.where(np.isnan(x), x.dtype.type(0), x)[()], dim, keepdim, dtype
    )


nansum = general(
    "nansum(self, dim=None, keepdim=False, *, dtype=None)",
    nansum_kernel,
    self=lambda g, self, self_shape, self_dtype, dim, keepdim, dtype: (
        sum_vjp(g, self_shape, self_dtype, dim, keepdim, dtype) * (self == self)
    ),
    jvp=lambda self, self_t, dim, keepdim, dtype: sum(where(isnan(self), 0.0, self_t), dim, keepdim, dtype=dtype),
    refuses="complex",
)


@composite(out=True)
def nanmean(input, dim=None, keepdim=False, *, dtype=None):
    """The mean of what is not nan (source: torch.nanmean)."""
    if input.dtype.category < dtypes.FLOAT:
        raise RuntimeError(
            "nanmean(): expected input to have floating point or complex dtype but got " + dtypes.LEGACY[input.dtype]
        )
    return nansum(input, dim, keepdim, dtype=dtype) / sum(~isnan(input.detach()), dim, keepdim)


# -- truth values: no gradient


def truth(reduce):
    def kernel(x, dim, keepdim):
        found = x.astype(bool) if dim in ((), []) else row_by_row(reduce(x, axes(x, dim), keepdims=keepdim))
        return found.astype(np.uint8) if x.dtype == np.uint8 else found

    return kernel


all = linear("all(self: nondiff, dim=None, keepdim=False)", truth(np.all))
any = linear("any(self: nondiff, dim=None, keepdim=False)", truth(np.any))
count_nonzero = linear(
    "count_nonzero(self: nondiff, dim=None)",
    lambda x, dim: np.int64(np.count_nonzero(np.asarray(x, x.dtype), axes(x, dim))),
)
