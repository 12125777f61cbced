"""copy.copy, copy.deepcopy and pickle of tensors, as torch has them."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from .. import dtypes, placement
from ..tensor import Tensor, in_order, new, owner_of, set_requires_grad, storage_array
from . import method

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
    """What a tensor lies in: the array that owns it. Pickled, each tensor has its own."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __reduce__(self) -> tuple:
        return Memory, (in_order(self.array).ravel("A"),)


def in_memory(kind: type | None, memory: Memory, place: tuple, requires_grad: bool, extra: dict[str, Any]) -> Tensor:
    """A leaf at a place of a memory: what copies and unpickled tensors are made by."""
    dtype, shape, offset, strides = place
    t = new(kind or Tensor)
    t._array = np.ndarray(shape, dtype, in_order(memory.array), offset, strides)
    t.__dict__.update(extra)
    if requires_grad:
        set_requires_grad(t, True)
    return t


def parts(t: Tensor) -> tuple:
    a = storage_array(t)
    owner = owner_of(a)
    if not in_order(owner).flags.forc:  # memory that is not numpy's
        owner = a = a.copy()
    offset = a.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    return owner, (a.dtype, a.shape, offset, a.strides)


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
    kind = None if type(self) is Tensor else type(self)
    return in_memory, (kind, Memory(memory), place, self.requires_grad, attributes(self))


# -- torch's names for classes, which it shows as torch.Tensor and so on; so pickles name functions of this module instead


def named(name: str) -> Any:
    """A dtype, layout or memory format: there is one of each name."""
    return dtypes.NAMES[name] if name in dtypes.NAMES else getattr(placement, name)


def sized(sizes: tuple[int, ...]) -> dtypes.Size:
    return dtypes.Size(sizes)


def placed(kind: str, index: int | None) -> placement.device:
    return placement.device(kind, index)


for _kind in (Tensor, dtypes.dtype, dtypes.Size, placement.device, placement.layout, placement.memory_format):
    _kind.__module__ = "torch"
for _kind in (dtypes.dtype, placement.layout, placement.memory_format):
    _kind.__reduce__ = lambda self: (named, (self.name,))  # type: ignore[method-assign]
dtypes.Size.__reduce__ = lambda self: (sized, (tuple(self),))  # type: ignore[method-assign]
placement.device.__reduce__ = lambda self: (placed, (self.type, self.index))  # type: ignore[method-assign]
