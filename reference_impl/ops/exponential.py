"""Exponentials, logarithms, roots, trigonometry, and their kin: functions of one variable.

HOWTO: `name = elementwise("name(self)", kernel, self=partial, integers="float")`; prefer a partial in `result` where it
is the cheaper one: the node then keeps the output instead of the input.
"""
from __future__ import annotations

import numpy as np

from .form import elementwise, general, masked
from .structure import conj, real_part


def unary(name, kernel, partial, **options):
    return elementwise(f"{name}(self)", kernel, self=partial, integers="float", **options)


exp = unary("exp", np.exp, lambda result: result)
expm1 = unary("expm1", np.expm1, lambda result: result + 1)
exp2 = unary("exp2", np.exp2, lambda result: result * LN2)
log = unary("log", np.log, lambda self: 1 / self)
log2 = unary("log2", np.log2, lambda self: 1 / (self * LN2))
log10 = unary("log10", np.log10, lambda self: 1 / (self * LN10))
log1p = unary("log1p", np.log1p, lambda self: 1 / (self + 1))
sqrt = unary("sqrt", np.sqrt, lambda result: 1 / (2 * result))
rsqrt = unary("rsqrt", lambda x: 1 / np.sqrt(x), lambda result: -0.5 * result ** 3)
reciprocal = unary("reciprocal", lambda x: 1 / x, lambda result: -result * result)
square = elementwise("square(self)", lambda x: x * x, self=lambda self: 2 * self, grad_fn="PowBackward0")
LN2, LN10 = float(np.log(2)), float(np.log(10))

sin = unary("sin", np.sin, lambda self: cos(self))
cos = unary("cos", np.cos, lambda self: -sin(self))
tan = unary("tan", np.tan, lambda result: 1 + result * result)
asin = unary("asin", np.arcsin, lambda self: 1 / sqrt(1 - self * self), aliases=("arcsin",))
acos = unary("acos", np.arccos, lambda self: -1 / sqrt(1 - self * self), aliases=("arccos",))
atan = unary("atan", np.arctan, lambda self: 1 / (self * self + 1), aliases=("arctan",))
sinh = unary("sinh", np.sinh, lambda self: cosh(self))
cosh = unary("cosh", np.cosh, lambda self: sinh(self))
tanh = unary("tanh", np.tanh, lambda result: 1 - result * result)
asinh = unary("asinh", np.arcsinh, lambda self: 1 / sqrt(self * self + 1), aliases=("arcsinh",))
acosh = unary("acosh", np.arccosh, lambda self: 1 / (sqrt(self - 1) * sqrt(self + 1)), aliases=("arccosh",))
atanh = unary("atanh", np.arctanh, lambda self: 1 / (1 - self * self), aliases=("arctanh",))


def sigmoid_kernel(x):
    return 1 / (1 + np.exp(-x))


sigmoid = unary("sigmoid", sigmoid_kernel, lambda result: (1 - result) * result)
relu = masked("relu(self)", lambda x: np.maximum(x, x.dtype.type(0)), self=lambda result: result > 0, modules="torch nn.functional")


# -- not holomorphic: d|z| along t is Re(t conj(sgn z)); at 0 the derivative is 0, the subgradient of least norm

def abs_jvp(self, self_t):
    return real_part(self_t * conj(sgn(self)))


sign = elementwise("sign(self)", np.sign, self=lambda g: g * 0)
sgn = elementwise("sgn(self)", np.sign, self=lambda g: g * 0)
abs = general("abs(self)", np.abs, self=lambda g, self: g * sgn(self), jvp=abs_jvp, aliases=("absolute",), dunder="__abs__")
