"""Making sparse tensors from indices and values."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Size
from ..errors import Unsupported
from ..factories.from_data import tensor
from ..factories.sizes import size_of
from ..placement import sparse_coo, sparse_csc, sparse_csr
from ..tensor import Tensor, set_requires_grad, wrap
from ..warn import once
from . import operators
from .invariants import check_sparse_tensor_invariants
from .tensor import made

UNCHECKED = (
    "Sparse invariant checks are implicitly disabled. Memory errors (e.g. SEGFAULT) will occur when operating on a sparse "
    "tensor which violates the invariants, but checks incur performance overhead. To silence this warning, explicitly opt in "
    "or out. See `torch.sparse.check_sparse_tensor_invariants.__doc__` for guidance. "
)


def sparse_coo_tensor(
    indices: Any,
    values: Any = None,
    size: Any = None,
    *,
    dtype: Any = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    check_invariants: bool | None = None,
    is_coalesced: bool | None = None,
) -> Tensor:
    """Values at places, 0 elsewhere; values at one place add up (source: torch.sparse_coo_tensor).

    indices: of shape (sparse dimensions, elements). values: (elements, *dense sizes), through which gradients pass.
    """
    if values is None:  # only a size
        size = size_of((indices,) if size is None else (size,), "sparse_coo_tensor")
        return nothing(size, dtypes.wanted(dtype, dtypes.get_default_dtype())).requires_grad_(requires_grad)
    places = (indices if isinstance(indices, Tensor) else tensor(indices))._array.astype(np.int64)
    values = values if isinstance(values, Tensor) else tensor(values, dtype=dtype)
    values = values if dtype is None else values.to(dtype)
    values = values if values.ndim else values.expand(1)
    check_places(places, values)
    if size is None:
        size = (*(int(row.max()) + 1 if row.size else 0 for row in places), *values.shape[1:])
    size = tuple(size)
    leave_unchecked(check_invariants)
    check_size(places, values, size)
    return finished(values, places, size, bool(is_coalesced), requires_grad)


def leave_unchecked(asked: bool | None = None) -> None:
    """Warn where nobody has said whether a new tensor is to be checked."""
    if asked is None and check_sparse_tensor_invariants.checked is None:
        once(UNCHECKED)


def nothing(size: tuple[int, ...], dtype: Any, layout: Any = sparse_coo) -> Tensor:
    """Only zeros, none of them specified."""
    if layout not in LAYOUTS:
        raise Unsupported(f"zeros: layout {layout}")
    return made(np.zeros((len(size), 0), np.int64), wrap(np.zeros(0, dtype.np)), size, True, layout)


def filled(name: str, size: tuple[int, ...], dtype: Any, layout: Any) -> Tensor:
    """What zeros and its kin make where they are given a sparse layout."""
    if name not in ("zeros", "empty"):
        raise RuntimeError("full(...) is not implemented for sparse layout")
    return nothing(size, dtype, layout)


def finished(values: Tensor, places: np.ndarray, size: tuple[int, ...], coalesced: bool, requires_grad: bool) -> Tensor:
    if not requires_grad:
        return operators.coo_of(values, places, Size(size), coalesced)
    if not (values.is_floating_point() or values.is_complex()):
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    t = made(places, values.detach(), size, coalesced)
    set_requires_grad(t, True)
    return t


def check_places(places: np.ndarray, values: Tensor) -> None:
    if places.ndim != 2:
        raise RuntimeError(f"indices must be sparse_dim x nnz, but got: {list(places.shape)}")
    if len(values) != places.shape[1]:
        raise RuntimeError(
            f"indices and values must have same nnz, but got nnz from indices: {places.shape[1]}, nnz from values: "
            f"{len(values)}"
        )
    for d, row in enumerate(places):
        if row.size and row.min() < 0:
            raise RuntimeError(f"found negative index {row.min()} for dim {d}")


def check_size(places: np.ndarray, values: Tensor, size: tuple[int, ...]) -> None:
    n, inner = len(places), tuple(values.shape[1:])
    if len(size) != n + len(inner):
        raise RuntimeError(
            f"'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = {len(size)}, sparse_dim = {n}, dense_dim = "
            f"{len(inner)}"
        )
    for d, row in enumerate(places):
        if row.size and row.max() >= size[d]:
            raise RuntimeError(
                f"size is inconsistent with indices: for dim {d}, size is {size[d]} but found index {row.max()}"
            )
    if inner != size[n:]:
        raise RuntimeError(
            f"values has incorrect size, expected [{', '.join(map(str, (places.shape[1], *size[n:])))}], got "
            f"{list(values.shape)}"
        )


def compressed(name: str, layout: Any) -> Any:
    """torch.sparse_csr_tensor, or that of columns."""

    def of_parts(
        starts: Any, others: Any, values: Any, size: Any = None, *, dtype: Any = None, device: Any = None,
        pin_memory: bool = False, requires_grad: bool = False, check_invariants: bool | None = None,
    ) -> Tensor:  # fmt: skip
        starts, others = ((x if isinstance(x, Tensor) else tensor(x))._array for x in (starts, others))
        values = values if isinstance(values, Tensor) else tensor(values)
        values = values if dtype is None else values.to(dtype)
        check_parts(starts, others, values, layout)
        found = [len(starts) - 1, int(others.max()) + 1 if others.size else 0]
        size = tuple((found if layout is sparse_csr else found[::-1]) if size is None else size)
        leave_unchecked(check_invariants)
        sorted_too = check_sparse_tensor_invariants.checked if check_invariants is None else check_invariants
        check_compressed(starts, others, len(values), size, layout, bool(sorted_too))
        indices = [np.repeat(np.arange(len(starts) - 1), np.diff(starts)), others.astype(np.int64)]
        indices = indices if layout is sparse_csr else indices[::-1]
        check_size(np.stack(indices), values, size)
        if requires_grad:
            return operators.compressed_of(values.detach(), np.stack(indices), size, layout).requires_grad_()
        return operators.compressed_of(values, np.stack(indices), size, layout)

    def by_rows(crow_indices: Any, col_indices: Any, values: Any, size: Any = None, **options: Any) -> Tensor:
        return of_parts(crow_indices, col_indices, values, size, **options)

    def by_columns(ccol_indices: Any, row_indices: Any, values: Any, size: Any = None, **options: Any) -> Tensor:
        return of_parts(ccol_indices, row_indices, values, size, **options)

    named = by_rows if layout is sparse_csr else by_columns
    of_parts.__name__ = named.__name__ = named.__qualname__ = name
    named.__doc__ = (
        f"A matrix by the elements of its rows, or columns: where each starts among them (source: torch.{name})."
    )
    return named


def check_parts(starts: np.ndarray, others: np.ndarray, values: Tensor, layout: Any) -> None:
    """What torch asks of the arrays that a matrix of this layout is made of."""
    compressed, plain = ("crow", "col") if layout is sparse_csr else ("ccol", "row")
    both = f"{compressed}_indices and {plain}_indices"
    if starts.ndim != others.ndim:
        raise RuntimeError(
            f"{both} dimensionalities must be equal but got {starts.ndim} and {others.ndim}, respectively"
        )
    if starts.ndim > 1:
        raise Unsupported(f"sparse_{layout.name.removeprefix('sparse_')}_tensor: batches of matrices")
    if starts.dtype != others.dtype:
        a, b = (dtypes.LEGACY[dtypes.from_numpy(x.dtype)] for x in (starts, others))
        raise RuntimeError(f"{both} must have the same dtype, bot got {a} and {b}, respectively")
    if len(others) != len(values):
        raise RuntimeError(
            f"{plain}_indices.shape[-1] must be equal to nnz (={len(values)}) as defined by values.shape[0], but got "
            f"{len(others)}"
        )


IN_ORDER = "are sorted and distinct along the last dimension values"


def check_compressed(
    starts: np.ndarray, others: np.ndarray, count: int, size: tuple[int, ...], layout: Any, in_order: bool
) -> None:
    """torch's invariants of a compressed matrix; in_order: that the elements of each row are sorted, too."""
    if len(size) < 2:
        raise RuntimeError(
            "tensor dimensionality must be sum of batch, base, and dense dimensionalities (=0 + 2 + 0) but got "
            f"{len(size)}"
        )
    (compressed, many, rows), (plain, few, columns) = ("crow", "rows", size[0]), ("col", "cols", size[1])
    if layout is sparse_csc:
        (compressed, many, rows), (plain, few, columns) = ("ccol", "cols", size[1]), ("row", "rows", size[0])
    if len(starts) != rows + 1:
        spelt = "columns" if many == "cols" else many
        raise RuntimeError(
            f"{compressed}_indices.shape[-1] must be equal to the number of {spelt} + 1 (={rows + 1}), but got {len(starts)}"
        )
    steps, c = np.diff(starts), f"{compressed}_indices"
    rows_sorted = not in_order or all(
        (np.diff(row) > 0).all() for row in np.split(others, np.clip(starts[1:-1], 0, None))
    )
    for holds, what in (
        (starts[0] == 0, f"{c}[..., 0] == 0"),
        (starts[-1] == count, f"{c}[..., -1] == nnz"),
        (((steps >= 0) & (steps <= columns)).all(), f"0 <= {c}[..., 1:] - {c}[..., :-1] <= n{few}"),
        (((others >= 0) & (others < columns)).all(), f"0 <= {plain}_indices < n{few}"),
        (rows_sorted, f"{plain}_indices[..., {c}[..., i - 1]:{c}[..., i]] for all i = 1, ..., n{many} {IN_ORDER}"),
    ):
        if not holds:
            raise RuntimeError(f"`{what}` is not satisfied.")


def converted(t: Tensor, layout: Any, called: str = "", sparse_dim: int | None = None) -> Tensor:
    """t in a sparse layout; called: the method, where it is one for that layout alone."""
    if t.layout is sparse_coo and sparse_dim not in (None, t.sparse_dim()):
        raise RuntimeError(
            "to_sparse: conversion from Sparse to Sparse with sparse_dim argument !=self.sparse_dim() is not supported"
        )
    if t.layout is layout:
        return t
    if layout not in LAYOUTS:
        raise Unsupported(f"to_sparse: layout {layout}")
    if layout is not sparse_coo and t.ndim != 2:
        raise Unsupported(f"to_sparse: layout {layout} of a tensor that is no matrix")
    return operators.to_sparse(t, sparse_dim, layout, called, t.layout)


LAYOUTS = (sparse_coo, sparse_csr, sparse_csc)
sparse_csr_tensor, sparse_csc_tensor = (
    compressed("sparse_csr_tensor", sparse_csr),
    compressed("sparse_csc_tensor", sparse_csc),
)
