"""What is known of dtypes: their limits, what becomes of two, and names of types (torch.finfo, torch.result_type ...)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import dtypes
from .factories import MADE, public
from .tensor import Tensor


class finfo:
    """The limits of a floating point dtype (source: torch.finfo)."""

    __module__ = "torch"

    def __init__(self, type: dtypes.dtype | None = None) -> None:
        type = dtypes.get_default_dtype() if type is None else dtypes.checked(type, "finfo", "type", 1)
        d = dtypes.REAL_OF.get(type, type)
        if not d.is_floating_point:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        if d is dtypes.bfloat16:
            import ml_dtypes

            limits: Any = ml_dtypes.finfo(d.np)
        else:
            limits = np.finfo(d.np)
        self.dtype, self.bits = d.name, 8 * d.itemsize
        self.max, self.min, self.eps = float(limits.max), float(limits.min), float(limits.eps)
        self.tiny = self.smallest_normal = float(limits.smallest_normal)
        self.resolution = 10.0 ** math.ceil(math.log10(self.eps))

    def __repr__(self) -> str:
        words = [f"{n}={getattr(self, n):.6g}" for n in ("resolution", "min", "max", "eps", "smallest_normal", "tiny")]
        return f"finfo({', '.join(words)}, dtype={self.dtype})"


class iinfo:
    """The limits of an integer dtype (source: torch.iinfo)."""

    __module__ = "torch"

    def __init__(self, type: dtypes.dtype) -> None:
        if dtypes.checked(type, "iinfo", "type", 1) is dtypes.bool_:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if type.category != dtypes.INTEGER:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        limits = np.iinfo(type.np)
        self.dtype, self.bits, self.min, self.max = type.name, 8 * type.itemsize, int(limits.min), int(limits.max)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


MADE |= {"finfo": finfo, "iinfo": iinfo}


@public
def can_cast(from_: dtypes.dtype, to: dtypes.dtype) -> bool:
    """Whether a result of one dtype may be written into another: never to a lesser category (source: torch.can_cast)."""
    return dtypes.checked(from_, "can_cast", "from_", 1).category <= dtypes.checked(to, "can_cast", "to", 2).category


@public
def result_type(
    tensor: Any = None, other: Any = None, *, scalar: Any = None, scalar1: Any = None, scalar2: Any = None
) -> dtypes.dtype:
    """The dtype of an operation on two tensors or numbers (source: torch.result_type)."""
    given = [x for x in (tensor, other, scalar, scalar1, scalar2) if x is not None]
    if len(given) != 2:
        raise TypeError(f"result_type() takes two tensors or numbers, but {len(given)} were given")
    return dtypes.result_type(
        tuple(np.empty((1,) * x.ndim, x.dtype.np)[()] if isinstance(x, Tensor) else x for x in given)
    )


@public
def typename(obj: Any) -> str:
    """The type of an object, of a tensor its old name (source: torch.typename)."""
    if isinstance(obj, Tensor):
        return obj.type()
    kind = obj if isinstance(obj, type) else type(obj)
    module = kind.__module__.replace(__package__ or "", "torch", 1)
    return kind.__qualname__ if module in ("builtins", "") else f"{module}.{kind.__qualname__}"
