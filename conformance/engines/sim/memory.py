"""Memory of the simulated device: the bytes of a host tensor under the device's name.

Note [One memory, two names]
A tensor leaves torch by DLPack as a description of its memory, and comes back as a tensor over the same bytes. What says
whose memory that is, is one field of the description. Changed on the way, a host tensor comes back as a tensor of the
device, and the other way round: a real tensor, with a storage, strides and a dispatch key of its own. Nothing is copied, and
each of the two keeps the bytes alive.
"""

from __future__ import annotations

import ctypes
from typing import Any

import torch

NAME = "sim"
HOST_KEYS = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
"""With ``op.redispatch``: run the host's kernel on tensors of the device as they are. For kernels that touch no element."""

_HOST, _OTHER_DEVICE = 1, 12
"""kDLCPU and kDLExtDev of DLPack."""

_address = ctypes.pythonapi.PyCapsule_GetPointer
_address.restype = ctypes.c_void_p
_address.argtypes = [ctypes.py_object, ctypes.c_char_p]


class _Description(ctypes.Structure):
    """How a DLTensor begins."""

    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32)]


def _renamed(tensor: torch.Tensor, device_type: int) -> torch.Tensor:
    """The same memory as a tensor of another device: see Note [One memory, two names]."""
    capsule = torch._C._to_dlpack(tensor)
    description = _Description.from_address(_address(capsule, b"dltensor"))
    description.device_type, description.device_id = device_type, 0
    made: torch.Tensor = torch._C._from_dlpack(capsule)
    return made


def on_device(tensor: torch.Tensor) -> torch.Tensor:
    """The bytes of a host tensor as a tensor of the device."""
    return _renamed(tensor, _OTHER_DEVICE)


def on_host(tensor: torch.Tensor) -> torch.Tensor:
    """The bytes of a tensor of the device as a host tensor: same sizes, strides, and lazy conjugation and negation."""
    lazy = [turn for turn, on in ((torch._conj, tensor.is_conj()), (torch._neg_view, tensor.is_neg())) if on]
    if not lazy:
        return _renamed(tensor, _HOST)
    plain = torch.ops.aten.alias.default.redispatch(HOST_KEYS, tensor)
    for turn in lazy:  # each turns its bit off here, and on again there
        plain = turn(plain)
    plain = _renamed(plain, _HOST)
    for turn in lazy:
        plain = turn(plain)
    return plain


def is_ours(value: Any) -> bool:
    """Whether it is a tensor of the simulated device."""
    return isinstance(value, torch.Tensor) and value.device.type == NAME


def adopt(tensor: torch.Tensor, host: torch.Tensor) -> torch.Tensor:
    """Give a tensor of the device the sizes, strides and memory of a host tensor, as ``set_`` does."""
    same_memory = host.numel() and tensor.data_ptr() == host.data_ptr()
    source = tensor if same_memory else on_device(host)
    return set_memory(tensor, source.untyped_storage(), source.storage_offset(), host.size(), host.stride())


def set_memory(tensor: torch.Tensor, storage: Any, offset: int, size: Any, stride: Any) -> torch.Tensor:
    """`set_` as the host does it, on a tensor of the device: its view of a storage."""
    made: torch.Tensor = torch.ops.aten.set_.source_Storage_storage_offset.redispatch(
        HOST_KEYS, tensor, storage, offset, size, stride
    )
    return made
