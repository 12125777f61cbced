"""The inputs of a case: the array that the harness draws, and how it is laid out. The same for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from conformance.language.data import array, generated
from conformance.language.model import Given


def values(given: Given) -> np.ndarray:
    """The values of one input: bool, int64, float64 or complex128. Raises NotData where they cannot be."""
    if given.generator is not None:
        return generated(given.generator, given.data, given.name)
    return array(given.data)


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
