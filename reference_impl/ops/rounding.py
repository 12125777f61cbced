"""Rounding and signs: steps, whose gradient is 0 everywhere, and pieces of slope 1.

HOWTO. A step is `step(name, kernel)`. Its gradient is zeros, not None: the result does require grad.
"""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import from_numpy, same
from ..number_types import finfo
from .arithmetic import mul_number
from .complex_ import sgn_kernel
from .exponential import exp2
from .form import composite, elementwise, general
from .logic import isfinite
from .structure import cast, neither, where
from .writes import zero


def step(name, kernel, operands="self", **options):
    options = {"refuses": "complex"} | options
    return elementwise(f"{name}({operands})", kernel, self=lambda g: zero(g), **options)


def no_bool(name, kernel):
    def checked(x):
        if x.dtype.char == "?":
            raise NotImplementedError(f"\"{name}_vml_cpu\" not implemented for 'Bool'")
        return kernel(x)

    return checked


ceil = step("ceil", no_bool("ceil", np.ceil))
floor = step("floor", no_bool("floor", np.floor))
trunc = step("trunc", no_bool("trunc", np.trunc), aliases=("fix",))
sign = step("sign", sgn_kernel)
round_ = step("round", no_bool("round", np.round), public=False)


def to_decimals(x, decimals):
    """Scaled in x's own dtype, in which 10**decimals may be inf."""
    if x.dtype.kind in "biuc":
        name = "round_cpu" if decimals else "round_vml_cpu"
        raise NotImplementedError(f"\"{name}\" not implemented for '{from_numpy(x.dtype).legacy}'")
    scale = x.dtype.type(10) ** abs(decimals)
    return np.round(x * scale) / scale if decimals > 0 else np.round(x / scale) * scale


round_decimals = step(
    "round",
    to_decimals,
    "self, decimals=0",
    public=False,
    refuses="",
    grad_fn="RoundBackward1",
)
frac = elementwise("frac(self)", lambda x: x - np.trunc(x), self=lambda g: g, refuses="integers complex")
deg2rad = elementwise(
    "deg2rad(self)",
    np.deg2rad,
    self=lambda g: mul_number(g, math.pi / 180),
    integers="float",
    grad_fn="Deg2RadBackward0",
    refuses="complex",
)
rad2deg = elementwise(
    "rad2deg(self)",
    np.rad2deg,
    self=lambda g: mul_number(g, 180 / math.pi),
    integers="float",
    grad_fn="Rad2DegBackward0",
    refuses="complex",
)


def nan_to_num_kernel(x, nan, posinf, neginf):
    if x.dtype.kind == "c":
        found = np.empty_like(x)
        found.real, found.imag = (nan_to_num_kernel(part, nan, posinf, neginf) for part in (x.real, x.imag))
        return found[()]
    if x.dtype.kind in "biu":
        return x
    top = finfo(from_numpy(x.dtype)).max
    for place, given, usual in ((np.isnan(x), nan, 0), (x == np.inf, posinf, top), (x == -np.inf, neginf, -top)):
        x = np.where(place, np.asarray(usual if given is None else given).astype(x.dtype), x)
    return x[()]


nan_to_num = elementwise(
    "nan_to_num(self, nan=None, posinf=None, neginf=None)",
    nan_to_num_kernel,
    self=lambda g, self: g * isfinite(self),
    half_ready=True,
)


@composite("special_round", modules="special", method=False, out=True)
def round_special(input, *, decimals=0):
    """round to a number of decimals, which is never without one (source: torch.special.round)."""
    return round_decimals(input, decimals)


@composite(inplace=True, out=True)
def round(input, *, decimals: int = ...):
    """input rounded to an integer, ties to even, or to a number of decimals (source: torch.round)."""
    return round_(input) if decimals is ... else round_decimals(input, decimals)


@composite(dunder="__pos__")
def positive(input):
    """input itself (source: torch.positive)."""
    if input.dtype.np.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


# -- two operands

copysign = elementwise(
    "copysign(self, other)",
    np.copysign,
    self=lambda self, result: where(self == 0, 0.0, result / self),
    other=lambda g: zero(g),
    integers="float",
    grad_fn={"TT": "CopysignBackward0", "Tn": "CopysignBackward1"},
    scalar_overload=True,
    refuses="complex",
    numbers="right",
)
nextafter = elementwise(
    "nextafter(self, other)",
    np.nextafter,
    self=lambda g, self, other: where(self == other, 0.0, g),
    other=lambda g: zero(g),
    refuses="integers complex",
    numbers="none",
    half_ready=True,
)


def one_dtype(x, values):
    if "c" in (x.dtype.kind, values.dtype.kind):
        raise RuntimeError("heaviside is not yet implemented for complex tensors.")
    same("heaviside is not yet implemented for tensors with different dtypes.", x, values)


heaviside = elementwise(
    "heaviside(self, values)",
    lambda x, v: np.where(x == 0, v, x > 0).astype(np.result_type(x))[()],
    **neither("heaviside", "self", "values"),
    grad_fn="NotImplementedBackward0",
    refuses="complex",
    numbers="none",
    check=one_dtype,
)


def frexp_kernel(x):
    if x.dtype.kind not in "fV":
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
    mantissa, exponent = np.frexp(x)
    return mantissa, np.asarray(exponent, np.int32)[()]


def mantissa_of(t, exponent, dtype):
    return t / exp2(cast(exponent, dtype))


frexp = general(
    "frexp(self) -> (mantissa, exponent: nondiff)",
    frexp_kernel,
    self=lambda g, exponent, self_dtype: mantissa_of(g, exponent, self_dtype),
    jvp=lambda self_t, exponent, self_dtype: mantissa_of(self_t, exponent, self_dtype),
)
