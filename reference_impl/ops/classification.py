"""Losses of scores against classes, and of distributions (torch.nn.functional).

HOWTO. nll_loss is linear in its input, and its adjoint is a row. The others are what torch composes of operators.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from ..compiler.arguments import check_tensors
from ..dtypes import FLOAT, int64, uint8
from ..tensor import Tensor
from .arithmetic import add_number, div_scalar, mul_number
from .exponential import exp, log
from .form import linear
from .losses import loss, not_differentiated, one_reduction, reduced, total
from .masks import masked_fill_number
from .norms import raised
from .reduce import sum
from .shape import reshape_copy, unsqueeze, view_
from .shaping import reshape
from .softmax import log_softmax
from .special_pairs import xlogy
from .structure import where
from .writes import of_its_shape

# -- negative log likelihood: (N, C) or (C,), target (N,) or (); weights of ignored targets are 0


def weights_of(target, weight, ignore_index, dtype):
    kept = target != ignore_index
    if weight is None:
        return kept.astype(dtype)
    return np.where(kept, weight[np.where(kept, target, 0)], 0).astype(dtype)


def checked_target(target, classes, ignore_index):
    if not 0 <= ignore_index < classes and target.size and target.min() >= 0 and target.max() < classes:
        return target
    bad = (target != ignore_index) & ((target < 0) | (target >= classes))
    if bad.any():
        raise IndexError(f"Target {target[bad].ravel()[0]} is out of bounds.")
    return np.where(target == ignore_index, 0, target)


def at_classes(target):
    """The index of the targets' scores among those of all classes, (N, C, d1 ...)."""
    places = [np.arange(n).reshape(-1, *(1,) * (target.ndim - 1 - d)) for d, n in enumerate(target.shape)]
    return (places[0], target, *places[1:])


def nll_kernel(x, target, weight, reduction, ignore_index):
    """x is (N, C, d1 ...), target (N, d1 ...); or (C,) with one target."""
    if x.ndim == 1:
        found = nll_kernel(x[None], target.reshape(1), weight, reduction, ignore_index)
        return found.reshape(target.shape)[()] if reduction == "none" else found
    at = at_classes(checked_target(target, x.shape[1], ignore_index))
    w = weights_of(target, weight, ignore_index, x.dtype)
    terms = -x[at] * w
    terms = np.where(w == 0, x.dtype.type(0), terms) if reduction != "none" else terms
    return np.add.reduce(terms, None) / np.add.reduce(w, None) if reduction == "mean" else total(terms, reduction)


def nll_adjoint_kernel(g, shape, target, weight, reduction, ignore_index):
    if len(shape) == 1:
        return nll_adjoint_kernel(g, (1, *shape), target.reshape(1), weight, reduction, ignore_index)[0]
    w = weights_of(target, weight, ignore_index, g.dtype)
    whole = np.add.reduce(w, None)
    kept = target != ignore_index
    share = -w * g / whole if reduction == "mean" else -w * g
    r = np.zeros(shape, g.dtype)
    r[at_classes(np.where(kept, target, 0))] = np.where(kept, share, 0)
    return r


def nll_row(name, back, grad_fn):
    return linear(
        f"{name}(self, target: nondiff, weight: nondiff, reduction, ignore_index)",
        nll_kernel,
        self=lambda g, self, target, weight, reduction, ignore_index: back(
            g, self, target, weight, reduction, ignore_index
        ),
        shows={
            "total_weight": lambda self, target, weight, reduction, ignore_index: (
                np.add.reduce(weights_of(target, weight, ignore_index, self.dtype), None)
                * (reduction != "none" or self.ndim == 1)
            ),
        },
        refuses="complex integers",
        grad_fn=grad_fn,
        public=False,
    )


def nll_adjoint_row(grad_fn):
    return linear(
        "nll_adjoint(self, like, target: nondiff, weight: nondiff, reduction, ignore_index)",
        lambda g, like, *how: nll_adjoint_kernel(g, like.shape, *how),
        self=lambda g, target, weight, reduction, ignore_index: nll_1d(g, target, weight, reduction, ignore_index),
        like=of_its_shape,
        public=False,
        grad_fn=grad_fn,
        refuses="complex",
    )


nll_adjoint_1d, nll_adjoint_2d = map(nll_adjoint_row, ("NllLossBackwardBackward0", "NllLoss2DBackwardBackward0"))
nll_1d = nll_row("nll_loss", nll_adjoint_1d, "NllLossBackward0")
nll_2d = nll_row("nll_loss2d", nll_adjoint_2d, "NllLoss2DBackward0")


def check_classes(input, target, weight):
    rank, shape, wanted = input.ndim, list(target.shape), [*input.shape[:1], *input.shape[2:]]
    if rank == 1 == target.ndim and shape != [1]:
        raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {shape[0]}")
    if rank > 1 and shape[:1] != wanted[:1]:
        have = shape[0] if shape else 0
        raise ValueError(f"Expected input batch_size ({wanted[0]}) to match target batch_size ({have}).")
    if rank <= 2 and target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if rank == 4 and target.ndim != 3:
        raise RuntimeError(
            f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {target.ndim}"
        )
    if rank == 4 and shape != wanted:
        raise RuntimeError(f"size mismatch (got input: {list(input.shape)} , target: {shape}")
    if rank > 1 and shape != wanted:
        raise RuntimeError(f"Expected target size {wanted}, got {shape}")
    if target.dtype not in (int64, uint8):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.legacy}")
    if weight is not None and weight.shape != (input.shape[min(rank, 2) - 1],):
        raise RuntimeError(
            f"weight tensor should be defined either for all {input.shape[min(rank, 2) - 1]} classes or no classes but "
            f"got weight tensor of shape: {list(weight.shape)}"
        )
    if rank > 2 and target.dtype is uint8:
        raise RuntimeError("expected scalar type Long but found Byte")
    if weight is not None and input.dtype.is_floating_point and weight.dtype is not input.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.legacy} but found {weight.dtype.legacy}")


@loss
def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """-input[target], weighted (source: torch.nn.functional.nll_loss)."""
    reduction = one_reduction(size_average, reduce, reduction)
    if not input.ndim:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    check_classes(input, target, weight)
    not_differentiated("nll_loss_forward" if input.ndim < 3 else "nll_loss2d_forward", weight=weight)
    if input.ndim < 3:
        return nll_1d(input, target, weight, reduction, ignore_index)
    if input.ndim == 4:
        return nll_2d(input, target, weight, reduction, ignore_index)
    n, c = input.shape[:2]  # as an image of one line
    image, line = reshape(input, (n, c, 1, -1)), reshape(target, (n, 1, -1))
    found = nll_2d(image, line, weight, reduction, ignore_index)
    return view_(found, target.shape) if reduction == "none" else found


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
    if target.shape == input.shape and (input.ndim != 1 or target.dtype.is_floating_point):
        if not target.dtype.is_floating_point:
            raise RuntimeError(
                f"Expected floating point type for target with class probabilities, got {target.dtype.legacy}"
            )
        check_weight_of_classes(weight, input.shape[dim])
        return soft_cross_entropy(scores, target, weight, reduction, label_smoothing, dim)
    hard = nll_loss(scores, target, weight, ignore_index=ignore_index, reduction=reduction)
    if not label_smoothing:
        return hard
    smooth = smooth_part(scores, target, weight, ignore_index, reduction, dim)
    return hard * (1 - label_smoothing) + smooth * (label_smoothing / input.shape[dim])


def check_weight_of_classes(weight, classes):
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}"
        )


def smooth_part(scores, target, weight, ignore_index, reduction, dim):
    each = -sum(scores * along(weight, scores, dim) if weight is not None else scores, dim)
    ignored = target == ignore_index
    each = where(ignored, 0.0, each)
    if reduction != "mean":
        return reduced(each, reduction)
    if weight is not None and target.dtype is uint8 and target.numel():
        raise RuntimeError("gather(): Expected dtype int32/int64 for index")
    kept = weights_of(target._array, None if weight is None else weight._array, ignore_index, scores.dtype.np)
    return sum(each) / float(np.sum(kept))


def along(weight, scores, dim):
    return reshape_copy(weight, [-1 if d == dim else 1 for d in range(scores.ndim)])


def soft_cross_entropy(scores, target, weight, reduction, label_smoothing, dim):
    if label_smoothing > 0:
        target = target * (1 - label_smoothing) + label_smoothing / scores.shape[dim]
    terms = scores * target if weight is None else scores * target * along(weight, scores, dim)
    if reduction == "mean":
        return div_scalar(-sum(terms), scores.numel() // max(scores.shape[dim], 1))
    return -sum(terms) if reduction == "sum" else -sum(terms, dim)


# -- distributions

MEAN_OF_KL = (
    "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the "
    "batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the "
    "next major release."
)


@loss
def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """target (log target - input) (source: torch.nn.functional.kl_div)."""
    if reduction == "mean" and size_average is None and reduce is None:
        warnings.warn(MEAN_OF_KL, UserWarning, stacklevel=2)
    reduction = one_reduction(size_average, reduce, reduction)
    for t in (input, target):
        if not t.dtype.is_floating_point:
            kind = "Complex" if t.dtype.is_complex else "Integral"
            raise RuntimeError(f"kl_div: {kind} inputs not supported.")
    terms = exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
    if reduction == "batchmean":
        return sum(terms) / input.shape[0] if input.ndim else sum(terms)
    return reduced(terms, reduction)


@loss
def poisson_nll_loss(
    input, target, log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction="mean"
):
    """exp(input) - target input, or input - target log(input + eps) (source: torch.nn.functional.poisson_nll_loss)."""
    check_tensors("poisson_nll_loss", input=input, target=target)
    terms = exp(input) - target * input if log_input else input - target * log(add_number(input, eps))
    if full:
        stirling = target * log(target) - target + mul_number(log(mul_number(target, 2 * math.pi)), 0.5)
        terms = terms + masked_fill_number(stirling, target <= 1, 0.0)
    return reduced(terms, one_reduction(size_average, reduce, reduction))


def one_broadcast(shape, other):
    """Whether two shapes differ in one dimension alone, which is 1 in the other."""
    return len(shape) == len(other) and [b for a, b in zip(shape, other, strict=True) if a != b] == [1]


@loss
def gaussian_nll_loss(input, target, var, full=False, eps=1e-06, reduction="mean"):
    """(log var + (input - target)^2 / var) / 2 (source: torch.nn.functional.gaussian_nll_loss).

    var is kept above eps without a trace in the graph, so that its gradient is that of the clamped value.
    """
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    if not isinstance(var, Tensor):
        var = input.detach() * 0 + float(var)
    elif var.shape != input.shape:
        if tuple(input.shape[:-1]) == tuple(var.shape):
            var = unsqueeze(var, -1)
        elif not one_broadcast(input.shape, var.shape):
            raise ValueError("var is of incorrect size")
    if var.dtype.category < FLOAT:
        raise RuntimeError(f"result type Float can't be cast to the desired output type {var.dtype.cpp}")
    if (var._array < 0).any():
        raise ValueError("var has negative entry/entries")
    var = raised(var, eps)
    terms = 0.5 * (log(var) + (input - target) ** 2 / var)
    return reduced(terms + 0.5 * math.log(2 * math.pi) if full else terms, reduction)
