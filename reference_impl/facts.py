"""Methods of Tensor that are no operators: facts about it, and conversions."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import dtypes
from .methods import method
from .tensor import Tensor, fact


@method
def size(self: Tensor, dim: int | None = None) -> Any:
    return self.shape if dim is None else self.shape[dim]


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
    return strides if dim is None else strides[dim]


@method
def item(self: Tensor) -> Any:
    if self._array.size != 1:
        raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
    return self._array.item()


@method
def tolist(self: Tensor) -> Any:
    return self._array.tolist()


@method
def numpy(self: Tensor, *, force: bool = False) -> np.ndarray:
    if self._edge is not None and not force:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    from .tensor import storage_array

    return storage_array(self)


@method
def is_contiguous(self: Tensor, memory_format: Any = dtypes.contiguous_format) -> bool:
    """Whether its elements lie in memory in that order, without gaps (source: torch.Tensor.is_contiguous)."""
    a, last = self._array, CHANNELS_LAST.get(memory_format)
    if last is not None:
        if a.ndim != last:
            return False
        a = np.moveaxis(a, 1, -1)
    return type(a) is not np.ndarray or a.flags.c_contiguous


CHANNELS_LAST = {dtypes.channels_last: 4, dtypes.channels_last_3d: 5}  # formats of tensors of one rank


@method
def contiguous(self: Tensor, memory_format: Any = dtypes.contiguous_format) -> Tensor:
    """Itself if it is contiguous in that format, else a copy that is (source: torch.Tensor.contiguous)."""
    if self.is_contiguous(memory_format):
        return self
    if memory_format is dtypes.preserve_format:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    return self.clone(memory_format=memory_format)


@method
def to(self: Tensor, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False, **given: Any) -> Tensor:
    """self, or a copy, in another dtype (source: torch.Tensor.to): of a dtype, of a device, or of another tensor."""
    flags = [a for a in args if isinstance(a, bool)]  # non_blocking, copy
    for a in args:
        if isinstance(a, Tensor):
            dtype = a.dtype
        elif isinstance(a, dtypes.dtype | type):
            dtype = a
        elif isinstance(a, str | dtypes.device):
            dtypes.device(a)
        elif not isinstance(a, bool | None):
            raise TypeError(f"to() received an invalid combination of arguments - got ({type(a).__name__})")
    if "other" in given:
        dtype = given["other"].dtype
    if device is not None:
        dtypes.device(device)
    dtype = dtypes.wanted(dtype, self.dtype)
    layout = given.get("memory_format", dtypes.preserve_format)
    if dtype is self.dtype:
        copied = copy or (len(flags) > 1 and flags[1])
        moved = layout is not dtypes.preserve_format and not self.is_contiguous(layout)
        return self.clone(memory_format=layout) if copied or moved else self
    from .ops.structure import cast

    return cast.function(self, dtype.np)


for _name, _dtype in {
    "float": dtypes.float32,
    "double": dtypes.float64,
    "long": dtypes.int64,
    "int": dtypes.int32,
    "short": dtypes.int16,
    "char": dtypes.int8,
    "byte": dtypes.uint8,
    "half": dtypes.float16,
    "bfloat16": dtypes.bfloat16,
    "cfloat": dtypes.complex64,
    "cdouble": dtypes.complex128,
    "bool": dtypes.bool_,
}.items():
    setattr(Tensor, _name, lambda self, _dtype=_dtype: self.to(_dtype))


def type_(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Its old type name, or itself in another dtype (source: torch.Tensor.type)."""
    if dtype is None:
        return f"torch.{dtypes.LEGACY[self.dtype]}Tensor"
    if isinstance(dtype, str):
        known = {f"torch.{name}Tensor": d for d, name in dtypes.LEGACY.items()}
        if dtype not in known:
            raise ValueError(f"invalid type: '{dtype}'")
        dtype = known[dtype]
    return self.to(dtype)


Tensor.type = type_


@method
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """self in the dtype of other (source: torch.Tensor.type_as)."""
    return self.to(other.dtype)


# -- where it is: always on the CPU


@method
def cpu(self: Tensor, memory_format: Any = dtypes.preserve_format) -> Tensor:
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
for _name in ("is_pinned", "is_coalesced", "is_distributed"):
    setattr(Tensor, _name, lambda self: False)
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


@method
def dim_order(self: Tensor) -> tuple[int, ...]:
    """The dimensions as they lie in memory, from the slowest to the fastest (source: torch.Tensor.dim_order)."""
    strides = self.stride()
    return tuple(sorted(range(self.ndim), key=lambda d: (-strides[d], d)))


@method
def is_signed(self: Tensor) -> bool:
    return self.dtype.np.kind not in "bu"


@method
def is_same_size(self: Tensor, other: Tensor) -> bool:
    return self.shape == other.shape


@method
def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both are the same elements of the same memory (source: torch.Tensor.is_set_to)."""
    return (self.data_ptr(), self.shape, self.stride()) == (tensor.data_ptr(), tensor.shape, tensor.stride())


# -- as Python's numbers and sequences


def number(kind: type) -> Callable[[Tensor], Any]:
    def convert(self: Tensor) -> Any:
        if kind is float and self._edge is not None:
            from .warn import once

            once(
                "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
                "Consider using tensor.detach() first."
            )
        if self._array.size != 1:
            if kind is bool:
                raise RuntimeError(
                    "Boolean value of Tensor with more than one value is ambiguous"
                    if self._array.size
                    else "Boolean value of Tensor with no values is ambiguous"
                )
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        return kind(self._array.item())

    return convert


for _dunder, _kind in {"__float__": float, "__int__": int, "__bool__": bool, "__complex__": complex}.items():
    setattr(Tensor, _dunder, number(_kind))


@method
def __index__(self: Tensor) -> int:
    return int(self._array.item())


@method
def __len__(self: Tensor) -> int:
    if not self._array.ndim:
        raise TypeError("len() of a 0-d tensor")
    return len(self._array)


@method
def __iter__(self: Tensor) -> Any:
    if not self._array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(self.unbind(0))


@method
def __array__(self: Tensor, dtype: Any = None, copy: Any = None) -> np.ndarray:
    return self.numpy() if dtype is None else self.numpy().astype(dtype)


@method
def __format__(self: Tensor, spec: str) -> str:
    return format(self.item(), spec) if not self.ndim else object.__format__(self, spec)


@method
def __repr__(self: Tensor) -> str:
    if "reference_impl.tracking" in sys.modules:
        from .tracking import text_of

        return text_of(self)
    from .printing import text

    return text(self)


@method
def __contains__(self: Tensor, element: Any) -> bool:
    if not isinstance(element, Tensor | bool | int | float | complex):
        raise RuntimeError(
            f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {element.__class__}."
        )
    return bool((element == self).any().item())


@method
def __reversed__(self: Tensor) -> Tensor:
    return self.flip(0) if self.ndim else self


# Python 2's names, which torch's tensors still list.
for _old, _name in {"div": "truediv", "idiv": "itruediv", "long": "int", "nonzero": "bool"}.items():
    setattr(Tensor, f"__{_old}__", getattr(Tensor, f"__{_name}__"))
