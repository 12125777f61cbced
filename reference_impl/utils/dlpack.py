"""torch.utils.dlpack: tensors and the arrays of other libraries over one memory, by the protocol `__dlpack__`."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from ..dtypes import bfloat16
from ..errors import Unsupported
from ..factories.from_data import from_numpy
from ..ops.shape import alias
from ..placement import device as checked
from ..tensor import Tensor, storage_array

INVALID = (
    "from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so you might have already "
    "constructed a tensor from it once."
)


class DLDeviceType(IntEnum):
    """Where memory lies, in the numbers of DLPack."""

    kDLCPU = 1


class Carrier:
    """A capsule as an object that offers one, which numpy asks for."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **_: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return DLDeviceType.kDLCPU, 0


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor over the memory of another library's array, or of a capsule (source: torch.from_dlpack).

    Raises BufferError for a dtype that DLPack does not have, RuntimeError for what is no array.
    """
    if device is not None:
        checked(device)
    if isinstance(ext_tensor, Tensor):
        found = alias.function(ext_tensor.detach())
    else:
        offered = hasattr(ext_tensor, "__dlpack__")
        if not offered and type(ext_tensor).__name__ != "PyCapsule":
            raise RuntimeError(INVALID)
        try:
            found = from_numpy(np.from_dlpack(ext_tensor if offered else Carrier(ext_tensor)))
        except ValueError as error:
            raise RuntimeError(INVALID) from error
    return found.clone() if copy else found


def to_dlpack(tensor: Tensor) -> Any:
    """A capsule that holds the tensor's memory, for one consumer (source: torch.utils.dlpack.to_dlpack)."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"_to_dlpack(): argument 'data' (position 1) must be Tensor, not {type(tensor).__name__}")
    return offer(tensor.detach(), max_version=(1, 0))


def offer(self: Tensor, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None) -> Any:
    """Tensor.__dlpack__: what a consumer asks for."""
    if self.requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    if stream is not None:
        raise AssertionError("stream should be None on cpu.")
    if self.dtype is bfloat16:
        raise Unsupported("DLPack of bfloat16, which numpy's does not have")
    array = storage_array(self)
    return array.__dlpack__(max_version=max_version, copy=copy)


def offered_from(self: Tensor) -> tuple[DLDeviceType, int]:
    return DLDeviceType.kDLCPU, 0
