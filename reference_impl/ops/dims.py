"""Dimensions and sizes as torch takes them: counted from the end, or left to be worked out."""

from __future__ import annotations

from math import prod
from operator import index as integer

import numpy as np


def wrap_dim(d, n):
    """A dimension counted from the front, or torch's error."""
    if type(d) is int and 0 <= d < n:
        return d
    if d is True or d is False:
        raise TypeError("a dimension is an integer, not bool")
    n, d = n or 1, integer(d)
    if not -n <= d < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {d})")
    return d % n


def wrap_dims(dims, n):
    """Several dimensions; torch refuses one that comes twice."""
    if type(dims) is int:
        return (wrap_dim(dims, n),)
    found = tuple(wrap_dim(d, n) for d in ((dims,) if isinstance(dims, int) else dims))
    for k, d in enumerate(found):
        if d in found[:k]:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return found


def at(dim, index):
    """The numpy index that says `index` at dimension `dim`; counted from the end where that is negative."""
    return (..., index, *(slice(None),) * (-1 - dim)) if dim < 0 else (*(slice(None),) * dim, index, ...)


def row_by_row(x):
    """x with its last dimension side by side: so torch lays out what does not follow its input."""
    return x.copy() if type(x) is np.ndarray and not x.flags.c_contiguous else x


def whole(shape, size):
    """`size` with -1 worked out, or torch's error."""
    total, known, free = prod(shape), 1, None
    for i, n in enumerate(size):
        if n == -1:
            if free is not None:
                raise RuntimeError("only one dimension can be inferred")
            free = i
        elif n < 0:
            raise RuntimeError(f"invalid shape dimension {n} at index {i} of shape {list(size)}")
        else:
            known *= n
    if free is not None and not known and not total:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(size)} because the unspecified dimension size -1 "
            "can be any value and is ambiguous"
        )
    if free is not None and known and not total % known:
        size = (*size[:free], total // known, *size[free + 1 :])
    elif free is not None or known != total:
        raise RuntimeError(f"shape '{list(size)}' is invalid for input of size {total}")
    return tuple(size)
