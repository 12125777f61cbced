"""What history does with windows into memory: the operators behind in-place writes on views (graph/views.py).

A window says where, in the memory of a tensor laid out by `own` strides, a view of it lies.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .form import linear


class Window(NamedTuple):
    """Shape and strides of a base, size, strides and offset of its view; all counted in elements.

    Where one is complex and the other real, the complex one counts as pairs of reals (a last dimension of 2).
    """

    shape: tuple[int, ...]
    own: tuple[int, ...]
    size: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    base_pairs: bool = False
    view_pairs: bool = False


def extent(size: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, int]:
    """The first and last place that is touched, counted from the first element."""
    reach = [(n - 1) * s for n, s in zip(size, stride, strict=True)]
    return sum(r for r in reach if r < 0), sum(r for r in reach if r > 0)


def overlapping(size: tuple[int, ...], stride: tuple[int, ...]) -> bool:
    """Whether two elements may share a place."""
    reach = 0
    for s, n in sorted((abs(s), n) for n, s in zip(size, stride, strict=True) if n > 1):
        if s <= reach:
            return 0 not in size
        reach += (n - 1) * s
    return False


def memory(w: Window, dtype: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fresh zeroed memory, and base and view in it."""
    (low, high), (first, last) = extent(w.shape, w.own), extent(w.size, w.stride)
    low, high = min(low, w.offset + first), max(high, w.offset + last)
    flat, step = np.zeros(high - low + 1, dtype), np.dtype(dtype).itemsize
    base = np.ndarray(w.shape, dtype, flat, -low * step, tuple(s * step for s in w.own))
    view = np.ndarray(w.size, dtype, flat, (w.offset - low) * step, tuple(s * step for s in w.stride))
    return flat, base, view


def pairs(x: Any, wanted: bool) -> Any:
    """A complex array as pairs of reals, where that is wanted."""
    if not wanted:
        return x
    x = np.asarray(x)
    return np.ascontiguousarray(x).reshape(*x.shape, 1).view(x.real.dtype)


def whole(x: np.ndarray, are_pairs: bool) -> Any:
    """The opposite."""
    return x.view(np.result_type(x.dtype, np.complex64))[..., 0] if are_pairs else x


def cut_kernel(x, where):
    x = pairs(x, where.base_pairs)
    _, base, view = memory(where, x.dtype)
    base[...] = x
    return whole(view.copy(), where.view_pairs)[()]


def paste_kernel(x, where):
    x = pairs(x, where.view_pairs)
    flat, base, view = memory(where, x.dtype)
    if not overlapping(where.size, where.stride):
        view[...] = x
    else:
        numbers, base_places, view_places = memory(where, np.int64)
        numbers[...] = np.arange(len(numbers))
        np.add.at(flat, view_places, x)
        if overlapping(where.shape, where.own):
            flat /= np.maximum(np.bincount(base_places.reshape(-1), minlength=len(flat)), 1)
    return whole(base, where.base_pairs)


def outside_kernel(x, where):
    x = pairs(x, where.base_pairs)
    _, base, view = memory(where, x.dtype)
    base[...] = x
    view[...] = 0
    return whole(base, where.base_pairs)


cut = linear(
    "cut(self, where)",
    cut_kernel,
    self=lambda g, where: paste(g, where),
    saved_as={"where": ""},
    shows={
        "size": lambda where: where.size,
        "stride": lambda where: where.stride,
        "storage_offset": lambda where: where.offset,
    },
    grad_fn="AsStridedBackward0",
    public=False,
)
paste = linear(
    "paste(self, where)", paste_kernel, self=lambda g, where: cut(g, where), grad_fn="AsStridedBackward0", public=False
)
outside = linear("outside(self, where)", outside_kernel, self=lambda g, where: outside(g, where), public=False)
