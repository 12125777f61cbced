"""Shapes as torch spells them: functions that choose between the rows of shape.py and expanding.py.

Sizes come one by one or as a tuple; dimensions may be left out. These leave no node of their own.
"""

from __future__ import annotations

import math
from operator import index as integer
from typing import Any

import numpy as np

from .. import dtypes
from ..compiler.arguments import NoSizes
from ..tensor import Tensor, storage_array, wrap
from . import expanding, reduce, shape, writes
from .dims import whole, wrap_dim
from .form import composite
from .shape import reshape_alias, reshape_copy, view_


def sizes_of(given: tuple, by_name: Any = ...) -> tuple[int, ...]:
    """(2, 3) and ((2, 3),) are the same; under their name sizes are one sequence."""
    if by_name is not ...:
        if given:
            raise TypeError("sizes were given one by one and by name")
        return tuple(map(integer, by_name))
    if not given:
        raise NoSizes
    items = given[0] if len(given) == 1 and not isinstance(given[0], int | Tensor | np.integer) else given
    return tuple(map(integer, items))


# -- another shape


@composite(modules="", method=True)
def view(input: Tensor, *shape_: Any, size: Any = ..., dtype: Any = None) -> Tensor:
    """The same elements, or with a dtype the same bytes, under another shape (source: Tensor.view)."""
    if len(shape_) == 1 and isinstance(shape_[0], dtypes.dtype):
        dtype = shape_[0]
    if dtype is None:
        return shape.view_(input, sizes_of(shape_, size))
    return of_bytes(input, dtype)


def of_bytes(input: Tensor, dtype: Any) -> Tensor:
    """The memory read as another dtype; not differentiable."""
    array = storage_array(input)
    if array.dtype.itemsize != dtype.np.itemsize:
        check_bytes(input, dtype)
    found = array.view(dtype.np)
    return wrap(found if found.size else np.empty(found.shape, dtype.np))  # numpy gives nothing the oddest strides


def check_bytes(input: Tensor, dtype: Any) -> None:
    """That elements of another size begin and end where elements do."""
    about = f"to view {input.dtype.legacy} as {dtype.legacy} (different element sizes)"
    if not input.ndim:
        raise RuntimeError(f"self.dim() cannot be 0 {about}")
    times, strides = dtype.itemsize // input.dtype.itemsize, input.stride()
    larger = times > 1
    for name, n in (("size(-1)", input.shape[-1]), ("storage_offset()", input.storage_offset())) if larger else ():
        if n % times:
            raise RuntimeError(f"self.{name} must be divisible by {times} {about}, but got {n}")
    if strides[-1] != 1:
        raise RuntimeError(f"self.stride(-1) must be 1 {about}, but got {strides[-1]}")
    for d, step in enumerate(strides[:-1]) if larger else ():
        if step % times:
            raise RuntimeError(f"self.stride({d}) must be divisible by {times} {about}, but got {step}")


@composite()
def reshape(input: Tensor, *sizes: Any, shape: Any = ...) -> Tensor:
    """A view where the memory allows it, else a copy (source: torch.reshape)."""
    target = whole(input.shape, sizes_of(sizes, shape))
    if input.is_contiguous():
        return view_(input, target)
    try:
        return reshape_alias(input, target)
    except RuntimeError:
        return reshape_copy(writes.clone(input), target)


@composite(modules="", method=True)
def view_as(self: Tensor, other: Tensor) -> Tensor:
    return shape.view_(self, tuple(other.shape))


@composite(modules="", method=True)
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    return reshape(self, tuple(other.shape))


@composite()
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    a, b = wrap_dim(start_dim, input.ndim), wrap_dim(end_dim, input.ndim)
    if a > b:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    old = input.shape
    if not old:
        return reshape(input, (1,))
    return input if a == b else reshape(input, (*old[:a], math.prod(old[a : b + 1]), *old[b + 1 :]))


@composite()
def ravel(input: Tensor) -> Tensor:
    return reshape(input.contiguous(), (-1,))


@composite()
def unflatten(input: Tensor, dim: int, sizes: tuple[int, ...]) -> Tensor:
    if not input.ndim:
        raise RuntimeError(
            f"unflatten got an unexpected error:\nDimension specified as {dim} but tensor has no dimensions"
        )
    d, old = wrap_dim(dim, input.ndim), input.shape
    if isinstance(sizes, int):
        raise TypeError("unflatten(): argument 'sizes' (position 2) must be tuple of ints, not int")
    if not len(sizes):
        raise RuntimeError("unflatten: sizes must be non-empty")
    try:
        parts = whole((old[d],), sizes_of((sizes,)))
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {d} ({old[d]}) in the input "
            "tensor"
        ) from None
    return shape.view_(input, (*old[:d], *parts, *old[d + 1 :]))


@composite(modules="", method=True)
def expand(self: Tensor, *sizes: Any, size: Any = ..., implicit: bool = False) -> Tensor:
    return expanding.expand(self, sizes_of(sizes, size))


@composite(modules="", method=True)
def sum_to_size(self: Tensor, *size: Any) -> Tensor:
    """Sum what expanding to this shape's size had repeated (source: Tensor.sum_to_size)."""
    target, have = sizes_of(size), tuple(self.shape)
    lead = len(have) - len(target)
    if lead < 0 or any(n not in (1, m) for n, m in zip(target, have[lead:], strict=True)):
        raise RuntimeError(f"size {{{list(target)}}} is not expandable to size {{{list(have)}}}.")
    if not target:
        return reduce.sum(self)
    if have == target:
        return self
    dims = (*range(lead), *(d for d in range(lead, len(have)) if target[d - lead] == 1 != have[d]))
    out = reduce.sum(self, dims, True)
    return shape.view_(out, target) if lead else out


@composite(modules="", method=True)
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    return expanding.expand(self, tuple(other.shape))


@composite()
def broadcast_to(input: Tensor, size: tuple[int, ...]) -> Tensor:
    return expanding.expand(input, sizes_of((), size))


@composite(method=False)
def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    target = broadcast_shapes(*(t.shape for t in listed(tensors)))
    return tuple(t if t.shape == target else expanding.expand(t, target) for t in listed(tensors))


@composite(method=False)
def broadcast_shapes(*shapes: Any) -> dtypes.Size:
    """The shape that all of these broadcast to (source: torch.broadcast_shapes)."""
    if any(n < 0 for s in map(as_shape, shapes) for n in s):
        raise ValueError("Attempting to broadcast a dimension with negative length!")
    result = [1] * max((len(s) for s in map(as_shape, shapes)), default=0)
    for s in map(as_shape, shapes):
        for i, n in enumerate(reversed(s), 1):
            if n != 1 and result[-i] not in (1, n):
                raise RuntimeError(
                    "Shape mismatch: objects cannot be broadcast to a single shape: "
                    f"{', '.join(str(list(as_shape(s))) for s in shapes)}"
                )
            result[-i] = n if n != 1 else result[-i]
    return dtypes.Size(result)


def as_shape(s: Any) -> tuple[int, ...]:
    return (s,) if isinstance(s, int) else tuple(s)


def listed(tensors: Any) -> Any:
    return tensors[0] if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else tensors


@composite()
def atleast_1d(*tensors: Any) -> Any:
    return each(tensors, lambda t: t if t.ndim else reshape(t, 1))


@composite()
def atleast_2d(*tensors: Any) -> Any:
    return each(tensors, lambda t: t if t.ndim > 1 else shape.unsqueeze(t, 0) if t.ndim else reshape(t, 1, 1))


@composite()
def atleast_3d(*tensors: Any) -> Any:
    def three(t: Tensor) -> Tensor:
        if t.ndim > 2:
            return t
        if t.ndim == 2:
            return shape.unsqueeze(t, -1)
        return shape.unsqueeze(shape.unsqueeze(t, 0), -1) if t.ndim else reshape(t, 1, 1, 1)

    return each(tensors, three)


def each(tensors: tuple, f: Any) -> Any:
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return f(tensors[0])
    return tuple(map(f, listed(tensors)))
