"""Sorting and what follows from an order: sort, topk, unique.

HOWTO. The values come from the places in `indices`; the gradient goes back there (gather's adjoint). What counts or
searches has no gradient and is a plain function.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ..compiler.arguments import the_one
from ..dtypes import LEGACY, from_numpy
from ..tensor import Tensor, wrap
from .dims import wrap_dim
from .extremum import place
from .form import SIZES, composite, general
from .gathering import gather
from .memory_order import laid_like
from .structure import no_tangent, not_implemented


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
        return x.copy(), np.int64(0)
    indices = order_of(x, wrap_dim(dim, x.ndim), descending)
    return laid_like(np.take_along_axis(x, indices, dim), x), laid_like(indices, x)


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
    self=lambda g, self_shape, dim, indices: place(g, indices, self_shape, dim, True),
    jvp=lambda self_t, dim, indices: gather(self_t, dim, indices),
    public=False,
    saved_as=SIZES,
)
topk_rows = general(
    "topk(self, k, dim, largest) -> (values, indices: nondiff)",
    topk_kernel,
    self=lambda g, self_shape, dim, indices: place(g, indices, self_shape, dim, True),
    jvp=lambda self_t, dim, indices: gather(self_t, dim, indices),
    public=False,
    saved_as=SIZES,
)


@composite(out=True)
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool | None = None) -> Any:
    """Values in order along dim, and where they came from (source: torch.sort)."""
    return sort_rows(input, dim, bool(descending), stable)


@composite(out=True)
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


def unique_kernel(x, dim):
    """The different values, or slices along dim. No nan equals another."""
    if dim is None:
        values, where, counts = np.unique(x, return_inverse=True, return_counts=True, equal_nan=False)
        return values, where.reshape(x.shape), counts
    rows = slices(x, dim)
    order = np.array(sorted(range(len(rows)), key=rows.tolist().__getitem__), np.int64)
    start, where, counts = runs(rows[order])
    back = np.empty_like(where)
    back[order] = where
    return np.take(x, order[start], dim), back, counts


def slices(x, dim):
    """The slices along dim as rows."""
    if not x.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    rows = np.moveaxis(x, wrap_dim(dim, x.ndim), 0)
    if 0 in rows.shape[1:]:
        raise RuntimeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
    return rows.reshape(len(rows), prod(rows.shape[1:]))


def runs(rows):
    """Where runs of equal rows start, the run of each row, and how long each is."""
    start = np.flatnonzero(np.append(True, (rows[1:] != rows[:-1]).any(1))) if len(rows) else np.zeros(0, np.int64)
    counts = np.diff(np.append(start, len(rows)))
    return start, np.repeat(np.arange(len(start)), counts), counts


flat_has_no_tangent, slices_have_no_tangent = no_tangent("_unique2"), no_tangent("unique_dim")
unique_rows = general(
    "unique(self, dim) -> (values, where: nondiff, counts: nondiff)",
    unique_kernel,
    self=lambda g, dim: not_implemented("_unique2" if dim is None else "unique_dim")(g),
    jvp=lambda dim: flat_has_no_tangent() if dim is None else slices_have_no_tangent(),
    public=False,
    grad_fn="Unique2Backward0 if dim is None else UniqueDimBackward0",
)


def unique_consecutive_kernel(x, dim):
    flat, d = (x.reshape(-1), 0) if dim is None else (x, dim)
    start, where, counts = runs(slices(flat, d))
    return np.take(flat, start, d), where.reshape(x.shape) if dim is None else where, counts


consecutive_rows = general(
    "unique_consecutive(self, dim) -> (values, where: nondiff, counts: nondiff)",
    unique_consecutive_kernel,
    self=not_implemented("unique_consecutive"),
    jvp=no_tangent("unique_consecutive"),
    public=False,
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
    return asked_for(unique_rows(no_complex(input, dim), dim), return_inverse, return_counts)


@composite()
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    return asked_for(consecutive_rows(no_complex(input, dim), dim), return_inverse, return_counts)


def no_complex(input: Tensor, dim: int | None) -> Tensor:
    if input.is_complex():
        name = "unique" if dim is None else "unique_dim"
        raise NotImplementedError(f"\"{name}\" not implemented for '{LEGACY[input.dtype]}'")
    return input


def asked_for(found: tuple, return_inverse: bool, return_counts: bool) -> Any:
    values, where, counts = found
    kept = (values, *([where] if return_inverse else []), *([counts] if return_counts else []))
    return values if len(kept) == 1 else kept


@composite(out=True)
def isin(
    elements: Any = None,
    test_elements: Any = None,
    *,
    assume_unique: bool = False,
    invert: bool = False,
    element: Any = None,
    test_element: Any = None,
) -> Tensor:
    given = (
        the_one("isin", elements=elements, element=element),
        the_one("isin", test_elements=test_elements, test_element=test_element),
    )
    numbers = [t for t in given if not isinstance(t, Tensor)]
    if len(numbers) == 2 or not all(isinstance(n, int | float | complex) for n in numbers):
        raise TypeError("isin(): elements and test_elements must be Tensors, or one of them a Number")
    a, b = (t._array if isinstance(t, Tensor) else np.asarray(t) for t in given)
    for x in (a, b):
        if x.dtype.kind in "bc":
            raise RuntimeError(f"Unsupported input type encountered for isin(): {LEGACY[from_numpy(x.dtype)]}")
    a, b = (x.astype(np.float32) if x.dtype.kind == "V" else x for x in (a, b))  # bfloat16
    return wrap(np.isin(a, b, assume_unique, invert)[()])


@composite(method=False)
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """The places that flat indices mean in a tensor of that shape (source: torch.unravel_index)."""
    if indices.dtype.np.kind not in "iu":
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    if not isinstance(shape, int | Sequence):
        raise TypeError(f"expected 'shape' to be int or sequence of ints, but got {type(shape)}")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    for n in sizes:
        if not isinstance(n, int):
            raise TypeError(f"expected 'shape' sequence to only contain ints, but got {type(n)}")
    if any(n < 0 for n in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    steps = [int(np.prod(sizes[d + 1 :], dtype=np.int64)) for d in range(len(sizes))]
    flat = indices._array.astype(np.int64)
    return tuple(wrap((flat // step % n)[()]) for step, n in zip(steps, sizes, strict=True))
