"""Special functions (torch.special). scipy is loaded when one of them first runs.

HOWTO. As in exponential.py, with `scipy_kernel("name")` where numpy lacks the function. Partials outside the domain are
what the formula gives there, as in torch.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from .arithmetic import add_number, mul_number
from .complex_ import sgn
from .exponential import cos, exp, exp2, expm1, log, log1p, sigmoid, sin, unary
from .form import composite, elementwise
from .structure import conj, where

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


def scipy_kernel(name):
    def kernel(*xs):
        import scipy.special

        return getattr(scipy.special, name)(*xs)

    return kernel


def special(name, kernel, partial, aliases=(), refuses="complex", **options):
    """A function that stands in torch.special only."""
    return unary(
        f"special_{name}",
        kernel,
        partial,
        modules="special",
        method=False,
        inplace=False,
        refuses=refuses,
        aliases=aliases,
        **options,
    )


def everywhere(name, kernel, partial, **options):
    """A function that stands in torch too."""
    return unary(name, kernel, partial, modules="torch special", refuses="complex", **options)


erf = everywhere("erf", scipy_kernel("erf"), lambda self: TWO_OVER_SQRT_PI * exp(-(self * self)))
erfc = everywhere("erfc", scipy_kernel("erfc"), lambda self: -TWO_OVER_SQRT_PI * exp(-(self * self)))
erfinv = everywhere("erfinv", scipy_kernel("erfinv"), lambda self: erfinv_partial(erfinv(self)))


def erfinv_partial(result):
    return exp(result * result) / TWO_OVER_SQRT_PI


erfcx = special(
    "erfcx",
    scipy_kernel("erfcx"),
    lambda self, result: 2 * self * result - TWO_OVER_SQRT_PI,
    refuses="complex half",
)


def lgamma_kernel(x):
    """scipy's is inf next to 0 too, where Gamma is 1 / x."""
    found = np.where(np.abs(x) < 1e-300, -np.log(np.abs(x)), scipy_kernel("gammaln")(x))
    return np.where(np.isneginf(x), np.inf, found).astype(x.dtype)[()]


lgamma = unary(
    "lgamma",
    lgamma_kernel,
    lambda self: digamma(self),
    refuses="complex",
)
digamma = everywhere("digamma", scipy_kernel("psi"), lambda self: polygamma_(self, 1))
polygamma_ = elementwise(
    "polygamma(self, order=0)",
    lambda x, order: polygamma_kernel(x, order),
    self=lambda self, order: polygamma_(self, order + 1),
    saved_as={"order": "n"},
    integers="float",
    public=False,
    refuses="complex",
)


@composite(modules="torch special", method=False, out=True)
def polygamma(n, input):
    """The n-th derivative of digamma (source: torch.special.polygamma)."""
    return polygamma_(input, n)


@composite("polygamma", modules="", method=True)
def polygamma_of(self, n):
    return polygamma_(self, n)


polygamma_row_in_place = replace(polygamma_, grad_fn="PolygammaBackward1", inplace=False)


@composite("polygamma", modules="", method=False, inplace=True)
def polygamma_in_place(self, n):
    return polygamma_row_in_place(self, n)


def trigamma(x):
    return scipy_kernel("zeta")(x.dtype.type(2), x)


def polygamma_kernel(x, n):
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    if n == 0:
        return scipy_kernel("psi")(x)
    if n == 1:  # by reflection below 1/2
        low = x < 0.5
        right = trigamma(np.where(low, 1 - x, x))
        return np.where(low, (np.pi / np.sin(np.pi * x)) ** 2 - right, right)[()]
    return x.dtype.type((-1) ** (n + 1) * math.factorial(n)) * zeta_kernel(x.dtype.type(n + 1), x)


def zeta_kernel(x, q):
    """torch has nan at q = inf, where the limit is 0."""
    return np.where(np.isposinf(q) & (x > 1), np.nan, scipy_kernel("zeta")(x, q))[()]


# -- Bessel functions: exponentially scaled ones carry an e; 0 is special-cased in i1 as its limit

i0 = everywhere("i0", scipy_kernel("i0"), lambda self: i1(self))
i0e = special(
    "i0e", scipy_kernel("i0e"), lambda self, result: i1e(self) - sgn(self) * result, grad_fn="SpecialI0EBackward0"
)
i1 = special("i1", scipy_kernel("i1"), lambda self, result: i1_partial(self, result))
i1e = special("i1e", scipy_kernel("i1e"), lambda self, result: i1e_partial(self, result), grad_fn="SpecialI1EBackward0")


def far(x):
    """Where x is not 0 nor so near that the limits at 0 hold."""
    return (x > 1e-30) | (x < -1e-30)


def i1_partial(x, result):
    safe = where(far(x), x, 1.0)
    return where(far(x), i0(safe) - result / safe, 0.5)


def i1e_partial(x, result):
    safe = where(far(x), x, 1.0)
    return where(far(x), i0e(safe) - result * (sgn(safe) + 1 / safe), 0.5)


# -- logarithms of probabilities


entr = special("entr", scipy_kernel("entr"), lambda self: -(log(self) + 1))
ndtri = special(
    "ndtri",
    scipy_kernel("ndtri"),
    lambda result: exp(result * result * 0.5) * math.sqrt(2 * math.pi),
    refuses="complex half",
)
log_ndtr = special(
    "log_ndtr",
    scipy_kernel("log_ndtr"),
    lambda self, result: exp(self * self * -0.5 - result) / math.sqrt(2 * math.pi),
    refuses="complex half",
)


@composite(modules="special", method=False, out=True)
def ndtr(input):
    """The area under the normal density up to x (source: torch.special.ndtr)."""
    return mul_number(add_number(erf(mul_number(input, math.sqrt(0.5))), 1), 0.5)


def logit_kernel(x, eps):
    if eps is not None and eps >= 0:  # 1 - eps may be less than eps
        x = np.where(x < eps, eps, np.where(x > 1 - eps, 1 - eps, x)).astype(x.dtype)[()]
    return np.log(x / (1 - x))


def logit_slope(g, self, eps):
    """With eps 0 outside [eps, 1 - eps], without it nan outside [0, 1]."""
    low, outside = (0.0, math.nan) if eps is None or eps < 0 else (eps, 0.0)
    return where((self < low) | (self > 1 - low), outside, g / (self * (1 - self)))


logit = elementwise(
    "logit(self, eps=None)",
    logit_kernel,
    self=logit_slope,
    integers="float",
    modules="torch special",
    refuses="complex",
)


def sinc_kernel(x):
    turn = np.where(x == 0, 1, x) * x.dtype.type(np.pi)
    return np.where(x == 0, x.dtype.type(1), np.sin(turn) / turn)[()]


def sinc_slope(g, self):
    """g times the derivative, and 0 at 0 whatever g is; what divides by 0 there shows in the second derivative, as in torch."""
    below = self * self * math.pi
    return where(below == 0, 0.0, g * ((cos(self * math.pi) * (math.pi * self) - sin(self * math.pi)) / below))


sinc = unary(
    "sinc",
    sinc_kernel,
    lambda g, self: sinc_slope(g, conj(self)),
    modules="torch special",
)


def multigammaln_kernel(x, p):
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    return x.dtype.type(p * (p - 1) / 4 * math.log(math.pi)) + sum(lgamma_kernel(x - i / 2) for i in range(p))


def multigammaln_partial(self, p):
    slope = digamma(self + 0.0)  # of 0 and -0 alike
    for i in range(1, p):
        slope = slope + digamma(self - i / 2)
    return slope


def refuse_bool(x):
    if x.dtype == np.bool_:
        raise RuntimeError("The input tensor may not be a boolean tensor.")


mvlgamma = elementwise(
    "mvlgamma(self, p: nondiff)",
    multigammaln_kernel,
    self=multigammaln_partial,
    integers="float",
    refuses="complex",
    check=refuse_bool,
)


@composite(modules="special", method=False, out=True)
def multigammaln(input, p):
    """The logarithm of the multivariate gamma function (source: torch.special.multigammaln)."""
    return mvlgamma(input, p)


# -- the same functions under their other names in torch.special


def renamed(name, row):
    return composite(name, modules="special", method=False, out=True)(lambda input, **options: row(input, **options))


expit, psi, gammaln = renamed("expit", sigmoid), renamed("psi", digamma), renamed("gammaln", lgamma)
special_exp2, special_expm1, special_log1p = renamed("exp2", exp2), renamed("expm1", expm1), renamed("log1p", log1p)
