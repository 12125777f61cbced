"""Losses of scores against classes, of distributions, of margins and distances (torch.nn.functional).

HOWTO. nll_loss is linear in its input, and its adjoint is a row. The others are what torch composes of operators.
"""

from __future__ import annotations

import math

import numpy as np

from ..tensor import Tensor
from .activation import logsigmoid, relu
from .comparison import clamp_min, minimum
from .exponential import exp, log
from .form import general, linear
from .losses import loss, one_reduction, reduced, total
from .norms import pairwise_distance
from .reduce import sum
from .shape import reshape_copy, unsqueeze
from .softmax import log_softmax
from .special import xlogy
from .structure import cast, where

# -- negative log likelihood: (N, C) or (C,), target (N,) or (); weights of ignored targets are 0


def weights_of(target, weight, ignore_index, dtype):
    kept = target != ignore_index
    if weight is None:
        return kept.astype(dtype)
    return np.where(kept, weight[np.where(kept, target, 0)], 0).astype(dtype)


def checked_target(target, classes, ignore_index):
    bad = (target != ignore_index) & ((target < 0) | (target >= classes))
    if bad.any():
        raise IndexError(f"Target {target[bad].ravel()[0]} is out of bounds.")
    return np.where(target == ignore_index, 0, target)


def nll_kernel(x, target, weight, reduction, ignore_index):
    """x is (N, C, d1 ...), target (N, d1 ...)."""
    at = np.expand_dims(checked_target(target, x.shape[1], ignore_index), 1)
    w = weights_of(target, weight, ignore_index, x.dtype)
    terms = -np.take_along_axis(x, at, 1).squeeze(1) * w
    terms = np.where(w == 0, x.dtype.type(0), terms) if reduction != "none" else terms
    return np.add.reduce(terms, None) / np.add.reduce(w, None) if reduction == "mean" else total(terms, reduction)


def nll_adjoint_kernel(g, shape, target, weight, reduction, ignore_index):
    w = weights_of(target, weight, ignore_index, g.dtype)
    whole = np.add.reduce(w, None)
    share = -w * g / whole if reduction == "mean" and whole else -w * g
    r = np.zeros(shape, g.dtype)
    np.put_along_axis(r, np.expand_dims(np.where(target == ignore_index, 0, target), 1), np.expand_dims(share, 1), 1)
    return r


def nll_row(name):
    return linear(
        f"{name}(self, target: nondiff, weight: nondiff, reduction, ignore_index)",
        nll_kernel,
        self=lambda g, self_shape, target, weight, reduction, ignore_index: nll_adjoint(
            g, self_shape, target, weight, reduction, ignore_index
        ),
        real=True,
        public=False,
    )


nll_1d, nll_2d = nll_row("nll_loss"), nll_row("nll_loss2d")
nll_adjoint = linear(
    "nll_adjoint(self, shape, target: nondiff, weight: nondiff, reduction, ignore_index)",
    nll_adjoint_kernel,
    self=lambda g, target, weight, reduction, ignore_index: nll_1d(g, target, weight, reduction, ignore_index),
    public=False,
    grad_fn="NllLossBackwardBackward0",
    real=True,
)


@loss
def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """-input[target], weighted (source: torch.nn.functional.nll_loss)."""
    reduction = one_reduction(size_average, reduce, reduction)
    if not input.ndim:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    if input.ndim == 1:
        if target.ndim > 1 or target.numel() != 1:
            raise RuntimeError("For 1D input, 1D target must have size 1")
        found = nll_1d(unsqueeze(input, 0), target.reshape(1), weight, reduction, ignore_index)
        return found.reshape(target.shape) if reduction == "none" else found
    if input.shape[0] != target.shape[0]:
        raise ValueError(
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
        )
    if tuple(target.shape[1:]) != tuple(input.shape[2:]):
        raise ValueError(f"Expected target size {[input.shape[0], *input.shape[2:]]}, got {list(target.shape)}")
    return (nll_1d if input.ndim == 2 else nll_2d)(input, target, weight, reduction, ignore_index)


@loss
def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    """nll_loss of log_softmax; targets are classes or probabilities (source: torch.nn.functional.cross_entropy)."""
    reduction = one_reduction(size_average, reduce, reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    dim = 0 if input.ndim == 1 else 1
    scores = log_softmax(input, dim)
    if target.dtype.is_floating_point:
        return soft_cross_entropy(scores, target, weight, reduction, label_smoothing, dim)
    hard = nll_loss(scores, target, weight, ignore_index=ignore_index, reduction=reduction)
    if not label_smoothing:
        return hard
    smooth = smooth_part(scores, target, weight, ignore_index, reduction, dim)
    return hard * (1 - label_smoothing) + smooth * (label_smoothing / input.shape[dim])


def smooth_part(scores, target, weight, ignore_index, reduction, dim):
    each = -sum(scores * along(weight, scores, dim) if weight is not None else scores, dim)
    ignored = target == ignore_index
    each = where(ignored, 0.0, each)
    if reduction != "mean":
        return reduced(each, reduction)
    kept = weights_of(target._array, None if weight is None else weight._array, ignore_index, scores._array.dtype)
    return sum(each) / float(np.sum(kept))


def along(weight, scores, dim):
    return reshape_copy(weight, [-1 if d == dim else 1 for d in range(scores.ndim)])


def soft_cross_entropy(scores, target, weight, reduction, label_smoothing, dim):
    if target.shape != scores.shape:
        raise RuntimeError("Expected floating point type for target with class probabilities, got Long")
    if label_smoothing > 0:
        target = target * (1 - label_smoothing) + label_smoothing / scores.shape[dim]
    terms = scores * target if weight is None else scores * target * along(weight, scores, dim)
    if reduction == "mean":
        return -sum(terms) / (scores.numel() // scores.shape[dim])
    return -sum(terms) if reduction == "sum" else -sum(terms, dim)


# -- distributions


@loss
def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """target (log target - input) (source: torch.nn.functional.kl_div)."""
    reduction = one_reduction(size_average, reduce, reduction)
    terms = exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
    if reduction == "batchmean":
        return sum(terms) / input.shape[0] if input.ndim else sum(terms)
    return reduced(terms, reduction)


@loss
def poisson_nll_loss(
    input, target, log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction="mean"
):
    """exp(input) - target input, or input - target log(input + eps) (source: torch.nn.functional.poisson_nll_loss)."""
    terms = exp(input) - target * input if log_input else input - target * log(input + eps)
    if full:
        stirling = target * log(target) - target + 0.5 * log(target * (2 * math.pi))
        terms = terms + where(target <= 1, 0.0, stirling)
    return reduced(terms, one_reduction(size_average, reduce, reduction))


@loss
def gaussian_nll_loss(input, target, var, full=False, eps=1e-06, reduction="mean"):
    """(log var + (input - target)^2 / var) / 2 (source: torch.nn.functional.gaussian_nll_loss).

    var is kept above eps without a trace in the graph, so that its gradient is that of the clamped value.
    """
    if not isinstance(var, Tensor):
        var = input.detach() * 0 + float(var)
    elif var.shape != input.shape:
        if tuple(input.shape[:-1]) == tuple(var.shape):
            var = unsqueeze(var, -1)
        elif tuple(input.shape[:-1]) != tuple(var.shape[:-1]) or var.shape[-1] != 1:
            raise ValueError("var is of incorrect size")
    if (var._array < 0).any():
        raise ValueError("var has negative entry/entries")
    var = var + clamp_min(var.detach(), eps) - var.detach()
    terms = 0.5 * (log(var) + (input - target) ** 2 / var)
    return reduced(terms + 0.5 * math.log(2 * math.pi) if full else terms, reduction)


# -- margins: at the margin itself clamp_min lets the gradient pass


@loss
def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """x where the target is 1, max(0, margin - x) where it is -1 (source: torch.nn.functional.hinge_embedding_loss)."""
    apart = where(target == 1, 0.0, clamp_min(margin - input, 0))
    close = where(target == -1, 0.0, input)
    return reduced(apart + close, one_reduction(size_average, reduce, reduction))


@loss
def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """max(0, -target (x1 - x2) + margin) (source: torch.nn.functional.margin_ranking_loss)."""
    terms = clamp_min(-target * (input1 - input2) + margin, 0)
    return reduced(terms, one_reduction(size_average, reduce, reduction))


@loss
def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1.

    Source: torch.nn.functional.cosine_embedding_loss.
    """
    dim = target.ndim
    eps = 1e-12
    cos = sum(input1 * input2, dim) / ((sum(input1 * input1, dim) + eps) * (sum(input2 * input2, dim) + eps)) ** 0.5
    terms = where(target == 1, 1 - cos, 0.0) + where(target == -1, clamp_min(cos - margin, 0), 0.0)
    return reduced(terms, one_reduction(size_average, reduce, reduction))


@loss
def triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2, eps=1e-06, swap=False, size_average=None, reduce=None, reduction="mean"
):
    """max(0, d(a, p) - d(a, n) + margin) (source: torch.nn.functional.triplet_margin_loss)."""

    def distance(x, y):
        return pairwise_distance(x, y, p, eps)

    return triplet(anchor, positive, negative, distance, margin, swap, one_reduction(size_average, reduce, reduction))


@loss
def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """triplet_margin_loss with any distance (source: torch.nn.functional.triplet_margin_with_distance_loss)."""
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    return triplet(anchor, positive, negative, distance_function or pairwise_distance, margin, swap, reduction)


def triplet(anchor, positive, negative, distance, margin, swap, reduction):
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clamp_min(margin + near - far, 0), reduction)


@loss
def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """The mean over classes of binary cross entropies (source: torch.nn.functional.multilabel_soft_margin_loss)."""
    terms = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        terms = terms * weight
    each = sum(terms, input.ndim - 1) / input.shape[-1]
    return reduced(each, one_reduction(size_average, reduce, reduction))


# -- one class, or some, against the others; at the margin itself the gradient is 0


def multi_margin_kernel(x, target, weight, reduction, p, margin):
    """The loss; and what is constant: which entry is right, and the weight of each sample."""
    right = np.arange(x.shape[1]) == target[:, None]
    w = np.ones((len(x), 1), x.dtype) if weight is None else weight[target][:, None]
    gap = np.where(right, 0, np.maximum(margin - x[right][:, None] + x, 0))
    return total(np.add.reduce(w * gap**p, 1) / x.dtype.type(x.shape[1]), reduction), right, w


def multi_margin_slope(self, right, w, self_shape, p, margin):
    gap = relu(margin - sum(where(right, self, 0.0), 1, True) + self)
    slope = where(right | (gap == 0), 0.0, w if p == 1 else 2 * w * gap) / self_shape[1]
    return where(right, -sum(slope, 1, True), slope)


def for_each(g, reduction, n):
    """The cotangent of each of n samples, to go with (N, C)."""
    return unsqueeze(g, 1) if reduction == "none" else g / n if reduction == "mean" else g


def multi_margin_vjp(g, self, right, w, self_shape, reduction, p, margin):
    return multi_margin_slope(self, right, w, self_shape, p, margin) * for_each(g, reduction, self_shape[0])


def multi_margin_jvp(self, self_t, right, w, self_shape, reduction, p, margin):
    return reduced(sum(multi_margin_slope(self, right, w, self_shape, p, margin) * self_t, 1), reduction)


multi_margin = general(
    "multi_margin_loss(self, target: nondiff, weight: nondiff, reduction, p, margin) -> (result, right: aux, w: aux)",
    multi_margin_kernel,
    self=multi_margin_vjp,
    jvp=multi_margin_jvp,
    public=False,
    real=True,
)


@loss
def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    """sum over wrong classes of max(0, margin - x[right] + x)^p / classes (source: torch.nn.functional.multi_margin_loss)."""
    reduction = one_reduction(size_average, reduce, reduction)
    if p not in (1, 2):
        raise RuntimeError("only p == 1 and p == 2 supported")
    found = multi_margin(at_least_2d(input), target.reshape(-1), weight, reduction, p, margin)
    return found.reshape(()) if input.ndim < 2 and reduction == "none" else found


def at_least_2d(x):
    return x if x.ndim > 1 else reshape_copy(x, (1, x.numel()))


def multilabel_kernel(x, target, reduction):
    """The loss; and how often each class stands among the targets before the first -1."""
    named = np.minimum.accumulate(target >= 0, 1)
    times = np.zeros(x.shape, x.dtype)
    for row, col in zip(*np.nonzero(named), strict=True):
        times[row, target[row, col]] += 1
    gap = np.maximum(1 - x[:, :, None] + x[:, None, :], 0) * times[:, :, None] * (times == 0)[:, None, :]
    return total(np.add.reduce(gap, (1, 2)) / x.dtype.type(x.shape[1]), reduction), times


def multilabel_slope(self, times, self_shape, self_dtype):
    gap = 1 - unsqueeze(self, 2) + unsqueeze(self, 1)
    short = cast(gap > 0, self_dtype) * unsqueeze(times, 2) * unsqueeze(cast(times == 0, self_dtype), 1)
    return (sum(short, 1) - sum(short, 2)) / self_shape[1]


def multilabel_vjp(g, self, times, self_shape, self_dtype, reduction):
    return multilabel_slope(self, times, self_shape, self_dtype) * for_each(g, reduction, self_shape[0])


def multilabel_jvp(self, self_t, times, self_shape, self_dtype, reduction):
    return reduced(sum(multilabel_slope(self, times, self_shape, self_dtype) * self_t, 1), reduction)


multilabel_margin = general(
    "multilabel_margin_loss(self, target: nondiff, reduction) -> (result, times: aux)",
    multilabel_kernel,
    self=multilabel_vjp,
    jvp=multilabel_jvp,
    public=False,
    real=True,
)


@loss
def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """sum of max(0, 1 - x[target] + x[other]) / classes (source: torch.nn.functional.multilabel_margin_loss)."""
    reduction = one_reduction(size_average, reduce, reduction)
    found = multilabel_margin(at_least_2d(input), at_least_2d(target), reduction)
    return found.reshape(()) if input.ndim < 2 and reduction == "none" else found
