"""The derivatives of activations: partials, and the operators that torch has for them (form.py, `backward=`).

HOWTO. `derivative(signature, partial, second)` is the cotangent times the partial, as an operator of its own; `second`, the
derivative of that in `self`, is 0 at a kink. Where an exponential is wanted only below 0, it is taken of `below(x)`, so that
the other side cannot overflow into a nan.
"""

from __future__ import annotations

import math

import numpy as np

from ..compiler.bind import bind
from .exponential import exp, sigmoid, tanh
from .form import elementwise
from .special import erf
from .structure import neither, where
from .writes import zero


def derivative(signature, partial, second, **options):
    kernel = bind(partial, "raw")
    return elementwise(
        signature,
        lambda g, self, *params: g * kernel(self, *params),
        grad_output=partial,
        self=second,
        public=False,
        refuses="integers complex",
        **options,
    )


def below(x):
    return where(x > 0, 0.0, x)


# -- straight pieces: the slope is constant but for kinks; it depends on `self` in torch, with derivative 0


def pieces(signature, kernel, again, refuses="integers complex"):
    return elementwise(signature, kernel, grad_output=again, self=lambda g: zero(g), public=False, refuses=refuses)


threshold_backward = pieces(
    "threshold_backward(grad_output, self, threshold=0.0)",
    lambda g, x, threshold: np.where(x <= threshold, g.dtype.type(0), g)[()],
    lambda g, self, threshold: threshold_backward(g, self, threshold),
    "complex bool",
)
leaky_relu_backward = pieces(
    "leaky_relu_backward(grad_output, self, negative_slope=0.01)",
    lambda g, x, slope: np.where(x > 0, g, g * slope)[()],
    lambda g, self, negative_slope: leaky_relu_backward(g, self, negative_slope),
)
hardtanh_backward = pieces(
    "hardtanh_backward(grad_output, self, min_val=-1.0, max_val=1.0)",
    lambda g, x, low, high: np.where((x <= low) | (x >= high), g.dtype.type(0), g)[()],
    lambda g, self, min_val, max_val: hardtanh_backward(g, self, min_val, max_val),
    "complex bool",
)


def shrink_kernel(g, x, lambd):
    return np.where((x >= -lambd) & (x <= lambd), g.dtype.type(0), g)[()]


hardshrink_backward = pieces(
    "hardshrink_backward(grad_output, self, lambd=0.5)",
    shrink_kernel,
    lambda g, self, lambd: hardshrink_backward(g, self, lambd),
)
softshrink_backward = pieces(
    "softshrink_backward(grad_output, self, lambd=0.5)",
    shrink_kernel,
    lambda g, self, lambd: softshrink_backward(g, self, lambd),
)


# -- exponentials on one side


def elu_partial(self, alpha, scale, input_scale):
    return where(self <= 0, exp(below(self) * input_scale) * (alpha * scale * input_scale), scale)


def elu_second(grad_output, self, alpha, scale, input_scale):
    curved = exp(below(self) * input_scale) * (alpha * scale * input_scale * input_scale)
    return where(self < 0, curved, 0.0) * grad_output


elu_backward = derivative(
    "elu_backward(grad_output, self, alpha=1.0, scale=1.0, input_scale=1.0)", elu_partial, elu_second
)


def celu_partial(self, alpha):
    return elu_partial(self, alpha, 1.0, 1.0 / alpha)


celu_backward = derivative(
    "celu_backward(grad_output, self, alpha=1.0)",
    celu_partial,
    lambda grad_output, self, alpha: elu_second(grad_output, self, alpha, 1.0, 1.0 / alpha),
    grad_fn="EluBackwardBackward0",
)


def softplus_partial(self, beta, threshold):
    """1 above the threshold, where the operator is the identity."""
    linear = self * beta > threshold
    return where(linear, 1.0, sigmoid(where(linear, 0.0, self) * beta))


def softplus_second(grad_output, self, beta, threshold):
    s = sigmoid(self * beta)
    return where(self * beta < threshold, s * (1 - s) * beta, 0.0) * grad_output


softplus_backward = derivative(
    "softplus_backward(grad_output, self, beta=1, threshold=20)", softplus_partial, softplus_second
)
log_sigmoid_backward = derivative(
    "log_sigmoid_backward(grad_output, self)",
    lambda self: sigmoid(-self),
    lambda grad_output, self: -sigmoid(self) * sigmoid(-self) * grad_output,
)


# -- hard ones


def hardswish_slope(g, self):
    """g times the slope; 0 on the left whatever g is."""
    return where(self <= -3, 0.0, g * where(self < 3, self / 3 + 0.5, 1.0))


hardswish_backward = elementwise(
    "hardswish_backward(grad_output, self)",
    bind(hardswish_slope, "raw"),
    grad_output=hardswish_slope,
    self=lambda grad_output, self: where((self > -3) & (self < 3), grad_output / 3, 0.0),
    public=False,
    refuses="integers complex",
)
hardsigmoid_backward = elementwise(
    "hardsigmoid_backward(grad_output, self)",
    lambda g, x: np.where((x > -3) & (x < 3), g / 6, g.dtype.type(0))[()],
    **neither("hardsigmoid_backward", "grad_output", "self"),
    grad_fn="NotImplementedBackward0",
    public=False,
    refuses="integers complex",
)


# -- gelu

SQRT_HALF, SQRT_2_OVER_PI, CUBE = math.sqrt(0.5), math.sqrt(2 / math.pi), 0.044715


def gelu_partial(self, approximate):
    if approximate == "tanh":
        t = tanh(SQRT_2_OVER_PI * (self + CUBE * self * self * self))
        slope = SQRT_2_OVER_PI * (1 + 3 * CUBE * self * self)
        return 0.5 * (1 + t) + 0.5 * self * (1 - t * t) * slope
    return 0.5 * (1 + erf(self * SQRT_HALF)) + self * exp(self * self * -0.5) * (0.5 * SQRT_2_OVER_PI)


def gelu_second(grad_output, self, approximate):
    if approximate == "tanh":
        t = tanh(SQRT_2_OVER_PI * (self + CUBE * self * self * self))
        slope = SQRT_2_OVER_PI * (1 + 3 * CUBE * self * self)
        bend = 6 * SQRT_2_OVER_PI * CUBE * self
        return (1 - t * t) * (slope + 0.5 * self * (bend - 2 * t * slope * slope)) * grad_output
    return (2 - self * self) * exp(self * self * -0.5) * (0.5 * SQRT_2_OVER_PI) * grad_output


gelu_backward = derivative("gelu_backward(grad_output, self, approximate='none')", gelu_partial, gelu_second)
