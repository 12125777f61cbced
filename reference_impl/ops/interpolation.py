"""Resampling of images (source: torch.nn.functional.interpolate).

HOWTO. Where each output element reads, and with which weights; the rows are those of padding.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from operator import index
from typing import Any

import numpy as np

from ..dtypes import LEGACY
from ..errors import Unsupported
from ..tensor import Tensor
from .conv import per_dimension
from .form import composite
from .padding import BACK, PLAIN, rows_named


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


def cubic(t: Any) -> list[Any]:
    """Keys' weights of four neighbours, with a = -0.75; t: how far from the second, an array or a Tensor."""
    a = -0.75

    def near(s: Any) -> Any:
        return ((a + 2) * s - (a + 3)) * s * s + 1

    def far(s: Any) -> Any:
        return ((a * s - 5 * a) * s + 8 * a) * s - 4 * a

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def cubic_weights(n: int, m: int, align: bool, scale: float | None) -> tuple[np.ndarray, np.ndarray]:
    at = source_places(n, m, align, scale)
    low = np.floor(at).astype(np.int64)
    return np.clip(low[:, None] + np.arange(-1, 3), 0, n - 1), np.stack(cubic(at - low), 1)


def keys(x: np.ndarray) -> np.ndarray:
    """Keys' cubic convolution with a = -0.5."""
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, far)


# how far a filter reaches, and its weights at distances within that
FILTERS: dict[str, tuple[int, Callable[[np.ndarray], np.ndarray]]] = {
    "bilinear": (1, lambda x: 1 - x),
    "bicubic": (2, keys),
    "lanczos": (3, lambda x: np.sinc(x) * np.sinc(x / 3)),
}


def antialiased(n: int, m: int, align: bool, scale: float | None, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the image shrinks, a filter as wide as the source of a place; beyond the border its weights are shared out."""
    step = ((n - 1) / (m - 1) if m > 1 else 0.0) if align else n / m if scale is None else 1 / scale
    width, (reach, weigh) = max(step, 1.0), FILTERS[mode]
    center = step * (np.arange(m) + 0.5)
    low = np.maximum((center - reach * width + 0.5).astype(np.int64), 0)
    high = np.minimum((center + reach * width + 0.5).astype(np.int64), n)
    places = low[:, None] + np.arange(int((high - low).max()))
    away = np.abs((places - center[:, None] + 0.5) / width)
    weights = np.where((away < reach) & (places < high[:, None]), weigh(away), 0.0)
    return np.minimum(places, n - 1), weights / weights.sum(1, keepdims=True)


UPSAMPLE = {
    "nearest": "UpsampleNearest",
    "nearest-exact": "UpsampleNearestExact",
    "linear": "UpsampleLinear",
    "bilinear": "UpsampleBilinear",
    "bicubic": "UpsampleBicubic",
    "trilinear": "UpsampleTrilinear",
}
RANK_OF = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


def kept(mode: str, rank: int) -> str:
    """What a node shows of the call."""
    scales = "scales" if rank == 1 else " ".join(f"scales_{d}" for d in "dhw"[-rank:])
    return f"output_size {scales}" + ("" if mode.startswith("nearest") else " align_corners")


ANTIALIASED = {mode: rows_named(f"Upsample{mode.capitalize()}2DAaBackward0", keeps=kept(mode, 2)) for mode in FILTERS}
CONTIGUOUS = (("bicubic", 2), ("nearest", 3), ("nearest-exact", 3))  # of these torch lays out no gradient channels last
upsamples = {
    (name, rank): rows_named(
        f"{title}{rank}DBackward0", adjoint=PLAIN if (name, rank) in CONTIGUOUS else BACK, keeps=kept(name, rank)
    )
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
    check_given(input, size, scale_factor, mode, align_corners, recompute_scale_factor)
    check_supported(input, mode, antialias)
    rank, spatial = input.ndim - 2, input.shape[2:]
    scales: list[Any] = [None] * rank
    if size is None:
        factors = scale_factor if isinstance(scale_factor, tuple | list) else (scale_factor,) * rank
        size = tuple(scaled(n, f) for n, f in zip(spatial, factors, strict=True))
        scales = [None] * rank if recompute_scale_factor else list(map(float, factors))
    size = tuple(map(index, per_dimension(size, rank)))
    if mode == "area":
        from . import pooling

        return getattr(pooling, f"adaptive_avg_pool{rank}d")(input, size)
    if min((*spatial, *size)) <= 0:
        names = ("D", "H", "W")[-rank:]
        have, want = (", ".join(f"{d}: {n}" for d, n in zip(names, sizes, strict=True)) for sizes in (spatial, size))
        joint = " and" if rank == 1 else ""
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({have}){joint} output ({want})"
        )
    if not input.shape[1]:
        raise RuntimeError(
            f"Non-empty {input.ndim}D data tensor expected but got a tensor with sizes {list(input.shape)}"
        )
    maps = []
    for dim, (n, m, s) in enumerate(zip(spatial, size, scales, strict=True), 2):
        if antialias:
            maps.append((dim, *antialiased(n, m, bool(align_corners), s, mode)))
        elif mode.startswith("nearest"):
            maps.append((dim, *nearest(n, m, s, mode == "nearest-exact")))
        else:
            weigh = cubic_weights if mode == "bicubic" else linear_weights
            maps.append((dim, *weigh(n, m, bool(align_corners), s)))
    how = (*scales, *([] if mode.startswith("nearest") else [bool(align_corners)]))
    return (ANTIALIASED[mode] if antialias else upsamples[mode, rank])(input, tuple(maps), tuple(size), *how)


def scaled(n: int, factor: float) -> int:
    found = np.floor(n * factor)
    if not abs(found) < 2.0**63:
        raise RuntimeError("value cannot be converted to type int64_t without overflow")
    return int(found)


def check_given(
    input: Tensor, size: Any, scale_factor: Any, mode: str, align_corners: bool | None, recompute: bool | None
) -> None:
    """Whether the arguments go together."""
    if align_corners is not None and mode in ("nearest", "area", "nearest-exact"):
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    given, spatial = scale_factor if size is None else size, list(input.shape[2:])
    if isinstance(given, tuple | list) and len(given) != len(spatial):
        by, what = ("scale_factor", "scale_factor of shape") if size is None else ("output", "output size of")
        form = "scale_factor in (s1, s2, ...,sK)" if size is None else "output size in (o1, o2, ...,oK)"
        raise ValueError(
            f"Input and {by} must have the same number of spatial dimensions, but got input with spatial dimensions of "
            f"{spatial} and {what} {given}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and {form} format."
        )
    if recompute and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")


def check_supported(input: Tensor, mode: str, antialias: bool) -> None:
    """Whether there is such a mode for an input of this rank and dtype."""
    if antialias and not (mode in FILTERS and input.ndim == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode == "lanczos" and not antialias:
        raise ValueError("Lanczos mode requires antialias=True")
    known = (mode, input.ndim - 2) in upsamples or (mode == "area" and input.ndim in (3, 4, 5))
    if not antialias and not known:
        raise NotImplementedError(
            f"Got {input.ndim}D input, but {mode} mode needs {RANK_OF[mode] + 2}D input"
            if input.ndim in (3, 4, 5) and mode in ("linear", "bilinear", "trilinear")
            else f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D) for the modes: nearest | linear "
            f"| bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode})"
        )
    if input.dtype.is_complex or (not input.dtype.is_floating_point and (input.dtype.np != np.uint8 or mode == "area")):
        raise NotImplementedError(f"\"upsample_cpu\" not implemented for '{LEGACY[input.dtype]}'")
    if input.dtype.np == np.uint8 and not mode.startswith("nearest"):
        if mode in ("bilinear", "bicubic"):
            raise Unsupported(f"interpolate: uint8 with mode={mode!r}")
        raise NotImplementedError("\"upsample_cpu\" not implemented for 'Byte'")
    if antialias and input.dtype.itemsize == 2:
        raise NotImplementedError(f"\"compute_index_ranges_weights\" not implemented for '{LEGACY[input.dtype]}'")


def deprecated(name: str) -> None:
    words = f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead."
    warnings.warn(words, UserWarning, stacklevel=3)


@composite(modules="nn.functional", method=False)
def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    deprecated("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


@composite(modules="nn.functional", method=False)
def upsample_nearest(input, size=None, scale_factor=None):
    deprecated("upsample_nearest")
    return interpolate(input, size, scale_factor, "nearest")


@composite(modules="nn.functional", method=False)
def upsample_bilinear(input, size=None, scale_factor=None):
    deprecated("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", True)
