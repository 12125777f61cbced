"""Reading and writing at places: x[i, j] with arrays of integers and masks.

HOWTO. `indices: nondiff` arrives as arrays in kernels; None keeps a dimension whole. A reading operator and the one that
adds up at the same places are each other's adjoints; an operator that overwrites gives the overwritten tensor a gradient
cleared there, and every written value the cotangent of its place, also where a later write hid it (that is torch's rule).
"""

from __future__ import annotations

from math import prod

import numpy as np

from .. import dtypes
from ..warn import warn
from .adding import add_up
from .form import SIZES, linear
from .memory_order import laid_by
from .structure import cast, sum_to

UNFIT = (float, complex, str)  # whatever the dtype that numpy would make of them


def is_mask(k):
    return k.dtype.kind == "b" or k.dtype == np.uint8


def numpy_index(x, indices):
    """numpy's index, checked as torch checks: dimensions count among those that are indexed."""
    found, dim, place = [], 0, 0
    for k in indices:
        if k is None:
            found.append(slice(None))
            dim += 1
            continue
        if type(k) in UNFIT:
            raise TypeError(f"expected Tensor as element {len(found)} in argument 1, but got {type(k).__name__}")
        k = np.asarray(k)
        if is_mask(k):
            k = checked_mask(x, k, dim)
        elif k.dtype not in (np.int64, np.int32):
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        elif k.size and dim < x.ndim:
            k = checked_places(k, x, dim, place)
        found.append(k)
        dim, place = (n + (k.ndim if k.dtype.kind == "b" else 1) for n in (dim, place))
    if dim > x.ndim:
        raise IndexError(f"too many indices for tensor of dimension {x.ndim} (got {dim})")
    return tuple(found)


def checked_mask(x, k, dim):
    if k.dtype.kind != "b":
        warn("indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.")
    if k.shape != x.shape[dim : dim + k.ndim]:
        wrong = next(i for i in range(k.ndim) if k.shape[i : i + 1] != x.shape[dim + i : dim + i + 1])
        raise IndexError(
            f"The shape of the mask {list(k.shape)} at index {wrong} does not match the shape of the indexed "
            f"tensor {list(x.shape)} at index {dim + wrong}"
        )
    return k.astype(bool, copy=False)


def checked_places(k, x, dim, place):
    """Where there is nothing to read, any place but one along a dimension of size 0 will do."""
    n = x.shape[dim]
    if not n:
        raise IndexError("index is out of bounds for dimension with size 0")
    if not x.size:
        return np.zeros_like(k)
    if k.min() < -n or k.max() >= n:
        bad = k[(k < -n) | (k >= n)].flat[0]
        raise IndexError(f"index {bad} is out of bounds for dimension {place} with size {n}")
    return k


def index_kernel(x, indices):
    where = numpy_index(x, indices)
    try:
        r = x[where]
    except IndexError:
        raise cannot_broadcast(where) from None
    if type(r) is not np.ndarray:
        return r
    return np.ascontiguousarray(r) if x.flags.c_contiguous else in_torch_order(r, x, where)


def in_torch_order(r, x, where):
    """What was read at x[where], laid out by the strides of x in the dimensions that are kept whole, then those of the places."""
    whole, dim = [], 0
    for k in where:
        if isinstance(k, slice):
            whole.append(x.strides[dim])
        dim += k.ndim if not isinstance(k, slice) and k.dtype.kind == "b" else 1
    whole += x.strides[dim:]
    rank = r.ndim - len(whole)
    first, *others = [i for i, k in enumerate(where) if not isinstance(k, slice)]
    before = first if others == list(range(first + 1, first + 1 + len(others))) else 0
    places = r.shape[before : before + rank]
    inside = [prod(places[i + 1 :]) for i in range(rank)]
    after = len(whole) - before
    return laid_by(r, [*whole[:before], *(0,) * rank, *whole[before:]], [*(0,) * before, *inside, *(0,) * after])


def cannot_broadcast(where):
    arrays = [k for k in where if not isinstance(k, slice)]
    shapes = [str(list(f.shape)) for k in arrays for f in (k.nonzero() if k.dtype.kind == "b" else [k])]
    return IndexError(
        f"shape mismatch: indexing tensors could not be broadcast together with shapes {', '.join(shapes)}"
    )


def add_at_kernel(g, shape, indices):
    r = np.zeros(shape, g.dtype)
    add_up(r, numpy_index(r, indices), g)
    return r


def index_put_kernel(x, indices, values, accumulate=False):
    r, masks = np.array(x), [k for k in indices if k is not None]
    if values.size == 1 and not accumulate and len(masks) == 1 and is_mask(masks[0]):
        values = number_to_fill(x, masks[0], values)
    where = numpy_index(x, indices)
    if values.dtype != x.dtype:
        raise mismatch(r, where, values)
    try:
        if accumulate:  # of values that broadcast along an index numpy's at() may read beyond the end
            add_up(r, where, np.broadcast_to(values, r[where].shape))
        elif values.shape[:1] == (1,) and values.ndim > r[where].ndim:  # which numpy would drop
            raise mismatch(r, where, values)
        else:
            r[where] = values
    except (ValueError, TypeError):  # numpy has two ways to say that they do not fit
        raise mismatch(r, where, values) from None
    except IndexError:
        raise cannot_broadcast(where) from None
    return r


def mismatch(x, where, values):
    """Why values cannot be written: their shape, or else their dtype."""
    shape = x[where].shape
    try:
        np.broadcast_to(values, shape)
    except ValueError:
        return RuntimeError(
            f"shape mismatch: value tensor of shape {list(values.shape)} cannot be broadcast to indexing result of "
            f"shape {list(shape)}"
        )
    have, given = (dtypes.from_numpy(a.dtype).legacy for a in (x, values))
    return RuntimeError(
        f"Index put requires the source and destination dtypes match, got {have} for the destination and {given} for "
        "the source."
    )


def number_to_fill(x, mask, value):
    """One number where one mask is set is masked_fill_ in torch: of any dtype, if it fits."""
    if mask.dtype.kind != "b":
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype unsigned char")
    return np.asarray(dtypes.number(value.item(), x.dtype)).astype(x.dtype)


index = linear(
    "index(self, indices: nondiff)",
    index_kernel,
    self=lambda g, self_shape, indices: add_at(g, self_shape, indices),
    public=False,
    saved_as=SIZES,
)
add_at = linear(
    "add_at(self, shape, indices: nondiff)",
    add_at_kernel,
    self=lambda g, indices: index(g, indices),
    public=False,
    grad_fn="IndexPutImplBackward0",
    edges="nT",
)
index_put = linear(
    "index_put(self, indices: nondiff, values, accumulate=False)",
    index_put_kernel,
    self=lambda g, indices, accumulate: g if accumulate else cleared(g, indices),
    values=lambda g, indices, values_shape, values_dtype: cast(sum_to(index(g, indices), values_shape), values_dtype),
    inplace=True,
)
cleared = linear(
    "cleared(self, indices: nondiff)",
    lambda g, indices: index_put_kernel(g, indices, g.dtype.type(0)),
    self=lambda g, indices: cleared(g, indices),
    public=False,
    grad_fn="IndexPutBackward0",
    edges="Tn",
)
