"""Losses of two tensors of one shape (torch.nn.functional).

HOWTO. What torch computes in one node is a row whose formulas ask for `reduction`: `share(g, reduction, shape)` is the
cotangent of each element. What torch composes of other operators is composed here, so that the graph is the same.
"""

from __future__ import annotations

import warnings

import numpy as np

from ..compiler.runtime import cannot_broadcast
from ..dtypes import promote_types
from ..graph.modes import is_grad_enabled
from .complex_ import abs, sgn
from .form import composite, elementwise, general
from .reduce import count, mean, sum
from .structure import where

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


def not_differentiated(function, **constants):
    """torch's error where one of these asks for a gradient."""
    for name, x in constants.items():
        if x is not None and x.requires_grad and is_grad_enabled():
            raise RuntimeError(
                f"The function '{function}' is not differentiable with respect to argument '{name}'. This input cannot have "
                "requires_grad True."
            )


def together(input, target):
    """Both in one shape, or torch's error."""
    if target.shape == input.shape:
        return input, target
    shape = common_shape(input.shape, target.shape)
    return input.expand(shape), target.expand(shape)


def common_shape(one, other):
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        raise cannot_broadcast(one, other) from None


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


def paired(input, target):
    """Both in one shape, with torch's warning where they had to be broadcast."""
    if target.shape != input.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will likely "
            "lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=4,
        )
    return together(input, target)


# -- mean squares, and what grows more slowly

mse_backward = elementwise(
    "mse_loss_backward(grad_output, self, target, shape=(), reduction='mean')",
    lambda g, x, t, shape, reduction: 2 * (x - t) * share(g, reduction, shape),
    grad_output=lambda self, target, shape, reduction: share(2 * (self - target), reduction, shape),
    self=lambda grad_output, shape, reduction: share(2 * grad_output, reduction, shape),
    target=lambda grad_output, shape, reduction: share(-2 * grad_output, reduction, shape),
    public=False,
)
mse = general(
    "mse_loss(self, target, reduction)",
    lambda x, t, reduction: total((x - t) * (x - t), reduction),
    self=lambda g, self, target, self_shape, reduction: 2 * (self - target) * share(g, reduction, self_shape),
    target=lambda g, target, self, self_shape, reduction: 2 * (target - self) * share(g, reduction, self_shape),
    backward=mse_backward,
    public=False,
    refuses="complex integers",
)


def huber_kernel(x, t, reduction, delta):
    d = np.abs(x - t)
    return total(np.where(d < delta, 0.5 * d * d, delta * (d - 0.5 * delta)), reduction)


def huber_slope(d, delta):
    return where(abs(d) >= delta, delta * sgn(d), d)  # so that its own slope is 0 at delta, as in torch


def inside(d, g, delta):
    return where(abs(d) < delta, g, 0.0)


huber_backward = elementwise(
    "huber_loss_backward(grad_output, self, target, shape=(), reduction='mean', delta=1.0)",
    lambda g, x, t, shape, reduction, delta: np.clip(x - t, -delta, delta) * share(g, reduction, shape),
    grad_output=lambda self, target, shape, reduction, delta: share(
        huber_slope(self - target, delta), reduction, shape
    ),
    self=lambda grad_output, self, target, shape, reduction, delta: inside(
        self - target, share(grad_output, reduction, shape), delta
    ),
    target=lambda grad_output, self, target, shape, reduction, delta: inside(
        self - target, -share(grad_output, reduction, shape), delta
    ),
    public=False,
)
huber = general(
    "huber_loss(self, target, reduction, delta)",
    huber_kernel,
    self=lambda g, self, target, self_shape, reduction, delta: (
        huber_slope(self - target, delta) * share(g, reduction, self_shape)
    ),
    target=lambda g, target, self, self_shape, reduction, delta: (
        huber_slope(target - self, delta) * share(g, reduction, self_shape)
    ),
    backward=huber_backward,
    public=False,
    refuses="complex integers",
)
smooth_l1_backward = elementwise(
    "smooth_l1_loss_backward(grad_output, self, target, shape=(), reduction='mean', beta=1.0)",
    lambda g, x, t, shape, reduction, beta: np.clip((x - t) / beta, -1, 1) * share(g, reduction, shape),
    grad_output=lambda self, target, shape, reduction, beta: share(
        huber_slope(self - target, beta) / beta, reduction, shape
    ),
    self=lambda grad_output, self, target, shape, reduction, beta: inside(
        self - target, share(grad_output / beta, reduction, shape), beta
    ),
    target=lambda grad_output, self, target, shape, reduction, beta: inside(
        self - target, -share(grad_output / beta, reduction, shape), beta
    ),
    grad_fn="SmoothL1LossBackwardBackward0",
    public=False,
)
smooth_l1 = general(
    "smooth_l1_loss(self, target, reduction, beta)",
    lambda x, t, reduction, beta: huber_kernel(x, t, reduction, beta) / beta,
    self=lambda g, self, target, self_shape, reduction, beta: (
        huber_slope(self - target, beta) * (share(g, reduction, self_shape) / beta)
    ),
    target=lambda g, target, self, self_shape, reduction, beta: (
        huber_slope(target - self, beta) * (share(g, reduction, self_shape) / beta)
    ),
    backward=smooth_l1_backward,
    grad_fn="SmoothL1LossBackward0",
    public=False,
    refuses="complex integers",
)


def loss(f):
    return composite(modules="nn.functional", method=False)(f)


@loss
def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """The mean of (input - target)^2 (source: torch.nn.functional.mse_loss)."""
    input, target = promoted(*paired(input, target))
    reduction = one_reduction(size_average, reduce, reduction)
    return mse(input, target, reduction) if weight is None else weighed(mse(input, target, "none"), weight, reduction)


def weighed(terms, weight, reduction):
    terms = terms * weight
    return sum(terms) / sum(weight) if reduction == "mean" else reduced(terms, reduction)


@loss
def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """The mean of |input - target| (source: torch.nn.functional.l1_loss)."""
    input, target = paired(input, target)
    reduction, terms = one_reduction(size_average, reduce, reduction), abs(input - target)
    return reduced(terms, reduction) if weight is None else weighed(terms, weight, reduction)


@loss
def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d^2 / 2 up to |d| = delta, straight beyond (source: torch.nn.functional.huber_loss)."""
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    input, target = paired(input, target)
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
    input, target = promoted(*paired(input, target))
    return smooth_l1(input, target, one_reduction(size_average, reduce, reduction), float(beta))
