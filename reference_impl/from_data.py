"""Making tensors from numbers, nested sequences and numpy arrays."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import dtypes
from .factories import MADE, empty, made, public
from .ops.shape import alias
from .tensor import Tensor, storage_of, wrap


@public
def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A copy of data as a leaf (source: torch.tensor). Python floats take the default dtype."""
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    return made(as_array(data, dtype, copy=True)[()], requires_grad, device)


def as_array(data: Any, dtype: dtypes.dtype | None, copy: bool) -> np.ndarray:
    dtype = dtypes.wanted(dtype, None)
    if isinstance(data, Tensor):
        a = np.array(data._array)
    elif isinstance(data, np.ndarray | np.generic):
        a = np.array(data) if copy or dtype is not None else np.asarray(data)
    else:
        a = from_nested(data, dtype)
    if dtype is not None and a.dtype != dtype.np:
        a = a.astype(dtype.np)
    dtypes.from_numpy(a.dtype)
    return a


def from_nested(data: Any, dtype: dtypes.dtype | None) -> np.ndarray:
    """Nested sequences of numbers, rounded once, to the dtype asked for or inferred."""
    data = plain(data)
    try:
        a = np.array(data)
    except ValueError:
        raise ragged(data) from None
    if a.dtype.kind not in "?biufc":
        raise wrong_item(data)
    default = dtypes.get_default_dtype()
    if dtype is None and (a.dtype.kind in "fc" or not a.size):
        dtype = dtypes.COMPLEX_OF[default] if a.dtype.kind == "c" else default
    with np.errstate(all="ignore"):
        return a if dtype is None else a.astype(dtype.np)


def plain(data: Any) -> Any:
    if isinstance(data, Tensor):
        return data.tolist()
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [plain(x) for x in data]
    return data


def ragged(data: Any, dim: int = 0) -> ValueError:
    lengths = [len(x) if isinstance(x, list) else None for x in data]
    if None in lengths and any(n is not None for n in lengths):
        return TypeError("must be real number, not list")  # type: ignore[return-value]
    wanted = lengths[0]
    for n in lengths:
        if n != wanted:
            return ValueError(f"expected sequence of length {wanted} at dim {dim + 1} (got {n})")
    return ragged(data[0], dim + 1)


def wrong_item(data: Any) -> Exception:
    while isinstance(data, list):
        data = next((x for x in data if isinstance(x, list) or not isinstance(x, int | float | complex)), data[0])
    if data is None:
        return RuntimeError("Could not infer dtype of NoneType")
    if isinstance(data, str):
        return TypeError("new(): invalid data type 'str'")
    return RuntimeError(f"Could not infer dtype of {type(data).__name__}")


@public
def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor that shares the array's memory (source: torch.from_numpy)."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
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
    return made(as_array(data, dtype, copy=True)[()], False, device)


@public
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: Any = None, requires_grad: bool | None = None
) -> Tensor:
    t = as_tensor(obj, dtype, device)
    t = t.clone() if copy and t is obj else t
    if requires_grad is False and t._edge is not None:
        return t.detach()
    return t.requires_grad_() if requires_grad and t.is_leaf else t


@public
def frombuffer(
    buffer: Any, *, dtype: dtypes.dtype, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """A tensor over the memory of an object that offers it, such as a bytearray (source: torch.frombuffer)."""
    return from_numpy(np.frombuffer(buffer, dtype.np, count, offset)).requires_grad_(requires_grad)


@public
def is_storage(obj: Any) -> bool:
    from .leaf import UntypedStorage

    return isinstance(obj, UntypedStorage)


@public
def is_inference(input: Tensor) -> bool:
    """Whether it was allocated in inference mode (source: torch.is_inference)."""
    if not isinstance(input, Tensor):
        raise TypeError(f"is_inference(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return input.is_inference()


@public
def is_tensor(obj: Any) -> bool:
    return isinstance(obj, Tensor)


def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return tensor(data, dtype=dtype or self.dtype, requires_grad=requires_grad)


Tensor.new_tensor = new_tensor


@public
def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """One number, in the default dtype (source: torch.scalar_tensor)."""
    return tensor(s, dtype=dtype or dtypes.get_default_dtype(), device=device, requires_grad=requires_grad)


def constructed(d: dtypes.dtype, args: tuple) -> Tensor:
    """An alias of a tensor, a copy of data, or uninitialised memory of a size."""
    if len(args) == 1 and not isinstance(args[0], int | dtypes.Size):
        (data,) = args
        if isinstance(data, Tensor):
            return alias.function(data)
        if not isinstance(data, Sequence | np.ndarray):
            raise TypeError(f"new(): data must be a sequence (got {type(data).__name__})")
        return tensor(data, dtype=d)
    return empty(*args, dtype=d) if args else empty(0, dtype=d)


def constructor(cls: type, *args: Any) -> Tensor:
    """torch.Tensor(...): in the default dtype, except for an alias."""
    return constructed(dtypes.get_default_dtype(), args)


Tensor.__new__ = constructor  # type: ignore[method-assign]
Tensor.__init__ = lambda self, *_: None  # type: ignore[method-assign]


def legacy(name: str, d: dtypes.dtype) -> None:
    """torch.FloatTensor and the like."""

    def factory(*args: Any) -> Tensor:
        return constructed(d, args)

    factory.__name__ = name
    MADE[name] = factory


for _d, _prefix in dtypes.LEGACY.items():
    if "Complex" not in _prefix:
        legacy(_prefix + "Tensor", _d)
