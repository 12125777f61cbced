"""Special functions of two variables: products with a logarithm, incomplete gamma functions, zeta.

HOWTO. As in special.py.
"""

from __future__ import annotations

import numpy as np

from .arithmetic import add_number
from .exponential import exp, log
from .form import composite, elementwise
from .masks import without
from .special import lgamma, scipy_kernel, zeta_kernel
from .structure import no_tangent, not_implemented

# -- x log y; where x is 0 the product is 0, and x gets gradient 0 if the logarithm has none


def times_log(log):
    def kernel(x, y):  # a bool has a logarithm in half precision only
        return np.where(np.isnan(y), np.nan, np.where(x == 0, 0.0, x * log(y * 1.0))).astype(np.result_type(x, y))[()]

    return kernel


def over_number(g, self, has_log):
    return g if has_log else without(g, self == 0)


xlogy_of_number = elementwise(
    "xlogy(self, other)",
    times_log(np.log),
    self=lambda g, self, other: over_number(xlogy_of_number(g, other), self, other > 0),
    integers="float",
    grad_fn="XlogyBackward2",
    scalar_overload=True,
    public=False,
    refuses="complex",
)
xlogy = elementwise(
    "xlogy(self, other)",
    times_log(np.log),
    self=lambda g, self, other: without(xlogy(g, other), (self == 0) & (other <= 0)),
    other=lambda g, self, other: g * self / other,
    integers="float",
    modules="torch special",
    grad_fn={"TT": "XlogyBackward0", "nT": "XlogyBackward1"},
    scalar_overload=True,
    overloads={"Tn": xlogy_of_number},
    refuses="complex",
)
xlog1py_of_number = elementwise(
    "special_xlog1py(self, other)",
    times_log(np.log1p),
    self=lambda g, self, other: over_number(xlog1py_of_number(g, other), self, other > -1),
    integers="float",
    grad_fn="SpecialXlog1PyBackward2",
    scalar_overload=True,
    public=False,
    refuses="complex",
)
xlog1py = elementwise(
    "special_xlog1py(self, other)",
    times_log(np.log1p),
    self=lambda g, self, other: without(xlog1py(g, other), (self == 0) & (other <= -1)),
    other=lambda g, self, other: g * self / add_number(other, 1),
    integers="float",
    modules="special",
    method=False,
    inplace=False,
    grad_fn={"TT": "SpecialXlog1PyBackward0", "nT": "SpecialXlog1PyBackward1"},
    scalar_overload=True,
    overloads={"Tn": xlog1py_of_number},
    refuses="complex",
)


# -- gamma functions of two variables: no derivative in the first


def incomplete(name, at_zero):
    """scipy's function, but at 0 torch asks less of the first."""
    function = scipy_kernel(name)

    def kernel(a, x):
        r = function(a, x)
        return np.where((x == 0) & np.isnan(a), r.dtype.type(at_zero), r)[()]

    return kernel


gammainc = elementwise(
    "igamma(self, other)",
    incomplete("gammainc", 0),
    self=not_implemented("igamma: input"),
    jvp=no_tangent("igamma"),
    other=lambda self, other: exp((self - 1) * log(other) - other - lgamma(self)),
    refuses="integers complex",
    numbers="none",
)
gammaincc = elementwise(
    "igammac(self, other)",
    incomplete("gammaincc", 1),
    self=not_implemented("igammac: input"),
    jvp=no_tangent("igammac"),
    other=lambda self, other: -exp((self - 1) * log(other) - other - lgamma(self)),
    refuses="integers complex",
    numbers="none",
)
zeta = elementwise(
    "special_zeta(self, other)",
    zeta_kernel,
    self=not_implemented("zeta"),
    jvp=no_tangent("special_zeta"),
    other=lambda self, other: -self * zeta(self + 1, other),
    integers="float",
    modules="special",
    method=False,
    inplace=False,
    grad_fn={"TT": "SpecialZetaBackward0", "Tn": "SpecialZetaBackward2", "nT": "SpecialZetaBackward1"},
    scalar_overload=True,
    refuses="complex half",
)


@composite("gammainc", modules="special", method=False, out=True)
def special_gammainc(input, other):
    """The lower incomplete gamma function (source: torch.special.gammainc)."""
    return gammainc(input, other)


@composite("gammaincc", modules="special", method=False, out=True)
def special_gammaincc(input, other):
    """The upper incomplete gamma function (source: torch.special.gammaincc)."""
    return gammaincc(input, other)
