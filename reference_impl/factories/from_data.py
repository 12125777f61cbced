"""Making tensors from numbers, nested sequences and numpy arrays."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes, placement
from ..compiler.arguments import is_number
from ..errors import type_name
from ..ops.shape import alias
from ..storage import TypedStorage, UntypedStorage, elements
from ..tensor import Tensor, storage_of, wrap
from ..warn import once
from . import MADE, empty, made, public
from .sequences import from_nested
from .sizes import size_of


@public
def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A copy of data as a leaf (source: torch.tensor). Python floats take the default dtype."""
    return copied(data, dtype, device, requires_grad, "torch.tensor")


def copied(data: Any, dtype: dtypes.dtype | None, device: Any, requires_grad: bool, name: str) -> Tensor:
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            f"sourceTensor.detach().clone().requires_grad_(True), rather than {name}(sourceTensor).",
            UserWarning,
            stacklevel=3,
        )
    return made(as_array(data, dtype)[()], requires_grad, device)


def as_array(data: Any, dtype: dtypes.dtype | None) -> np.ndarray:
    dtype = dtypes.wanted(dtype, None)
    if isinstance(data, Tensor):
        a = np.array(data._array)
    elif isinstance(data, np.ndarray | np.generic):
        dtypes.from_numpy(data.dtype)
        a = np.array(data)
    elif is_storage(data):
        return from_storage(data, dtype)
    else:
        a = from_nested(data, dtype)
    if dtype is not None and a.dtype != dtype.np:
        a = a.astype(dtype.np)
    return a


def from_storage(data: UntypedStorage | TypedStorage, dtype: dtypes.dtype | None) -> np.ndarray:
    """The elements of a memory, or what its bytes are as elements of the dtype."""
    if isinstance(data, UntypedStorage):
        return elements(data, (dtype or dtypes.int64).np).copy()
    if dtype not in (None, data.dtype):
        raise RuntimeError(
            f"Expected a Storage of type {dtype.legacy} or an UntypedStorage, but got {data.dtype.legacy}"
        )
    return elements(data.untyped(), data.dtype.np).copy()


READ_ONLY_ARRAY = (
    "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing to this "
    "tensor will result in undefined behavior. You may want to copy the array to protect its data or make it writable "
    "before converting it to a tensor. This type of warning will be suppressed for the rest of this program."
)
READ_ONLY_BUFFER = (
    "The given buffer is not writable, and PyTorch does not support non-writable tensors. This means you can write to the "
    "underlying (supposedly non-writable) buffer using the tensor. You may want to copy the buffer to protect its data or "
    "make it writable before converting it to a tensor. This type of warning will be suppressed for the rest of this "
    "program."
)


@public
def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor that shares the array's memory (source: torch.from_numpy)."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type_name(array)})")
    if not array.flags.writeable:
        once(READ_ONLY_ARRAY)
    if any(step < 0 for step in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently "
            "supported. (You can probably work around this by making a copy of your array  with array.copy().) "
        )
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
            "currently not supported."
        )
    dtypes.from_numpy(array.dtype)
    t = wrap(array)
    storage_of(t)
    return t


@public
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """data as a tensor, without a copy where that is possible (source: torch.as_tensor)."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray) and (dtype is None or dtypes.wanted(dtype, None).np == data.dtype):
        return from_numpy(data)
    return made(as_array(data, dtype)[()], False, device)


@public
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool | None = None
) -> Tensor:
    """obj as a tensor: over the same memory, unless that cannot be or copy=True (source: torch.asarray)."""
    t = aliasing(obj, dtype)
    if t is None:
        if copy is False:
            if isinstance(obj, np.generic):
                raise RuntimeError("can't alias NumPy scalars. Either remove copy=False or transform it in a ndarray. ")
            raise ValueError("can't alias arbitrary sequence into a tensor.")
        return made(as_array(obj, dtype)[()], bool(requires_grad), device)
    wanted = dtypes.wanted(dtype, t.dtype)
    if copy is False and wanted is not t.dtype:
        raise ValueError(f"can't alias tensor with dtype '{t.dtype.legacy}' into dtype '{wanted.legacy}'.")
    if requires_grad is None and t.requires_grad:
        once(
            "torch.asarray: unspecified requires_grad now defaults to obj.requires_grad instead of False. Pass "
            "requires_grad=False explicitly to get the old behavior and silence this warning."
        )
    t = t.to(wanted, copy=bool(copy))
    if requires_grad is False and not t.is_leaf:
        return t.detach()
    if requires_grad and not t.dtype.is_floating_point and not t.dtype.is_complex:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    return t if requires_grad is None or not t.is_leaf else t.requires_grad_(requires_grad)


def aliasing(obj: Any, dtype: dtypes.dtype | None) -> Tensor | None:
    """A tensor over the memory that obj has, if it has."""
    if isinstance(obj, Tensor):
        return obj
    if isinstance(obj, np.ndarray):
        return from_numpy(obj)
    if type(obj).__name__ == "PyCapsule":
        from ..utils.dlpack import from_dlpack

        return from_dlpack(obj)
    if isinstance(obj, bytes | bytearray | memoryview):
        return frombuffer(obj, dtype=dtype or dtypes.get_default_dtype())
    return None


@public
def frombuffer(
    buffer: Any, *, dtype: dtypes.dtype, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """A tensor over the memory of an object that offers it, such as a bytearray (source: torch.frombuffer)."""
    try:
        view = memoryview(buffer)
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    length, size = view.nbytes, dtype.itemsize
    if not length or not count:
        raise ValueError(f"both buffer length ({length}) and count ({count}) must not be 0")
    if not 0 <= offset < length:
        raise ValueError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({length} bytes) minus 1"
        )
    if count > 0 and offset + count * size > length:
        raise ValueError(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({length} bytes)"
        )
    if count < 0 and (length - offset) % size:
        raise ValueError(
            f"buffer length ({length - offset} bytes) after offset ({offset} bytes) must be a multiple of element size "
            f"({size})"
        )
    if view.readonly:
        once(READ_ONLY_BUFFER)
    return wrap(np.frombuffer(view, dtype.np, count, offset)).requires_grad_(requires_grad)


@public
def is_storage(obj: Any) -> bool:
    return isinstance(obj, UntypedStorage | TypedStorage)


@public
def is_inference(input: Tensor) -> bool:
    """Whether it was allocated in inference mode (source: torch.is_inference)."""
    if not isinstance(input, Tensor):
        raise TypeError(f"is_inference(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return input.is_inference()


@public
def is_tensor(obj: Any) -> bool:
    return isinstance(obj, Tensor)


def new_tensor(
    self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:  # fmt: skip
    return copied(data, dtype or self.dtype, device, requires_grad, "tensor.new_tensor")


Tensor.new_tensor = new_tensor


def new_of(self: Tensor, *args: Any, **named: Any) -> Tensor:
    """A tensor of the same dtype, of a size or of data (source: torch.Tensor.new, the old constructor)."""
    return constructed(self.dtype, args, **named)


Tensor.new = new_of


@public
def scalar_tensor(
    s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """One number, in the default dtype (source: torch.scalar_tensor)."""
    if not is_number(s):
        raise TypeError(f"scalar_tensor(): argument 's' (position 1) must be Number, not {type_name(s)}")
    s = s.item() if isinstance(s, Tensor) else s
    return tensor(s, dtype=dtype or dtypes.get_default_dtype(), device=device, requires_grad=requires_grad)


def constructed(d: dtypes.dtype, args: tuple, *, size: Any = None, device: Any = None) -> Tensor:
    """An alias of a tensor, a copy of data, or uninitialised memory of a size."""
    if device is not None:
        placement.device(device)
    args = args if size is None else (dtypes.Size(size),)
    if len(args) == 1 and not isinstance(args[0], int | dtypes.Size):
        (data,) = args
        if isinstance(data, Tensor):
            return alias.function(data)
        if not isinstance(data, Sequence | np.ndarray):
            raise TypeError(f"new(): data must be a sequence (got {type(data).__name__})")
        return tensor(data, dtype=d)
    return empty(size_of(args, "new") if args else 0, dtype=d)


def constructor(cls: type, *args: Any, **named: Any) -> Tensor:
    """torch.Tensor(...): in the default dtype, except for an alias."""
    made = constructed(dtypes.get_default_dtype(), args, **named)
    return made if cls is Tensor else made.as_subclass(cls)


def as_subclass(self: Tensor, cls: type) -> Tensor:
    """The same tensor as one of another class (source: torch.Tensor.as_subclass)."""
    from ..overrides import as_subclass

    return as_subclass(self, cls)


def make_subclass(cls: type, data: Tensor, require_grad: bool = False) -> Tensor:
    return as_subclass(data.detach(), cls).requires_grad_(require_grad)


Tensor.__new__ = constructor  # type: ignore[method-assign]
Tensor._make_subclass = staticmethod(make_subclass)
Tensor.as_subclass = as_subclass
Tensor.__init__ = lambda self, *_, **__: None  # type: ignore[method-assign]


class LegacyType(type):
    """The classes torch.FloatTensor and the like: they make tensors of a dtype, and any such tensor is an instance."""

    dtype: dtypes.dtype

    def __call__(cls, *args: Any, **named: Any) -> Tensor:
        if len(args) == 1 and isinstance(args[0], Tensor) and args[0].dtype is not cls.dtype:
            raise TypeError(f"expected {OPTIONS.format(cls.dtype.cpp)} (got {OPTIONS.format(args[0].dtype.cpp)})")
        return constructed(cls.dtype, args, **named)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.dtype


OPTIONS = (
    "TensorOptions(dtype={}, device=cpu, layout=Strided, requires_grad=false (default), pinned_memory=false (default), "
    "memory_format=(nullopt))"
)
for _d, _prefix in dtypes.LEGACY.items():
    if "Complex" not in _prefix and "UInt" not in _prefix:
        MADE[_prefix + "Tensor"] = LegacyType(_prefix + "Tensor", (), {"dtype": _d, "__module__": "torch"})
