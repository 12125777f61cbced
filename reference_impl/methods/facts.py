"""Methods of Tensor that are no operators: facts about its sizes, its memory, its device."""

from __future__ import annotations

import math
import warnings
from itertools import pairwise
from typing import Any

import numpy as np

from .. import placement
from ..compiler.arguments import check_ints
from ..ops.dims import wrap_dim
from ..ops.memory_format import grow_from_channels
from ..tensor import Tensor, fact, owner_of, storage_array
from . import method


@method
def size(self: Tensor, dim: int | None = None) -> Any:
    return self.shape if dim is None else at(dim, self.shape, "size")


def at(dim: int, facts: tuple[int, ...], name: str) -> int:
    """What is known of one dimension."""
    try:
        return facts[dim]
    except TypeError:
        check_ints(name, dim=dim)
        raise
    except IndexError:
        if not facts:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions") from None
        wrap_dim(dim, len(facts))
        raise


@method
def dim(self: Tensor) -> int:
    return self._array.ndim


@method
def numel(self: Tensor) -> int:
    return int(self._array.size)


@method
def stride(self: Tensor, dim: int | None = None) -> Any:
    a = self._array
    strides = tuple(s // a.itemsize for s in a.strides)
    if not a.size and not any(strides):  # numpy gives what has no elements no strides
        strides = tuple(math.prod(max(n, 1) for n in a.shape[i + 1 :]) for i in range(a.ndim))
    return strides if dim is None else at(dim, strides, "stride")


@method
def is_contiguous(self: Tensor, memory_format: Any = placement.contiguous_format) -> bool:
    """Whether its elements lie in memory in that order, without gaps (source: torch.Tensor.is_contiguous)."""
    a, last = self._array, placement.CHANNELS_LAST.get(memory_format)
    if last is not None:
        if a.ndim != last:
            return False
        a = np.moveaxis(a, 1, -1)
    return type(a) is not np.ndarray or a.flags.c_contiguous


def suggested_format(t: Tensor) -> Any:
    """The format that the strides of t speak for, contiguous where they are ambiguous."""
    last = placement.channels_last if t.ndim == 4 else placement.channels_last_3d
    return last if t.ndim in (4, 5) and grow_from_channels(t.shape, t.stride()) else placement.contiguous_format


@method
def contiguous(self: Tensor, memory_format: Any = placement.contiguous_format) -> Tensor:
    """Itself if it is contiguous in that format, else a copy that is (source: torch.Tensor.contiguous)."""
    if self.is_contiguous(memory_format):
        return self
    if memory_format is placement.preserve_format:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    return self.clone(memory_format=memory_format)


# -- where it is: always on the CPU


@method
def cpu(self: Tensor, memory_format: Any = placement.preserve_format) -> Tensor:
    """Itself (source: torch.Tensor.cpu)."""
    return self.to("cpu", memory_format=memory_format)


@method
def cuda(self: Tensor, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Tensor:
    """There is no CUDA: raises Unsupported."""
    return self.to(device="cuda" if device is None else device)


@method
def pin_memory(self: Tensor, device: Any = None) -> Tensor:
    raise RuntimeError("Cannot access accelerator device when none is available.")


@method
def get_device(self: Tensor) -> int:
    return -1


for _name in (
    "is_cuda", "is_sparse", "is_sparse_csr", "is_quantized", "is_meta", "is_nested", "is_mkldnn", "is_mps", "is_xpu",
    "is_xla", "is_vulkan", "is_ipu", "is_maia", "is_mtia",
):  # fmt: skip
    setattr(Tensor, _name, fact(lambda self: False))


@method
def is_pinned(self: Tensor, device: Any = None) -> bool:
    if device is not None:
        warnings.warn(
            "The argument 'device' of Tensor.is_pinned() is deprecated. Please do not pass this argument.",
            DeprecationWarning,
            stacklevel=2,
        )
    return False


Tensor.is_distributed = lambda self: False
Tensor.is_cpu = fact(lambda self: True)
Tensor.name = fact(lambda self: None)


# -- sizes


@method
def element_size(self: Tensor) -> int:
    """Bytes of one element (source: torch.Tensor.element_size)."""
    return self._array.itemsize


Tensor.itemsize = fact(lambda self: self._array.itemsize)
Tensor.nbytes = fact(lambda self: self.numel() * self._array.itemsize)
Tensor.nelement = Tensor.numel
Tensor.ndimension = Tensor.dim


LAST = {4: placement.channels_last, 5: placement.channels_last_3d}


@method
def dim_order(self: Tensor, *, ambiguity_check: bool | list[placement.memory_format] = False) -> tuple[int, ...]:
    """The dimensions as they lie in memory, from the slowest to the fastest (source: torch.Tensor.dim_order).

    Raises RuntimeError if asked to where that is not the only order, unless just one of the formats given fits.
    """
    formats = [] if isinstance(ambiguity_check, bool) else ambiguity_check
    if not isinstance(formats, list) or not all(isinstance(f, placement.memory_format) for f in formats):
        raise TypeError("The ambiguity_check argument must be a bool or a list of memory formats.")
    strides = self.stride()
    ambiguous = 1 in self.shape or any(a == b for a, b in pairwise(strides))
    if ambiguity_check is not False and ambiguous and sum(self.is_contiguous(memory_format=f) for f in formats) != 1:
        raise RuntimeError(
            "The tensor does not have unique dim order, or cannot map to exact one of the given memory formats."
        )
    plain, last = self.is_contiguous(), self.ndim in LAST and self.is_contiguous(memory_format=LAST[self.ndim])
    if plain is not last:
        return tuple(range(self.ndim)) if plain else (0, *range(2, self.ndim), 1)
    order = sorted(range(self.ndim), key=lambda d: (-strides[d], -self.shape[d], d))
    if ambiguity_check is not False and any(strides[a] == strides[b] for a, b in pairwise(order)):
        raise RuntimeError("The tensor does not have unique dim order.")
    return tuple(order)


@method
def is_signed(self: Tensor) -> bool:
    return self.dtype.np.kind not in "bu"


@method
def is_same_size(self: Tensor, other: Tensor) -> bool:
    return self.shape == other.shape


@method
def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both are the same elements of the same memory (source: torch.Tensor.is_set_to)."""
    places = [(t.storage_offset(), t.shape, t.stride()) for t in (self, tensor)]
    mine, other = (owner_of(storage_array(t)) for t in (self, tensor))
    return mine is other and places[0] == places[1]
