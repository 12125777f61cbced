"""Numbers in nested sequences, as one array: what torch.tensor makes of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from .. import dtypes
from ..compiler.bind import bind
from ..errors import type_name
from ..tensor import Tensor
from ..warn import once

SLOW = (
    "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider converting the list to a single "
    "numpy.ndarray with numpy.array() before converting to a tensor."
)


def from_nested(data: Any, dtype: dtypes.dtype | None) -> np.ndarray:
    """Nested sequences of numbers, each rounded once, to the dtype asked for or inferred."""
    sizes = sizes_of(data)
    if sizes and sizes[0] and isinstance(data[0], np.ndarray):
        once(SLOW)
    items: list[Any] = []
    collect(data, sizes, 0, items)
    if dtype is None:
        dtype = inferred(items)
    return CONVERTERS[dtype.category](items, dtype).reshape(sizes)


def is_sequence(x: Any) -> bool:
    if isinstance(x, list | tuple | str):
        return True
    if isinstance(x, Tensor | np.ndarray):
        return x.ndim > 0
    return hasattr(x, "__getitem__") and hasattr(x, "__len__") and not isinstance(x, dict)


def sizes_of(data: Any) -> list[int]:
    """The lengths along the first items; what lies deeper must have the same."""
    sizes: list[int] = []
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type_name(data)}'")
    while is_sequence(data) and not (isinstance(data, Tensor) and sizes):
        if isinstance(data, str):
            raise ValueError("too many dimensions 'str'")
        sizes.append(len(data))
        if not sizes[-1]:
            break
        try:
            data = data[0]
        except Exception:  # of whatever kind: it is no sequence then
            raise ValueError(f"could not determine the shape of object type '{type_name(data)}'") from None
    return sizes


def collect(data: Any, sizes: list[int], dim: int, items: list[Any]) -> None:
    """The numbers in order. Where torch meets something else depends on the dtype, so that is left to the converters."""
    if dim == len(sizes):
        items.append(data)
        return
    if not is_sequence(data):
        raise TypeError("not a sequence")
    if len(data) != sizes[dim]:
        raise ValueError(f"expected sequence of length {sizes[dim]} at dim {dim} (got {len(data)})")
    if dim == len(sizes) - 1:
        items.extend(data)
    else:
        for x in data:
            collect(x, sizes, dim + 1, items)


def inferred(items: list[Any]) -> dtypes.dtype:
    """The smallest dtype that holds them all."""
    if not items:
        return dtypes.get_default_dtype()
    found = set()
    for kind, example in dict(zip(map(type, items), items, strict=True)).items():
        if issubclass(kind, Tensor):
            found |= {x.dtype for x in items if type(x) is kind}
        elif issubclass(kind, np.ndarray):
            found |= {dtypes.from_numpy(x.dtype) for x in items if type(x) is kind}
        else:
            found.add(dtype_of(example))
    return reduce(dtypes.promote_types, found)


def dtype_of(x: Any) -> dtypes.dtype:
    if isinstance(x, np.generic):
        return dtypes.from_numpy(x.dtype)
    if isinstance(x, int | float | complex):
        return dtypes.of_number(x)
    if isinstance(x, str | bytes):
        raise TypeError(f"new(): invalid data type '{type_name(x)}'")
    if isinstance(x, list | tuple):
        if any(y is x for y in x):
            raise TypeError("new(): self-referential lists are incompatible")
        return reduce(dtypes.promote_types, map(dtype_of, x), dtypes.bool_)
    raise RuntimeError(f"Could not infer dtype of {type_name(x)}")


# -- numbers to a dtype of each category

PLAIN = frozenset({int, float, bool})


def bools(items: list[Any], dtype: dtypes.dtype) -> np.ndarray:
    numbers = int | float | complex | np.generic
    return np.array([bool(x if isinstance(x, numbers) else integer(x, dtype)) for x in items], bool)


def integers(items: list[Any], dtype: dtypes.dtype) -> np.ndarray:
    whole = items if {int}.issuperset(map(type, items)) else [integer(x, dtype) for x in items]
    try:
        found = np.array(whole, np.uint64 if dtype is dtypes.uint64 else np.int64)
    except OverflowError:
        if dtype is dtypes.uint64 and min(whole) < 0:
            raise OverflowError("can't convert negative int to unsigned") from None
        raise ValueError("Overflow when unpacking long long") from None
    if found.size:
        check_range(int(found.min()), dtype)
        check_range(int(found.max()), dtype)
    return found.astype(dtype.np)


def integer(x: Any, dtype: dtypes.dtype) -> int:
    """A float is cut off."""
    if isinstance(x, float):
        check_range(x, dtype)
        return int(x)
    if hasattr(x, "__index__"):
        return x.__index__()
    if isinstance(x, np.generic):
        return integer(x.item(), dtype)
    raise TypeError(f"'{type_name(x)}' object cannot be interpreted as an integer")


def check_range(x: float, dtype: dtypes.dtype) -> None:
    """A negative number goes around in an unsigned dtype."""
    top = np.iinfo(dtype.np).max
    low = -top - 1 if dtype.is_signed else -top
    if not low <= x < top + 1:
        raise RuntimeError(f"value cannot be converted to type {dtype.name} without overflow")


def floats(items: list[Any], dtype: dtypes.dtype) -> np.ndarray:
    plain = PLAIN.issuperset(map(type, items))
    return rounded(np.array(items if plain else [real(x) for x in items], np.float64), dtype.np)


rounded = bind(lambda a, dtype: a.astype(dtype), "kernel")  # to inf, too, of which numpy would warn


def real(x: Any) -> float:
    if isinstance(x, complex | np.complexfloating) or not hasattr(x, "__float__"):
        raise TypeError(f"must be real number, not {type_name(x)}")
    return float(x)


def complexes(items: list[Any], dtype: dtypes.dtype) -> np.ndarray:
    numbers = [complex(x) if isinstance(x, complex | Tensor | np.generic) else real(x) for x in items]
    return rounded(np.array(numbers, np.complex128), dtype.np)


CONVERTERS: dict[int, Callable[[list[Any], dtypes.dtype], np.ndarray]] = {
    dtypes.BOOL: bools,
    dtypes.INTEGER: integers,
    dtypes.FLOAT: floats,
    dtypes.COMPLEX: complexes,
}
