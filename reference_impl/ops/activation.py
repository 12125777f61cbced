"""Activations (torch.nn.functional).

HOWTO. As in exponential.py; which side of a kink is taken is said by the comparison. `activation` makes the row, and the
function that torch offers, which takes `inplace` after the row's own parameters. Longer partials: activation_derivatives.py.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import LEGACY, from_numpy, number
from ..graph.inplace import inplace_form
from ..graph.modes import is_grad_enabled
from .activation_derivatives import (
    CUBE,
    SQRT_2_OVER_PI,
    SQRT_HALF,
    celu_backward,
    celu_partial,
    elu_backward,
    elu_partial,
    gelu_backward,
    gelu_partial,
    hardshrink_backward,
    hardsigmoid_backward,
    hardswish_backward,
    hardswish_slope,
    hardtanh_backward,
    leaky_relu_backward,
    log_sigmoid_backward,
    softplus_backward,
    softplus_partial,
    softshrink_backward,
    threshold_backward,
)
from .activation_faces import activation, offer, written
from .comparison import at_least
from .exponential import sigmoid, tanh
from .form import composite, elementwise, masked
from .special import erf
from .structure import where

relu = masked(
    "relu(self)",
    lambda x: at_least(x, x.dtype.type(0)),
    self=lambda result: result,  # it is positive, 0 or nan, which lets the cotangent through
    refuses="complex bool",
    backward=threshold_backward,
)
functional_relu = offer(relu, "nn.functional", False)


# -- two straight pieces


def leaky_kernel(x, negative_slope):
    return np.where(x > 0, x, x * negative_slope)[()]


leaky_relu = activation(
    "leaky_relu(self, negative_slope=0.01)",
    leaky_kernel,
    lambda g, self, negative_slope: where(self > 0, g, g * negative_slope),
    backward=leaky_relu_backward,
)


def threshold_kernel(x, threshold, value):
    """Both in x's dtype, in which a negative number may go around."""
    threshold, value = (x.dtype.type(number(n, x.dtype)) for n in (threshold, value))
    return np.where(x <= threshold, value, x)[()]


threshold = activation(
    "threshold(self, threshold=..., value=...)",
    threshold_kernel,
    lambda self, threshold: ~(self <= threshold),
    masked,
    backward=threshold_backward,
    modules="torch nn.functional",
    refuses="complex bool",
)


def hardtanh_kernel(x, low, high):
    if low > high:
        raise ValueError("min_val cannot be greater than max_val")
    return np.clip(x, x.dtype.type(low), x.dtype.type(high))


hardtanh = activation(
    "hardtanh(self, min_val=-1.0, max_val=1.0)",
    hardtanh_kernel,
    lambda self, min_val, max_val: ~((self <= min_val) | (self >= max_val)),
    masked,
    backward=hardtanh_backward,
    refuses="complex bool",
)


def hardshrink_kernel(x, lambd):
    low, high = x.dtype.type(-lambd), x.dtype.type(+lambd)
    return np.where((x >= low) & (x <= high), x.dtype.type(0), x)[()]


hardshrink = elementwise(
    "hardshrink(self, lambd=0.5)",
    hardshrink_kernel,
    self=lambda g, self, lambd: where((self >= -lambd) & (self <= lambd), 0.0, g),
    backward=hardshrink_backward,
    modules="torch nn.functional",
    inplace=False,
    refuses="integers complex",
    half_ready=True,
)


def softshrink_kernel(x, lambd):
    if not 0 <= lambd <= np.finfo(x.dtype).max:
        raise RuntimeError(
            f"lambda must be in range [0, {np.finfo(x.dtype).max:g}] for input dtype {LEGACY[from_numpy(x.dtype)]}, but "
            f"found {lambd:g}"
        )
    return np.where(x > lambd, x - lambd, np.where(x < -lambd, x + lambd, x * 0))[()]


softshrink = elementwise(
    "softshrink(self, lambd=0.5)",
    softshrink_kernel,
    self=lambda g, self, lambd: where((self >= -lambd) & (self <= lambd), 0.0, g),
    backward=softshrink_backward,
    modules="nn.functional",
    method=False,
    inplace=False,
    refuses="integers complex",
)
hardsigmoid = activation(
    "hardsigmoid(self)",
    lambda x: np.clip(x + 3, 0, 6) / 6,
    lambda g, self: where((self > -3) & (self < 3), g / 6, 0.0),
    backward=hardsigmoid_backward,
)
hardswish = activation(
    "hardswish(self)",
    lambda x: x * np.clip(x + 3, 0, 6) / 6,
    hardswish_slope,
    backward=hardswish_backward,
)


@composite(modules="nn.functional", method=False)
def relu6(input, inplace=False):
    """min(max(0, x), 6) (source: torch.nn.functional.relu6)."""
    return hardtanh(input, 0, 6, inplace)


# -- exponentials on one side


def elu_kernel(x, alpha, scale, input_scale):
    return np.where(x > 0, x * scale, np.expm1(np.minimum(x, 0) * input_scale) * (alpha * scale))[()]


elu_row = elementwise(
    "elu(self, alpha=1.0, scale=1, input_scale=1)",
    elu_kernel,
    self=elu_partial,
    backward=elu_backward,
    public=False,
    refuses="integers complex",
)


def celu_kernel(x, alpha):
    if not alpha:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return elu_kernel(x, alpha, 1.0, 1.0 / alpha)


celu = activation(
    "celu(self, alpha=1.0)",
    celu_kernel,
    celu_partial,
    backward=celu_backward,
    modules="torch nn.functional",
)
write_elu = inplace_form(elu_row)


@composite(modules="nn.functional", method=False)
def elu(input, alpha=1.0, inplace=False):
    """x above 0, alpha (exp(x) - 1) below (source: torch.nn.functional.elu)."""
    return (write_elu if inplace else elu_row)(input, alpha)


# with which activations of mean 0 and variance 1 keep them: Klambauer et al., "Self-normalizing neural networks" (2017)
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@composite(modules="torch nn.functional", method=False)
def selu(input, inplace=False):
    """scale * elu(x, alpha) for two constants (source: torch.nn.functional.selu)."""
    return (write_elu if inplace else elu_row)(input, SELU_ALPHA, SELU_SCALE)


def softplus_kernel(x, beta=1, threshold=20):
    return np.where(x * beta > threshold, x, np.log1p(np.exp(np.minimum(x * beta, threshold))) / beta)[()]


softplus = elementwise(
    "softplus(self, beta=1, threshold=20)",
    softplus_kernel,
    self=softplus_partial,
    backward=softplus_backward,
    modules="nn.functional",
    method=False,
    inplace=False,
    refuses="integers complex",
)
logsigmoid = elementwise(
    "log_sigmoid(self)",
    lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
    self=lambda self: sigmoid(-self),
    shows={"buffer": lambda self: np.exp(-np.abs(self))},
    backward=log_sigmoid_backward,
    public=False,
    refuses="integers complex",
)


@composite("logsigmoid", modules="nn.functional", method=False, out=True)
def functional_logsigmoid(input):
    """log(sigmoid(x)) (source: torch.nn.functional.logsigmoid)."""
    return logsigmoid(input)


silu_row = elementwise(
    "silu(self)",
    lambda x: x / (1 + np.exp(-x)),
    self=lambda self: sigmoid(self) * (1 + self * (1 - sigmoid(self))),
    public=False,
    refuses="integers",
)
silu_in_place = inplace_form(silu_row)


@composite(modules="nn.functional", method=False)
def silu(input, inplace=False):
    """x sigmoid(x); of complex numbers without a gradient (source: torch.nn.functional.silu)."""
    if inplace:
        return silu_in_place(input)
    if input.requires_grad and input.is_complex() and is_grad_enabled():
        raise RuntimeError("silu does not support automatic differentiation for outputs with complex dtype.")
    return silu_row.function(input)


def mish_partial(self):
    t = tanh(softplus(self))
    return t + self * sigmoid(self) * (1 - t * t)


mish = activation("mish(self)", lambda x: x * np.tanh(softplus_kernel(x, 1, 20)), mish_partial)


# -- gelu


def gelu_kernel(x, approximate):
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(SQRT_2_OVER_PI * (x + CUBE * x * x * x)))
    if approximate != "none":
        raise RuntimeError("approximate argument must be either none or tanh.")
    return x * (0.5 * (1 + erf.kernel(x * SQRT_HALF)))


gelu = elementwise(
    "gelu(self, *, approximate='none')",
    gelu_kernel,
    self=gelu_partial,
    backward=gelu_backward,
    modules="nn.functional",
    method=False,
    inplace=False,
    refuses="integers complex",
)


# -- in place

relu_, leaky_relu_, threshold_, hardtanh_ = map(written, (relu, leaky_relu, threshold, hardtanh))
elu_, celu_ = map(written, (elu, celu))
selu_ = written(selu, "torch nn.functional")
