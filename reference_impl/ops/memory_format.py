"""Memory formats: how operators on images lay out what they return (source: the tutorial on channels last).

HOWTO. `following(kernel)` is a kernel that returns its results in the format that its first argument's strides speak for,
or that of the argument named by `place`. The gradient of an operator that follows its input takes that input, as `like`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np


def channels_last(x: Any) -> bool:
    """Whether the strides of an array speak for channels_last, or channels_last_3d."""
    return x.ndim in (4, 5) and x.strides[1] <= x.strides[-1] and grow_from_channels(x.shape, x.strides)


def grow_from_channels(sizes: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether strides grow from the channels to the last dimension, on to the first of space, and to the samples; not where
    they are ambiguous."""
    least = 0
    for d in (1, *range(len(sizes) - 1, 1, -1), 0):
        if not sizes[d] or not strides[1] or strides[d] < least or (d == 0 and least == strides[1]):
            return False
        least = strides[d] * sizes[d]
    return True


def laid_out(x: np.ndarray, last: bool) -> np.ndarray:
    """x with the strides of new memory in one of the two formats; its own memory if that fits."""
    if last:
        return first_again(laid_out(moved_last(x), False))
    return x if x.flags.c_contiguous and 1 not in x.shape else x.reshape(-1).reshape(x.shape)


def moved_last(x: np.ndarray) -> np.ndarray:
    """x with its channels as the last dimension."""
    return x.transpose(0, *range(2, x.ndim), 1)


def first_again(x: np.ndarray) -> np.ndarray:
    return x.transpose(0, x.ndim - 1, *range(1, x.ndim - 1))


def lies_last(x: np.ndarray) -> bool:
    """The same, or whether x is contiguous with its channels last and not otherwise: what batch norm looks at."""
    return channels_last(x) or (x.ndim in (4, 5) and not x.flags.c_contiguous and moved_last(x).flags.c_contiguous)


def following(
    kernel: Callable[..., Any], place: int = 0, ranks: tuple[int, ...] = (4, 5), test: Any = channels_last
) -> Callable[..., Any]:
    """The kernel with its results laid out as its argument at that place suggests, if that has one of these ranks."""

    @wraps(kernel)
    def compute(*args: Any) -> Any:
        like, found = args[place], kernel(*args)
        last = like.ndim in ranks and test(like)
        return tuple([laid_out(r, last) for r in found]) if type(found) is tuple else laid_out(found, last)

    return compute
