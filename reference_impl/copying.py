"""copy.copy, copy.deepcopy and pickle of tensors, as torch has them."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from .leaf import memory_of
from .methods import method
from .tensor import Tensor, new, set_requires_grad, storage_array

NOT_A_LEAF = (
    "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were "
    "attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
    "https://github.com/pytorch/pytorch/pull/103001"
)
INTERNAL = frozenset(n for n in vars(Tensor) if n.startswith("_")) | {"_array"}


def attributes(t: Tensor) -> dict[str, Any]:
    """What a user has put on t."""
    return {k: v for k, v in vars(t).items() if k not in INTERNAL}


class Memory:
    """What a tensor lies in. Pickled, each tensor has its own."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __reduce__(self) -> tuple:
        return Memory, (self.array.copy(),)


def in_memory(kind: type, memory: Memory, place: tuple, requires_grad: bool, extra: dict[str, Any]) -> Tensor:
    """A leaf at a place of a memory: what copies and unpickled tensors are made by."""
    dtype, shape, offset, strides = place
    t = new(kind)
    t._array = np.ndarray(shape, dtype, memory.array, offset, strides)
    t.__dict__.update(extra)
    if requires_grad:
        set_requires_grad(t, True)
    return t


def parts(t: Tensor) -> tuple:
    memory, a = memory_of(t), storage_array(t)
    if not memory.flags.forc:
        memory = a = a.copy()
    offset = a.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    return memory, (a.dtype, a.shape, offset, a.strides)


@method
def __deepcopy__(self: Tensor, memo: dict) -> Tensor:
    """A leaf of its own; tensors that shared memory share it in the copy as well."""
    if not self.is_leaf:
        raise RuntimeError(NOT_A_LEAF)
    if id(self) in memo:
        return memo[id(self)]
    memory, place = parts(self)
    t = in_memory(type(self), Memory(copy.deepcopy(memory, memo)), place, self.requires_grad, {})
    memo[id(self)] = t
    t._grad = copy.deepcopy(self._grad, memo)
    t.__dict__.update(copy.deepcopy(attributes(self), memo))
    return t


@method
def __reduce_ex__(self: Tensor, protocol: int) -> tuple:
    """Pickled: its memory, requires_grad and the user's attributes; neither .grad nor history. copy.copy shares memory."""
    memory, place = parts(self)
    return in_memory, (type(self), Memory(memory), place, self.requires_grad, attributes(self))
