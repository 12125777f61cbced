"""Activations with a weight or a gate, and those that torch composes (torch.nn.functional).

HOWTO. As in activation.py.
"""

from __future__ import annotations

import numpy as np

from ..compiler.bind import bind
from .dims import wrap_dim
from .exponential import sigmoid, sigmoid_kernel, tanh
from .form import composite, elementwise, general
from .joining import cat
from .shape import slice_
from .structure import where
from .writes import zero

# -- with two operands, or of two halves


def prelu_tangent(self, weight, self_t, weight_t):
    """At 0 torch's tangent is that of the side above, its gradient that of the side below."""
    own = None if self_t is None else where(self >= 0, self_t, weight * self_t)
    weights = None if weight_t is None else where(self >= 0, 0.0, weight_t * self)
    return own if weights is None else weights if own is None else own + weights


def prelu_kernel_backward(signature, kernel, **formulas):
    """One result of torch's _prelu_kernel_backward: differentiated again, 0 counts to the side above, nan below."""
    return elementwise(
        signature,
        kernel,
        **formulas,
        public=False,
        refuses="integers complex",
        grad_fn="PreluKernelBackwardBackward0",
    )


prelu_backward = prelu_kernel_backward(
    "prelu_backward(grad_output, self, weight)",
    lambda g, x, weight: np.where(x > 0, g, weight * g)[()],
    grad_output=lambda self, weight: where(self >= 0, 1.0, weight),
    self=lambda g: zero(g),
    weight=lambda g, grad_output, self: where(self >= 0, 0.0, g * grad_output),
)
prelu_weight_backward = prelu_kernel_backward(
    "prelu_weight_backward(grad_output, self, weight)",
    lambda g, x, weight: np.where(x > 0, g.dtype.type(0), g * x)[()],
    grad_output=lambda g, self: where(self >= 0, 0.0, g * self),
    self=lambda g, grad_output, self: where(self >= 0, 0.0, g * grad_output),
    weight=lambda g: zero(g),
)
prelu_kernel = elementwise(
    "prelu_kernel(self, weight)",
    lambda x, weight: np.where(x > 0, x, weight * x)[()],
    self=lambda g, self, weight: prelu_backward(g, self, weight),
    weight=lambda g, self, weight: prelu_weight_backward(g, self, weight),
    jvp=prelu_tangent,
    public=False,
    refuses="integers complex",
)


@composite(modules="torch nn.functional", method=True)
def prelu(input, weight):
    """x above 0, weight * x below; a weight for each channel or for all (source: torch.nn.functional.prelu)."""
    if weight.dtype is not input.dtype:
        raise RuntimeError(f"prelu: Type promoting not supported. Got {input.dtype.legacy} and {weight.dtype.legacy}")
    if weight.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}")
    if weight.numel() != 1:
        if not input.ndim:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input.shape[1] if input.ndim > 1 else 1
        if weight.numel() != channels:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {weight.numel()} "
                f"and channel size = {channels}."
            )
    if input.ndim > 1 or weight.ndim != input.ndim:
        weight = weight.reshape((1, -1, *(1,) * (input.ndim - 2)) if input.ndim > 1 else (1,) * input.ndim)
    return prelu_kernel(input, weight)


def glu_kernel(x, dim):
    if not x.ndim:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    wrap_dim(dim, x.ndim)
    if x.shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim % x.ndim} is size {x.shape[dim]}")
    a, b = np.split(x, 2, dim)
    return a * sigmoid_kernel(b)


def glu_slope(grad_output, self, dim):
    a, b = halves(self, dim)
    s = sigmoid(b)
    return cat([grad_output * s, grad_output * a * s * (1 - s)], dim)


def glu_second(g, grad_output, self, dim):
    (a, b), (g_a, g_b) = halves(self, dim), halves(g, dim)
    s = sigmoid(b)
    slope = s * (1 - s)
    bent = grad_output * slope * (g_a + g_b * a * (1 - 2 * s))
    return g_a * s + g_b * a * slope, cat([g_b * grad_output * slope, bent], dim)


def halves(x, dim):
    axis, half = dim % x.ndim, x.shape[dim] // 2
    front = (slice(None),) * axis
    return slice_(x, (*front, slice(0, half))), slice_(x, (*front, slice(half, 2 * half)))


def glu_jvp(self, self_t, dim):
    (a, b), (a_t, b_t) = halves(self, dim), halves(self_t, dim)
    s = sigmoid(b)
    return a_t * s + a * s * (1 - s) * b_t


glu_backward = general(
    "glu_backward(grad_output, self, dim)",
    bind(glu_slope, "raw"),
    vjp=glu_second,
    wrt="grad_output self",
    public=False,
    refuses="complex integers",
)
glu = general(
    "glu(self, dim=-1)",
    glu_kernel,
    self=lambda g, self, dim: glu_backward(g, self, dim),
    jvp=glu_jvp,
    modules="nn.functional",
    method=False,
    refuses="complex integers",
)


@composite(modules="nn.functional", method=False)
def tanhshrink(input):
    """x - tanh(x) (source: torch.nn.functional.tanhshrink)."""
    return input - tanh(input)


@composite(modules="nn.functional", method=False)
def softsign(input):
    """x / (1 + |x|) (source: torch.nn.functional.softsign)."""
    return input / (input.abs() + 1)
