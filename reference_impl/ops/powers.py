"""Powers: of tensors, of numbers, by numbers.

HOWTO. As in arithmetic.py. d/dx x**0 is 0 even where x**-1 is infinite, d/dp 0**p is 0 for p >= 0.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import complex128, float64, number
from ..tensor import Tensor
from .arithmetic import sub_number
from .exponential import log
from .form import composite, elementwise
from .structure import conj, real_part, where

# For these numbers torch has kernels of its own, which differ from the power in the last digit, at infinities and at -0.
KERNELS = {
    2: lambda x: x * x,
    3: lambda x: x * x * x,
    -0.5: lambda x: 1 / np.sqrt(x),
    -2: lambda x: 1 / (x * x),
}


def power(x, p):
    try:
        if type(p) is not np.ndarray and p in KERNELS and (x.dtype.kind == "f" or p in (2, -0.5)):
            return KERNELS[p](x)
        if getattr(p, "dtype", None) is not None and p.dtype.kind == "i" and np.asarray(x).dtype.kind in "iu":
            return integer_power(x, p)
        r = x**p
        if r.dtype.kind == "c" and isinstance(p, np.ndarray | np.generic) and np.any(x == 0):
            by_log = np.exp(p * np.log(r.dtype.type(x)))  # torch's formula, which finds no power of 0
            r = np.where(x == 0, by_log, r)[()]
        if r.dtype.char == "b" and np.asarray(x).dtype.char == "?":
            raise NotImplementedError("\"pow\" not implemented for 'Bool'")
        return r
    except ValueError as error:
        if "negative" not in str(error):  # shapes that do not go together
            raise
        raise RuntimeError(str(error)) from None


def integer_power(x, p):
    """Below 0 the reciprocal cut to an integer: 0, but for 1 and -1, where it counts whether p is odd."""
    powers = x ** np.where(p < 0, p & 1, p)
    return np.where((p < 0) & (np.abs(x) != 1), 0, powers).astype(x.dtype)


def exponent_of_number(self, exponent, result, exponent_dtype):
    partial = result * log_of_number(self, exponent_dtype)
    return where(not_negative(exponent, exponent_dtype), 0.0, partial) if self == 0 else partial


def exponent_of_tensor(self, exponent, result, exponent_dtype):
    base = self - 0j if exponent_dtype.kind == "c" else self  # whose imaginary part may be -0
    return where((self == 0) & not_negative(exponent, exponent_dtype), 0.0, result * log(base))


def not_negative(p, dtype):
    return (real_part(p) >= 0) & (real_part(p) == p) if dtype.kind == "c" else p >= 0


def integer_exponent(x, p):
    """That of an integer is not negative, and an integer of its dtype."""
    if x.dtype.kind not in "iub" or isinstance(p, complex | float):
        return
    if p < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    number(p, x.dtype)


def power_by_number(x, p):
    return x | (not p) if type(p) is np.bool_ else power(x, p)


pow_scalar = elementwise(
    "pow(self, exponent)",
    power_by_number,
    self=lambda self, exponent: 0.0 if exponent == 0 else exponent * pow(self, exponent - 1),
    check=integer_exponent,
    scalar_overload=True,
    half_ready=True,
)
pow_base = elementwise(
    "pow(self, exponent)",
    power,
    exponent=exponent_of_number,
    grad_fn="PowBackward2",
    scalar_overload=True,
    half_ready=True,
)
pow = elementwise(
    "pow(self, exponent)",
    power,
    self=lambda g, self, exponent: where(exponent == 0, 0.0, g * conj(exponent * self ** sub_number(exponent, 1))),
    exponent=exponent_of_tensor,
    grad_fn="PowBackward1",
    overloads={"Tn": pow_scalar, "nT": pow_base},
    half_ready=True,
    dunder="__pow__",
)


def log_of_number(x, dtype):
    return complex(np.log(complex(x))) if dtype.kind == "c" or type(x) is complex else float(np.log(x))


@composite(inplace=True, out=True)
def square(input):
    """input ** 2 (source: torch.square)."""
    return pow(input, 2)


@composite(modules="", method=False, dunder="__rpow__")
def number_to_the(self, other):
    return pow(other, self)


@composite(out=True)
def float_power(input, exponent):
    """input to the power, in float64 or complex128 (source: torch.float_power)."""
    target = power_dtype(input, exponent)
    base, power = (x.to(target) if isinstance(x, Tensor) else x for x in (input, exponent))
    return pow(base, power)


@composite("float_power_", modules="", method=True)
def float_power_(self, exponent):
    if (target := power_dtype(self, exponent)) is not self.dtype:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {self.dtype.legacy} but the operation's result requires dtype "
            f"{target.legacy}"
        )
    return self.pow_(exponent)


def power_dtype(*operands):
    given = [x.dtype.np.kind if isinstance(x, Tensor) else type(x).__name__[0] for x in operands]
    return complex128 if "c" in given else float64
