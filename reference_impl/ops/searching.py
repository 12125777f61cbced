"""Places of extrema, and in sorted sequences: argmax, searchsorted, bucketize. They are constants, without a derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compiler.runtime import not_a_tensor
from ..dtypes import BOOL, COMPLEX, LEGACY, int64, result_type
from ..tensor import Tensor, wrap
from .form import composite, linear
from .reduce import axes


def arg_kernel(reduce):
    def kernel(x, dim, keepdim):
        if x.dtype.kind in "cb":
            kind = "complex" if x.dtype.kind == "c" else "bool"
            raise RuntimeError(f"{reduce.__name__}(): does not support {kind} input")
        axes(x, dim)
        if not x.ndim:
            return np.int64(0)
        if not x.size and (dim is None or not x.shape[dim]):
            where = "to be specified for input.numel() == 0." if dim is None else f"{dim} to have non-zero size."
            raise IndexError(f"{reduce.__name__}(): Expected reduction dim {where}")
        return np.int64(reduce(x)) if dim is None and not keepdim else reduce(x, dim, keepdims=keepdim)

    return kernel


argmax = linear("argmax(self: nondiff, dim=None, keepdim=False)", arg_kernel(np.argmax))
argmin = linear("argmin(self: nondiff, dim=None, keepdim=False)", arg_kernel(np.argmin))


def check_sides(right: bool, side: str | None) -> None:
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError(
            f"torch.searchsorted(): side and right can't be set to opposites, got side of {side} while right was True"
        )


def check_shapes(a: Any, v: Any) -> None:
    if not a.ndim:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension"
        )
    if a.ndim > 1 and not np.ndim(v):
        raise RuntimeError(
            "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got "
            f"boundaries tensor dim({a.ndim}) and input value's dim(0) numel(1)"
        )
    if a.ndim > 1 and a.shape[:-1] != v.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor "
            f"and input value tensor must match, but we got boundaries tensor {list(a.shape)} and input value tensor "
            f"{list(v.shape)}"
        )


def check_sorter(a: Any, sorter: Tensor) -> None:
    if sorter.shape != a.shape:
        raise RuntimeError(
            "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor "
            f"{list(a.shape)}and got sorter tensor {list(sorter.shape)}"
        )
    if sorter.dtype is not int64:
        raise RuntimeError(
            f"torch.searchsorted(): sorter must be a tensor of long dtype but got dtype {sorter.dtype.legacy}"
        )
    if sorter.numel() and not 0 <= sorter._array.min() <= sorter._array.max() < a.shape[-1]:
        raise RuntimeError("torch.searchsorted(): sorter index out of range")


@composite(method=False, out=True)
def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where values would be inserted to keep the order; both in their common dtype (source: torch.searchsorted)."""
    a, v = sorted_sequence._array, input._array if isinstance(input, Tensor) else input
    if not isinstance(input, Tensor | int | float | complex):
        raise not_a_tensor("searchsorted", input, "input", 2)
    check_sides(right, side)
    check_shapes(a, v)
    if sorter is not None:
        check_sorter(a, sorter)
        a = np.take_along_axis(a, sorter._array, -1)
    common = result_type((a, v))
    if not np.size(v):
        return wrap(np.zeros(v.shape, np.int32 if out_int32 else np.int64))
    if common.category in (BOOL, COMPLEX):
        raise NotImplementedError(f"\"searchsorted_out_cpu\" not implemented for '{LEGACY[common]}'")
    a, v = a.astype(common.np), np.asarray(v).astype(common.np)
    side = side or ("right" if right else "left")
    if a.ndim == 1:
        found = np.searchsorted(a, v, side)
    else:
        found = np.zeros(v.shape, np.int64)
        for at in np.ndindex(v.shape[:-1]):
            found[at] = np.searchsorted(a[at], v[at], side)
    return wrap(np.asarray(found).astype(np.int32 if out_int32 else np.int64)[()])


@composite(method=False, out=True)
def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """The bucket of each value, between boundaries in order (source: torch.bucketize)."""
    if boundaries.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
