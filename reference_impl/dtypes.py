"""torch's dtypes, their promotion, and Size. (Devices, layouts and memory formats: placement.py.)

Promotion follows the page "torch.dtype" of the documentation (tensor_attributes): operands fall in three groups,
tensors with dimensions, 0-dim tensors, Python numbers; a lower group decides only when its *category* (bool, integer,
float, complex) is higher than that of every group before it. numpy has no such groups, so it is done here.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from operator import index
from typing import Any

import numpy as np

from .errors import Unsupported

BOOL, INTEGER, FLOAT, COMPLEX = range(4)


class dtype:
    """A torch dtype: a name, the numpy dtype that stores it, and its category."""

    __slots__ = ("_np", "category", "is_complex", "is_floating_point", "name")

    def __init__(self, name: str, stored_as: str, category: int) -> None:
        self.name, self.category = name, category
        self.is_floating_point, self.is_complex = category == FLOAT, category == COMPLEX
        self._np: Any = None if stored_as == "bfloat16" else np.dtype(stored_as)

    @property
    def np(self) -> np.dtype:
        if self._np is None:  # bfloat16 is the one dtype numpy lacks
            import ml_dtypes

            self._np = np.dtype(ml_dtypes.bfloat16)
            of_numpy[self._np] = self
        return self._np

    is_signed = property(lambda self: self.np.kind not in "bu")
    itemsize = property(lambda self: self.np.itemsize)
    legacy = property(lambda self: LEGACY[self], doc="How most error messages name it: Float.")
    cpp = property(lambda self: CPP[self], doc="How others name it: float.")

    def __repr__(self) -> str:
        return f"torch.{self.name}"


bool_ = dtype("bool", "?", BOOL)
uint8, int8, int16, int32, int64 = (dtype(n, n, INTEGER) for n in ("uint8", "int8", "int16", "int32", "int64"))
uint16, uint32, uint64 = UNSIGNED = tuple(dtype(n, n, INTEGER) for n in ("uint16", "uint32", "uint64"))
float16, bfloat16, float32, float64 = (dtype(n, n, FLOAT) for n in ("float16", "bfloat16", "float32", "float64"))
complex64, complex128 = (dtype(n, n, COMPLEX) for n in ("complex64", "complex128"))
ALL = (bool_, uint8, int8, int16, int32, int64, *UNSIGNED, float16, bfloat16, float32, float64, complex64, complex128)
of_numpy: dict[Any, dtype] = {d._np: d for d in ALL if d._np is not None}
NAMES: dict[str, dtype] = {d.name: d for d in ALL} | {
    "float": float32,
    "double": float64,
    "half": float16,
    "long": int64,
    "int": int32,
    "short": int16,
    "cfloat": complex64,
    "cdouble": complex128,
}
# how error messages name them
LEGACY = {
    bool_: "Bool",
    uint8: "Byte",
    int8: "Char",
    int16: "Short",
    int32: "Int",
    int64: "Long",
    uint16: "UInt16",
    uint32: "UInt32",
    uint64: "UInt64",
    float16: "Half",
    bfloat16: "BFloat16",
    float32: "Float",
    float64: "Double",
    complex64: "ComplexFloat",
    complex128: "ComplexDouble",
}
CPP = {
    bool_: "bool",
    uint8: "unsigned char",
    int8: "signed char",
    int16: "short int",
    int32: "int",
    int64: "long int",
    uint16: "short unsigned int",
    uint32: "unsigned int",
    uint64: "long unsigned int",
    float16: "c10::Half",
    bfloat16: "c10::BFloat16",
    float32: "float",
    float64: "double",
    complex64: "c10::complex<float>",
    complex128: "c10::complex<double>",
}
COMPLEX_OF = {float16: complex64, bfloat16: complex64, float32: complex64, float64: complex128}
REAL_OF = {complex64: float32, complex128: float64}

PYTHON: dict[Any, dtype] = {bool: bool_, int: int64, float: float64, complex: complex128}  # also taken as dtypes

_default = float32


def wanted(given: Any, default: dtype) -> dtype:
    """The dtype that an argument `dtype=` asks for."""
    if given is None or isinstance(given, dtype):
        return given or default
    if given in PYTHON:
        return PYTHON[given]
    raise TypeError(f"argument 'dtype' must be torch.dtype, not {type(given).__name__}")


def get_default_dtype() -> dtype:
    return _default


def set_default_dtype(d: dtype) -> None:
    """Set the floating dtype of new tensors made of Python floats (source: torch.set_default_dtype)."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        start = "" if isinstance(d, dtype) else "invalid dtype object: "
        raise TypeError(start + "only floating-point types are supported as the default type")
    _default = d
    _joined.cache_clear()


def from_numpy(d: np.dtype) -> dtype:
    found = of_numpy.get(d)
    if found is None and d.name == "bfloat16":
        found = of_numpy[bfloat16.np]
    if found is None:
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{d.type.__name__}. The only supported types are: float64, "
            "float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, "
            "uint8, and bool."
        )
    return found


def same(text: str, *arrays: Any) -> None:
    """torch's refusal of arrays of several dtypes. `text` names the two: {0.legacy} is Float, {0.cpp} float."""
    first = arrays[0].dtype
    for x in arrays[1:]:
        if x.dtype is not first and x.dtype != first:
            raise RuntimeError(text.format(from_numpy(first), from_numpy(x.dtype)))


C_NAMES = {d: f"{d.name}_t" for d in (uint8, int8, int16, int64, *UNSIGNED)} | {float16: "double", bfloat16: "double"}


def number(value: Any, like: np.dtype) -> Any:
    """A Python number to be written into an array of that dtype, or torch's error where it does not fit.

    A negative one goes around in an unsigned dtype. Tensors' values pass as they are.
    """
    if type(value) not in PYTHON or like.kind == "b":
        return value
    if like.kind == "f" and type(value) in (int, float) and -(2**63) <= value < 2**63:
        return value
    if type(value) is int and not -(2**63) <= value < 2**64:
        raise OverflowError("int too big to convert")
    d, real = from_numpy(like), value.real
    fits = like.kind == "c" or not value.imag
    if fits and like.kind in "iu":
        top = np.iinfo(like).max
        low = -top - 1 if like.kind == "i" else -top if type(real) is int else 0
        fits = low <= real < top + 1  # nan fits nowhere
        value = int(real) % (top + 1) if fits and like.kind == "u" else int(real) if fits else value
    elif fits and d in (float32, complex64):
        fits = not math.isfinite(real) or abs(real) <= float(np.finfo(np.float32).max)
    if not fits:
        raise RuntimeError(f"value cannot be converted to type {C_NAMES.get(d, d.cpp)} without overflow")
    return value if like.kind == "c" else value.real


def of_number(x: Any) -> dtype:
    """The dtype a Python number promotes as."""
    if isinstance(x, bool):
        return bool_
    if isinstance(x, int):
        return int64
    return _default if isinstance(x, float) else COMPLEX_OF[_default]


def checked(given: Any, function: str, argument: str, position: int) -> dtype:
    """An argument that must be a dtype."""
    if not isinstance(given, dtype):
        kind = type(given).__name__
        raise TypeError(f"{function}(): argument '{argument}' (position {position}) must be torch.dtype, not {kind}")
    return given


@cache
def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest dtype that holds both (source: torch.promote_types)."""
    if type1 is type2:
        return type1
    checked(type1, "promote_types", "type1", 1), checked(type2, "promote_types", "type2", 2)
    if (type1 in UNSIGNED or type2 in UNSIGNED) and FLOAT not in (type1.category, type2.category):
        raise RuntimeError(
            "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote "
            f"{type1.legacy} and {type2.legacy}"
        )
    if type1.category < type2.category:
        type1, type2 = type2, type1
    if type1.category > type2.category:
        if type1.category == COMPLEX and type2.category == FLOAT:
            return complex128 if type2 is float64 else type1
        return type1
    if {type1, type2} == {float16, bfloat16}:
        return float32
    return (
        of_numpy[np.promote_types(type1.np, type2.np)]
        if bfloat16 not in (type1, type2)
        else (type1 if type2 is bfloat16 else type2)
    )


@lru_cache(maxsize=4096)
def _joined(dimensioned: dtype | None, zero_dim: dtype | None, number: dtype | None) -> dtype:
    result = dimensioned
    for group in (zero_dim, number):
        if group is None:
            continue
        if result is None:
            result = group
        elif group.category > result.category:
            if result is float16:
                raise Unsupported(
                    "promotion of float16 with a complex number (torch gives complex32, which numpy lacks)"
                )
            result = COMPLEX_OF[result] if result.category == FLOAT else group
    assert result is not None
    return result


def result_type(operands: tuple[Any, ...]) -> dtype:
    """The dtype of an operation on arrays, numpy scalars (0-dim tensors) and Python numbers."""
    groups: list[dtype | None] = [None, None, None]
    for x in operands:
        if isinstance(x, np.ndarray | np.generic):
            d, k = from_numpy(x.dtype), 0 if x.ndim else 1
        else:
            d, k = of_number(x), 2
        old = groups[k]
        groups[k] = d if old is None else promote_types(old, d)
    return _joined(*groups)


class Size(tuple):
    """A shape (source: torch.Size)."""

    def __new__(cls, sizes: Any = ()) -> Size:
        return tuple.__new__(cls, [n if type(n) is int else whole(n, i) for i, n in enumerate(sizes)])

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    __str__ = __repr__

    def numel(self) -> int:
        return math.prod(self)

    def __getitem__(self, k: Any) -> Any:
        found = tuple.__getitem__(self, k)
        return tuple.__new__(Size, found) if isinstance(k, slice) else found

    def __add__(self, other: Any) -> Any:
        if isinstance(other, tuple):
            return Size(tuple.__add__(self, other))
        reflected = getattr(type(other), "__radd__", None)
        found = NotImplemented if reflected is None else reflected(other, self)
        if found is not NotImplemented:
            return found
        raise TypeError(f"can only concatenate tuple (not {type(other).__name__}) to torch.Size")

    def __radd__(self, other: Any) -> Any:
        return Size(tuple.__add__(other, self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: Any) -> Any:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__


def whole(n: Any, i: int) -> int:
    try:
        return index(n)
    except TypeError:
        raise TypeError(f"torch.Size() takes an iterable of 'int' (item {i} is '{type(n).__name__}')") from None
