"""Where Tensor meets the operator tables: methods, dunders and in-place forms, each made when first touched."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import dtypes
from .graph.inplace import inplace_form
from .ops import registry
from .ops.form import Row
from .tensor import Tensor


class Late:
    """A method that is compiled, and takes its place in the class, at the first look."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name, self.make = name, make

    def __get__(self, instance: Any, owner: Any) -> Any:
        function = self.make()
        setattr(Tensor, self.name, function)
        return function if instance is None else function.__get__(instance, owner)


def install() -> None:
    """Give Tensor every operator."""
    for name, (what, how) in registry.METHODS.items():
        make = (lambda row=what: row.function) if isinstance(what, Row) else (lambda f=what: f)
        setattr(Tensor, name, property(lambda self, make=make: make()(self)) if how == "property" else Late(name, make))
    for name, row in registry.INPLACE.items():
        setattr(Tensor, name, Late(name, lambda row=row: inplace_form(row)))


def method(f: Callable[..., Any]) -> Callable[..., Any]:
    setattr(Tensor, f.__name__, f)
    return f


# -- methods that are no operators: facts and conversions


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
def to(self: Tensor, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False, **_: Any) -> Tensor:
    for a in args:
        if isinstance(a, dtypes.dtype):
            dtype = a
        elif isinstance(a, Tensor):
            dtype = a.dtype
        else:
            dtypes.device(a)
    if device is not None:
        dtypes.device(device)
    if dtype is None or dtype is self.dtype:
        return self.clone() if copy else self
    from .ops.structure import cast

    return cast.function(self, dtype.np)


for _name, _dtype in {
    "float": dtypes.float32,
    "double": dtypes.float64,
    "long": dtypes.int64,
    "int": dtypes.int32,
    "half": dtypes.float16,
    "bool": dtypes.bool_,
}.items():
    setattr(Tensor, _name, lambda self, _dtype=_dtype: self.to(_dtype))


@method
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """self in the dtype of other (source: torch.Tensor.type_as)."""
    return self.to(other.dtype)


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
    from .printing import text

    return text(self)


Tensor.T = property(lambda self: self.t() if self.ndim == 2 else self.permute(*range(self.ndim)[::-1]))
Tensor.mT = property(lambda self: self.transpose(-2, -1))
install()
Tensor.__hash__ = lambda self: id(self)


# Python 2's names, which torch's tensors still list.
for _old, _name in {"div": "truediv", "idiv": "itruediv", "long": "int", "nonzero": "bool"}.items():
    setattr(Tensor, f"__{_old}__", getattr(Tensor, f"__{_name}__"))
