"""Data in a case: nested lists of numbers, and the named generators that stand in for long ones.

Shape, kind and values are settled here, with numpy, before any engine sees them: every engine is handed the same array.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_COMPLEX = re.compile(r"[-+]?[0-9.]*(e[-+]?[0-9]+)?([-+][0-9.]+(e[-+]?[0-9]+)?)?j", re.IGNORECASE)
_KINDS = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}
_MOST_ELEMENTS = 1 << 24


class NotData(ValueError):
    """A literal that is ragged, mixed or no number; the message says where."""


def number(value: Any) -> bool | int | float | complex | None:
    """The number that a YAML scalar stands for (``1+2j`` is one), or None."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str) and _COMPLEX.fullmatch(value.replace(" ", "")):
        try:
            return complex(value.replace(" ", ""))
        except ValueError:
            return None
    return None


def is_data(value: Any) -> bool:
    """True for a number, and for lists of nothing but numbers and such lists (an empty list included)."""
    if isinstance(value, list):
        return all(is_data(item) for item in value)
    return number(value) is not None


def plain(value: Any) -> Any:
    """The literal with its complex numbers made numbers: lists, bools, ints, floats, complex."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    made = number(value)
    if made is None:
        raise NotData(f"{value!r} is not a number")
    return made


def array(value: Any) -> np.ndarray:
    """The literal as an array of bool, int64, float64 or complex128; 0-dimensional for a number.

    Raises NotData where the lists are ragged or mix truth values with numbers.
    """
    literal = plain(value)
    _check_rectangular(literal, ())
    try:
        made = np.array(literal)
    except ValueError:
        raise NotData("the literal is nested too deeply") from None
    if made.size == 0:
        return np.zeros(made.shape)
    if made.dtype.kind not in _KINDS:
        raise NotData(f"{value!r} is not data of one kind")
    if made.dtype.kind != "b" and _has_bool(literal):
        raise NotData("truth values and numbers are mixed in one literal")
    return made


def kind(made: np.ndarray) -> str:
    """``bool``, ``int``, ``float`` or ``complex``."""
    return _KINDS[made.dtype.kind]


def _has_bool(value: Any) -> bool:
    return any(map(_has_bool, value)) if isinstance(value, list) else isinstance(value, bool)


def _check_rectangular(value: Any, where: tuple[int, ...]) -> None:
    if not isinstance(value, list):
        return
    shapes = {_outer(item) for item in value}
    if len(shapes) > 1:
        lengths = ", ".join("a number" if s is None else f"{s} items" for s in sorted(shapes, key=str))
        at = "".join(f"[{i}]" for i in where) or "the outermost list"
        raise NotData(f"the literal is ragged: {at} mixes {lengths}; give every row the same length")
    for index, item in enumerate(value):
        _check_rectangular(item, (*where, index))


def _outer(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def randn(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """standard normal values"""
    return rng.standard_normal(shape)


def uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """uniform values in [0, 1)"""
    return rng.random(shape)


def positive(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """uniform values in [0.5, 2)"""
    return rng.uniform(0.5, 2.0, shape)


def away_from_kinks(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """values with 0.25 <= |x| < 2, of both signs"""
    sign: np.ndarray = rng.choice([-1.0, 1.0], shape)
    magnitude: np.ndarray = rng.uniform(0.25, 2.0, shape)
    made: np.ndarray = magnitude * sign
    return made


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """evenly spaced values from -2 to 2 in random order: no two are equal"""
    order: np.ndarray = rng.permutation(np.linspace(-2.0, 2.0, np.prod(shape, dtype=int)))
    return order.reshape(shape)


def ties(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """whole numbers 0, 1 and 2: many are equal"""
    return rng.integers(0, 3, shape).astype(np.float64)


def ramp(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """0.25, 0.5, 0.75 ... in order"""
    return (np.arange(np.prod(shape, dtype=int), dtype=np.float64) + 1).reshape(shape) / 4


def zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """zeros"""
    return np.zeros(shape)


def ones(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """ones"""
    return np.ones(shape)


def complex_randn(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """standard normal real and imaginary parts"""
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


Fill = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

GENERATORS: dict[str, Fill] = {
    fill.__name__: fill
    for fill in (randn, uniform, positive, away_from_kinks, distinct, ties, ramp, zeros, ones, complex_randn)
}
"""The named ways to fill a shape; what each docstring says, cases/README.md says too."""


def check_size(name: str, shape: Sequence[int]) -> None:
    """Raise NotData for a shape that holds more than 2**24 elements."""
    if np.prod(shape, dtype=float) > _MOST_ELEMENTS:
        raise NotData(f"{name}: {list(shape)} holds more than {_MOST_ELEMENTS} elements")


def generated(name: str, shape: Sequence[int], variable: str) -> np.ndarray:
    """What generator ``name`` draws for ``variable``: float64 or complex128, the same in every run and on every engine.

    Raises NotData for a shape that holds more than 2**24 elements.
    """
    check_size(name, shape)
    return np.asarray(GENERATORS[name](np.random.default_rng(seed(variable)), tuple(shape)))


def seed(variable: str) -> int:
    """The seed that belongs to a variable's name."""
    return zlib.crc32(variable.encode())
