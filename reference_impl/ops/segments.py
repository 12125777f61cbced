"""segment_reduce: reductions of consecutive pieces of a dimension."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np

from ..errors import Unsupported
from ..tensor import Tensor, wrap
from . import extremum, factors, reduce
from .comparison import maximum, minimum
from .dims import at
from .form import composite
from .joining import stack
from .shape import select, slice_

START = {"sum": 0.0, "mean": nan, "max": -inf, "min": inf, "prod": 1.0}


@composite(method=False)
def segment_reduce(
    data: Tensor,
    reduce: str,
    *,
    lengths: Tensor | None = None,
    indices: Tensor | None = None,
    offsets: Tensor | None = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> Tensor:
    """The reduction of each piece of data along axis (source: torch.segment_reduce)."""
    if reduce not in START:
        raise RuntimeError(f"unsupported reduction {reduce}")
    if indices is not None:
        raise Unsupported("segment_reduce: indices")
    if lengths is None and offsets is None:
        raise RuntimeError("segment_reduce(): Either lengths or offsets must be defined.")
    if lengths is None:
        lengths = wrap(np.diff(offsets._array, axis=-1))  # type: ignore[union-attr]
    counts = lengths._array
    if not unsafe:
        if counts.size and counts.min() < 0:
            raise RuntimeError("lengths contains negative value!")
        if (counts.sum(-1) != data.shape[axis]).any():
            raise RuntimeError(
                "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe."
            )
    return pieces(data, counts, reduce, axis, initial)


def pieces(x: Tensor, counts: Any, how: str, axis: int, initial: float | None) -> Tensor:
    if counts.ndim > 1:  # a row of lengths for each entry of the dimensions before
        rows = [pieces(select(x, 0, i), counts[i], how, axis - 1, initial) for i in range(len(counts))]
        return stack(rows, 0)
    ends = np.cumsum(counts)
    parts = [slice_(x, at(axis, slice(int(e - n), int(e)))) for e, n in zip(ends, counts, strict=True)]
    return stack([one(part, how, axis, initial) for part in parts], axis)


def one(x: Tensor, how: str, axis: int, initial: float | None) -> Tensor:
    empty = not x.shape[axis]
    if empty and how in ("mean", "max", "min"):
        return reduce.sum(x, axis) + (START[how] if initial is None else initial)
    first = START[how] if initial is None else initial
    if how == "sum":
        return reduce.sum(x, axis) + first
    if how == "prod":
        return factors.prod(x, axis) * first
    if how == "mean":
        total = reduce.sum(x, axis)
        return (total if initial is None else total + initial) / x.shape[axis]
    found = extremum.amax(x, axis) if how == "max" else extremum.amin(x, axis)
    if initial is None:
        return found
    bound = reduce.sum(x.detach() * 0, axis) + initial
    return (maximum if how == "max" else minimum)(found, bound)
