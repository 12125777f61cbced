"""What is written may not lie twice in the same memory, nor over what is still to be read.

torch looks where that is easily told: at tensors without gaps. Operators that go element by element may write where they
read, to the same places; those that jump read and write apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..tensor import Tensor, storage_array
from .out_rules import SPECIAL
from .views import address

OVERLAP = (
    "unsupported operation: {} to a single memory location. Please clone() the tensor before performing the operation."
)
TWICE = OVERLAP.format("more than one element of the written-to tensor refers")
READ_TOO = OVERLAP.format("some elements of the input tensor and the written-to tensor refer")

# these write here and there: apart from all that they read but what they change
SCATTERING = frozenset({
    "index_add", "index_copy", "index_fill", "index_put", "index_reduce", "put", "scatter", "scatter_add", "scatter_reduce",
})  # fmt: skip
# these read here and there: all apart from what they write
READING = frozenset({
    "aminmax", "cat", "column_stack", "dstack", "gather", "hstack", "index_select", "kthvalue", "masked_select", "max",
    "min", "stack", "take", "take_along_dim", "vstack",
})  # fmt: skip
# these go element by element, as pointwise rows do
IN_STEP = SPECIAL | frozenset({
    "clamp", "copy", "cummax", "cummin", "cumprod", "cumsum", "div", "logcumsumexp", "masked_fill", "msort", "renorm", "sort",
    "topk", "where",
})  # fmt: skip

Check = Callable[[Tensor, Iterable[Any]], None]


def check_of(name: str, pointwise: bool) -> Check | None:
    """How what an operator reads may lie to what it writes: a check to be called with the tensor written, and those read."""
    if name in SCATTERING or name in READING:
        return check_apart
    return check_in_step if pointwise or name in IN_STEP else None


def check_apart(written: Tensor, read: Iterable[Any]) -> None:
    into = storage_array(written)
    for x in sharing(written, read):
        if np.may_share_memory(x, into) and dense(x) and dense(into):
            raise RuntimeError(READ_TOO)


def check_in_step(written: Tensor, read: Iterable[Any]) -> None:
    """The same elements or none."""
    into = storage_array(written)
    for x in sharing(written, read):
        if x.shape == into.shape and x.strides == into.strides and address(x) == address(into):
            continue
        if np.may_share_memory(x, into) and dense(x) and dense(into):
            raise RuntimeError(READ_TOO)


def sharing(written: Tensor, read: Iterable[Any]) -> Iterator[np.ndarray]:
    """The data of those tensors, in sequences too, that have their memory from where the written one has it."""
    for a in read:
        for t in a if isinstance(a, tuple | list) else (a,):
            if t is written or (isinstance(t, Tensor) and t._storage is not None and t._storage is written._storage):
                yield storage_array(t)


def dense(a: np.ndarray) -> bool:
    """Whether a fills its memory without gaps or overlap, in any order of dimensions."""
    expected = a.itemsize
    for stride, n in sorted((s, n) for s, n in zip(a.strides, a.shape, strict=True) if n != 1):
        if stride != expected:
            return False
        expected *= n
    return True
