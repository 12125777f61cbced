"""Views by strides: as_strided and unfold.

HOWTO. What as_strided reads is a place in memory; its adjoint adds up by place and reads as the input does.
"""

from __future__ import annotations

from math import prod
from operator import index as integer

import numpy as np

from ..tensor import in_order, owner_of
from .dims import at, wrap_dim
from .form import SIZES, linear, view


def root(x):
    """The array that owns x's memory, and the bytes before x in it."""
    r = in_order(owner_of(x))
    return r, x.__array_interface__["data"][0] - r.__array_interface__["data"][0]


def reread(x, shape, strides, offset=0):
    """x's memory read with other strides, from `offset` bytes behind x's first element on. (The result of numpy's own
    as_strided does not tell whose memory it is.)"""
    r, start = root(x)
    if not r.flags.forc and not offset:  # of memory that is not numpy's
        return np.lib.stride_tricks.as_strided(x, shape, strides)
    return np.ndarray(shape, x.dtype, r, start + offset, strides)


def strided(x, size, stride, offset, own=None, storage_offset=None):
    """Elements of x's memory, `offset` counted from x's first element (`storage_offset`, from the first of all, is shown)."""
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    step, (r, _) = x.itemsize, root(x)
    if min(stride, default=0) < 0:
        raise RuntimeError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(stride)}")
    try:
        if not r.size and prod(size):
            raise ValueError("numpy does not look for the end of empty memory")
        return reread(x, size, tuple(s * step for s in stride), offset * step)
    except (ValueError, TypeError):
        extent = end_of(size, stride, offset)
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize "
            f"{step} requiring a storage size of {extent * step} are out of bounds for storage of size {r.nbytes}"
        ) from None


def from_the_start(x, size, stride, storage_offset):
    """The same with `storage_offset` counted from the start of x's memory; None is where x starts."""
    return strided(x, size, stride, 0 if storage_offset is None else storage_offset - root(x)[1] // x.itemsize)


def copied_memory(x):
    """A copy of the whole memory of x, and x in it."""
    r, start = root(x)
    return np.ndarray(x.shape, x.dtype, r.copy("A"), start, x.strides)


def end_of(shape, stride, start=0):
    """The place behind the last element."""
    return start + sum((n - 1) * s for n, s in zip(shape, stride, strict=True)) + 1


def contiguous_strides(shape):
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def strided_adjoint(g, shape, size, stride, storage_offset, own):
    """Add g up by place in memory, then read those places as the input (whose strides are `own`) does."""
    if not prod(shape) or not prod(size):
        return np.zeros(shape, g.dtype)
    own = contiguous_strides(shape) if own is None else own
    top = max([(n - 1) * s for n, s in zip(shape, own, strict=True)], default=0)
    first = min(0, storage_offset)
    last = max(sum((n - 1) * s for n, s in zip(d, e, strict=True)) for d, e in ((shape, own), (size, stride)))
    memory = np.zeros(last + abs(storage_offset) + top + 1, g.dtype)
    np.add.at(memory, places(size, stride) + (storage_offset - first), g)
    found = places(shape, own) - first
    shared = np.bincount(found.reshape(-1), minlength=1)[found]
    return memory[found] if shared.max() == 1 else (memory[found] / shared).astype(g.dtype)


def places(shape, stride):
    """The offset of each element."""
    found = np.zeros(shape, np.int64)
    for d, (n, s) in enumerate(zip(shape, stride, strict=True)):
        found += (np.arange(n) * s).reshape((-1,) + (1,) * (len(shape) - 1 - d))
    return found


as_strided = view(
    "as_strided(self, size, stride, offset=0, own=None, storage_offset=None)",
    strided,
    self=lambda g, self_shape, size, stride, offset, own: as_strided_adjoint(g, self_shape, size, stride, offset, own),
    keeps="storage_offset",
    public=False,
    saved_as={"own": "", "offset": ""},
)
as_strided_adjoint = linear(
    "as_strided_adjoint(self, shape, size, stride, storage_offset, own)",
    strided_adjoint,
    self=lambda g, shape, size, stride, storage_offset, own: strided_copy(g, size, stride, storage_offset, own),
    public=False,
    grad_fn="AsStridedBackward0",
)


def strided_copy_kernel(x, size, stride, storage_offset, own):
    """What as_strided reads where x is laid out by `own`; places that x does not have read 0."""
    own = contiguous_strides(x.shape) if own is None else own
    memory = dict(zip(places(x.shape, own).reshape(-1).tolist(), x.reshape(-1), strict=True))
    wanted = (places(size, stride) + storage_offset).reshape(-1).tolist()
    return np.array([memory.get(p, 0) for p in wanted], x.dtype).reshape(size)


strided_copy = linear(
    "strided_copy(self, size, stride, storage_offset, own)",
    strided_copy_kernel,
    self=lambda g, self_shape, size, stride, storage_offset, own: as_strided_adjoint(
        g, self_shape, size, stride, storage_offset, own
    ),
    public=False,
    grad_fn="AsStridedBackward0",
)


def unfold_kernel(x, dimension, size, step):
    d = wrap_dim(dimension, x.ndim)
    n = x.shape[d] if x.ndim else 1
    if size > n:
        raise RuntimeError(f"maximum size for tensor at dimension {d} is {n} but size is {size}")
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    if not x.ndim:
        return x.reshape(1)[: size : integer(step)]
    shape, strides = [*x.shape, size], [*x.strides, x.strides[d]]
    shape[d], strides[d] = (n - size) // step + 1, strides[d] * step
    return reread(x, shape, strides)


def unfold_adjoint_kernel(g, shape, dimension, size, step):
    r = np.zeros(shape or (1,), g.dtype)
    d = wrap_dim(dimension, r.ndim)
    windows = g.shape[d] if shape else 1
    for k in range(size):
        r[at(d, slice(k, k + windows * step, step))] += g[..., k] if shape else g
    return r.reshape(shape)


unfold = view(
    "unfold(self, dimension, size, step)",
    unfold_kernel,
    self=lambda g, self_shape, dimension, size, step: unfold_adjoint(g, self_shape, dimension, size, step),
    modules="",
    method=True,
    saved_as=SIZES,
)
unfold_adjoint = linear(
    "unfold_adjoint(self, shape, dimension, size, step)",
    unfold_adjoint_kernel,
    self=lambda g, dimension, size, step: unfold(g, dimension, size, step),
    public=False,
    saved_as={"dimension": "dim"},
    grad_fn="UnfoldBackwardBackward0",
)
