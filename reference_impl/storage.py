"""What tensors lie in: torch.UntypedStorage, bytes, and the deprecated TypedStorage, elements."""

from __future__ import annotations

from mmap import mmap
from typing import Any

import numpy as np

from . import dtypes
from .errors import Unsupported
from .methods import method
from .tensor import Tensor, in_order, owner_of, storage_array
from .warn import once


def memory_of(t: Tensor) -> np.ndarray:
    """The memory of t, as the array that owns it lies there."""
    return in_order(owner_of(storage_array(t)))


class UntypedStorage:
    """The memory of a tensor (source: torch.UntypedStorage)."""

    __module__ = "torch.storage"

    def __init__(self, memory: np.ndarray) -> None:
        self._memory = memory

    def data_ptr(self) -> int:
        return self._memory.__array_interface__["data"][0] if self._memory.size else 0

    def nbytes(self) -> int:
        return self._memory.nbytes

    size = __len__ = nbytes

    def is_shared(self) -> bool:
        """Whether it is shared with other processes."""
        memory: Any = self._memory
        while isinstance(memory, np.ndarray | memoryview):
            memory = memory.base if isinstance(memory, np.ndarray) else memory.obj
        return isinstance(memory, mmap)

    def tolist(self) -> list[int]:
        return elements(self, np.dtype(np.uint8)).tolist()

    def __getitem__(self, i: int) -> int:
        return self.tolist()[i]

    def resize_(self, size: int) -> UntypedStorage:
        raise Unsupported("UntypedStorage.resize_: the memory of an array is of one size")

    def __repr__(self) -> str:
        shown = [f" {n}" for n in self.tolist()]
        return "\n".join([*shown, f"[torch.storage.UntypedStorage(device=cpu) of size {self.nbytes()}]"])


DEPRECATED = (
    "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage class. This "
    "should only matter to you if you are using storages directly.  To access UntypedStorage directly, use "
    "tensor.untyped_storage() instead of tensor.storage()"
)


class TypedStorage:
    """The memory of a tensor as elements of its dtype (source: torch.TypedStorage, deprecated)."""

    __module__ = "torch.storage"

    def __init__(self, untyped: UntypedStorage, dtype: dtypes.dtype) -> None:
        self._untyped_storage, self.dtype = untyped, dtype

    def untyped(self) -> UntypedStorage:
        return self._untyped_storage

    def data_ptr(self) -> int:
        return self._untyped_storage.data_ptr()

    def is_shared(self) -> bool:
        return self._untyped_storage.is_shared()

    def nbytes(self) -> int:
        return self._untyped_storage.nbytes()

    def size(self) -> int:
        return self.nbytes() // self.dtype.itemsize

    __len__ = size

    def element_size(self) -> int:
        return self.dtype.itemsize

    def tolist(self) -> list[Any]:
        return elements(self._untyped_storage, self.dtype.np).tolist()

    def __getitem__(self, i: Any) -> Any:
        return self.tolist()[i]

    def __setitem__(self, i: Any, value: Any) -> None:
        elements(self._untyped_storage, self.dtype.np)[i] = value


def elements(storage: UntypedStorage, dtype: np.dtype) -> np.ndarray:
    """All of a memory in the order of its bytes."""
    return storage._memory.reshape(-1, order="A").view(dtype)


@method
def untyped_storage(self: Tensor) -> UntypedStorage:
    return UntypedStorage(memory_of(self))


@method
def storage(self: Tensor) -> TypedStorage:
    once(DEPRECATED)
    return TypedStorage(self.untyped_storage(), self.dtype)


@method
def data_ptr(self: Tensor) -> int:
    """The address of the first element; 0 if there is none (source: torch.Tensor.data_ptr)."""
    a = storage_array(self)
    return a.__array_interface__["data"][0] if a.size else 0


@method
def storage_offset(self: Tensor) -> int:
    """How many elements lie before the first one in its storage (source: torch.Tensor.storage_offset)."""
    start, first = (a.__array_interface__["data"][0] for a in (memory_of(self), storage_array(self)))
    return (first - start) // self._array.itemsize


def place(source: Any, d: np.dtype, offset: int, size: Any, stride: Any) -> np.ndarray:
    """Elements of a memory, all of it unless sizes are given."""
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")
    untyped = source if isinstance(source, UntypedStorage) else getattr(source, "_untyped_storage", None)
    memory = elements(untyped or source.untyped_storage(), d)
    if size is None:
        return memory[offset:]
    if stride is None:
        stride = [int(np.prod(size[i + 1 :], dtype=np.int64)) for i in range(len(size))]
    need = offset + 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if 0 not in size and need > memory.size:
        raise Unsupported("set_: places beyond the end of the storage")
    return np.ndarray(tuple(size), d, memory, offset * d.itemsize, tuple(s * d.itemsize for s in stride))
