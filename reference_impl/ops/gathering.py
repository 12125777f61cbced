"""gather and scatter: an index for every element, along one dimension.

HOWTO. `index: nondiff` arrives as an array in kernels. Adjoints and overwritten values: as in indexing.py.
"""

from __future__ import annotations

import numpy as np

from .. import dtypes
from .adding import add_up
from .dims import wrap_dim
from .form import general, linear


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
    found = np.ascontiguousarray(x[mesh(x, dim, index)])  # numpy lays it out as the index is
    return found if index.ndim else found.reshape(())[()]


def check_source(of_src, of_index):
    """The source has as many dimensions as the index; torch misses one when it comes to compare its size."""
    if max(of_src, 1) == max(of_index, 1):
        return
    if 0 < of_src < of_index:
        wrap_dim(of_src, of_src)
    raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")


def same_kind(x, dim, src, index):
    """scatter takes a source of the same dtype and number of dimensions."""
    if isinstance(src, np.ndarray | np.generic):
        dtypes.same("scatter(): Expected self.dtype to be equal to src.dtype", x, src)
        if index.size:
            check_source(src.ndim, index.ndim)
    d = dim % max(x.ndim, 1)
    if index.size and any(n > m for i, (n, m) in enumerate(zip(index.shape, x.shape, strict=False)) if i != d):
        raise RuntimeError(
            f"Expected index {list(index.shape)} to be no larger than self {list(x.shape)} apart from dimension {d}"
        )


def scatter_add_kernel(x, dim, index, src):
    check_index(x, dim, index, "scatter_add")
    same_kind(x, dim, src, index)
    r = np.array(x, order="C")
    if index.size:
        at = mesh(r, dim, index)
        add_up(r, at, first(src, index) if x.ndim else np.sum(src))
    return r


def scatter_kernel(x, dim, index, src):
    src = dtypes.number(src, x.dtype)
    check_index(x, dim, index, "scatter")
    same_kind(x, dim, src, index)
    r = np.array(x, order="C")
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


def src_gradient(g, src_shape, dim, index, node="ScatterBackward0"):
    """torch gathers a gradient of the index's shape, and refuses a larger src in backward."""
    return same_shape(gather(g, dim, index), src_shape, node)


def same_shape(g, shape, node):
    if tuple(g.shape) != shape:
        raise RuntimeError(
            f"Function {node} returned an invalid gradient at index 1 - got {list(g.shape)} but expected "
            f"shape compatible with {list(shape)}"
        )
    return g


gather = linear(
    "gather(self, dim, index: nondiff)",
    gather_kernel,
    self=lambda g, self_shape, dim, index: gathered_back(g, self_shape, dim, index),
    keeps="self",
    shows={"sparse_grad": lambda: False},
    public=False,
)
gathered_back = linear(
    "gathered_back(self, shape, dim, index: nondiff)",
    lambda g, shape, dim, index: scatter_add_kernel(np.zeros(shape, g.dtype), dim, index, g),
    self=lambda g, dim, index: gather(g, dim, index),
    public=False,
    grad_fn="ScatterAddBackward0",
    edges="nT",
)
scatter_add = linear(
    "scatter_add(self, dim, index: nondiff, src)",
    scatter_add_kernel,
    self=lambda g: g,
    src=lambda g, src_shape, dim, index: src_gradient(g, src_shape, dim, index, "ScatterAddBackward0"),
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
