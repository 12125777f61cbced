"""Repeating without copying: a view with strides of 0.

HOWTO. As in shape.py.
"""

from __future__ import annotations

from .. import dtypes
from .form import SIZES, view
from .strides import reread
from .structure import unexpanded


def expand_kernel(x, size):
    if x.shape == size:
        return x[...]
    if len(size) < x.ndim:
        raise RuntimeError(
            f"expand(torch.{dtypes.LEGACY[dtypes.from_numpy(x.dtype)]}Tensor{{{list(x.shape)}}}, size={list(size)}): the "
            f"number of sizes provided ({len(size)}) must be greater or equal to the number of dimensions in the tensor "
            f"({x.ndim})"
        )
    lead, target, strides = len(size) - x.ndim, list(size), [0] * len(size)
    for i, n in reversed(list(enumerate(size))):
        have = x.shape[i - lead] if i >= lead else None
        if n == -1 and have is None:
            raise RuntimeError(
                f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}"
            )
        if n < -1:
            raise RuntimeError("numel: integer multiplication overflow")
        target[i] = have if n == -1 else n
        if have is not None and have not in (1, target[i]):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton "
                f"dimension {i}.  Target sizes: {list(size)}.  Tensor sizes: {list(x.shape)}"
            )
        if have == target[i]:
            strides[i] = x.strides[i - lead]
        elif have is None and target[i] == 1:  # as torch: the stride that a contiguous tensor would have
            strides[i] = target[i + 1] * strides[i + 1] if i + 1 < len(size) else x.itemsize
    return reread(x, target, strides)


expand = view("expand(self, size)", expand_kernel, self=lambda g, self_shape: unexpanded(g, self_shape), saved_as=SIZES)
