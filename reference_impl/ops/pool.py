"""Pooling in any number of dimensions.

HOWTO. The maximum keeps the flat place of what it took (`indices`); its gradient is put back there. The average is
linear: its adjoint spreads each cotangent over its window. Each pool of two and three dimensions is a node in torch; the
one-dimensional ones are the two-dimensional ones with a dimension put in.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..dtypes import LEGACY, from_numpy
from .adding import add_up
from .form import general, linear
from .memory_format import channels_last, following, laid_out
from .writes import of_its_shape

# -- windows


def pooled_size(n, kernel, stride, pad, dilation, ceil_mode):
    size = (n + 2 * pad - dilation * (kernel - 1) - 1 + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (size - 1) * stride >= n + pad:
        size -= 1  # the last window starts inside the input
    return size


def window_ranges(shape, kernel, stride, padding, dilation, ceil_mode):
    """For each spatial dimension: the places of each window, (windows, kernel); those outside are < 0 or >= n."""
    ranges = []
    for n, k, s, p, d in zip(shape, kernel, stride or kernel, padding, dilation, strict=True):
        count = pooled_size(n, k, s, p, d, ceil_mode)
        ranges.append(np.arange(count)[:, None] * s - p + np.arange(k) * d)
    return ranges


def adaptive_ranges(shape, size):
    """Windows that divide n places into m parts: from floor(i n / m) to ceil((i + 1) n / m)."""
    ranges = []
    for n, m in zip(shape, size, strict=True):
        start = np.arange(m) * n // m
        end = -(-(np.arange(1, m + 1) * n) // m)
        width = int((end - start).max(initial=1))
        places = start[:, None] + np.arange(width)
        ranges.append(np.where(places < end[:, None], places, n))
    return ranges


def flat_windows(shape, ranges):
    """The flat place of every element of every window, (*out, elements), and which of them exist."""
    rank = len(shape)
    place, inside = np.zeros((), np.int64), np.ones((), bool)
    for d, (n, r) in enumerate(zip(shape, ranges, strict=True)):
        axes = [1] * (2 * rank)
        axes[d], axes[rank + d] = r.shape
        r = r.reshape(axes)
        place = place * n + r
        inside = inside & (r >= 0) & (r < n)
    out = tuple(len(r) for r in ranges)
    full = (*out, *(r.shape[1] for r in ranges))
    place, inside = (np.broadcast_to(a, full).reshape(*out, prod(full[rank:])) for a in (place, inside))
    return np.where(inside, place, 0), inside


# -- maximum


def max_windows(x, rank, ranges):
    """The largest element of each window, and its flat place."""
    spatial = x.shape[-rank:]
    flat = x.reshape(*x.shape[:-rank], prod(spatial))
    place, inside = flat_windows(spatial, ranges)
    least = -np.inf if x.dtype.kind not in "iu" else np.iinfo(x.dtype).min
    values = np.where(inside, flat[..., place], x.dtype.type(least))
    best = best_of(values)
    indices = np.take_along_axis(np.broadcast_to(place, values.shape), best, -1)[..., 0]
    return np.take_along_axis(values, best, -1)[..., 0], indices


def best_of(values):
    """Where the largest stands in the last dimension: the first of equals, the last nan."""
    best = np.argmax(values, -1)[..., None]
    if values.dtype.kind == "f" and (unknown := np.isnan(values)).any():
        last = values.shape[-1] - 1 - np.argmax(unknown[..., ::-1], -1)[..., None]
        best = np.where(unknown.any(-1, keepdims=True), last, best)
    return best


def check_pool(x, rank, kernel, stride, padding, name):
    if x.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(f"non-empty {rank + 1}D or {rank + 2}D (batch mode) tensor expected for input")
    stride = stride or kernel
    if 0 in stride:
        raise RuntimeError("stride should not be zero")
    if min(kernel) <= 0:
        raise RuntimeError("kernel size should be greater than zero, but got " + shown(kernel, rank))
    if min(stride) <= 0:
        raise RuntimeError("stride should be greater than zero, but got " + shown(stride, rank, "d"))
    for k, p in zip(kernel, padding, strict=True):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > k // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and dilation=1"
            )
    if name == "avg" and rank == 3 and any(n < k for n, k in zip(x.shape[-3:], kernel, strict=True)):
        t, h, w = x.shape[-3:]
        raise RuntimeError(f"input image (T: {t} H: {h} W: {w}) smaller than kernel size ({shown(kernel, rank)})")
    if 0 in x.shape[-rank - 1 :]:
        if name == "max" and rank == 3:
            raise RuntimeError(
                "max_pool3d_with_indices_out_cpu_template(): Expected input's non-batch dimensions to have positive length, "
                f"but input has a shape of {list(x.shape)} and non-batch dimension 0 has length zero!"
            )
        raise RuntimeError(
            f"Expected {rank + 1}D or {rank + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(x.shape)}"
        )


def shown(numbers, rank, what="k"):
    return " ".join(f"{what}{side}: {n}" for side, n in zip("THW"[-rank:], numbers, strict=True))


def max_pool_row(rank):
    def kernel(x, kernel_size, stride, padding, dilation, ceil_mode):
        check_pool(x, rank, kernel_size, stride, padding, "max")
        if min(dilation) <= 0:
            raise RuntimeError("dilation should be greater than zero, but got " + shown(dilation, rank, "dilation"))
        ranges = window_ranges(x.shape[-rank:], kernel_size, stride, padding, dilation, ceil_mode)
        if min(len(r) for r in ranges) < 1:
            raise too_small(x, rank, ranges)
        return max_windows(x, rank, ranges)

    return general(
        f"max_pool{rank}d_with_indices(self, kernel_size, stride, padding, dilation, ceil_mode) -> "
        "(result, indices: nondiff)",
        following(comparable(kernel), ranks=(rank + 2,)),
        self=lambda g, self, indices: put_back_like(g, indices, self, rank),
        jvp=lambda self_t, indices: taken_out(self_t, indices, rank),
        keeps="kernel_size stride padding dilation ceil_mode",
        grad_fn=f"MaxPool{rank}DWithIndicesBackward0",
        saved_as={"indices": "result1"},
        refuses="complex bool",
        public=False,
    )


def adaptive_max_pool_row(rank):
    def kernel(x, output_size):
        return max_windows(x, rank, adaptive_ranges(x.shape[-rank:], output_size))

    return general(
        f"adaptive_max_pool{rank}d(self, output_size) -> (result, indices: nondiff)",
        following(comparable(kernel)) if rank == 2 else comparable(kernel),
        self=lambda g, self, indices: adaptive_put_back(g, indices, self, rank),
        jvp=lambda self_t, indices: taken_out(self_t, indices, rank),
        grad_fn=f"AdaptiveMaxPool{rank}DBackward0",
        saved_as={"indices": "result1"},
        refuses="complex integers",
        public=False,
    )


def comparable(kernel):
    """bfloat16 is compared as float32."""

    def compute(x, *args):
        if x.dtype.kind != "V":
            return kernel(x, *args)
        values, indices = kernel(x.astype(np.float32), *args)
        return values.astype(x.dtype), indices

    return compute


def too_small(x, rank, ranges):
    return RuntimeError(
        f"Given input size: ({'x'.join(map(str, x.shape[-rank - 1 :]))}). Calculated output size: "
        f"({'x'.join(str(n) for n in (x.shape[-rank - 1], *map(len, ranges)))}). Output size is too small"
    )


def planes(x_shape, rank):
    """(batch and channels, places)."""
    cut = len(x_shape) - rank
    return prod(x_shape[:cut]), prod(x_shape[cut:])


def put_back_kernel(g, indices, shape, rank):
    """Add up at flat places of the spatial dimensions."""
    r = np.zeros(planes(shape, rank), g.dtype)
    at = indices.reshape(planes(indices.shape, rank))
    add_up(r, (np.arange(len(r))[:, None], at), g.reshape(at.shape))
    return r.reshape(shape)


def taken_out_kernel(x, indices, rank):
    flat = x.reshape(planes(x.shape, rank))
    return np.take_along_axis(flat, indices.reshape(planes(indices.shape, rank)), 1).reshape(indices.shape)


def check_cotangent(g, name):
    for d in range(1, g.ndim):
        if not g.shape[d]:
            raise RuntimeError(
                f"{name}(): Expected grad_output to have non-zero size for non-batch dimensions, but grad_output has sizes "
                f"{list(g.shape)} with dimension {d} being empty"
            )


def put_back_like_kernel(g, indices, like, rank):
    return laid_out(put_back_kernel(g, indices, like.shape, rank), like.ndim == rank + 2 and channels_last(like))


def adaptive_back_kernel(g, indices, like, rank):
    check_cotangent(g, f"adaptive_max_pool{rank}d_backward")
    return laid_out(put_back_kernel(g, indices, like.shape, rank), rank == 2 and channels_last(like))


put_back = linear(
    "put_back(self, indices: nondiff, shape, rank)",
    put_back_kernel,
    self=lambda g, indices, rank: taken_out(g, indices, rank),
    public=False,
    grad_fn="MaxUnpool2DBackward0",
)
put_back_like = linear(
    "put_back_like(self, indices: nondiff, like, rank)",
    put_back_like_kernel,
    self=lambda g, indices, rank: taken_out(g, indices, rank),
    like=of_its_shape,
    public=False,
    grad_fn="MaxPool2DWithIndicesBackwardBackward0 if rank == 2 else MaxPool3DWithIndicesBackwardBackward0",
)
adaptive_put_back = linear(
    "adaptive_put_back(self, indices: nondiff, like, rank)",
    adaptive_back_kernel,
    self=lambda g, indices, rank: taken_out(g, indices, rank),
    like=of_its_shape,
    public=False,
    grad_fn="AdaptiveMaxPool2DBackwardBackward0 if rank == 2 else AdaptiveMaxPool3DBackwardBackward0",
)
taken_out = linear(
    "taken_out(self, indices: nondiff, rank)",
    taken_out_kernel,
    self=lambda g, indices, self_shape, rank: put_back(g, indices, self_shape, rank),
    public=False,
    grad_fn="GatherBackward0",
)
max_pool2, max_pool3 = map(max_pool_row, (2, 3))
adaptive_max_pool2, adaptive_max_pool3 = map(adaptive_max_pool_row, (2, 3))
max_pools = {2: max_pool2, 3: max_pool3}
adaptive_max_pools = {2: adaptive_max_pool2, 3: adaptive_max_pool3}


def unpool_kernel(x, indices, size):
    if indices.shape != x.shape:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({list(x.shape)}) but got indices tensor with "
            f"shape: {list(indices.shape)}"
        )
    if indices.dtype != np.int64:
        found = f" but got: {LEGACY[from_numpy(indices.dtype)].removesuffix('Tensor')}" if len(size) == 2 else ""
        raise RuntimeError("elements in indices should be type int64" + found)
    if 0 in x.shape[-len(size) - 1 :]:
        d = next(d for d in range(x.ndim - len(size) - 1, x.ndim) if not x.shape[d])
        raise RuntimeError(
            f"max_unpooling{len(size)}d_forward_out_cpu(): Expected input to have non-zero size for non-batch dimensions, but "
            f"got {list(x.shape)} with dimension {d} being empty."
        )
    shape = (*x.shape[: x.ndim - len(size)], *size)
    r = np.zeros(planes(shape, len(size)), x.dtype)
    at = indices.reshape(planes(indices.shape, len(size)))
    wrong = at[(at < 0) | (at >= r.shape[1])]
    if wrong.size:
        raise RuntimeError(
            f"Found an invalid max index: {wrong[0]} (output volumes are of size {'x'.join(map(str, size))})"
        )
    np.put_along_axis(r, at, x.reshape(at.shape), 1)
    return r.reshape(shape)


max_unpool = linear(
    "max_unpool(self, indices: nondiff, size)",
    following(unpool_kernel, ranks=(4,)),
    self=lambda g, indices, size: taken_out(g, indices, len(size)),
    public=False,
    grad_fn="MaxUnpool2DBackward0 if len(size) == 2 else MaxUnpool3DBackward0",
    saved_as={"size": ""},
    refuses="complex integers",
)
