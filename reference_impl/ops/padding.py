"""Padding and resampling of images.

HOWTO. Both are linear maps given by where each output element reads: `resample` takes maps, for each dimension (dim, source
places, weights); its adjoint adds up at those places.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import LEGACY
from ..errors import Unsupported
from ..tensor import Tensor
from . import joining
from .conv import spread
from .form import composite, linear

# -- dimensions read at given places with given weights


def resample_kernel(x, maps):
    """Along the dim of each map: sum over k of weights[i, k] * x[places[i, k]]."""
    for dim, places, weights in maps:
        picked = np.moveaxis(x, dim, -1)[..., places]
        y = picked[..., 0] if weights is None else np.add.reduce(picked * weights.astype(x.dtype), -1)
        x = np.moveaxis(y, -1, dim)
    return np.ascontiguousarray(x)


def resampled_back_kernel(g, shape, maps):
    for dim, places, weights in maps:
        g = np.moveaxis(g, dim, -1)
        r = np.zeros((*g.shape[:-1], shape[dim]), g.dtype)
        terms = g[..., None] if weights is None else g[..., None] * weights.astype(g.dtype)
        np.add.at(r, (..., places), terms)
        g = np.moveaxis(r, -1, dim)
    return np.ascontiguousarray(g)


def rows_named(grad_fn, **options):
    return linear(
        "resample(self, maps)",
        resample_kernel,
        self=lambda g, self_shape, maps: resampled_back(g, self_shape, maps),
        public=False,
        grad_fn=grad_fn,
        **options,
    )


resample = rows_named("UpsampleBackward0")
resampled_back = linear(
    "resampled_back(self, shape, maps)",
    resampled_back_kernel,
    self=lambda g, maps: resample(g, maps),
    public=False,
    grad_fn="UpsampleBackwardBackward0",
)
pads = {
    (name, rank): rows_named(f"{title}Pad{rank}DBackward0", refuses="bool", linked="self")
    for name, title in (("reflect", "Reflection"), ("replicate", "Replication"))
    for rank in (1, 2, 3)
}
circular = rows_named("CircularPadBackward0")  # torch writes the copies in place


# -- pad


def read_at(n: int, before: int, after: int, how: str) -> np.ndarray:
    """The source place of every padded place."""
    if how == "circular":  # what is cut off does not come round again
        kept = n + min(before, 0) + min(after, 0)
        return np.arange(-max(before, 0), kept + max(after, 0)) % kept - min(before, 0)
    i = np.arange(-before, n + after)
    if how == "replicate":
        return np.clip(i, 0, n - 1)
    i = np.abs(i)
    return np.where(i >= n, 2 * (n - 1) - i, i)


@composite(modules="nn.functional", method=False)
def pad(input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """Pad the last dimensions (source: torch.nn.functional.pad)."""
    amounts = tuple(int(n) for n in pad)
    if len(amounts) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if mode == "constant":
        return joining.constant_pad_nd(input, amounts, 0 if value is None else value)
    if value not in (None, 0):
        raise ValueError(f"Padding mode '{mode}' doesn't take in value argument")
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    rank = len(amounts) // 2
    if input.ndim not in (rank + 1, rank + 2) or rank > 3:
        raise NotImplementedError(
            f"Padding size {len(amounts)} is not supported for {input.ndim}D input tensor.\nSupported combinations for "
            "non-constant padding:\n  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding "
            "size = 4 (pads last 2 dimensions)\n  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    if mode != "circular" and 0 in input.shape[input.ndim - rank - 1 :]:
        raise RuntimeError(
            f"Expected {rank + 1}D or {rank + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
            f"for input, but got: {list(input.shape)}"
        )
    maps = []
    for k in range(rank):
        before, after = amounts[2 * k : 2 * k + 2]
        dim = input.ndim - 1 - k
        n = input.shape[dim]
        if mode == "reflect" and max(before, after) >= n:
            raise RuntimeError(
                "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
                f"({before}, {after}) at dimension {dim} of input {list(input.shape)}"
            )
        if mode == "circular" and max(before, after) > n:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        maps.append((dim, read_at(n, before, after, mode)[:, None], None))
    return (circular if mode == "circular" else pads[mode, rank])(input, tuple(maps))


# -- interpolate


def source_places(n: int, m: int, align_corners: bool, scale: float | None) -> np.ndarray:
    """Where each of m places lies among n."""
    i = np.arange(m)
    if align_corners:
        return i * ((n - 1) / (m - 1)) if m > 1 else i * 0.0
    ratio = n / m if scale is None else 1 / scale
    return (i + 0.5) * ratio - 0.5


def nearest(n: int, m: int, scale: float | None, exact: bool) -> tuple[np.ndarray, None]:
    ratio = n / m if scale is None else 1 / scale
    i = np.arange(m) + (0.5 if exact else 0.0)
    return np.minimum(np.floor(i * ratio).astype(np.int64), n - 1)[:, None], None


def linear_weights(n: int, m: int, align: bool, scale: float | None) -> tuple[np.ndarray, np.ndarray]:
    at = np.maximum(source_places(n, m, align, scale), 0)
    low = np.minimum(np.floor(at).astype(np.int64), n - 1)
    part = np.where(low < n - 1, at - low, 0.0)
    return np.stack([low, np.minimum(low + 1, n - 1)], 1), np.stack([1 - part, part], 1)


def cubic_weights(n: int, m: int, align: bool, scale: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Keys' cubic convolution with a = -0.75."""
    at = source_places(n, m, align, scale)
    low = np.floor(at).astype(np.int64)
    t, a = at - low, -0.75

    def near(s: np.ndarray) -> np.ndarray:
        return ((a + 2) * s - (a + 3)) * s * s + 1

    def far(s: np.ndarray) -> np.ndarray:
        return ((a * s - 5 * a) * s + 8 * a) * s - 4 * a

    weights = np.stack([far(t + 1), near(t), near(1 - t), far(2 - t)], 1)
    return np.clip(low[:, None] + np.arange(-1, 3), 0, n - 1), weights


UPSAMPLE = {
    "nearest": "UpsampleNearest",
    "nearest-exact": "UpsampleNearestExact",
    "linear": "UpsampleLinear",
    "bilinear": "UpsampleBilinear",
    "bicubic": "UpsampleBicubic",
    "trilinear": "UpsampleTrilinear",
}
RANK_OF = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
upsamples = {
    (name, rank): rows_named(f"{title}{rank}DBackward0")
    for name, title in UPSAMPLE.items()
    for rank in (1, 2, 3)
    if RANK_OF.get(name, rank) == rank
}


@composite(modules="nn.functional", method=False)
def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resample the spatial dimensions (source: torch.nn.functional.interpolate)."""
    rank = input.ndim - 2
    if input.dtype.is_complex or (not input.dtype.is_floating_point and (input.dtype.np != np.uint8 or mode == "area")):
        raise NotImplementedError(f"\"upsample_cpu\" not implemented for '{LEGACY[input.dtype]}'")
    if antialias:
        raise Unsupported("interpolate: antialias=True")
    if input.dtype.np == np.uint8 and not mode.startswith("nearest"):
        if mode in ("bilinear", "bicubic"):
            raise Unsupported(f"interpolate: uint8 with mode={mode!r}")
        raise NotImplementedError("\"upsample_cpu\" not implemented for 'Byte'")
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if align_corners is not None and mode in ("nearest", "area", "nearest-exact"):
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    spatial, given = input.shape[2:], scale_factor if size is None else size
    if input.ndim < 3 or (isinstance(given, tuple | list) and len(given) != rank):
        raise ValueError(
            "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of "
            f"{list(spatial)} and output size of {given}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and "
            "output size in (o1, o2, ...,oK) format."
        )
    scales: list[Any] = [None] * rank
    if size is None:
        factors = scale_factor if isinstance(scale_factor, tuple | list) else (scale_factor,) * rank
        size = tuple(int(np.floor(n * f)) for n, f in zip(spatial, factors, strict=True))
        scales = [None] * rank if recompute_scale_factor else list(factors)
    size = spread(size, rank)
    if min((*spatial, *size)) <= 0:
        names = ("D", "H", "W")[-rank:]
        have, want = (", ".join(f"{d}: {n}" for d, n in zip(names, sizes, strict=True)) for sizes in (spatial, size))
        raise RuntimeError(f"Input and output sizes should be greater than 0, but got input ({have}) output ({want})")
    if mode == "area":
        from . import pooling

        return getattr(pooling, f"adaptive_avg_pool{rank}d")(input, size)
    if (mode, rank) not in upsamples:
        raise NotImplementedError(
            f"Got {input.ndim}D input, but {mode} mode needs {RANK_OF.get(mode, 0) + 2}D input"
            if mode in RANK_OF
            else "Input Error: Only 3D, 4D and 5D input Tensors supported"
        )
    maps = []
    for dim, (n, m, s) in enumerate(zip(spatial, size, scales, strict=True), 2):
        if mode.startswith("nearest"):
            maps.append((dim, *nearest(n, m, s, mode == "nearest-exact")))
        else:
            weigh = cubic_weights if mode == "bicubic" else linear_weights
            maps.append((dim, *weigh(n, m, bool(align_corners), s)))
    return upsamples[mode, rank](input, tuple(maps))


@composite(modules="nn.functional", method=False)
def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    return interpolate(input, size, scale_factor, mode, align_corners)


@composite(modules="nn.functional", method=False)
def upsample_nearest(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, "nearest")


@composite(modules="nn.functional", method=False)
def upsample_bilinear(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, "bilinear", True)
