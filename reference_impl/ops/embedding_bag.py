"""embedding_bag: sums, means or maxima of bags of rows of a table.

HOWTO. As embedding.py; of a maximum, `best` keeps which row gave it.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..dtypes import LEGACY, int64
from ..errors import Unsupported
from ..tensor import Tensor, wrap
from .adding import add_up
from .embedding import check_kind, shorten
from .form import composite, general


def bag_of_each(starts, size):
    """The number of the bag that every index belongs to."""
    return np.repeat(np.arange(len(starts)), np.diff(np.append(starts, size)))


def bag_kernel(weight, weights, indices, bags, count, mode, padding_idx, by_frequency, end):
    check_kind(indices, "embedding_bag")
    wrong = np.flatnonzero((indices < 0) | (indices >= len(weight)))
    if wrong.size:
        found = indices[wrong[0]]
        if mode == "max" or weight.dtype == np.float64 or padding_idx >= 0:
            raise RuntimeError(f"embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be {found}")
        raise RuntimeError(
            f"Index {wrong[0]} of input takes value {found} which is not in the valid range [0, {len(weight)})"
        )
    keep = indices != padding_idx
    rows = weight[indices] if weights is None else weight[indices] * weights[:, None]
    r = np.zeros((count, weight.shape[1]), weight.dtype)
    if mode == "max":
        best = np.full(r.shape, -1, np.int64)
        for k in np.flatnonzero(keep):
            b = bags[k]
            better = (best[b] < 0) | (rows[k] > r[b])
            r[b] = np.where(better, rows[k], r[b])
            best[b] = np.where(better, indices[k], best[b])
        return r, best
    read = np.flatnonzero(keep[:end])
    add_up(r, bags[read], rows[read])
    if mode == "mean":
        sizes = np.maximum(np.bincount(bags[keep], minlength=count), 1)
        r = r / sizes[:, None].astype(r.dtype)
    return r, np.zeros(0, np.int64)


def bag_vjp(g, weight, weights, best, indices, bags, kind, padding_idx, by_frequency, needs_weight, needs_weights):
    how = (kind, padding_idx, by_frequency)
    gw = bag_gradient(g, weights, best, indices, bags, weight, *how) if needs_weight else None
    gp = bag_weights_gradient(g, weight, indices, bags, padding_idx) if needs_weights else None
    return gw, gp


def bag_gradient_kernel(g, weights, best, indices, bags, weight, mode, padding_idx, by_frequency):
    r = np.zeros(weight.shape, g.dtype)
    if mode == "max":
        b, c = np.nonzero(best >= 0)
        np.add.at(r, (best[b, c], c), g[b, c])
        return r
    keep = indices != padding_idx
    if mode == "mean":
        g = g / np.maximum(np.bincount(bags[keep], minlength=len(g)), 1)[:, None].astype(g.dtype)
    terms = g[bags] if weights is None else g[bags] * weights[:, None]
    if by_frequency:
        terms = terms / np.bincount(indices)[indices][:, None].astype(g.dtype)
    add_up(r, indices[keep], terms[keep])
    return r


def bag_weights_kernel(g, weight, indices, bags, padding_idx):
    return np.where(indices == padding_idx, 0, np.add.reduce(g[bags] * weight[indices], 1)).astype(g.dtype)


def no_second_derivative(g):
    raise Unsupported("embedding_bag: second derivative")


bag_gradient = general(
    "bag_gradient(self, weights=None, best: nondiff=None, indices: nondiff=None, bags: nondiff=None, weight: nondiff=None, "
    "kind=None, padding_idx=-1, by_frequency=False)",
    bag_gradient_kernel,
    self=no_second_derivative,
    weights=no_second_derivative,
    public=False,
)
bag_weights_gradient = general(
    "bag_weights_gradient(self, weight, indices: nondiff, bags: nondiff, padding_idx)",
    bag_weights_kernel,
    self=no_second_derivative,
    weight=no_second_derivative,
    public=False,
)
bag = general(
    "embedding_bag(weight, weights=None, indices: nondiff=None, bags: nondiff=None, count=None, kind=None, "
    "padding_idx=-1, by_frequency=False, end=None) -> (result, best: aux)",
    bag_kernel,
    vjp=bag_vjp,
    wrt="weight weights",
    public=False,
)


def check_bags(input: Tensor, weight: Tensor, offsets: Any, mode: str, per_sample_weights: Any) -> None:
    if per_sample_weights is not None and per_sample_weights.shape != input.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the same shape "
            f"as the input ({input.shape})"
        )
    if weight.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if input.ndim not in (1, 2):
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    if input.ndim == 2 and offsets is not None:
        raise ValueError(
            "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. "
            f"However, found offsets of type {type(offsets)}"
        )
    if input.ndim == 1 and offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if input.ndim == 1 and offsets.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got "
            f"mode='{mode}'). Please open a feature request on GitHub."
        )
    if per_sample_weights is not None and per_sample_weights.dtype != weight.dtype:
        own, other = (f"torch.{LEGACY[t.dtype]}Tensor" for t in (weight, per_sample_weights))
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; "
            f"but type {own} does not equal {other} (while checking arguments for embedding_bag)"
        )


def starts_and_end(offsets: Tensor, length: int, with_end: bool) -> tuple[np.ndarray, int | None]:
    """Where the bags start and, if that is the last of the offsets, where the last bag ends."""
    starts = offsets._array
    check_kind(starts, "embedding_bag")
    check_starts(starts, length, offsets)
    if not with_end:
        return starts, None
    if not starts.size:
        raise RuntimeError("include_last_offset: number of offset should be at least 1")
    return starts[:-1], int(starts[-1])


def check_starts(starts: np.ndarray, length: int, offsets: Tensor) -> None:
    if starts.size and starts[0]:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got "
            f"{starts[0]} [ torch.{LEGACY[offsets.dtype]}Tensor{{}} ]"
        )
    if (np.diff(starts) < 0).any():
        raise RuntimeError(f"embedding_bag: offsets must not decrease, but got {starts.tolist()}")
    if starts.size and starts[-1] > length:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {length} but got offsets[-1] of {starts[-1]}"
        )


SWAPPED = (
    "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` is deprecated, and "
    "should now be `embedding_bag(input, weight, ...)`."
)


@composite(modules="nn.functional", method=False)
def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Sums, means or maxima of bags of rows (source: torch.nn.functional.embedding_bag)."""
    if weight.dtype is int64 and input.is_floating_point():
        warnings.warn(SWAPPED, stacklevel=4)
        input, weight = weight, input
    if not weight.dtype.is_floating_point:
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, "
            f"Double; but got torch.{LEGACY[weight.dtype]}Tensor instead (while checking arguments for embedding_bag)"
        )
    check_bags(input, weight, offsets, mode, per_sample_weights)
    for asked, what in ((scale_grad_by_freq, "scaling the gradient by the frequency"), (sparse, "sparse weights")):
        if mode == "max" and asked:
            raise ValueError(f"max mode does not support {what}")
    end = None
    if input.ndim == 2:
        n, length = input.shape
        starts = np.arange(n) * length
        input = input.reshape(-1)
        per_sample_weights = None if per_sample_weights is None else per_sample_weights.reshape(-1)
    else:
        starts, last = starts_and_end(offsets, len(input), include_last_offset)
        if padding_idx is None and mode != "max":  # what is behind the last offset counts, but is not added
            end = last
        if end is not None and mode == "sum":
            input = input[:end]
            per_sample_weights = None if per_sample_weights is None else per_sample_weights[:end]
    if max_norm is not None:
        shorten(weight, input, max_norm, norm_type)
    bags = bag_of_each(starts, len(input))
    padding = -1 if padding_idx is None else place_of_padding(padding_idx, weight.shape[0])
    operator = bag
    if sparse:
        from ..sparse.tables import embedding_bag as operator
    return operator(weight, per_sample_weights, input, wrap(bags), len(starts), mode, padding, scale_grad_by_freq, end)


def place_of_padding(padding_idx: int, rows: int) -> int:
    if not -rows <= padding_idx < rows:
        raise RuntimeError(
            f"padding_idx must be within the number of embeddings, -{rows} through {rows - 1}, but got {padding_idx}"
        )
    return padding_idx % rows
