"""Losses of margins and distances (torch.nn.functional).

HOWTO. Where torch composes with clamp_min the gradient passes at the margin itself; its own kernels give 0 there.
"""

from __future__ import annotations

import numpy as np

from ..compiler.arguments import check_tensors
from ..compiler.bind import bind
from ..dtypes import FLOAT, int64
from ..tensor import wrap
from .activation import logsigmoid
from .arithmetic import add_number, sub, sub_number
from .comparison import clamp_min, minimum
from .exponential import sqrt
from .form import general
from .losses import REDUCTIONS, loss, not_differentiated, one_reduction, reduced, total
from .norms import pairwise_distance
from .reduce import sum
from .shape import reshape_copy, unsqueeze
from .structure import cast, neither, where

# -- margins: at the margin itself clamp_min lets the gradient pass


@loss
def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """x where the target is 1, max(0, margin - x) where it is -1 (source: torch.nn.functional.hinge_embedding_loss)."""
    check_tensors("hinge_embedding_loss", input=input, target=target)
    if input.dtype.category < FLOAT:
        margin = int(margin)
    apart = where(target != 1, clamp_min(wrap(input.dtype.np.type(margin)) - input, 0), 0)
    close = where(target != -1, input, 0)
    return reduced(apart + close, one_reduction(size_average, reduce, reduction))


@loss
def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """max(0, -target (x1 - x2) + margin) (source: torch.nn.functional.margin_ranking_loss)."""
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: "
            f"{input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    terms = clamp_min(add_number(-target * (input1 - input2), float(margin)), 0)
    return reduced(terms, one_reduction(size_average, reduce, reduction))


@loss
def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1.

    Source: torch.nn.functional.cosine_embedding_loss.
    """
    dim = target.ndim
    if dim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if not input1.ndim == input2.ndim == dim + 1:
        raise RuntimeError(
            f"{dim}D target tensor expects {dim + 1}D input tensors, but found inputs with sizes {list(input1.shape)} and "
            f"{list(input2.shape)}."
        )
    eps = 1e-12
    a, b = (add_number(sum(x * x, dim), eps) for x in (input1, input2))
    cos = sum(input1 * input2, dim) / sqrt(a * b)
    terms = where(target == 1, sub(1, cos), 0.0) + where(target == -1, clamp_min(sub_number(cos, margin), 0), 0.0)
    return reduced(terms, one_reduction(size_average, reduce, reduction))


@loss
def triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2, eps=1e-06, swap=False, size_average=None, reduce=None, reduction="mean"
):
    """max(0, d(a, p) - d(a, n) + margin) (source: torch.nn.functional.triplet_margin_loss)."""

    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")

    def distance(x, y):
        return pairwise_distance(x, y, p, eps)

    near, far = distances(anchor, positive, negative, distance, swap)
    return margin_between(add_number(near, margin), far, one_reduction(size_average, reduce, reduction))


@loss
def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """triplet_margin_loss with any distance (source: torch.nn.functional.triplet_margin_with_distance_loss)."""
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    near, far = distances(anchor, positive, negative, distance_function or pairwise_distance, swap)
    return margin_between(near + margin, far, reduction)


def distances(anchor, positive, negative, distance, swap):
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return near, far


def margin_between(near, far, reduction):
    return reduced(clamp_min(near - far, 0), reduction)


@loss
def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """The mean over classes of binary cross entropies (source: torch.nn.functional.multilabel_soft_margin_loss)."""
    terms = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        terms = terms * weight
    each = sum(terms, input.ndim - 1) / input.shape[-1]
    return reduced(each, one_reduction(size_average, reduce, reduction))


# -- one class, or some, against the others; at the margin itself the gradient is 0


def differentiated_once(signature, formula):
    """The derivative of a loss, of which torch has no derivative."""
    return general(
        signature,
        bind(formula, "raw"),
        **neither(signature.partition("(")[0], "grad_output", "self"),
        grad_fn="NotImplementedBackward0",
        public=False,
    )


def multi_margin_kernel(x, target, weight, reduction, p, margin):
    """The loss; and what is constant: which entry is right, and the weight of each sample."""
    right = np.arange(x.shape[1]) == target[:, None]
    w = np.ones((len(x), 1), x.dtype) if weight is None else weight[target][:, None]
    gap = margin - x[right][:, None] + x
    gap = np.where((gap > 0) & ~right, gap, x.dtype.type(0))
    return total(np.add.reduce(w * gap**p, 1) / x.dtype.type(x.shape[1]), reduction), right, w


def multi_margin_slope(self, right, w, self_shape, p, margin):
    gap = margin - sum(where(right, self, 0.0), 1, True) + self
    slope = where((gap > 0) & ~right, w if p == 1 else 2 * w * gap, 0.0) / self_shape[1]
    return where(right, -sum(slope, 1, True), slope)


def for_each(g, reduction, n):
    """The cotangent of each of n samples, to go with (N, C)."""
    return unsqueeze(g, 1) if reduction == "none" else g / n if reduction == "mean" else g


def multi_margin_vjp(g, self, right, w, self_shape, reduction, p, margin):
    return multi_margin_slope(self, right, w, self_shape, p, margin) * for_each(g, reduction, self_shape[0])


def multi_margin_jvp(self, self_t, right, w, self_shape, reduction, p, margin):
    return reduced(sum(multi_margin_slope(self, right, w, self_shape, p, margin) * self_t, 1), reduction)


multi_margin_backward = differentiated_once(
    "multi_margin_loss_backward(grad_output, self, right: nondiff, w: nondiff, shape, reduction, p, margin)",
    multi_margin_vjp,
)
multi_margin = general(
    "multi_margin_loss(self, target: nondiff, weight: nondiff, reduction, p, margin) -> (result, right: aux, w: aux)",
    multi_margin_kernel,
    self=multi_margin_vjp,
    keeps="target weight",
    backward=multi_margin_backward,
    jvp=multi_margin_jvp,
    public=False,
    refuses="complex integers half",
)


@loss
def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    """sum over wrong classes of max(0, margin - x[right] + x)^p / classes (source: torch.nn.functional.multi_margin_loss)."""
    reduction = one_reduction(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    check_samples(input, reduction)
    samples, classes = at_least_2d(input).shape
    if target.ndim > 1 or target.numel() != samples:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). "
            f"Expected target size [{samples}], but got {list(target.shape)}. Input has shape {list(input.shape)}."
        )
    if weight is not None and weight.numel() != classes:
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    check_long(target)
    if ((target._array < 0) | (target._array >= classes)).any():
        raise RuntimeError("target out of range")
    not_differentiated("multi_margin_loss", weight=weight)
    found = multi_margin(at_least_2d(input), target.reshape(-1), weight, reduction, p, margin)
    return found.reshape(target.shape) if reduction == "none" else found


def check_long(target):
    if target.dtype is not int64:
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.legacy}")


def check_samples(input, reduction):
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if input.ndim > 2 or (input.ndim and not input.shape[-1]):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input.shape)}"
        )


def at_least_2d(x):
    return x if x.ndim > 1 else reshape_copy(x, (1, x.numel()))


def multilabel_kernel(x, target, reduction):
    """The loss; and how often each class stands among the targets before the first -1."""
    if target.size and (target.min() < -1 or target.max() >= x.shape[1]):
        raise RuntimeError("argument #2 'target' is out of range")
    named = np.minimum.accumulate(target >= 0, 1)
    times = np.zeros(x.shape, x.dtype)
    for row, col in zip(*np.nonzero(named), strict=True):
        times[row, target[row, col]] += 1
    gap = 1 - x[:, :, None] + x[:, None, :]
    gap = np.where((gap > 0) & (times == 0)[:, None, :] & (times > 0)[:, :, None], gap * times[:, :, None], 0)
    return total(np.add.reduce(gap.astype(x.dtype), (1, 2)) / x.dtype.type(x.shape[1]), reduction), times


def multilabel_slope(self, times, self_shape, self_dtype):
    gap = 1 - unsqueeze(self, 2) + unsqueeze(self, 1)
    short = cast(gap > 0, self_dtype) * unsqueeze(times, 2) * unsqueeze(cast(times == 0, self_dtype), 1)
    return (sum(short, 1) - sum(short, 2)) / self_shape[1]


def multilabel_vjp(g, self, times, self_shape, self_dtype, reduction):
    return multilabel_slope(self, times, self_shape, self_dtype) * for_each(g, reduction, self_shape[0])


def multilabel_jvp(self, self_t, times, self_shape, self_dtype, reduction):
    return reduced(sum(multilabel_slope(self, times, self_shape, self_dtype) * self_t, 1), reduction)


multilabel_margin_backward = differentiated_once(
    "multilabel_margin_loss_backward(grad_output, self, times: nondiff, shape, dtype, reduction)", multilabel_vjp
)
multilabel_margin = general(
    "multilabel_margin_loss(self, target: nondiff, reduction) -> (result, times: aux)",
    multilabel_kernel,
    self=multilabel_vjp,
    keeps="target",
    shows={"is_target": lambda times: (times > 0).astype(times.dtype)},
    backward=multilabel_margin_backward,
    jvp=multilabel_jvp,
    public=False,
    refuses="complex integers half",
)


@loss
def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """sum of max(0, 1 - x[target] + x[other]) / classes (source: torch.nn.functional.multilabel_margin_loss)."""
    reduction = one_reduction(size_average, reduce, reduction)
    check_samples(input, reduction)
    if target.shape != input.shape and not (target.numel() == input.numel() == 1 and max(input.ndim, target.ndim) < 2):
        raise RuntimeError(f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}")
    check_long(target)
    found = multilabel_margin(at_least_2d(input), at_least_2d(target), reduction)
    return found.reshape(()) if input.ndim < 2 and reduction == "none" else found
