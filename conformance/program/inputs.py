"""The inputs of a case: the array that the harness draws, and how it is laid out. The same for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from conformance.language.data import NotData, array, check_size, generated, number
from conformance.language.model import Case, Given


def values(given: Given) -> np.ndarray:
    """The values of one input: bool, int64, float64 or complex128. Raises NotData where they cannot be."""
    if given.generator is not None:
        return generated(given.generator, given.data, given.name)
    return array(given.data)


DTYPES = (
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
    *("bool", "uint8", "int8", "int16", "int32", "int64"),
)
"""The dtypes that a tensor of a case may have."""

_LEAST_DIMENSIONS = {"transposed": 2, "sliced": 1, "channels_last": 3}


def check_given(given: Given, case: Case) -> None:
    """Raise MalformedCase for an input that no engine could be handed."""
    try:
        if why := _objection(given):
            raise NotData(why)
    except NotData as error:
        raise case.malformed(given.mark, f"{given.name}: {error}") from None


def _objection(given: Given) -> str | None:
    if not given.tensor:
        plain = given.data is None or number(given.data) is not None
        return None if plain else f"{given.data!r} is not a number; a tensor is written {{leaf: ...}} or {{const: ...}}"
    if given.dtype is not None and given.dtype not in DTYPES:
        return f"unknown dtype {given.dtype!r}; known are {', '.join(DTYPES)}"
    if given.generator and not all(isinstance(size, int) and size >= 0 for size in given.data):
        return f"{given.generator}: a shape is a list of whole numbers, not {list(given.data)}"
    made = _sample(given)
    dtype = dtype_name(given, made)
    if given.layout and made.ndim < _LEAST_DIMENSIONS[given.layout]:
        return (
            f"layout {given.layout} needs {_LEAST_DIMENSIONS[given.layout]} dimensions or more, there are {made.ndim}"
        )
    if given.leaf and not dtype.startswith(("float", "bfloat", "complex")):
        return f"a leaf has a floating or complex dtype, not {dtype}; write 1. for 1, or const:"
    if made.dtype.kind == "c" and not dtype.startswith("complex"):
        return f"complex values do not fit the dtype {dtype}"
    if dtype.startswith(("int", "uint")) and made.size:
        limits = np.iinfo(dtype)
        if not (np.isfinite(made).all() and limits.min <= made.min() and made.max() <= limits.max):
            return f"the values do not fit the dtype {dtype}"
    return None


def _sample(given: Given) -> np.ndarray:
    """The values where they count; of a generator that fills floating points, an empty array of the same dimensions."""
    if given.generator is None or (given.dtype or "").startswith(("int", "uint")):
        return values(given)
    check_size(given.generator, given.data)
    return generated(given.generator, [0] * len(given.data), given.name)


def dtype_name(given: Given, made: np.ndarray) -> str:
    """The dtype that the tensor gets: the declared one, else torch's default for the kind of data."""
    if given.dtype is not None:
        return given.dtype
    return {"b": "bool", "i": "int64", "f": "float32", "c": "complex64"}[made.dtype.kind]


def _contiguous(shape: Sequence[int]) -> list[int]:
    strides, step = [0] * len(shape), 1
    for axis in reversed(range(len(shape))):
        strides[axis], step = step, step * max(shape[axis], 1)
    return strides


def _transposed(shape: Sequence[int]) -> list[int]:
    swapped = _contiguous([*shape[:-2], shape[-1], shape[-2]])
    return [*swapped[:-2], swapped[-1], swapped[-2]]


def _sliced(shape: Sequence[int]) -> list[int]:
    return [2 * stride for stride in _contiguous(shape)]


def _channels_last(shape: Sequence[int]) -> list[int]:
    batch, channels, *space = shape
    inner = _contiguous([batch, *space, channels])
    return [inner[0], inner[-1], *inner[1:-1]]


LAYOUTS: dict[str, Any] = {"transposed": _transposed, "sliced": _sliced, "channels_last": _channels_last}
"""How an input may lie in memory: from its shape to its strides. Without a layout it is contiguous."""


def strides(given: Given, shape: Sequence[int]) -> list[int] | None:
    """The strides, in elements, that the layout asks for; None for a contiguous input."""
    return list(LAYOUTS[given.layout](shape)) if given.layout else None
