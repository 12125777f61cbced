"""Exponentials, logarithms, roots, trigonometry, and their kin: functions of one variable.

HOWTO: `name = elementwise("name(self)", kernel, self=partial, integers="float")`; prefer a partial in `result` where it
is the cheaper one: the node then keeps the output instead of the input. Where the partial is 1 / p, the cotangent is divided,
by conj(p): one operation, as in torch.
"""

from __future__ import annotations

import numpy as np

from .arithmetic import mul_number
from .form import elementwise
from .structure import conj, not_in_place, where


def unary(name, kernel, partial, **options):
    return elementwise(f"{name}(self)", kernel, self=partial, integers="float", **options)


exp = unary("exp", np.exp, lambda result: result)
expm1 = unary("expm1", np.expm1, lambda result: result + 1)
exp2 = unary("exp2", np.exp2, lambda g, result: mul_number(g * conj(result), LN2))
log = unary("log", np.log, lambda g, self: g / conj(self))
log2 = unary("log2", np.log2, lambda g, self: g / (conj(self) * LN2))
log10 = unary("log10", np.log10, lambda g, self: g / (conj(self) * LN10))


def log1p_kernel(x):
    """Of complex numbers by the square of |1 + x|, so that a small real part is not lost."""
    if x.dtype.kind != "c":
        return np.log1p(x)
    re, im = x.real, x.imag
    square = re * (2 + re) + im * im
    near = np.where(square == 0, re, np.log1p(square) / 2)
    length = np.where(np.hypot(re, im) < 0.5, near, np.log(np.hypot(re + 1, im)))
    return (length + 1j * np.arctan2(im, re + 1)).astype(x.dtype)[()]


log1p = unary("log1p", log1p_kernel, lambda g, self: g / (conj(self) + 1), grad_fn="Log1PBackward0")
sqrt = unary("sqrt", np.sqrt, lambda g, result: g / (2 * conj(result)))
rsqrt = unary("rsqrt", lambda x: 1 / np.sqrt(x), lambda result: -0.5 * result**3)
reciprocal = unary("reciprocal", lambda x: 1 / x, lambda result: -result * result)


LN2, LN10 = float(np.log(2)), float(np.log(10))

sin = unary("sin", np.sin, lambda self: cos(self))
cos = unary("cos", np.cos, lambda self: -sin(self))
tan = unary("tan", np.tan, lambda result: 1 + result * result)
asin = unary("asin", np.arcsin, lambda self: rsqrt(1 - self * self), aliases=("arcsin",))
acos = unary("acos", np.arccos, lambda self: -rsqrt(1 - self * self), aliases=("arccos",))
atan = unary("atan", np.arctan, lambda g, self: g / conj(self * self + 1), aliases=("arctan",))
sinh = unary("sinh", np.sinh, lambda self: cosh(self))
cosh = unary("cosh", np.cosh, lambda self: sinh(self))
tanh_backward = elementwise(
    "tanh_backward(grad_output, output)",
    lambda g, y: g * (1 - y * y),
    grad_output=lambda output: 1 - output * output,
    output=lambda grad_output, output: grad_output * output * -2,
    public=False,
)
tanh = unary(
    "tanh",
    np.tanh,
    lambda result: 1 - result * result,
    backward=tanh_backward,
    modules="torch nn.functional",
)
asinh = unary("asinh", np.arcsinh, lambda self: rsqrt(self * self + 1), aliases=("arcsinh",), inplace=False)
acosh = unary(
    "acosh",
    np.arccosh,
    lambda self, self_dtype: acosh_partial(self, self_dtype),
    aliases=("arccosh",),
    inplace=False,
)
atanh = unary("atanh", np.arctanh, lambda g, self: g / conj(1 - self * self), aliases=("arctanh",), inplace=False)
asinh_, acosh_, atanh_ = map(not_in_place, (asinh, acosh, atanh))


def acosh_partial(x, dtype):
    """A real x below -1 has a gradient, though no value."""
    return rsqrt(x - 1) * rsqrt(x + 1) if dtype.kind == "c" else rsqrt(x * x - 1)


def sigmoid_kernel(x):
    return 1 / (1 + np.exp(-x))


sigmoid_backward = elementwise(
    "sigmoid_backward(grad_output, output)",
    lambda g, y: g * ((1 - y) * y),
    grad_output=lambda output: (1 - output) * output,
    output=lambda grad_output, output: grad_output * (1 - 2 * output),
    public=False,
)
sigmoid = unary(
    "sigmoid",
    sigmoid_kernel,
    lambda result: (1 - result) * result,
    backward=sigmoid_backward,
    modules="torch nn.functional",
)


# -- two operands


def atan2_partial(x, other):
    """x / (x^2 + other^2), and 0 at the origin."""
    r = x * x + other * other
    return where(r == 0, 0.0, x / where(r == 0, 1.0, r))


def complex_logaddexp(x, y):
    """Of complex numbers as torch has it: a nan is all nan, of two of -inf the smaller stays, to +inf the plain formula."""
    if x.dtype.kind != "c":
        return np.logaddexp(x, y)
    low, high = np.where(x.real < y.real, x, y), np.where(x.real < y.real, y, x)
    same = np.isinf(low.real) & (low.real == high.real)
    r = np.where(same, low, high + np.log1p(np.exp(np.where(same, 0, low - high))))
    r = np.where(same & (low.real > 0), np.log(np.exp(low) + np.exp(high)), r)
    return np.where(np.isnan(x) | np.isnan(y), x.dtype.type(complex(np.nan, np.nan)), r)[()]


def atan2_jvp(self, other, self_t, other_t):
    """nan at the origin, where the gradient is 0."""
    moved = None if self_t is None else other * self_t
    if other_t is not None:
        moved = -(self * other_t) if moved is None else moved - self * other_t
    return moved / (self * self + other * other)


atan2 = elementwise(
    "atan2(self, other)",
    np.arctan2,
    self=lambda self, other: atan2_partial(other, self),
    other=lambda self, other: -atan2_partial(self, other),
    jvp=atan2_jvp,
    integers="float",
    aliases=("arctan2",),
    refuses="complex",
    numbers="none",
)
hypot = elementwise(
    "hypot(self, other)",
    np.hypot,
    self=lambda g, self, result: g * self / result,
    other=lambda g, other, result: g * other / result,
    refuses="integers complex",
    numbers="none",
)
logaddexp = elementwise(
    "logaddexp(self, other)",
    complex_logaddexp,
    self=lambda g, self, other: g / (conj(exp(other - self)) + 1),
    other=lambda g, self, other: g / (conj(exp(self - other)) + 1),
    refuses="integers",
    inplace=False,
    numbers="none",
)
logaddexp2 = elementwise(
    "logaddexp2(self, other)",
    np.logaddexp2,
    self=lambda g, self, other: g / (exp2(other - self) + 1),
    other=lambda g, self, other: g / (exp2(self - other) + 1),
    inplace=False,
    refuses="integers complex",
    numbers="none",
)


def check_exponent(x, y):
    if y.dtype.kind == "b" and x.dtype.kind == "f":
        raise NotImplementedError("\"ldexp_cpu_exp\" not implemented for 'Bool'")


ldexp = elementwise(
    "ldexp(self, other)",
    lambda x, y: x * np.exp2(y),
    self=lambda other: exp2(other),
    other=lambda g, result: mul_number(g * conj(result), LN2),
    integers="float",
    numbers="none",
    check=check_exponent,
)
