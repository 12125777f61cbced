"""Counts of values in bins (torch.histogram, torch.histogramdd). They are constants: torch has no derivative either.

HOWTO. A bin holds its left edge, the last one its right edge too.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np

from ..compiler.runtime import result_class
from ..dtypes import LEGACY
from ..tensor import Tensor, wrap
from .form import composite

KINDS = {name: result_class(name, ["hist", "bin_edges"]) for name in ("histogram", "histogramdd")}


def edges_of(x: Any, bins: Any, span: tuple[float, float] | None, dim: int, name: str) -> np.ndarray:
    """The edges along one dimension, from their number or as given."""
    if isinstance(bins, Tensor):
        return np.asarray(bins._array)
    if bins <= 0:
        raise RuntimeError(f"torch.{name}(): bins must be > 0, but got {bins} for dimension {dim}")
    low, high = span if span is not None else (x.min(), x.max()) if x.size else (0.0, 1.0)
    if low > high:
        raise RuntimeError(
            f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g} for dimension {dim}"
        )
    if not np.isfinite([low, high]).all():
        raise RuntimeError(f"torch.histogramdd: dimension {dim}'s range [{low:g}, {high:g}] is not finite")
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1).astype(x.dtype)


def bin_of(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The bin of each value; -1 for those outside. A plain bisection, since torch takes edges in any order."""
    found = np.array([bisect_right(edges, v) - 1 for v in x], np.int64)
    found = np.where(found == len(edges) - 1, found - 1, found)
    return np.where((x >= edges[0]) & (x <= edges[-1]), found, -1)


def counted(points: np.ndarray, edges: list[np.ndarray], weight: Any, density: bool) -> np.ndarray:
    bins = np.array([bin_of(x, e) for x, e in zip(points.T, edges, strict=True)], np.int64)
    inside = (bins >= 0).all(0)
    found = np.zeros([len(e) - 1 for e in edges], points.dtype)
    np.add.at(found, tuple(bins[:, inside]), 1 if weight is None else weight[inside])
    if density:
        found = found / found.sum()
        for d, e in enumerate(edges):
            found = found / np.diff(e).reshape([-1 if i == d else 1 for i in range(found.ndim)])
    return found.astype(points.dtype)


def refuse(input: Tensor, bins: Any) -> None:
    counts = not isinstance(bins if isinstance(bins, int | Tensor) else bins[0], Tensor)
    if not input.dtype.is_floating_point or (counts and input.dtype.itemsize == 2):
        raise NotImplementedError(f"\"histogramdd\" not implemented for '{LEGACY[input.dtype]}'")


@composite(out=True)
def histogram(
    input: Tensor, bins: Any, *, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> tuple[Tensor, Tensor]:
    """(hist, bin_edges) of all elements; bins is a number or the edges (source: torch.histogram)."""
    refuse(input, bins)
    x = np.asarray(input._array).reshape(-1)
    edges = edges_of(x, bins, None if range is None else tuple(range), 0, "histogram")
    weights = None if weight is None else np.asarray(weight._array).reshape(-1)
    return KINDS["histogram"]((wrap(counted(x[:, None], [edges], weights, density)), wrap(edges)))


@composite(method=False)
def histogramdd(
    input: Tensor, bins: Any, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """(hist, bin_edges) of the points (..., D), by a number or the edges for each dimension (source: torch.histogramdd)."""
    refuse(input, bins)
    if input.ndim < 2:
        raise RuntimeError(f"torch.histogramdd: input tensor should have at least 2 dimensions, but got {input.ndim}")
    points = np.asarray(input._array).reshape(-1, input.shape[-1])
    many = [bins] * points.shape[1] if isinstance(bins, int) else list(bins)
    if len(many) != points.shape[1]:
        raise RuntimeError("histogramdd: The size of bins must be equal to the innermost dimension of the input.")
    spans = [None] * len(many) if range is None else list(zip(range[::2], range[1::2], strict=True))
    edges = [edges_of(x, b, s, d, "histogramdd") for d, (x, b, s) in enumerate(zip(points.T, many, spans, strict=True))]
    weights = None if weight is None else np.asarray(weight._array).reshape(-1)
    return KINDS["histogramdd"]((wrap(counted(points, edges, weights, density)), tuple(map(wrap, edges))))
