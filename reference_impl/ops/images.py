"""Rearranging of images: pixel_shuffle, channel_shuffle, windows as columns (unfold) and their sum (fold).

HOWTO. Shuffles are reshapes and permutations. im2col and col2im are each other's adjoints.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..dtypes import LEGACY, from_numpy
from ..tensor import Tensor
from . import shape
from .conv import spread
from .form import composite, linear
from .shaping import reshape

# -- rearranging channels


@composite(modules="torch nn.functional", method=False)
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    r = upscale_factor
    *lead, c, h, w = input.shape
    if c % (r * r):
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but "
            f"input.size(-3)={c} is not divisible by {r * r}"
        )
    n = len(lead)
    x = reshape(input, (*lead, c // (r * r), r, r, h, w))
    x = shape.permute(x, (*range(n), n, n + 3, n + 1, n + 4, n + 2))
    return reshape(x, (*lead, c // (r * r), h * r, w * r))


@composite(modules="torch nn.functional", method=False)
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    r = downscale_factor
    *lead, c, h, w = input.shape
    n = len(lead)
    x = reshape(input, (*lead, c, h // r, r, w // r, r))
    x = shape.permute(x, (*range(n), n, n + 2, n + 4, n + 1, n + 3))
    return reshape(x, (*lead, c * r * r, h // r, w // r))


@composite(modules="torch nn.functional", method=False)
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    n, c, *rest = input.shape
    x = reshape(input, (n, groups, c // groups, prod(rest)))
    return reshape(shape.permute(x, (0, 2, 1, 3)), (n, c, *rest))


# -- unfold and fold: windows as columns, and their sum


def block_places(size, kernel, dilation, padding, stride):
    """Flat places of all windows in the padded image, (kernel, blocks), and its size."""
    whole = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    axes = [
        (np.arange(k) * d)[:, None] + np.arange((m - d * (k - 1) - 1) // s + 1) * s
        for m, k, d, s in zip(whole, kernel, dilation, stride, strict=True)
    ]
    y, x = axes
    flat = y[:, None, :, None] * whole[1] + x[None, :, None, :]
    return flat.reshape(prod(kernel), y.shape[1] * x.shape[1]), whole


def im2col_kernel(x, window, dilation, padding, stride):
    if x.dtype.kind in "iu":
        raise NotImplementedError(f"\"im2col_out_cpu\" not implemented for '{LEGACY[from_numpy(x.dtype)]}'")
    places, whole = block_places(x.shape[-2:], window, dilation, padding, stride)
    if not places.size:
        raise RuntimeError("im2col: the windows do not fit into the input")
    p = np.pad(x, ((0, 0), (0, 0), *((n, n) for n in padding)))
    return p.reshape(*x.shape[:2], prod(whole))[..., places].reshape(
        x.shape[0], x.shape[1] * prod(window), places.shape[1]
    )


def col2im_kernel(g, size, kernel, dilation, padding, stride):
    places, whole = block_places(size, kernel, dilation, padding, stride)
    n, c = g.shape[0], g.shape[1] // prod(kernel)
    if places.shape[1] != g.shape[2]:
        raise RuntimeError(
            f"Given output_size={size}, kernel_size={kernel}, dilation={dilation}, padding={padding}, stride={stride}, "
            f"expected size of input's dimension 2 to match the calculated number of sliding blocks {places.shape[1]}, "
            f"but got input.size(2)={g.shape[2]}."
        )
    r = np.zeros((n, c, prod(whole)), g.dtype)
    np.add.at(r, (slice(None), slice(None), places), g.reshape(n, c, *places.shape))
    r = r.reshape(n, c, *whole)
    return r[:, :, padding[0] : padding[0] + size[0], padding[1] : padding[1] + size[1]]


im2col = linear(
    "im2col(self, window, dilation, padding, stride)",
    im2col_kernel,
    self=lambda g, self_shape, window, dilation, padding, stride: col2im(
        g, tuple(self_shape[-2:]), window, dilation, padding, stride
    ),
    public=False,
    grad_fn="Im2ColBackward0",
)
col2im = linear(
    "col2im(self, size, window, dilation, padding, stride)",
    col2im_kernel,
    self=lambda g, window, dilation, padding, stride: im2col(g, window, dilation, padding, stride),
    public=False,
    grad_fn="Col2ImBackward0",
)


def batched(input: Tensor, rank: int, f: Any) -> Tensor:
    if input.ndim == rank:
        return f(input)
    return shape.squeeze(f(shape.unsqueeze(input, 0)), 0)


@composite("unfold", modules="nn.functional", method=False)
def unfold_image(input, kernel_size, dilation=1, padding=0, stride=1):
    where = [spread(n, 2) for n in (kernel_size, dilation, padding, stride)]
    return batched(input, 4, lambda x: im2col(x, *where))


@composite(modules="nn.functional", method=False)
def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    where = [spread(n, 2) for n in (output_size, kernel_size, dilation, padding, stride)]
    return batched(input, 3, lambda x: col2im(x, *where))
