"""Special functions (torch.special). scipy is loaded when one of them first runs.

HOWTO. As in exponential.py, with `scipy_kernel("name")` where numpy lacks the function. Partials outside the domain are
what the formula gives there, as in torch.
"""

from __future__ import annotations

import math

import numpy as np

from .complex_ import sgn
from .exponential import exp, log, unary
from .form import elementwise
from .structure import where

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


def scipy_kernel(name):
    def kernel(*xs):
        import scipy.special

        return getattr(scipy.special, name)(*xs)

    return kernel


def special(name, kernel, partial, aliases=(), **options):
    """A function that stands in torch.special only."""
    return unary(
        f"special_{name}", kernel, partial, modules="special", method=False, inplace=False, aliases=aliases, **options
    )


def everywhere(name, kernel, partial, **options):
    """A function that stands in torch too."""
    return unary(name, kernel, partial, modules="torch special", **options)


erf = everywhere("erf", scipy_kernel("erf"), lambda self: TWO_OVER_SQRT_PI * exp(-(self * self)))
erfc = everywhere("erfc", scipy_kernel("erfc"), lambda self: -TWO_OVER_SQRT_PI * exp(-(self * self)))
erfinv = everywhere("erfinv", scipy_kernel("erfinv"), lambda result: exp(result * result) / TWO_OVER_SQRT_PI)
erfcx = special("erfcx", scipy_kernel("erfcx"), lambda self, result: 2 * self * result - TWO_OVER_SQRT_PI)
lgamma = unary("lgamma", scipy_kernel("gammaln"), lambda self: digamma(self))
digamma = everywhere("digamma", scipy_kernel("psi"), lambda self: polygamma_(self, 1))
polygamma_ = elementwise(
    "polygamma(self, n)",
    lambda x, n: polygamma_kernel(x, n),
    self=lambda self, n: polygamma_(self, n + 1),
    public=False,
)


def polygamma_kernel(x, n):
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    if n == 0:
        return scipy_kernel("psi")(x)
    return x.dtype.type((-1) ** (n + 1) * math.factorial(n)) * scipy_kernel("zeta")(x.dtype.type(n + 1), x)


# -- Bessel functions: exponentially scaled ones carry an e; 0 is special-cased in i1 as its limit

i0 = everywhere("i0", scipy_kernel("i0"), lambda self: i1(self))
i0e = special("i0e", scipy_kernel("i0e"), lambda self, result: i1e(self) - sgn(self) * result)
i1 = special("i1", scipy_kernel("i1"), lambda self, result: i1_partial(self, result))
i1e = special("i1e", scipy_kernel("i1e"), lambda self, result: i1e_partial(self, result))


def apart(x):
    """x, and 1 where it is 0: what may be divided by."""
    return where(x == 0, 1.0, x)


def i1_partial(x, result):
    return where(x == 0, 0.5, i0(x) - result / apart(x))


def i1e_partial(x, result):
    return where(x == 0, 0.5, i0e(x) - result * (sgn(x) + 1 / apart(x)))


# -- logarithms of probabilities


def entr_kernel(x):
    return np.where(
        np.isnan(x), x, np.where(x > 0, -x * np.log(np.where(x > 0, x, 1)), np.where(x == 0, 0.0, -np.inf))
    )[()]


entr = special("entr", scipy_kernel("entr"), lambda self: -(log(self) + 1))
ndtri = special("ndtri", scipy_kernel("ndtri"), lambda result: exp(result * result * 0.5) * math.sqrt(2 * math.pi))
log_ndtr = special(
    "log_ndtr", scipy_kernel("log_ndtr"), lambda self, result: exp(self * self * -0.5 - result) / math.sqrt(2 * math.pi)
)
