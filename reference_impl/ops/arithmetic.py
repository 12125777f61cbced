"""Arithmetic and comparison.

HOWTO. One line is an operator: `name = kind("name(operands, params)", kernel, operand=partial)`. The parameters of a
partial are what the node keeps for backward. `x * y`, `2 - x`, `x.mul_(y)`, `out=`, aliases follow from the row (which
dunder belongs to which name: methods.py). The kinds: form.py.
"""
from __future__ import annotations

import numpy as np

from .exponential import log, reciprocal
from .form import composite, elementwise
from .structure import where


def add_kernel(x, y, alpha):
    return x + y if alpha == 1 else x + alpha * y


def sub_kernel(x, y, alpha):
    return x - y if alpha == 1 else x - alpha * y


add = elementwise("add(self, other, *, alpha=1)", add_kernel, self=lambda g: g,
                  other=lambda g, alpha: g if alpha == 1 else g * alpha, dunder="__add__ __radd__")
sub = elementwise("sub(self, other, *, alpha=1)", sub_kernel, self=lambda g: g, other=lambda g, alpha: g * -alpha,
                  aliases=("subtract",), dunder="__sub__")
rsub = elementwise("rsub(self, other)", lambda x, y: y - x, self=lambda: -1, other=lambda: 1, inplace=False,
                   grad_fn={"TT": "RsubBackward0", "Tn": "RsubBackward1"}, scalar_overload=True, dunder="__rsub__")
mul = elementwise("mul(self, other)", np.multiply, self=lambda other: other, other=lambda self: self,
                  aliases=("multiply",), dunder="__mul__ __rmul__")
div = elementwise("div(self, other)", np.true_divide, self=lambda other: 1 / other,
                  other=lambda other, result: -result / other, integers="float", aliases=("divide", "true_divide"), dunder="__truediv__")
neg = elementwise("neg(self)", np.negative, self=lambda: -1, aliases=("negative",), dunder="__neg__")


# -- powers; d/dx x**0 is 0 even where x**-1 is infinite, d/dp 0**p is 0

def power(x, p):
    return x * x if type(p) is not np.ndarray and p == 2 else x ** p


def power_of_number(exponent, self):
    return 0.0 if exponent == 0 else exponent * self ** (exponent - 1)


def exponent_of_tensor(self, result):
    return where(self == 0, 0.0, result * log(self))


pow_scalar = elementwise("pow(self, exponent)", power, self=power_of_number, scalar_overload=True)
pow_base = elementwise("pow(self, exponent)", power, exponent=lambda self, result: result * log_of_number(self),
                       grad_fn="PowBackward2", scalar_overload=True)
pow = elementwise("pow(self, exponent)", power,
                  self=lambda self, exponent: where(exponent == 0, 0.0, exponent * self ** (exponent - 1)),
                  exponent=exponent_of_tensor, grad_fn="PowBackward1", overloads={"Tn": pow_scalar, "nT": pow_base}, dunder="__pow__")


@composite(modules="", method=False, dunder="__rtruediv__")
def number_over(self, other):
    return reciprocal(self) * other


@composite(modules="", method=False, dunder="__rpow__")
def number_to_the(self, other):
    return pow(other, self)


def log_of_number(x):
    return 0.0 if x == 0 else np.log(x)


# -- at a tie, maximum and minimum give each side half

maximum = elementwise(
    "maximum(self, other)", np.maximum, inplace=False,
    self=lambda g, self, other: where(self == other, g / 2, where(self > other, g, 0.0)),
    other=lambda g, self, other: where(self == other, g / 2, where(self > other, 0.0, g)))
minimum = elementwise(
    "minimum(self, other)", np.minimum, inplace=False,
    self=lambda g, self, other: where(self == other, g / 2, where(self < other, g, 0.0)),
    other=lambda g, self, other: where(self == other, g / 2, where(self < other, 0.0, g)))

eq = elementwise("eq(self, other)", np.equal, dunder="__eq__")
ne = elementwise("ne(self, other)", np.not_equal, aliases=("not_equal",), dunder="__ne__")
lt = elementwise("lt(self, other)", np.less, aliases=("less",), dunder="__lt__")
le = elementwise("le(self, other)", np.less_equal, aliases=("less_equal",), dunder="__le__")
gt = elementwise("gt(self, other)", np.greater, aliases=("greater",), dunder="__gt__")
ge = elementwise("ge(self, other)", np.greater_equal, aliases=("greater_equal",), dunder="__ge__")
