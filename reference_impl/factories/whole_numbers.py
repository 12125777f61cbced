"""The bounds of numbers drawn at random, as a dtype can hold them (Tensor.random_, torch.randint, Tensor.uniform_)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..dtypes import REAL_OF, dtype, from_numpy
from ..errors import Unsupported
from ..number_types import finfo
from .stream import DIGITS

ROUGH = (
    "{0} is out of bounds [-(2^{1}), 2^{1}]. Due to precision limitations {2} can support discrete uniform distribution only "
    "within this range. This warning will become an error in version 1.7 release, please fix the code in advance"
)
LONG = 1 << 63


def bounds(d: np.dtype, low: int, high: int | None) -> tuple[int, int]:
    """The numbers from low to, and without, high; without a high, up to the largest that the dtype holds exactly."""
    digits = DIGITS.get(d.name)
    least, most = limits(d)
    if high is None:
        if low == -LONG:
            if d != np.int64:
                raise Unsupported(f"random_: all numbers of 64 bits in {from_numpy(d).name}")
            return low, LONG
        low = low if digits is None else raised(low, d, digits)
        check("from", low, least, most, d)
        return low, (int(most) if digits is None else 1 << digits) + 1
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if digits is not None:
        low, high = raised(low, d, digits), lowered(high, d, digits)
        if low >= high:
            raise RuntimeError(
                "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got "
                f"from={low} >= to={high}"
            )
    for name, value in (("from", low), ("to - 1", high - 1)):
        check(name, value, least, most, d)
        if digits is not None and not -(1 << digits) <= value <= 1 << digits:
            warnings.warn(ROUGH.format(name, digits, from_numpy(d).cpp), UserWarning, stacklevel=8)
    return low, high


def limits(d: np.dtype) -> tuple[Any, Any]:
    if d.kind == "b":
        return 0, 1
    info = np.iinfo(d) if d.kind in "iu" else finfo(from_numpy(d))
    return info.min, info.max


def check(name: str, value: int, least: Any, most: Any, d: np.dtype) -> None:
    if not least <= value <= most:
        raise RuntimeError(f"{name} is out of bounds for {from_numpy(d).cpp}")


def check_range(d: dtype, low: float, high: float) -> None:
    """That numbers of a dtype can lie anywhere between two bounds (Tensor.uniform_)."""
    if not (d.is_floating_point or d.is_complex):
        return  # which the kernel refuses
    real = REAL_OF.get(d, d)
    most = float(finfo(real).max)
    for name, bound in (("from", low), ("to", high)):
        if not abs(bound) <= most:
            raise RuntimeError(f"{name} is out of bounds for {real.cpp}")
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    if high - low > most:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{real.legacy}>::max(), but found to={high:g} and "
            f"from={low:g} which result in to-from to exceed the limit"
        )


def raised(low: int, d: np.dtype, digits: int) -> int:
    """low, or the next number above it that the dtype holds."""
    held = cast(low + 1, d)
    return low if held >= low else held + (1 << (abs(low + 1).bit_length() - digits))


def lowered(high: int, d: np.dtype, digits: int) -> int:
    held = cast(high - 1, d)
    return high if held < high else held - (1 << (abs(high - 1).bit_length() - digits))


@np.errstate(over="ignore")
def cast(n: int, d: np.dtype) -> int:
    value = float(np.asarray(n, np.float64).astype(d))
    return int(value) if np.isfinite(value) else n
