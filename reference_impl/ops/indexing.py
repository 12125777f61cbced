"""Reading and writing at places: index arrays, masks, gather and scatter.

HOWTO. `index: nondiff` arrives as an array in kernels. A reading operator and the one that adds up at the same places
are each other's adjoints; an operator that overwrites gives the overwritten tensor a gradient cleared there, and every
written value the cotangent of its place, also where a later write hid it (that is torch's rule).
"""

from __future__ import annotations

import warnings

import numpy as np

from .. import dtypes
from .form import SIZES, general, linear
from .shape import wrap_dim
from .structure import cast, sum_to

# -- x[i, j]: arrays of integers and masks; None in `indices` keeps a dimension whole


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
        k = np.asarray(k)
        if is_mask(k):
            k = checked_mask(x, k, dim)
        elif k.dtype not in (np.int64, np.int32):
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        elif k.size and dim < x.ndim:
            check_bounds(k, x.shape[dim], place)
        found.append(k)
        dim, place = (n + (k.ndim if k.dtype.kind == "b" else 1) for n in (dim, place))
    if dim > x.ndim:
        raise IndexError(f"too many indices for tensor of dimension {x.ndim} (got {dim})")
    return tuple(found)


def checked_mask(x, k, dim):
    if k.dtype.kind != "b":
        warnings.warn(
            "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.",
            UserWarning,
            stacklevel=6,
        )
    if k.shape != x.shape[dim : dim + k.ndim]:
        wrong = next(i for i in range(k.ndim) if k.shape[i : i + 1] != x.shape[dim + i : dim + i + 1])
        raise IndexError(
            f"The shape of the mask {list(k.shape)} at index {wrong} does not match the shape of the indexed "
            f"tensor {list(x.shape)} at index {dim + wrong}"
        )
    return k.astype(bool, copy=False)


def check_bounds(k, n, place):
    if not n:
        raise IndexError("index is out of bounds for dimension with size 0")
    if k.min() < -n or k.max() >= n:
        bad = k[(k < -n) | (k >= n)].flat[0]
        raise IndexError(f"index {bad} is out of bounds for dimension {place} with size {n}")


def index_kernel(x, indices):
    where = numpy_index(x, indices)
    try:
        return x[where]
    except IndexError:
        raise cannot_broadcast(where) from None


def cannot_broadcast(where):
    arrays = [k for k in where if not isinstance(k, slice)]
    shapes = [str(list(f.shape)) for k in arrays for f in (k.nonzero() if k.dtype.kind == "b" else [k])]
    return IndexError(
        f"shape mismatch: indexing tensors could not be broadcast together with shapes {', '.join(shapes)}"
    )


def add_at_kernel(g, shape, indices):
    r = np.zeros(shape, g.dtype)
    np.add.at(r, numpy_index(r, indices), g)
    return r


def index_put_kernel(x, indices, values, accumulate=False):
    r, masks = np.array(x), [k for k in indices if k is not None]
    if values.size == 1 and not accumulate and len(masks) == 1 and is_mask(masks[0]):
        values = number_to_fill(x, masks[0], values)
    where = numpy_index(x, indices)
    if values.dtype != x.dtype:
        raise mismatch(r, where, values)
    try:
        if accumulate:
            np.add.at(r, where, values)
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
    grad_fn="IndexPutBackward0",
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
)


# -- gather and scatter: an index for every element, along one dimension


def mesh(x, dim, index):
    """numpy's index for gather and scatter: the element's own position, except along dim."""
    d = wrap_dim(dim, x.ndim)
    if index.size:
        n = x.shape[d] if x.ndim else 1
        if index.min() < 0 or index.max() >= n:
            bad = index[(index < 0) | (index >= n)].flat[0]
            raise RuntimeError(f"index {bad} is out of bounds for dimension {d} with size {n}")
    if not x.ndim:
        return ()
    grid = list(np.ix_(*map(np.arange, index.shape))) if index.ndim else [np.int64(0)] * x.ndim
    grid[d] = index
    return tuple(grid)


def check_index(x, dim, index, name):
    wrap_dim(dim, x.ndim)
    if index.size and (index.dtype.kind not in "iu" or index.dtype.itemsize < 4):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    if index.size and max(index.ndim, 1) != max(x.ndim, 1):
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as {'input' if name == 'gather' else 'self'} tensor"
        )


def gather_kernel(x, dim, index):
    check_index(x, dim, index, "gather")
    if not index.size:
        return np.zeros(index.shape, x.dtype)
    d = wrap_dim(dim, x.ndim)
    for i in range(index.ndim if x.ndim else 0):
        if i != d and index.shape[i] > x.shape[i]:
            raise RuntimeError(
                f"Size does not match at dimension {i} expected index {list(index.shape)} to be no larger than self "
                f"{list(x.shape)} apart from dimension {d}"
            )
    if not x.ndim:
        mesh(x, dim, index)
        return np.broadcast_to(x, index.shape).copy()
    return np.ascontiguousarray(x[mesh(x, dim, index)])  # numpy lays it out as the index is


def same_kind(x, dim, src, index):
    """scatter takes a source of the same dtype and number of dimensions."""
    if isinstance(src, np.ndarray | np.generic):
        dtypes.same("scatter(): Expected self.dtype to be equal to src.dtype", x, src)
        if index.size and max(src.ndim, 1) != max(index.ndim, 1):
            if src.ndim:
                wrap_dim(dim, src.ndim)
            raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    d = dim % max(x.ndim, 1)
    if any(n > m for i, (n, m) in enumerate(zip(index.shape, x.shape, strict=False)) if i != d):
        raise RuntimeError(
            f"Expected index {list(index.shape)} to be no larger than self {list(x.shape)} apart from dimension {d}"
        )


def scatter_add_kernel(x, dim, index, src):
    check_index(x, dim, index, "scatter_add")
    same_kind(x, dim, src, index)
    r = np.array(x)
    if index.size:
        at = mesh(r, dim, index)
        np.add.at(r, at, first(src, index) if x.ndim else np.sum(src))
    return r


def scatter_kernel(x, dim, index, src):
    src = dtypes.number(src, x.dtype)
    check_index(x, dim, index, "scatter")
    same_kind(x, dim, src, index)
    r = np.array(x)
    if index.size:
        r[mesh(r, dim, index)] = first(src, index) if x.ndim else np.reshape(src, -1)[-1]
    return r


def first(src, index):
    """The part of src that index covers (a number, or 0-dim, goes everywhere)."""
    src = np.asarray(src)
    if not src.ndim:
        return src
    if any(n > m for n, m in zip(index.shape, src.shape, strict=False)):
        raise RuntimeError(
            f"Expected index {list(index.shape)} to be no larger than src {list(src.shape)} in every dimension"
        )
    part = src[tuple(slice(n) for n in index.shape)]
    return part if index.ndim else part.reshape(())


def src_gradient(g, src_shape, dim, index):
    """torch gathers a gradient of the index's shape, and refuses a larger src in backward."""
    return same_shape(gather(g, dim, index), src_shape)


def same_shape_kernel(g, shape):
    if g.shape != shape:
        raise RuntimeError(
            f"Function ScatterBackward0 returned an invalid gradient at index 1 - got {list(g.shape)} but expected "
            f"shape compatible with {list(shape)}"
        )
    return g


same_shape = linear(
    "same_shape(self, shape)",
    same_shape_kernel,
    self=lambda g, self_shape: same_shape(g, self_shape),
    public=False,
)
gather = linear(
    "gather(self, dim, index: nondiff)",
    gather_kernel,
    self=lambda g, self_shape, dim, index: gathered_back(g, self_shape, dim, index),
    public=False,
)
gathered_back = linear(
    "gathered_back(self, shape, dim, index: nondiff)",
    lambda g, shape, dim, index: scatter_add_kernel(np.zeros(shape, g.dtype), dim, index, g),
    self=lambda g, dim, index: gather(g, dim, index),
    public=False,
    grad_fn="ScatterAddBackward0",
)
scatter_add = linear(
    "scatter_add(self, dim, index: nondiff, src)",
    scatter_add_kernel,
    self=lambda g: g,
    src=lambda g, src_shape, dim, index: src_gradient(g, src_shape, dim, index),
    inplace=True,
)
scatter_src = linear(
    "scatter(self, dim, index: nondiff, src)",
    scatter_kernel,
    self=lambda g, dim, index: scatter_value(g, dim, index, 0),
    src=lambda g, src_shape, dim, index: src_gradient(g, src_shape, dim, index),
    public=False,
)
scatter_value = general(
    "scatter(self, dim, index: nondiff, value)",
    scatter_kernel,
    self=lambda g, dim, index: scatter_value(g, dim, index, 0),
    jvp=lambda self_t, dim, index: scatter_value(self_t, dim, index, 0),
    public=False,
    grad_fn="ScatterBackward1",
)
