"""Connectionist temporal classification: Graves et al. (2006).

HOWTO. One pass over time from the front and one from the back, in logarithms, over the target with blanks between its
labels. The gradient is torch's: that of probabilities that a softmax made, so exp(log_probs) minus what was expected.
"""

from __future__ import annotations

import builtins
from operator import index
from typing import Any

import numpy as np

from ..compiler.arguments import is_int
from ..errors import type_name
from ..tensor import Tensor, wrap
from .form import composite, general
from .losses import REDUCTIONS
from .reduce import mean, sum
from .shape import select, unsqueeze
from .structure import neither, no_tangent, where


def with_blanks(labels, blank):
    found = np.full(2 * len(labels) + 1, blank)
    found[1::2] = labels
    return found


def logsum(*terms):
    return np.logaddexp.reduce(np.stack(terms), 0)


def shifted(a, by):
    """a moved on by so many places; nothing comes in."""
    r = np.full_like(a, -np.inf)
    r[by:] = a[: len(a) - by] if by else a
    return r


def passes(lp, labels):
    """alpha[t, s]: the log probability of all ways to be at label s at time t; lp is (time, classes)."""
    may_skip = np.zeros(len(labels), bool)
    may_skip[2:] = labels[2:] != labels[:-2]
    alpha = np.full((len(lp), len(labels)), -np.inf)
    if not len(lp):
        return alpha
    alpha[0, :2] = lp[0, labels[:2]]
    for t in range(1, len(lp)):
        before = alpha[t - 1]
        skipped = np.where(may_skip, shifted(before, 2), -np.inf)
        alpha[t] = logsum(before, shifted(before, 1), skipped) + lp[t, labels]
    return alpha


def likelihood(alpha):
    """-log of the probability to end at the last label or the blank behind it."""
    if not len(alpha):
        return -0.0 if alpha.shape[1] == 1 else np.inf
    return -np.logaddexp.reduce(alpha[-1, -2:])


def each(log_probs, targets, input_lengths, target_lengths, blank):
    """(log probabilities, labels with blanks) of every sample."""
    for n, (time, length) in enumerate(zip(input_lengths, target_lengths, strict=True)):
        yield n, log_probs[:time, n].astype(np.float64), with_blanks(targets[n][:length], blank)


def ctc_kernel(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity):
    found = np.zeros(log_probs.shape[1], log_probs.dtype)
    for n, lp, labels in each(log_probs, targets, input_lengths, target_lengths, blank):
        found[n] = likelihood(passes(lp, labels))
    return found


def ctc_slope(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity):
    r = np.zeros_like(log_probs)
    for n, lp, labels in each(log_probs, targets, input_lengths, target_lengths, blank):
        if not len(lp):
            continue
        alpha = passes(lp, labels)
        loss = likelihood(alpha)
        if zero_infinity and loss == np.inf:
            continue
        beta = passes(lp[::-1], labels[::-1])[::-1, ::-1]
        both = alpha + beta - lp[:, labels]
        expected = np.full(lp.shape, -np.inf)
        for s, label in enumerate(labels):
            expected[:, label] = np.logaddexp(expected[:, label], both[:, s])
        r[: len(lp), n] = np.exp(lp) - np.exp(expected + loss)
    return r


ctc_backward = general(
    "ctc_backward(grad, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity)",
    lambda g, *given: ctc_slope(*given) * g[:, None],
    **neither("_ctc_loss_backward", "grad", "log_probs"),
    public=False,
    grad_fn="NotImplementedBackward0",
)
ctc = general(
    "ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity)",
    ctc_kernel,
    log_probs=lambda g, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity: ctc_backward(
        g, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity
    ),
    keeps="result",
    jvp=no_tangent("_ctc_loss"),
    public=False,
    refuses="complex integers half",
)


def numbers(lengths: Any, name: str) -> list[int]:
    if isinstance(lengths, Tensor):
        return lengths._array.reshape(-1).tolist()
    if not isinstance(lengths, list | tuple):
        raise TypeError(f"ctc_loss(): argument '{name}' must be tuple of ints, not {type_name(lengths)}")
    for position, n in enumerate(lengths, 1):
        if not is_int(n):
            why = f"type must be tuple of ints,but got {type_name(n)}"
            raise TypeError(
                f"ctc_loss(): argument '{name}' failed to unpack the object at pos {position} with error \"{why}\""
            )
    return [index(n) for n in lengths]


def rows_of(targets: Tensor, lengths: list[int]) -> list[np.ndarray]:
    """The labels of each sample: a row each, or all in one."""
    if targets.ndim == 2:
        return list(targets._array)
    ends = np.cumsum(lengths)
    return [targets._array[end - n : end] for n, end in zip(lengths, ends, strict=True)]


@composite(modules="nn.functional", method=False)
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """-log of the probability of each target (source: torch.nn.functional.ctc_loss).

    log_probs: (T, N, C) or (T, C); targets: (N, S) or all labels one after another.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    single = log_probs.ndim != 3
    lp = unsqueeze(log_probs, 1) if single else log_probs
    for name, given in (("input_lengths", input_lengths), ("target_lengths", target_lengths)):
        if isinstance(given, Tensor) and given.dtype.np.kind not in "iu":
            raise RuntimeError(f"{name} must be integral")
    times, lengths = numbers(input_lengths, "input_lengths"), numbers(target_lengths, "target_lengths")
    if lp.ndim != 3:
        raise RuntimeError(
            f"Expected 3-dimensional tensor, but got {lp.ndim}-dimensional tensor for {CHECKED.format(1, 'log_probs')}"
        )
    check(lp, times, lengths, blank)
    check_targets(targets, lengths)
    rows = [targets._array.reshape(-1)] if single else rows_of(targets, lengths)
    found = ctc(lp, rows, times, lengths, blank, zero_infinity)
    if zero_infinity:
        found = where(found == float("inf"), 0.0, found)
    if reduction == "mean":
        return mean(found / wrap(np.maximum(lengths, 1).astype(lp.dtype.np)))
    return sum(found) if reduction == "sum" else select(found, 0, 0) if single else found


CHECKED = "argument #{} '{}' (while checking arguments for ctc_loss_allocate_outputs)"


def check_targets(targets: Tensor, lengths: list[int]) -> None:
    checked = CHECKED.format(2, "targets")
    if targets.ndim not in (1, 2):
        raise RuntimeError(f"Expected 1 to 2 dimensions, but got {targets.ndim}-dimensional tensor for {checked}")
    dim = targets.ndim - 1
    if dim and targets.shape[0] != len(lengths):
        raise RuntimeError(
            f"Expected tensor to have size {len(lengths)} at dimension 0, but got size {targets.shape[0]} for {checked}"
        )
    wanted, have = max(lengths, default=0) if dim else builtins.sum(lengths), targets.shape[dim]
    if have < wanted or (not dim and have != wanted):
        raise RuntimeError(
            f"Expected tensor to have size {'at least ' if dim else ''}{wanted} at dimension {dim}, but got size {have} for "
            + checked
        )


def check(lp: Tensor, times: list[int], lengths: list[int], blank: int) -> None:
    most, batch, classes = lp.shape
    if not lp.numel():
        raise RuntimeError("log_probs tensor must not be empty")
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    for name, given in (("input", times), ("target", lengths)):
        if len(given) != batch:
            raise RuntimeError(f"{name}_lengths must be of size batch_size")
    for time in times:
        if time > most:
            raise RuntimeError(
                f"Expected input_lengths to have value at most {most}, but got value {time} (while checking arguments for "
                "ctc_loss_allocate_outputs)"
            )
    for name, given in (("input", times), ("target", lengths)):
        for length in given:
            if length < 0:
                raise RuntimeError(
                    f"Expected {name}_lengths to have value at least 0, but got value {length} (while checking arguments for "
                    "ctc_loss_allocate_outputs)"
                )
