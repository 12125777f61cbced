"""Losses of two tensors of one shape (torch.nn.functional).

HOWTO. What torch computes in one node is a row whose formulas ask for `reduction`: `share(g, reduction, shape)` is the
cotangent of each element. What torch composes of other operators is composed here, so that the graph is the same.
"""

from __future__ import annotations

import warnings

import numpy as np

from ..compiler.runtime import BOOLEAN, cannot_broadcast
from ..dtypes import bool_, promote_types
from .activation import softplus
from .comparison import clamp_min
from .complex_ import abs, sgn
from .exponential import exp, log, sigmoid
from .form import composite, general
from .reduce import count, mean, sum
from .structure import conj, where

REDUCTIONS = ("none", "mean", "sum")


def total(terms, reduction):
    """What becomes of the elements' losses, on arrays."""
    if reduction == "none":
        return terms
    if reduction == "mean":
        return np.add.reduce(terms, None) / terms.dtype.type(terms.size)
    if reduction != "sum":
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return np.add.reduce(terms, None)


def reduced(terms, reduction):
    """The same on Tensors."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return terms if reduction == "none" else mean(terms) if reduction == "mean" else sum(terms)


def share(g, reduction, shape):
    return g / max(count(shape, None), 1) if reduction == "mean" else g


def one_reduction(size_average, reduce, reduction):
    """The old arguments size_average and reduce, said as a reduction."""
    if size_average is None and reduce is None:
        return reduction
    said = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{said}' instead.", stacklevel=4
    )
    return said


def together(input, target):
    """Both in one shape, or torch's error."""
    if target.shape == input.shape:
        return input, target
    try:
        shape = np.broadcast_shapes(input.shape, target.shape)
    except ValueError:
        raise cannot_broadcast(input.shape, target.shape) from None
    return input.expand(shape), target.expand(shape)


def promoted(input, target):
    if target.dtype is input.dtype:
        return input, target
    d = promote_types(input.dtype, target.dtype)
    return input.to(d), target.to(d)


def in_dtype_of(like, row, input, target, *params):
    """What torch computes in the memory of one of the two, which the common dtype must fit."""
    d, common = like.dtype, promote_types(input.dtype, target.dtype)
    if common.category > d.category:
        raise RuntimeError(f"result type {common.legacy} can't be cast to the desired output type {d.legacy}")
    found = row(*promoted(input, target), *params)
    return found if common is d else found.to(d)


def paired(name, input, target):
    """Both in one shape, with torch's warning where they had to be broadcast."""
    if target.shape != input.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will likely "
            "lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=4,
        )
    return together(input, target)


# -- mean squares, and what grows more slowly

mse = general(
    "mse_loss(self, target, reduction)",
    lambda x, t, reduction: total((x - t) * (x - t), reduction),
    self=lambda g, self, target, self_shape, reduction: 2 * (self - target) * share(g, reduction, self_shape),
    target=lambda g, self, target, self_shape, reduction: 2 * (target - self) * share(g, reduction, self_shape),
    public=False,
    refuses="complex integers",
)


def huber_kernel(x, t, reduction, delta):
    d = np.abs(x - t)
    return total(np.where(d < delta, 0.5 * d * d, delta * (d - 0.5 * delta)), reduction)


def huber_slope(d, delta):
    return where(abs(d) <= delta, d, delta * sgn(d))


huber = general(
    "huber_loss(self, target, reduction, delta)",
    huber_kernel,
    self=lambda g, self, target, self_shape, reduction, delta: (
        huber_slope(self - target, delta) * share(g, reduction, self_shape)
    ),
    target=lambda g, self, target, self_shape, reduction, delta: (
        huber_slope(target - self, delta) * share(g, reduction, self_shape)
    ),
    public=False,
    refuses="complex integers",
)
smooth_l1 = general(
    "smooth_l1_loss(self, target, reduction, beta)",
    lambda x, t, reduction, beta: huber_kernel(x, t, reduction, beta) / beta,
    self=lambda g, self, target, self_shape, reduction, beta: (
        huber_slope(self - target, beta) * (share(g, reduction, self_shape) / beta)
    ),
    target=lambda g, self, target, self_shape, reduction, beta: (
        huber_slope(target - self, beta) * (share(g, reduction, self_shape) / beta)
    ),
    grad_fn="SmoothL1LossBackward0",
    public=False,
    refuses="complex integers",
)


def loss(f):
    return composite(modules="nn.functional", method=False)(f)


@loss
def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """The mean of (input - target)^2 (source: torch.nn.functional.mse_loss)."""
    input, target = promoted(*paired("mse_loss", input, target))
    reduction = one_reduction(size_average, reduce, reduction)
    return mse(input, target, reduction) if weight is None else weighed(mse(input, target, "none"), weight, reduction)


def weighed(terms, weight, reduction):
    terms = terms * weight
    return sum(terms) / sum(weight) if reduction == "mean" else reduced(terms, reduction)


@loss
def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """The mean of |input - target| (source: torch.nn.functional.l1_loss)."""
    input, target = paired("l1_loss", input, target)
    reduction, terms = one_reduction(size_average, reduce, reduction), abs(input - target)
    return reduced(terms, reduction) if weight is None else weighed(terms, weight, reduction)


@loss
def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d^2 / 2 up to |d| = delta, straight beyond (source: torch.nn.functional.huber_loss)."""
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    input, target = paired("huber_loss", input, target)
    if weight is not None:
        return weighed(in_dtype_of(input, huber, input, target, "none", delta), weight, reduction)
    return in_dtype_of(input, huber, input, target, reduction, delta)


@loss
def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """huber_loss / beta; l1_loss where beta is 0 (source: torch.nn.functional.smooth_l1_loss)."""
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return l1_loss(input, target, size_average, reduce, reduction)
    input, target = promoted(*paired("smooth_l1_loss", input, target))
    return smooth_l1(input, target, one_reduction(size_average, reduce, reduction), beta)


# -- probabilities: log is clamped at -100, the denominator of the gradient at 1e-12


def bce_kernel(x, t, weight, reduction):
    if ((x < 0) | (x > 1)).any():
        raise RuntimeError("all elements of input should be between 0 and 1")
    terms = -(t * np.maximum(np.log(x), -100) + (1 - t) * np.maximum(np.log1p(-x), -100))
    return total(terms if weight is None else terms * weight, reduction)


def weigh(g, weight):
    return g if weight is None else g * weight


bce = general(
    "binary_cross_entropy(self, target, weight: nondiff, reduction)",
    bce_kernel,
    self=lambda g, self, target, weight, self_shape, reduction: (
        weigh(share(g, reduction, self_shape), weight) * ((self - target) / clamp_min((1 - self) * self, 1e-12))
    ),
    target=lambda g, self, weight, self_shape, reduction: (
        weigh(share(g, reduction, self_shape), weight) * (clamp_min(log(1 - self), -100) - clamp_min(log(self), -100))
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
    self=lambda g, self, target, weight, pos_weight, self_shape, reduction: (
        weigh(share(g, reduction, self_shape), weight) * bce_logits_slope(self, target, pos_weight)
    ),
    target=lambda g, self, weight, pos_weight, self_shape, reduction: (
        weigh(share(g, reduction, self_shape), weight) * bce_logits_target(self, pos_weight)
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
    reduction = one_reduction(size_average, reduce, reduction)
    return in_dtype_of(target, bce_logits, input, target, weight, pos_weight, reduction)


def soft_margin_slope(self, target):
    z = exp(-target * self)
    return -target * (z / (z + 1))


soft_margin = general(
    "soft_margin_loss(self, target: nondiff, reduction)",
    lambda x, t, reduction: total(np.log1p(np.exp(-t * x)), reduction),
    self=lambda g, self, target, self_shape, reduction: (
        conj(soft_margin_slope(self, target)) * share(g, reduction, self_shape)
    ),
    public=False,
    refuses="integers",
)


@loss
def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """log(1 + exp(-target input)) (source: torch.nn.functional.soft_margin_loss)."""
    if target.requires_grad:
        raise RuntimeError(
            "The function 'soft_margin_loss' is not differentiable with respect to argument 'target'. This input cannot "
            "have requires_grad True."
        )
    if input.requires_grad and (input.is_complex() or target.is_complex()):
        raise RuntimeError(
            "soft_margin_loss does not support automatic differentiation for outputs with complex dtype."
        )
    input, target = together(input, target)
    return in_dtype_of(input, soft_margin, input, target, one_reduction(size_average, reduce, reduction))
