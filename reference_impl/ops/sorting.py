"""Sorting and what follows from an order: sort, topk, unique, searchsorted, histograms.

HOWTO. The values come from the places in `indices`; the gradient goes back there (gather's adjoint). What counts or
searches has no gradient and is a plain function.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compiler.runtime import wide
from ..dtypes import LEGACY, from_numpy
from ..tensor import Tensor, wrap
from .form import composite, general
from .indexing import gather, gathered_back
from .shape import wrap_dim


def order_of(x, dim, descending):
    """The stable order; nan is the largest."""
    if x.dtype.kind == "c":
        raise RuntimeError("Sort does not support complex dtypes on CPU")
    if not descending:
        return np.argsort(x, dim, kind="stable")
    back = np.flip(np.argsort(np.flip(x, dim), dim, kind="stable"), dim)
    return x.shape[dim] - 1 - back


def sort_kernel(x, dim, descending, stable):
    if not np.ndim(x):
        wrap_dim(dim, 0)
        return x, np.int64(0)
    indices = order_of(x, wrap_dim(dim, x.ndim), descending)
    return np.take_along_axis(x, indices, dim), indices


def topk_kernel(x, k, dim, largest):
    d = wrap_dim(dim, x.ndim)
    if x.dtype.kind in "bc":
        raise RuntimeError(f"topk does not support {'bool' if x.dtype.kind == 'b' else 'complex'} dtypes on CPU")
    if not 0 <= k <= (x.shape[d] if x.ndim else 1):
        raise RuntimeError("selected index k out of range")
    if not x.ndim:
        return (x, np.int64(0)) if k else (np.reshape(x, 1)[:0], np.zeros(0, np.int64))
    indices = np.take(order_of(x, d, largest), np.arange(k), d)
    return np.take_along_axis(x, indices, d), indices


sort_rows = general(
    "sort(self, dim, descending, stable) -> (values, indices: nondiff)",
    sort_kernel,
    grad_fn="SortBackward0 if stable is None else SortBackward1",
    self=lambda g, self_shape, dim, indices: gathered_back(g, self_shape, dim, indices),
    jvp=lambda self_t, dim, indices: gather(self_t, dim, indices),
    public=False,
)
topk_rows = general(
    "topk(self, k, dim, largest) -> (values, indices: nondiff)",
    topk_kernel,
    self=lambda g, self_shape, dim, indices: gathered_back(g, self_shape, dim, indices),
    jvp=lambda self_t, dim, indices: gather(self_t, dim, indices),
    public=False,
)


@composite(out=True)
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool | None = None) -> Any:
    """Values in order along dim, and where they came from (source: torch.sort)."""
    return sort_rows(input, dim, bool(descending), stable)


@composite()
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    return sort_rows(input.detach(), dim, bool(descending), None)[1]


@composite(out=True)
def msort(input: Tensor) -> Tensor:
    return sort_rows(input, 0, False, None)[0]


@composite(out=True)
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest (or smallest) values along dim (source: torch.topk)."""
    return topk_rows(input, k, dim, bool(largest))


# -- without a gradient


def refuse_gradient(g):
    raise NotImplementedError("the derivative for '_unique2' is not implemented.")


def unique_kernel(x, dim):
    values, where, counts = np.unique(x, return_inverse=True, return_counts=True, axis=dim)
    return values, where.reshape(x.shape if dim is None else -1), counts


unique_rows = general(
    "unique(self, dim) -> (values, where: nondiff, counts: nondiff)",
    unique_kernel,
    self=refuse_gradient,
    public=False,
    grad_fn="NotImplemented0Backward0",
    refuses="complex",
)


@composite()
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different values, in order (source: torch.unique)."""
    values, where, counts = unique_rows(input, dim)
    found = [values, *([where] if return_inverse else []), *([counts] if return_counts else [])]
    return found[0] if len(found) == 1 else tuple(found)


@composite()
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    if input.dtype.is_complex:
        raise NotImplementedError(f"\"unique\" not implemented for '{LEGACY[input.dtype]}'")
    if dim is not None:
        return unique_slices(input._array, wrap_dim(dim, input.ndim), return_inverse, return_counts)
    flat = input._array.reshape(-1)
    start = np.flatnonzero(np.append(True, flat[1:] != flat[:-1])) if flat.size else np.zeros(0, np.int64)
    counts = np.diff(np.append(start, flat.size))
    where = np.repeat(np.arange(len(start)), counts).reshape(input.shape)
    found = [flat[start], *([where] if return_inverse else []), *([counts] if return_counts else [])]
    return wrap(found[0]) if len(found) == 1 else tuple(map(wrap, found))


def unique_slices(x: Any, dim: int, return_inverse: bool, return_counts: bool) -> Any:
    """unique_consecutive of the slices along dim."""
    rows = np.moveaxis(x, dim, 0)
    other = (rows[1:] != rows[:-1]).any(tuple(range(1, rows.ndim)))
    start = np.flatnonzero(np.append(True, other)) if len(rows) else np.zeros(0, np.int64)
    counts = np.diff(np.append(start, len(rows)))
    found = [np.take(x, start, dim)]
    found += [np.repeat(np.arange(len(start)), counts)] if return_inverse else []
    found += [counts] if return_counts else []
    return wrap(found[0]) if len(found) == 1 else tuple(map(wrap, found))


@composite(method=False, out=True)
def searchsorted(
    sorted_sequence: Tensor,
    values: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where values would be inserted to keep the order (source: torch.searchsorted)."""
    a, v = sorted_sequence._array, values._array if isinstance(values, Tensor) else np.asarray(values)
    if a.dtype.kind in "bc":
        raise NotImplementedError(f"\"searchsorted_out_cpu\" not implemented for '{LEGACY[from_numpy(a.dtype)]}'")
    if np.ndim(v) and isinstance(values, Tensor) and a.dtype != v.dtype:
        raise RuntimeError(
            "torch.searchsorted(): boundary tensor and input value tensor should have same dtype, but got boundary "
            f"tensor dtype {LEGACY[from_numpy(a.dtype)]} and input value tensor dtype {LEGACY[from_numpy(v.dtype)]}"
        )
    a = a if sorter is None else np.take_along_axis(a, sorter._array, -1)
    side = side or ("right" if right else "left")
    if a.ndim == 1:
        found = np.searchsorted(a, v, side)
    elif a.shape[:-1] != v.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor "
            f"and input value tensor must match, but we got boundaries tensor {list(a.shape)} and input value tensor "
            f"{list(v.shape)}"
        )
    else:
        found = np.zeros(v.shape, np.int64)
        for at in np.ndindex(v.shape[:-1]):
            found[at] = np.searchsorted(a[at], v[at], side)
    return wrap(np.asarray(found).astype(np.int32 if out_int32 else np.int64)[()])


@composite(method=False, out=True)
def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    if boundaries.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@composite()
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    if input.ndim != 1 or input.dtype.np.kind not in "iu" or (input.numel() and input._array.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    r = np.bincount(input._array, None if weights is None else weights._array, minlength)
    return wrap(r if weights is None or weights.dtype.np != np.float32 else r.astype(np.float32))


@composite(out=True)
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    if not input.dtype.is_floating_point:
        raise NotImplementedError(f"\"histogram_cpu\" not implemented for '{LEGACY[input.dtype]}'")
    x = wide(np.asarray(input._array).reshape(-1))
    low, high = (min, max) if min != max or not x.size else (x.min(), x.max())
    low, high = (low - 1, high + 1) if low == high else (low, high)
    if not np.isfinite([low, high]).all():
        raise RuntimeError(f"range of [{low}, {high}] is not finite")
    return wrap(np.histogram(x.astype(np.float64), bins, (low, high))[0].astype(input.dtype.np))


@composite(out=True)
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    a, b = (t._array if isinstance(t, Tensor) else np.asarray(t) for t in (elements, test_elements))
    if a.dtype.kind in "bc":
        raise RuntimeError(f"Unsupported input type encountered for isin(): {LEGACY[from_numpy(a.dtype)]}")
    return wrap(np.isin(a, b, assume_unique, invert)[()])


@composite(method=False)
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """The places that flat indices mean in a tensor of that shape (source: torch.unravel_index)."""
    if indices.dtype.np.kind not in "iu":
        raise ValueError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    steps = [int(np.prod(sizes[d + 1 :], dtype=np.int64)) for d in range(len(sizes))]
    flat = indices._array.astype(np.int64)
    return tuple(wrap((flat // step % n)[()]) for step, n in zip(steps, sizes, strict=True))
