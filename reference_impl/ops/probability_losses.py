"""Losses of probabilities and of their logits, element by element (torch.nn.functional).

HOWTO. As in losses.py. Where a logarithm is taken of a probability it is clamped at -100, and the denominator of the
gradient at 1e-12.
"""

from __future__ import annotations

import numpy as np

from ..compiler.bind import bind
from ..compiler.runtime import BOOLEAN
from ..dtypes import FLOAT, bool_
from .activation import softplus
from .arithmetic import div_scalar
from .comparison import clamp_min
from .exponential import exp, sigmoid
from .form import composite, general
from .losses import common_shape, in_dtype_of, loss, not_differentiated, one_reduction, share, together, total
from .reduce import count
from .special import logit
from .structure import conj, sum_to


def check_probabilities(name, p):
    if not ((p >= 0) & (p <= 1)).all():
        raise RuntimeError(f"all elements of {name} should be between 0 and 1")


def bce_kernel(x, t, weight, reduction):
    check_probabilities("input", x)
    check_probabilities("target", t)
    terms = -(t * np.maximum(np.log(x), -100) + (1 - t) * np.maximum(np.log1p(-x), -100))
    return total(terms if weight is None else terms * weight, reduction)


def check_factors(shape, *factors):
    """They are multiplied in place."""
    for factor in factors:
        wide = shape if factor is None else common_shape(shape, factor.shape)
        if wide != shape:
            raise RuntimeError(f"output with shape {list(shape)} doesn't match the broadcast shape {list(wide)}")


def weigh(g, weight):
    return g if weight is None else g * weight


def shared_out_in_steps(slopes, g, weight, shape, reduction):
    terms = slopes * g if weight is None else slopes * g * weight
    return div_scalar.function(terms, max(count(shape, None), 1)) if reduction == "mean" else terms


# slopes times the cotangent: of arrays the one number of it is weighed and shared first
shared_out = general(
    "shared_out(slopes: nondiff, g: nondiff, weight: nondiff, shape, reduction)",
    lambda slopes, g, weight, shape, reduction: slopes * weigh(share(g, reduction, shape), weight),
    steps=shared_out_in_steps,
    public=False,
)


def product_of_probabilities(p):
    return clamp_min((1 - p) * p, 1e-12)


def bce_slope(grad_output, self, target, weight, shape, reduction):
    slope = (self - target) / product_of_probabilities(self)
    return weigh(share(grad_output, reduction, shape), weight) * slope


def bce_second(g, grad_output, self, target, weight, shape, reduction, needs_grad_output, needs_self, needs_target):
    h = g * weigh(share(grad_output, reduction, shape), weight)
    p = product_of_probabilities(self)
    return (
        sum_to(bce_slope(g, self, target, weight, shape, reduction), grad_output.shape) if needs_grad_output else None,
        h * (self * self - 2 * self * target + target) / (p * p) if needs_self else None,
        -h / p if needs_target else None,
    )


bce_backward = general(
    "binary_cross_entropy_backward(grad_output, self, target, weight: nondiff, shape, reduction)",
    bind(bce_slope, "raw"),
    vjp=bce_second,
    wrt="grad_output self target",
    public=False,
    refuses="complex integers",
)
bce = general(
    "binary_cross_entropy(self, target, weight: nondiff, reduction)",
    bce_kernel,
    self=lambda g, self, target, weight, self_shape, reduction: bce_backward(
        g, self, target, weight, self_shape, reduction
    ),
    target=lambda g, self, weight, self_shape, reduction: shared_out(
        -logit(self, None), g, weight, self_shape, reduction
    ),
    public=False,
    refuses="complex integers",
)


@loss
def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """-(t log x + (1 - t) log(1 - x)) (source: torch.nn.functional.binary_cross_entropy)."""
    if target.shape != input.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
            "Please ensure they have the same size."
        )
    if target.dtype is not input.dtype:
        raise RuntimeError(f"Found dtype {target.dtype.legacy} but expected {input.dtype.legacy}")
    not_differentiated("binary_cross_entropy", weight=weight)
    check_factors(input.shape, weight)
    return bce(input, target, weight, one_reduction(size_average, reduce, reduction))


def log_sigmoids(x):
    """log(1 + exp(-x)) on arrays, safe on both sides."""
    return np.maximum(-x, 0) + np.log1p(np.exp(-np.abs(x)))


def bce_logits_kernel(x, t, weight, pos_weight, reduction):
    w = 1 if pos_weight is None else 1 + (pos_weight - 1) * t
    terms = (1 - t) * x + w * log_sigmoids(x)
    return total(terms if weight is None else terms * weight, reduction)


def bce_logits_slope(self, target, pos_weight):
    if pos_weight is None:
        return sigmoid(self) - target
    w = pos_weight * target
    return (w + 1 - target) * sigmoid(self) - w


def bce_logits_target(self, pos_weight):
    return -self if pos_weight is None else (pos_weight - 1) * (softplus(-self)) - self


bce_logits = general(
    "binary_cross_entropy_with_logits(self, target, weight: nondiff, pos_weight: nondiff, reduction)",
    bce_logits_kernel,
    self=lambda g, self, target, weight, pos_weight, self_shape, reduction: shared_out(
        bce_logits_slope(self, target, pos_weight), g, weight, self_shape, reduction
    ),
    target=lambda g, self, weight, pos_weight, self_shape, reduction: shared_out(
        bce_logits_target(self, pos_weight), g, weight, self_shape, reduction
    ),
    public=False,
    refuses="complex integers",
)


@composite(modules="nn.functional torch", method=False)
def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """binary_cross_entropy of sigmoid(input), computed safely (source: torch.nn.functional.binary_cross_entropy_with_logits)."""
    if target.shape != input.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    if target.dtype is bool_:
        raise RuntimeError(BOOLEAN["sub"])
    if input.dtype.category < FLOAT:
        raise NotImplementedError(f"\"log_sigmoid_cpu\" not implemented for '{input.dtype.legacy}'")
    reduction = one_reduction(size_average, reduce, reduction)
    not_differentiated("binary_cross_entropy_with_logits", weight=weight, pos_weight=pos_weight)
    if pos_weight is not None:
        common_shape(pos_weight.shape, input.shape)
    check_factors(input.shape, pos_weight, weight)
    return in_dtype_of(target, bce_logits, input, target, weight, pos_weight, reduction)


def soft_margin_slope(self, target):
    z = exp(-target * self)
    return -target * (z / (z + 1))


def soft_margin_vjp(grad_output, self, target, shape, reduction):
    return conj(soft_margin_slope(self, target)) * share(grad_output, reduction, shape)


def soft_margin_bend(g, grad_output, self, target, shape, reduction):
    z = exp(-target * self)
    return g * share(grad_output, reduction, shape) * (target * target * z / ((z + 1) * (z + 1)))


soft_margin_backward = general(
    "soft_margin_loss_backward(grad_output, self, target: nondiff, shape, reduction)",
    bind(soft_margin_vjp, "raw"),
    grad_output=lambda g, grad_output_shape, self, target, shape, reduction: sum_to(
        soft_margin_vjp(g, self, target, shape, reduction), grad_output_shape
    ),
    self=soft_margin_bend,
    public=False,
    refuses="complex integers",
)
soft_margin = general(
    "soft_margin_loss(self, target: nondiff, reduction)",
    lambda x, t, reduction: total(np.log1p(np.exp(-t * x)), reduction),
    self=lambda g, self, target, self_shape, reduction: soft_margin_backward(g, self, target, self_shape, reduction),
    public=False,
    refuses="integers",
)


@loss
def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """log(1 + exp(-target input)) (source: torch.nn.functional.soft_margin_loss)."""
    not_differentiated("soft_margin_loss", target=target)
    if input.requires_grad and (input.is_complex() or target.is_complex()):
        raise RuntimeError(
            "soft_margin_loss does not support automatic differentiation for outputs with complex dtype."
        )
    check_factors(input.shape, target)
    input, target = together(input, target)
    return in_dtype_of(input, soft_margin, input, target, one_reduction(size_average, reduce, reduction))
