"""Sampling of images at the points of a grid (torch.nn.functional.affine_grid, grid_sample).

HOWTO. Functions on Tensors: places are worked out by operators, so that the gradient of the grid is that of the weights;
the values at places come from gather. A point outside, or folded back, has the slope that torch gives it (`clipped`).
"""

from __future__ import annotations

import warnings
from itertools import product
from math import prod
from typing import Any

import numpy as np

from ..dtypes import float32, float64
from ..factories.ranges import symmetric
from ..tensor import Tensor, wrap
from .form import composite, linear
from .gathering import gather
from .interpolation import cubic
from .rounding import floor
from .shape import reshape_copy, select, unsqueeze
from .structure import where
from .writes import zero

CORNERS = (
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
    "align_corners=True if the old behavior is desired. See the documentation of grid_sample for details."
)
UNIT = (
    "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This is not an "
    "intended use case of affine_grid. See the documentation of affine_grid for details."
)

# -- a grid from an affine map


def axis(n: int, align_corners: bool, d: np.dtype) -> np.ndarray:
    """The n places of a dimension, from -1 to 1, rounded as torch rounds them: where a map is the identity, a pixel's place
    is at a kink of the sampling, whose slope is that of the side on which rounding leaves it."""
    if n <= 1:
        return np.zeros(n, d)
    places = symmetric(-1, 1, n, d)
    return places if align_corners else places * d.type(n - 1) / d.type(n)


@composite(modules="nn.functional", method=False)
def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """The image of the regular grid of `size` under each matrix of theta (source: torch.nn.functional.affine_grid)."""
    spatial = tuple(size)[2:]
    rank = len(spatial)
    if align_corners is None:
        warnings.warn(CORNERS, UserWarning, stacklevel=2)
    if not theta.dtype.is_floating_point:
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if rank not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size "
            f"{tuple(size)}."
        )
    if theta.ndim != 3 or tuple(theta.shape[1:]) != (rank, rank + 1):
        shown = "Nx2x3" if rank == 2 else "Nx3x4"
        raise ValueError(
            f"Expected a batch of {rank}D affine matrices of shape {shown} for size {tuple(size)}. Got {theta.shape}."
        )
    if align_corners and min(spatial) == 1:
        warnings.warn(UNIT, UserWarning, stacklevel=2)
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {tuple(size)}")
    return affine_grid_generator(theta, tuple(size), bool(align_corners))


def regular(size: tuple[int, ...], align_corners: bool, d: np.dtype) -> np.ndarray:
    """The points of the grid, each with a 1 behind its coordinates, for every matrix."""
    spatial = size[2:]
    mesh = np.meshgrid(*(axis(n, align_corners, d) for n in spatial), indexing="ij")
    points = np.stack([*mesh[::-1], np.ones(spatial, d)], -1).reshape(-1, len(spatial) + 1)
    return np.broadcast_to(points, (size[0], *points.shape))


def mapped_kernel(theta: np.ndarray, size: tuple[int, ...], align_corners: bool) -> np.ndarray:
    if len(theta) != size[0]:
        want, have = [size[0], len(size) - 1], [len(theta), len(size) - 1]
        raise RuntimeError(f"Expected size for first two dimensions of batch2 tensor to be: {want} but got: {have}.")
    flat = regular(size, align_corners, theta.dtype) @ theta.swapaxes(1, 2)
    return flat.reshape(size[0], *size[2:], len(size) - 2)


def mapped_back_kernel(g: np.ndarray, size: tuple[int, ...], align_corners: bool) -> np.ndarray:
    flat = g.reshape(size[0], -1, len(size) - 2)
    return (regular(size, align_corners, g.dtype).swapaxes(1, 2) @ flat).swapaxes(1, 2)


affine_grid_generator = linear(
    "affine_grid_generator(theta, size, align_corners)",
    mapped_kernel,
    theta=lambda g, size, align_corners: affine_grid_generator_backward(g, size, align_corners),
    method=False,
)
affine_grid_generator_backward = linear(
    "affine_grid_generator_backward(grad, size, align_corners)",
    mapped_back_kernel,
    grad=lambda g, size, align_corners: affine_grid_generator(g, size, align_corners),
    public=False,
    grad_fn="TransposeBackward0",
)


# -- places in pixels


def clipped(x: Any, top: int) -> Any:
    """x between 0 and top, of slope 0 at and beyond both."""
    return where(x <= 0, 0.0, where(x >= top, float(top), x))


def reflected(x: Any, low: float, high: float) -> Any:
    """x folded back between low and high, as often as it takes."""
    if low == high:
        return x * 0
    span, off = high - low, x - low
    off = where(off < 0, -off, off)
    turns = floor(off / span)
    rest = off - (turns * span).detach()
    return low + where(turns % 2 == 0, rest, span - rest)


def in_pixels(x: Any, n: int, align_corners: bool, rank: int) -> Any:
    if align_corners:
        return (x + 1) / 2 * (n - 1)
    if rank == 2 and x.dtype is float32:  # as torch does images, see Note [Fused] in factories/ranges.py
        return (((x + 1).to(float64) * n - 1) / 2).to(float32)
    return ((x + 1) * n - 1) / 2


def padded(x: Any, n: int, padding_mode: str, align_corners: bool) -> Any:
    """Where a place lies once the padding is applied."""
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        x = reflected(x, 0.0, n - 1.0) if align_corners else reflected(x, -0.5, n - 0.5)
    return clipped(x, n - 1)


# -- values at whole places


def values_at(input: Tensor, places: list[np.ndarray]) -> Tensor:
    """input at whole places, one array of them for each spatial dimension; 0 outside. Shape: (N, C, points)."""
    shape = input.shape
    n, c, spatial = shape[0], shape[1], shape[2:]
    inside = np.ones(places[0].shape, bool)
    flat = np.zeros(places[0].shape, np.int64)
    for p, size in zip(places, spatial, strict=True):
        ok = (p >= 0) & (p < size)
        inside &= ok
        flat = flat * size + np.where(ok, p, 0).astype(np.int64)
    index = np.broadcast_to(flat[:, None], (n, c, flat.shape[1]))
    found = gather(reshape_copy(input, (n, c, prod(spatial))), 2, wrap(np.ascontiguousarray(index)))
    return where(wrap(inside[:, None]), found, 0.0)


def interpolated(input: Tensor, at: list[Tensor]) -> Tensor:
    """Linear in every dimension."""
    low = [np.floor(np.asarray(x._array)) for x in at]
    parts = [x - wrap(p) for x, p in zip(at, low, strict=True)]
    total = None
    for corner in product((0, 1), repeat=len(at)):
        weight = None
        for part, high in zip(parts, corner, strict=True):
            w = part if high else 1 - part
            weight = w if weight is None else weight * w
        term = values_at(input, [p + high for p, high in zip(low, corner, strict=True)]) * unsqueeze(weight, 1)
        total = term if total is None else total + term
    return total  # type: ignore[return-value]


def bicubic(input: Tensor, at: list[Tensor], padding_mode: str, align_corners: bool) -> Tensor:
    low = [np.floor(np.asarray(x._array)) for x in at]
    weights = [cubic(x - wrap(p)) for x, p in zip(at, low, strict=True)]
    sizes, total = input.shape[2:], None
    for i, j in product(range(4), repeat=2):
        places = [
            np.asarray(padded(wrap(p + k - 1), n, padding_mode, align_corners)._array)
            for p, k, n in zip(low, (i, j), sizes, strict=True)
        ]
        term = values_at(input, [np.rint(p) for p in places]) * unsqueeze(weights[0][i] * weights[1][j], 1)
        total = term if total is None else total + term
    return total  # type: ignore[return-value]


MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


@composite(modules="nn.functional", method=False)
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """input at the points of grid, in which -1 and 1 are the borders (source: torch.nn.functional.grid_sample)."""
    check(input, grid, mode, padding_mode)
    if align_corners is None:
        warnings.warn(CORNERS, UserWarning, stacklevel=2)
    align, rank, shape = bool(align_corners), input.ndim - 2, grid.shape
    points = reshape_copy(grid, (shape[0], prod(shape[1:-1]), rank))
    sizes = input.shape[2:]
    at = [in_pixels(select(points, 2, rank - 1 - d), n, align, rank) for d, n in enumerate(sizes)]
    if rank == 3 and padding_mode == "zeros":  # torch passes over what is outside, so that inf and nan do no harm
        at = [where((x > -1) & (x < n), x, -2.0) for x, n in zip(at, sizes, strict=True)]
    elif mode != "bicubic":
        at = [padded(x, n, padding_mode, align) for x, n in zip(at, sizes, strict=True)]
    if mode == "bilinear":
        found = interpolated(input, at)
    elif mode == "bicubic":
        found = bicubic(input, at, padding_mode, align)
    else:
        found = values_at(input, [np.rint(np.asarray(x._array)) for x in at])
        found = found + unsqueeze(zero(at[0]), 1) if grid.requires_grad else found
    return reshape_copy(found, (*input.shape[:2], *shape[1:-1]))


def check(input: Tensor, grid: Tensor, mode: str, padding_mode: str) -> None:
    if mode not in MODES:
        raise ValueError(
            f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in PADDINGS:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: "
            f"'{padding_mode}'"
        )
    sizes = f"input with sizes {list(input.shape)} and grid with sizes {list(grid.shape)}"
    if input.shape[0] != grid.shape[0]:
        raise RuntimeError(f"grid_sampler(): expected grid and input to have same batch size, but got {sizes}")
    if grid.shape[-1] != input.ndim - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {input.ndim - 2} in last dimension, but got grid with sizes "
            f"{list(grid.shape)}"
        )
    for d in range(2, input.ndim):
        if not input.shape[d]:
            raise RuntimeError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
                f"{list(input.shape)} with dimension {d} being empty"
            )
    rank = 4 if input.ndim == 4 else 5
    if input.ndim != rank or grid.ndim != rank:
        raise RuntimeError(
            f"grid_sampler(): expected {rank}D input and grid with same number of dimensions, but got {sizes}"
        )
    if mode == "bicubic" and rank == 5:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if not input.dtype.is_floating_point:
        kernel = "grid_sampler_2d_cpu_kernel_impl" if rank == 4 else "grid_sampler3d_cpu"
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{input.dtype.legacy}'")
    if grid.dtype is not input.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.legacy} but found {grid.dtype.legacy}")
