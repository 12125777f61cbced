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
from .adding import add_up
from .conv import per_dimension
from .form import composite, linear
from .memory_format import following

# -- rearranging channels


def shuffled(x, factor):
    """(..., c r r, h, w) as (..., c, h r, w r)."""
    if x.ndim < 3:
        raise RuntimeError(
            f"pixel_shuffle expects input to have at least 3 dimensions, but got input with {x.ndim} dimension(s)"
        )
    if factor <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {factor}")
    if factor * factor >= 2**63:
        raise ValueError(f"upscale factor is too large, (upscale_factor)^2 overflowed: upscale_factor={factor}")
    *lead, c, h, w = x.shape
    if c % (factor * factor):
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but "
            f"input.size(-3)={c} is not divisible by {factor * factor}"
        )
    n, c = len(lead), c // (factor * factor)
    y = x.reshape(*lead, c, factor, factor, h, w).transpose(*range(n + 1), n + 3, n + 1, n + 4, n + 2)
    return y.copy().reshape(*lead, c, h * factor, w * factor)


def unshuffled(x, factor):
    """(..., c, h r, w r) as (..., c r r, h, w)."""
    if x.ndim < 3:
        raise RuntimeError(
            f"pixel_unshuffle expects input to have at least 3 dimensions, but got input with {x.ndim} dimension(s)"
        )
    if factor <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {factor}")
    *lead, c, h, w = x.shape
    for name, size, k in (("height", h, 2), ("width", w, 1)):
        if size % factor:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size(-{k})={size} is not "
                f"divisible by {factor}"
            )
    if not x.size:  # as in torch, whatever the shape
        return x.copy()
    n = len(lead)
    y = x.reshape(*lead, c, h // factor, factor, w // factor, factor)
    y = y.transpose(*range(n + 1), n + 2, n + 4, n + 1, n + 3).copy()
    return y.reshape(*lead, c * factor * factor, h // factor, w // factor)


def mixed(x, groups):
    """The channels of the groups, one from each in turn."""
    if x.ndim < 3:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(x.shape)}")
    n, c, *rest = x.shape
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if c % groups:
        raise RuntimeError(f"Number of channels must be divisible by groups. Got {c} channels and {groups} groups.")
    return x.reshape(n, groups, c // groups, *rest).swapaxes(1, 2).copy().reshape(x.shape)


pixel_shuffle = linear(
    "pixel_shuffle(self, upscale_factor)",
    following(shuffled),
    self=lambda g, upscale_factor: pixel_unshuffle(g, upscale_factor),
    modules="torch nn.functional",
    method=False,
    half_ready=True,
)
pixel_unshuffle = linear(
    "pixel_unshuffle(self, downscale_factor)",
    following(unshuffled),
    self=lambda g, downscale_factor: pixel_shuffle(g, downscale_factor),
    modules="torch nn.functional",
    method=False,
    half_ready=True,
)
channel_shuffle = linear(
    "channel_shuffle(self, groups)",
    following(mixed),
    self=lambda g, groups, self_shape: channel_shuffle(g, self_shape[1] // groups),
    modules="torch nn.functional",
    method=False,
    half_ready=True,
)


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
    p = np.pad(x, ((0, 0), (0, 0), *((n, n) for n in padding)))
    return p.reshape(*x.shape[:2], prod(whole))[..., places].reshape(
        x.shape[0], x.shape[1] * prod(window), places.shape[1]
    )


def col2im_kernel(g, size, kernel, dilation, padding, stride):
    if g.dtype.kind in "iu":
        raise NotImplementedError(f"\"col2im_out_cpu\" not implemented for '{LEGACY[from_numpy(g.dtype)]}'")
    places, whole = block_places(size, kernel, dilation, padding, stride)
    n, c = g.shape[0], g.shape[1] // prod(kernel)
    r = np.zeros((n, c, prod(whole)), g.dtype)
    add_up(r, (slice(None), slice(None), places), g.reshape(n, c, *places.shape))
    r = r.reshape(n, c, *whole)
    return r[:, :, padding[0] : padding[0] + size[0], padding[1] : padding[1] + size[1]]


im2col = linear(
    "im2col(self, window, dilation, padding, stride)",
    im2col_kernel,
    self=lambda g, self_shape, window, dilation, padding, stride: col2im(
        g, tuple(self_shape[-2:]), window, dilation, padding, stride
    ),
    public=False,
    saved_as={"window": "kernel_size"},
    shows={
        "self_sym_argsize_minus_2": lambda self_shape: self_shape[-2],
        "self_sym_argsize_minus_1": lambda self_shape: self_shape[-1],
    },
    grad_fn="Im2ColBackward0",
)
col2im = linear(
    "col2im(self, size, window, dilation, padding, stride)",
    col2im_kernel,
    self=lambda g, window, dilation, padding, stride: im2col(g, window, dilation, padding, stride),
    public=False,
    saved_as={"window": "kernel_size"},
    grad_fn="Col2ImBackward0",
)


def batched(input: Tensor, rank: int, f: Any) -> Tensor:
    if input.ndim == rank:
        return f(input)
    return shape.squeeze(f(shape.unsqueeze(input, 0)), 0)


def pairs(**given):
    """Each as two numbers."""
    for name, n in given.items():
        if isinstance(n, tuple | list) and len(n) != 2:
            raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(n)}")
    return [per_dimension(n, 2) for n in given.values()]


def check_windows(kernel, dilation, padding, stride):
    for what, name, (height, width), least in (
        ("kernel size", "kernel", kernel, 1), ("dilation", "dilation", dilation, 1), ("padding", "pad", padding, 0),
        ("stride", "stride", stride, 1),
    ):  # fmt: skip
        if min(height, width) < least:
            kind = "greater than zero" if least else "non-negative"
            raise RuntimeError(f"{what} should be {kind}, but got {name}_height: {height} {name}_width: {width}")


@composite("unfold", modules="nn.functional", method=False)
def unfold_image(input, kernel_size, dilation=1, padding=0, stride=1):
    where = pairs(kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
    check_windows(*where)
    if input.ndim not in (3, 4) or 0 in input.shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but "
            f"got: {list(input.shape)}"
        )
    size = tuple(input.shape[-2:])
    blocks = blocks_of(size, *where)
    if min(blocks) < 1:
        window, dilation, padding, _ = where
        raise RuntimeError(
            f"Given input with spatial size {size}, kernel_size={window}, dilation={dilation}, padding={padding}, calculated "
            f"shape of the array of sliding blocks as {blocks}, but its components must be at least one."
        )
    return batched(input, 4, lambda x: im2col(x, *where))


def blocks_of(size, kernel, dilation, padding, stride):
    """How many windows fit in each dimension."""
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, d, p, s in zip(size, kernel, dilation, padding, stride, strict=True)
    )


def check_columns(input, size, kernel, dilation, padding, stride):
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, "
            f"but got: {list(input.shape)}"
        )
    channels, columns = input.shape[-2:]
    if channels % prod(kernel):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={channels} and kernel_size={kernel}."
        )
    blocks = blocks_of(size, kernel, dilation, padding, stride)
    given = f"Given output_size={size}, kernel_size={kernel}, dilation={dilation}, padding={padding}, stride={stride}, "
    if columns != prod(blocks):
        raise RuntimeError(
            f"{given}expected size of input's dimension 2 to match the calculated number of sliding blocks {blocks[0]} * "
            f"{blocks[1]} = {prod(blocks)}, but got input.size(2)={columns}."
        )
    if min(blocks) < 1:
        raise RuntimeError(
            f"{given}calculated shape of the array of sliding blocks as {blocks}, which is too small (non-positive)"
        )


@composite(modules="nn.functional", method=False)
def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    where = pairs(output_size=output_size, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
    check_windows(*where[1:])
    check_columns(input, *where)
    return batched(input, 3, lambda x: col2im(x, *where))
