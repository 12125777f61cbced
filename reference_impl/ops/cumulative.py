"""Running sums and extrema. (Running products: factors.py.)

HOWTO. Each runs along `dim`. The adjoint of a running sum is the running sum from the other end.
"""

from __future__ import annotations

import numpy as np

from .dims import row_by_row, wrap_dim
from .exponential import complex_logaddexp, exp
from .form import general, linear
from .gathering import gathered_back
from .rearranging import flip
from .reduce import axes
from .structure import cast, conj, where


def running(accumulate):
    def kernel(x, dim, dtype=None):
        wrap_dim(dim, x.ndim)
        if dtype is not None:
            x = x.astype(dtype.np)
        elif x.dtype.kind in "biu":
            x = x.astype(np.int64)
        return row_by_row(accumulate(x, axis=dim, dtype=x.dtype)) if x.ndim else x.copy()

    return kernel


def reverse(x, dim):
    return flip(x, (dim,))


def sums_from_the_end(g, dim):
    if not g.ndim:
        return g
    s = np.empty(g.shape, g.dtype)
    np.add.accumulate(np.flip(g, dim), dim, out=np.flip(s, dim))
    return s


cumsum = linear(
    "cumsum(self, dim, *, dtype=None)",
    running(np.add.accumulate),
    self=lambda g, dim, self_dtype: cast(several_from_the_end(g, dim), self_dtype),
    inplace=True,
)
cumsum_from_the_end = linear(
    "cumsum_from_the_end(self, dim)",
    sums_from_the_end,
    self=lambda g, dim: cumsum(g, dim),
    public=False,
    grad_fn="FlipBackward0",
)


def several_from_the_end(g, dim):
    return cumsum_from_the_end(g, dim) if several(g.shape, dim) else g


def several(shape, dim):
    """Whether there is more than one element along dim."""
    return shape != () and shape[dim] > 1


# -- s[i] = b[i] + a[i] s[i-1] along dim


def recurrence_kernel(a, b, dim):
    if not b.ndim:
        return b
    a, b = np.moveaxis(a, dim, 0), np.moveaxis(b, dim, 0)
    s = np.empty_like(b)
    for i in range(len(b)):
        s[i] = b[i] + a[i] * s[i - 1] if i else b[i]
    return np.moveaxis(s, 0, dim)


def delay_kernel(x, dim, first):
    """x one place later; `first` comes in."""
    return shift(x, dim, slice(1, None), slice(None, -1), first)


def shift(x, dim, to, of, fill):
    r = np.full(x.shape, fill, x.dtype)
    if x.ndim:
        np.moveaxis(r, dim, 0)[to] = np.moveaxis(x, dim, 0)[of]
    return r[()]


delay = general(
    "delay(self, dim, first)",
    delay_kernel,
    self=lambda g, dim: advance(g, dim),
    jvp=lambda self_t, dim: delay(self_t, dim, 0),
    public=False,
    grad_fn="RollBackward0",
)
advance = linear(
    "advance(self, dim)",
    lambda x, dim: shift(x, dim, slice(None, -1), slice(1, None), 0),
    self=lambda g, dim: delay(g, dim, 0),
    public=False,
    grad_fn="RollBackward0",
)


def recurrence_vjp(g, a, result, dim, needs_a, needs_b):
    t = backwards(a, g, dim)
    return (t * conj(delay(result, dim, 0)) if needs_a else None, t if needs_b else None)


def backwards(a, g, dim):
    """t[i] = g[i] + conj(a[i+1]) t[i+1]: the adjoint of the recurrence."""
    return reverse(recurrence(reverse(advance(conj(a), dim), dim), reverse(g, dim), dim), dim)


recurrence = general(
    "recurrence(a, b, dim)",
    recurrence_kernel,
    vjp=recurrence_vjp,
    wrt="a b",
    public=False,
    grad_fn="CumprodBackward0",
)


# -- running extrema: the last of equal entries so far


def running_extremum(name, accumulate):
    def kernel(x, dim):
        if not x.ndim:
            if dim not in (0, -1):
                raise IndexError(f"{name}(): Expected reduction dim -1 or 0 for scalar but got {dim}")
            return x, np.int64(0)
        if not x.size:
            return x, np.zeros(x.shape, np.int64)
        axes(x, dim)
        x = row_by_row(x)
        v = accumulate(x, dim)
        places = np.arange(x.shape[dim]).reshape([-1 if d == dim % x.ndim else 1 for d in range(x.ndim)])
        new = (x == v) | ((x != x) & (v != v))
        return v, np.maximum.accumulate(np.where(new, places, 0), dim)

    return kernel


def cumulative(name, accumulate):
    return general(
        f"{name}(self, dim) -> (values, indices: nondiff)",
        running_extremum(name, accumulate),
        self=lambda g, indices, self_shape, dim: gathered_back(g, self_shape, dim, indices),
        keeps="self",
        refuses="complex",
    )


cummax = cumulative("cummax", np.maximum.accumulate)
cummin = cumulative("cummin", np.minimum.accumulate)


# -- log of running sums of exponentials


def logcumsumexp_kernel(x, dim):
    axes(x, dim)
    if not x.ndim:
        return x.copy()
    r = np.moveaxis(x.copy(), dim, 0)
    sum_so_far = x.dtype.type(-np.inf)
    for i in range(len(r)):
        r[i] = sum_so_far = complex_logaddexp(r[i], sum_so_far)
    return np.moveaxis(r, 0, dim)


def fading(result, dim):
    """exp(result[i-1] - result[i]): how much of an earlier sum is left in a later one."""
    earlier = delay(result, dim, 0)
    return where(earlier == result, 1.0, exp(earlier - result))


def logcumsumexp_vjp(g, self, result, dim, self_shape):
    if not self_shape:
        return g
    return conj(exp(self - result)) * backwards(fading(result, dim), g, dim)


def logcumsumexp_jvp(self, self_t, result, dim, self_shape):
    if not self_shape:
        return self_t
    return recurrence(fading(result, dim), self_t * exp(self - result), dim)


logcumsumexp = general(
    "logcumsumexp(self, dim)", logcumsumexp_kernel, self=logcumsumexp_vjp, jvp=logcumsumexp_jvp, refuses="integers"
)
