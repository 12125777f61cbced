"""In which order the dimensions of a result lie in memory, where those of its operands do not lie in rows.

HOWTO. `laid_by(r, x.strides)` lays r out as torch lays out what it computes of operands with these strides (source: ATen's
TensorIterator): the dimension in which the first operand that can tell has the larger stride comes first. Strides of 0, those
of an expanded dimension, tell nothing. (numpy's own rule, order="K", has rows win where operands disagree.)
"""

from __future__ import annotations

import numpy as np


def order(shape, operands):
    """The dimensions, from that of the largest stride to that of the smallest, sorted by insertion."""
    found = list(range(len(shape)))
    for last in range(len(shape) - 2, -1, -1):
        at = last
        for other in range(last + 1, len(shape)):
            outside = should_swap(found[other], found[at], shape, operands)
            if outside < 0:
                break
            if outside:
                found[at], found[other] = found[other], found[at]
                at = other
    return found


def should_swap(inner, outer, shape, operands):
    """1 where `outer` belongs inside of `inner`, -1 where it does not, 0 where no operand can tell."""
    for strides in operands:
        a, b = strides[inner], strides[outer]
        if a and b and (a != b or shape[inner] > shape[outer]):
            return 1 if a > b or a == b else -1
    return 0


def laid_by(r, *operands):
    dims = order(r.shape, operands)
    return np.ascontiguousarray(r.transpose(dims)).transpose(np.argsort(dims))


def laid_as(r, *operands):
    """r, computed of operands that broadcast, in the order that torch gives it."""
    first, *others = operands
    if all(x.strides == first.strides and x.shape == first.shape for x in others):
        return r
    strides = [broadcast_strides(x, r.shape) for x in operands]
    return r if r.transpose(order(r.shape, strides)).flags.c_contiguous else laid_by(r, *strides)


def broadcast_strides(x, shape):
    """x's strides where it is broadcast to a shape; None if it cannot be."""
    lead = len(shape) - x.ndim
    if lead < 0:
        return None
    strides = [0] * lead
    for have, n, stride in zip(x.shape, shape[lead:], x.strides, strict=True):
        if have not in (1, n):
            return None
        strides.append(stride if have == n else 0)
    return strides


def laid_like(r, x):
    """r as new memory of the shape and layout of x; as it is, if both lie in rows."""
    if type(r) is not np.ndarray or (x.flags.c_contiguous and r.flags.c_contiguous):
        return r
    return laid_by(r, x.strides)
