"""Methods of Tensor that are no operators: conversions to other dtypes, to numpy, to Python's numbers, sequences and text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, placement
from ..compiler.arguments import check_tensors
from ..errors import type_name
from ..graph.modes import GRAD, mode
from ..tensor import Tensor, storage_array
from ..warn import once, real_part_only
from . import method
from .facts import suggested_format


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
    if self._edge is not None and mode() & GRAD and not force:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    return storage_array(self)


@method
def to(self: Tensor, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False, **given: Any) -> Tensor:
    """self, or a copy, in another dtype (source: torch.Tensor.to): of a dtype, of a device, or of another tensor."""
    if len(args) == 1 and args[0] is self.dtype and dtype is None is device and not (copy or given):
        return self
    flags = list(args)  # in the end, non_blocking and copy
    if flags and isinstance(flags[0], str | placement.device | None):
        device = flags.pop(0)
    elif flags and isinstance(flags[0], Tensor):
        dtype = flags.pop(0).dtype
    if flags and isinstance(flags[0], dtypes.dtype | type):
        dtype = flags.pop(0)
    if len(flags) > 2 or any(type(a) is not bool for a in (*flags, copy, given.get("non_blocking", False))):
        kinds = ", ".join(map(type_name, args))
        raise TypeError(f"to() received an invalid combination of arguments - got ({kinds})")
    if "tensor" in given:
        dtype = given["tensor"].dtype
    layout = given.get("memory_format") or placement.preserve_format
    if not given.keys() <= {"tensor", "memory_format", "non_blocking"} or type(layout) is not placement.memory_format:
        kinds = ", ".join(f"{name}={type_name(value)}" for name, value in given.items())
        raise TypeError(f"to() received an invalid combination of arguments - got ({kinds}, )")
    if device is not None:
        placement.device(device)
    dtype = dtypes.wanted(dtype, self.dtype)
    if dtype is self.dtype:
        copied = copy or (len(flags) > 1 and flags[1])
        moved = layout is not placement.preserve_format and suggested_format(self) is not layout
        if not (copied or moved):
            return self
        from ..ops.writes import to_copy

        return to_copy.function(self, memory_format=layout)
    from ..ops.structure import cast
    from ..ops.writes import cast_and_lay_out

    real_part_only(self.dtype.np, dtype.np)
    source = self if dtype.is_floating_point or dtype.is_complex else self.detach()  # integers have no gradient
    if layout is placement.preserve_format:
        return cast.function(source, dtype.np)
    return cast_and_lay_out.function(source, dtype.np, layout)


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
    setattr(Tensor, _name, lambda self, *, _dtype=_dtype, **given: self.to(_dtype, **given))


def type_(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Its old type name, or itself in another dtype (source: torch.Tensor.type)."""
    if dtype is None:
        return f"torch.{dtypes.LEGACY[self.dtype]}Tensor"
    if isinstance(dtype, str):
        known = {f"torch.{name}Tensor": d for d, name in dtypes.LEGACY.items()}
        if dtype not in known:
            raise ValueError(f"invalid type: '{dtype}'")
        dtype = known[dtype]
    dtype = (
        dtypes.get_default_dtype() if dtype is Tensor else getattr(dtype, "dtype", dtype)
    )  # torch.FloatTensor has one
    if not isinstance(dtype, dtypes.dtype | type):
        raise TypeError("dtype must be a type, str, or dtype object")
    return self.to(dtype)


Tensor.type = type_


@method
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """self in the dtype of other (source: torch.Tensor.type_as)."""
    check_tensors("type_as", other=other)
    return self.to(other.dtype)


# -- as Python's numbers and sequences


def real(value: Any, kind: type) -> Any:
    """A complex number for int or float: it must be real."""
    if not isinstance(value, complex) or kind not in (int, float):
        return value
    if value.imag:
        c_name = "int64_t" if kind is int else "double"
        raise RuntimeError(f"value cannot be converted to type {c_name} without overflow")
    return value.real


def number(kind: type) -> Callable[[Tensor], Any]:
    def convert(self: Tensor) -> Any:
        if self._array.size != 1:
            if kind is bool:
                raise RuntimeError(
                    "Boolean value of Tensor with more than one value is ambiguous"
                    if self._array.size
                    else "Boolean value of Tensor with no values is ambiguous"
                )
            raise ValueError("only one element tensors can be converted to Python scalars")
        if kind is float and self._edge is not None and mode() & GRAD:
            once(
                "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
                "Consider using tensor.detach() first."
            )
        return kind(real(self._array.item(), kind))

    return convert


for _dunder, _kind in {"__float__": float, "__int__": int, "__bool__": bool, "__complex__": complex}.items():
    setattr(Tensor, _dunder, number(_kind))


@method
def __index__(self: Tensor) -> int:
    if self.dtype.category > dtypes.INTEGER or self._array.size != 1:
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self._array.item())


@method
def __len__(self: Tensor) -> int:
    if not self._array.ndim:
        raise TypeError("len() of a 0-d tensor")
    return len(self._array)


@method
def __delitem__(self: Tensor, key: Any) -> None:
    raise TypeError("Tensor does not support deleting items")


@method
def __iter__(self: Tensor) -> Any:
    if not self._array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(self.unbind(0))


@method
def __array__(self: Tensor, dtype: Any = None, copy: Any = None) -> np.ndarray:
    return self.numpy() if dtype is None else self.numpy().astype(dtype)


@method
def __dlpack__(self: Tensor, **asked: Any) -> Any:
    """Its memory, for another library (source: torch.Tensor.__dlpack__)."""
    from ..utils.dlpack import offer

    return offer(self, **asked)


@method
def __dlpack_device__(self: Tensor) -> Any:
    from ..utils.dlpack import offered_from

    return offered_from(self)


@method
def __array_wrap__(self: Tensor, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Tensor:
    """What a function of numpy makes of a Tensor is one too: np.sin(x), and x * y where y is an array."""
    from ..factories.from_data import from_numpy

    return from_numpy(array.astype(np.uint8) if array.dtype == bool else array)


@method
def __format__(self: Tensor, spec: str) -> str:
    return format(self.item(), spec) if not self.ndim else object.__format__(self, spec)


@method
def __repr__(self: Tensor) -> str:
    if "reference_impl.func.tracking" in sys.modules:
        from ..func.tracking import text_of

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
