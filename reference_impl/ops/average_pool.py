"""Average pooling: a linear operator, given by the weight of every place in every window.

HOWTO. As in pool.py. The adjoint spreads each cotangent over its window.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..dtypes import LEGACY, from_numpy
from .adding import add_up
from .form import linear
from .memory_format import channels_last, laid_out
from .pool import adaptive_ranges, check_cotangent, check_pool, flat_windows, planes, too_small, window_ranges
from .writes import of_its_shape


def averaged(x, ranges, weights):
    rank = len(ranges)
    place, inside = flat_windows(x.shape[-rank:], ranges)
    values = x.reshape(*x.shape[:-rank], prod(x.shape[-rank:])).take(place, -1)
    if x.dtype.kind in "iu":  # integers are divided as in C
        return np.trunc(np.round((values * inside).sum(-1) * weights[..., 0], 9)).astype(x.dtype)
    found = np.add.reduce(np.where(inside, values * weights.astype(x.dtype), x.dtype.type(0)), -1)
    return laid_out(found, rank == 2 and channels_last(x))


def averaged_back(g, like, ranges, weights):
    shape, rank = like.shape, len(ranges)
    place, inside = flat_windows(shape[-rank:], ranges)
    r = np.zeros(planes(shape, rank), g.dtype)
    terms = np.where(inside, g[..., None] * weights.astype(g.dtype), g.dtype.type(0))
    add_up(r, (slice(None), place.reshape(-1)), terms.reshape(len(r), place.size))
    return laid_out(r.reshape(shape), rank == 2 and channels_last(like))


def average_windows(shape, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """Ranges, and one over the divisor of every window."""
    rank = len(kernel_size)
    ranges = window_ranges(shape[-rank:], kernel_size, stride, padding, (1,) * rank, ceil_mode)
    counts = np.ones((), np.int64)
    for n, p, r in zip(shape[-rank:], padding, ranges, strict=True):
        ok = r < n + p if count_include_pad else (r >= 0) & (r < n)
        counts = counts[..., None] * ok.sum(1)
    if divisor_override is not None:
        counts = np.full_like(counts, divisor_override)
    return ranges, (1 / counts)[..., None]


def avg_pool_kernel(x, kernel_size, stride, padding, *options):
    check_pool(x, len(kernel_size), kernel_size, stride, padding, "avg")
    if x.dtype.kind in "iu" and x.dtype != np.int64:
        raise NotImplementedError(f"\"avg_pool2d\" not implemented for '{LEGACY[from_numpy(x.dtype)]}'")
    if options[-1] == 0:
        raise RuntimeError("divisor must be not zero")
    ranges, weights = average_windows(x.shape, kernel_size, stride, padding, *options)
    if min(len(r) for r in ranges) < 1:
        raise too_small(x, len(kernel_size), ranges)
    return averaged(x, ranges, weights)


def avg_back_kernel(g, like, *where):
    return averaged_back(g, like, *average_windows(like.shape, *where))


def adaptive_windows(shape, output_size):
    ranges = adaptive_ranges(shape[-len(output_size) :], output_size)
    inside = flat_windows(shape[-len(output_size) :], ranges)[1]
    return ranges, 1 / inside.sum(-1, keepdims=True)


def adaptive_kernel(x, output_size):
    return averaged(x, *adaptive_windows(x.shape, output_size)).astype(x.dtype, copy=False)


def adaptive_back_kernel(g, like, output_size):
    check_cotangent(g, f"adaptive_avg_pool{len(output_size)}d_backward")
    return averaged_back(g, like, *adaptive_windows(like.shape, output_size))


def avg_rows(rank):
    """The average pool of this rank, and its adjoint."""
    where = "kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override"
    pool = linear(
        f"avg_pool{rank}d(self, {where})",
        avg_pool_kernel,
        self=lambda g, self, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: avg_back(
            g, self, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        ),
        grad_fn=f"AvgPool{rank}DBackward0",
        refuses="complex bool" if rank == 2 else "complex bool half",
        public=False,
    )
    adaptive = linear(
        f"adaptive_avg_pool{rank}d(self, output_size)",
        adaptive_kernel,
        self=lambda g, self, output_size: adaptive_back(g, self, output_size),
        grad_fn=f"AdaptiveAvgPool{rank}DBackward0",
        saved_as={"output_size": ""},
        refuses="complex integers filled" if rank == 2 else "complex integers",
        public=False,
    )
    return pool, adaptive


avg_pool2, adaptive_avg_pool2 = avg_rows(2)
avg_pool3, adaptive_avg_pool3 = avg_rows(3)
avg_pool = {2: (avg_pool2, adaptive_avg_pool2), 3: (avg_pool3, adaptive_avg_pool3)}


avg_back = linear(
    "avg_back(self, like, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)",
    avg_back_kernel,
    self=lambda g, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: avg_again(
        g, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    ),
    like=of_its_shape,
    public=False,
    grad_fn="AvgPool2DBackwardBackward0 if len(kernel_size) == 2 else AvgPool3DBackwardBackward0",
)


adaptive_back = linear(
    "adaptive_back(self, like, output_size)",
    adaptive_back_kernel,
    self=lambda g, output_size: adaptive_again(g, output_size),
    like=of_its_shape,
    public=False,
    grad_fn="AdaptiveAvgPool2DBackwardBackward0 if len(output_size) == 2 else AdaptiveAvgPool3DBackwardBackward0",
)


avg_again, adaptive_again = avg_pool[2][0], avg_pool[2][1]  # the kernels serve any rank
