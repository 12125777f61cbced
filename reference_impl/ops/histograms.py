"""Counts of values, in bins (histogram, histogramdd, histc) or one by one (bincount).

HOWTO. A bin holds its left edge, the last one its right edge too. Counts are functions of their operands which torch has
no derivative of, neither here nor there: backward through one is an error.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np

from ..compiler.arguments import is_int
from ..compiler.runtime import result_class, wide
from ..dtypes import LEGACY
from ..errors import type_name
from ..tensor import Tensor, wrap
from .form import composite, general
from .structure import neither

UNDIFFERENTIATED = "NotImplementedBackward0"


def edges_of(x: Any, bins: Any, span: tuple[float, float] | None, dim: int) -> np.ndarray:
    """The edges along one dimension, from their number or as given."""
    if isinstance(bins, Tensor):
        return np.asarray(bins._array)
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


def check_alike(name: str, bins: Any) -> None:
    """That all bins are numbers, or all edges."""
    tensors = len(bins) and isinstance(bins[0], Tensor)
    for d, b in enumerate(bins):
        if tensors and not isinstance(b, Tensor):
            raise TypeError(f"expected Tensor as element {d} in argument 1, but got {type_name(b)}")
        if not (tensors or is_int(b)):
            why = f"type must be tuple of ints,but got {type_name(b)}"
            raise TypeError(
                f"{name}(): argument 'bins' failed to unpack the object at pos {d + 1} with error \"{why}\""
            )


def refuse(points: Tensor, bins: Any, weight: Tensor | None, name: str) -> None:
    given = [bins] if isinstance(bins, int | Tensor) else bins
    check_alike(name, given)
    for d, edges in enumerate(given):
        if not isinstance(edges, Tensor):
            if edges <= 0:
                raise RuntimeError(f"torch.{name}(): bins must be > 0, but got {edges} for dimension {d}")
            continue
        if edges.dtype is not points.dtype:
            raise RuntimeError(
                "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype "
                f"{points.dtype.cpp} and bins for dimension {d} with dtype {edges.dtype.cpp}"
            )
        if edges.ndim != 1:
            raise RuntimeError(
                f"torch.histogramdd: bins tensor should have one dimension, but got {edges.ndim} dimensions in the bins "
                f"tensor for dimension {d}"
            )
        if not edges.numel():
            raise RuntimeError(
                "torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for "
                f"dimension {d}"
            )
    numbers = not (len(given) and isinstance(given[0], Tensor))
    if not points.dtype.is_floating_point or (numbers and points.dtype.itemsize == 2):
        raise NotImplementedError(f"\"histogramdd\" not implemented for '{LEGACY[points.dtype]}'")
    if weight is None:
        return
    if weight.dtype is not points.dtype:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, "
            f"but got input({points.dtype.cpp}), and weight({weight.dtype.cpp})"
        )
    if weight.shape != points.shape[:-1]:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding "
            f"its innermost dimension, but got input with shape {list(points.shape)} and weight with shape "
            f"{list(weight.shape)}"
        )


def histogram_kernel(x, given, weight, bins, range, density):
    x = x.reshape(-1)
    edges = edges_of(x, bins, range, 0) if given is None else given
    return counted(x[:, None], [edges], None if weight is None else weight.reshape(-1), density), edges


binned = general(
    "histogram(self, given=None, weight=None, bins=100, range=None, density=False) -> (hist, bin_edges)",
    histogram_kernel,
    **neither("histogram", "self", "given", "weight"),
    public=False,
    grad_fn=UNDIFFERENTIATED,
    half_ready=True,
)


@composite(out=True)
def histogram(
    input: Tensor, bins: Any = 100, *, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> tuple[Tensor, Tensor]:
    """(hist, bin_edges) of all elements; bins is a number or the edges (source: torch.histogram)."""
    refuse(input.reshape(-1, 1), bins, None if weight is None else weight.reshape(-1), "histogram")
    if range is not None and len(range) != 2:
        raise RuntimeError(
            f"torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, but got {len(range)}"
        )
    edges, count = (bins, 0) if isinstance(bins, Tensor) else (None, bins)
    return binned(input, edges, weight, count, None if range is None else tuple(range), density)


def edges_kernel(x, bins, spans):
    return [edges_of(column, n, span, d) for d, (column, n, span) in enumerate(zip(x.T, bins, spans, strict=True))]


bin_edges = general(
    "_histogramdd_bin_edges(self, bins, spans) -> edges*",
    lambda x, bins, spans: edges_kernel(x.reshape(-1, x.shape[-1]), bins, spans),
    **neither("_histogramdd_bin_edges", "self"),
    public=False,
    grad_fn=UNDIFFERENTIATED,
    half_ready=True,
)
counts_between = general(
    "_histogramdd_from_bin_cts(self, edges: nondiff, weight=None, density=False)",
    lambda x, edges, weight, density: counted(
        x.reshape(-1, x.shape[-1]), edges, None if weight is None else weight.reshape(-1), density
    ),
    **neither("_histogramdd_from_bin_cts", "self", "weight"),
    public=False,
    grad_fn=UNDIFFERENTIATED,
    half_ready=True,
)


@composite(method=False)
def histogramdd(
    input: Tensor, bins: Any, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """(hist, bin_edges) of the points (..., D), by a number or the edges for each dimension (source: torch.histogramdd)."""
    if input.ndim < 2:
        raise RuntimeError(f"torch.histogramdd: input tensor should have at least 2 dimensions, but got {input.ndim}")
    refuse(input, bins, weight, "histogramdd")
    many = [bins] * input.shape[-1] if isinstance(bins, int) else list(bins)
    if len(many) != input.shape[-1]:
        raise RuntimeError("histogramdd: The size of bins must be equal to the innermost dimension of the input.")
    if many and isinstance(many[0], Tensor):
        edges = tuple(many)
    else:
        spans = [None] * len(many) if range is None else list(zip(range[::2], range[1::2], strict=True))
        edges = bin_edges(input, many, spans)
    return result_class("histogramdd", "hist", "bin_edges")((counts_between(input, edges, weight, density), edges))


@composite(out=True)
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many values lie in each of so many bins of equal width from min to max (source: torch.histc)."""
    if not input.dtype.is_floating_point:
        raise NotImplementedError(f"\"histogram_cpu\" not implemented for '{LEGACY[input.dtype]}'")
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    x = wide(np.asarray(input._array).reshape(-1))
    min, max = float(min), float(max)
    low, high = (min, max) if min != max or not x.size else (x.min(), x.max())
    low, high = (low - 1, high + 1) if low == high else (low, high)
    if not np.isfinite([low, high]).all():
        raise RuntimeError(f"torch.histc: range of [{low:g}, {high:g}] is not finite")
    if low > high:
        raise RuntimeError("torch.histc: max must be larger than min")
    return wrap(np.histogram(x.astype(np.float64), bins, (low, high))[0].astype(input.dtype.np))


def bincount_kernel(x, weights, minlength):
    weighed = weights is not None and x.size
    r = np.bincount(x, weights if weighed else None, minlength)
    return r.astype(np.float32) if weighed and weights.dtype == np.float32 else r


counts = general(
    "bincount(self: nondiff, weights=None, minlength=0)",
    bincount_kernel,
    **neither("bincount", "weights"),
    public=False,
    grad_fn=UNDIFFERENTIATED,
    half_ready=True,
)


@composite()
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each integer from 0 occurs, or the sum of its weights (source: torch.bincount)."""
    if input.dtype.np.kind not in "iu":
        raise NotImplementedError(f"\"bincount_cpu\" not implemented for '{LEGACY[input.dtype]}'")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if input.ndim != 1 or (input.numel() and input._array.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if input.numel() and weights is not None and weights.shape != input.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    return counts(input, weights, minlength)
