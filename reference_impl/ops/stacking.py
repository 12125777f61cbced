"""Joining, splitting and repeating as torch spells it: functions that choose between the rows of joining.py
and rearranging.py."""

from __future__ import annotations

from itertools import pairwise
from operator import index
from typing import Any

import numpy as np

from ..compiler.arguments import the_one
from ..errors import type_name
from ..factories.sizes import whole
from ..placement import contiguous_format
from ..tensor import Tensor, wrap
from . import expanding, joining, masks, places, rearranging, shape, writes
from .dims import at, wrap_dim
from .form import composite
from .shaping import atleast_1d, atleast_2d, atleast_3d, flatten, listed, reshape, sizes_of

# -- splitting


@composite("split", modules="", method=True)
def split_method(self: Tensor, split_size: Any, dim: int = 0) -> tuple[Tensor, ...]:
    return split(self, split_size, dim)


@composite(method=False)
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of pieces of a size, or of sizes (source: torch.split)."""
    if isinstance(split_size_or_sections, int):
        return joining.split_evenly(tensor, split_size_or_sections, dim)
    sizes = whole(split_size_or_sections, "split_with_sizes", "split_sizes", 2)
    return joining.split_with_sizes(tensor, sizes, dim)


def in_chunks(input: Tensor, chunks: int, dim: int, evenly: Any, by_sizes: Any) -> tuple[Tensor, ...]:
    if not input.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    piece = -(-input.shape[wrap_dim(dim, input.ndim)] // chunks)
    return evenly(input, piece, dim) if piece else by_sizes(input, (0,) * chunks, dim)


@composite()
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    return in_chunks(input, chunks, dim, joining.split_evenly, joining.split_with_sizes)


@composite()
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    from .copies import unsafe_split, unsafe_split_with_sizes

    return in_chunks(input, chunks, dim, unsafe_split, unsafe_split_with_sizes)


@composite()
def tensor_split(
    input: Tensor, sections: Any = None, dim: int = 0, *, indices: Any = None, tensor_indices_or_sections: Any = None
) -> tuple[Tensor, ...]:
    places = the_one(
        "tensor_split", sections=sections, indices=indices, tensor_indices_or_sections=tensor_indices_or_sections
    )
    if not input.ndim:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    d = wrap_dim(dim, input.ndim)
    n = input.shape[d]
    if isinstance(places, Tensor):
        if places.dtype.np != np.int64:
            raise RuntimeError(
                f"tensor_split expected tensor_indices_or_sections to have dtype of long, but got {places.dtype.legacy}"
            )
        if places.ndim > 1:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but "
                f"got a tensor with {places.ndim} dims"
            )
        places = places.tolist()
    if isinstance(places, int):
        if places <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {places}")
        small, more = divmod(n, places)
        ends = np.cumsum([small + (i < more) for i in range(places)]).tolist()[:-1]
    else:
        ends = [index(i) for i in places]
    starts = [0, *ends]
    return tuple(shape.slice_(input, at(d, slice(a, b))) for a, b in zip(starts, [*ends, n], strict=True))


def split_along(name: str, least: int, dim_of: Any) -> Any:
    def function(input: Tensor, sections: Any = None, *, indices: Any = None) -> tuple[Tensor, ...]:
        places = the_one(name, sections=sections, indices=indices)
        if input.ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor "
                f"with {input.ndim} dimensions!"
            )
        d = dim_of(input)
        if not isinstance(places, int | tuple | list | Tensor):
            given = type(places).__name__
            raise TypeError(
                f"{name}() received an invalid combination of arguments - got (Tensor, {given}), but expected one of:\n"
                " * (Tensor input, int sections)\n"
                f"      didn't match because some of the arguments have invalid types: (Tensor, !{given}!)\n"
                " * (Tensor input, tuple of ints indices)\n"
                f"      didn't match because some of the arguments have invalid types: (Tensor, !{given}!)\n"
            )
        if isinstance(places, int) and (not places or input.shape[d] % places):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {d}, but the size of the dimension "
                f"{input.shape[d]} is not divisible by the split_size {places}!"
            )
        return tensor_split(input, places, d)

    return composite(name)(function)


hsplit = split_along("hsplit", 1, lambda x: 0 if x.ndim == 1 else 1)
vsplit = split_along("vsplit", 2, lambda x: 0)
dsplit = split_along("dsplit", 3, lambda x: 2)


# -- joining


def sequence(tensors: Any, name: str) -> tuple[Tensor, ...]:
    if not isinstance(tensors, tuple | list):
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type_name(tensors)}")
    if not tensors:
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return tuple(tensors)


@composite(method=False, out=True)
def hstack(tensors: Any) -> Tensor:
    ts = atleast_1d(sequence(tensors, "hstack"))
    return joining.cat(ts, 0 if ts[0].ndim == 1 else 1)


@composite(aliases=("row_stack",), method=False, out=True)
def vstack(tensors: Any) -> Tensor:
    return joining.cat(atleast_2d(sequence(tensors, "vstack")), 0)


@composite(method=False, out=True)
def dstack(tensors: Any) -> Tensor:
    return joining.cat(atleast_3d(sequence(tensors, "dstack")), 2)


@composite(method=False, out=True)
def column_stack(tensors: Any) -> Tensor:
    ts = sequence(tensors, "column_stack")
    return joining.cat([reshape(t, (t.numel(), 1)) if t.ndim < 2 else t for t in ts], 1)


@composite(method=False)
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    if indexing is None:
        from ..warn import once

        once(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument. (Triggered "
            "internally at /pytorch/aten/src/ATen/native/TensorShape.cpp:4382.)"
        )
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    ts = list(listed(tensors))
    if not ts:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    for k, x in enumerate(ts):
        if not isinstance(x, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 0, but got {type_name(x)}")
        if x.dtype is not ts[0].dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
        if x.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {x}")
    swap = indexing == "xy" and len(ts) > 1
    ts = [ts[1], ts[0], *ts[2:]] if swap else ts
    target = tuple(t.numel() for t in ts)
    grids = [
        expanding.expand(shape.view_(t, tuple(-1 if i == k else 1 for i in range(len(ts)))), target)
        for k, t in enumerate(ts)
    ]
    if swap:
        grids[:2] = grids[1::-1]
    return tuple(grids)


@composite(method=False)
def cartesian_prod(*tensors: Tensor) -> Tensor:
    ts = listed(tensors)
    for x in ts:
        if x.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.shape)}")
    if len(ts) == 1:
        return ts[0]
    return joining.stack([reshape(g, -1) for g in meshgrid(*ts, indexing="ij")], 1)


@composite()
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    if input.ndim != 1:
        raise RuntimeError("Expect a 1D vector, but got shape " + str(list(input.shape)))
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if not r:
        return input.new_empty(0)
    at = np.indices((len(input),) * r)
    rising = np.less_equal if with_replacement else np.less
    chosen = wrap(np.all([rising(a, b) for a, b in pairwise(at)], 0) | np.zeros(at.shape[1:], bool))
    return joining.stack([masks.masked_select(g, chosen) for g in meshgrid(*[input] * r, indexing="ij")], 1)


# -- repeating


@composite(modules="", method=True)
def repeat(self: Tensor, *sizes: Any, repeats: Any = ...) -> Tensor:
    return rearranging.repeat(self, sizes_of(sizes, repeats))


@composite()
def tile(input: Tensor, *args: Any, dims: Any = ...) -> Tensor:
    reps = sizes_of(args, dims)
    return rearranging.repeat(input, (1,) * (input.ndim - len(reps)) + reps)


def check_repeats(repeats: Tensor) -> None:
    if repeats.ndim > 1:
        raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
    if repeats.dtype.np not in (np.int64, np.int32):
        raise NotImplementedError(f"\"repeat_interleave_cpu\" not implemented for '{repeats.dtype.legacy}'")
    if np.any(repeats._array < 0):
        raise RuntimeError("repeats can not be negative")


@composite(out=True)
def repeat_interleave(
    input: Any = ..., repeats: Any = ..., dim: int | None = None, *, output_size: Any = None
) -> Tensor:
    """Each element repeated where it stands; with input alone, its indices so often (source: torch.repeat_interleave)."""
    input, repeats = (repeats, ...) if input is ... else (input, repeats)
    if repeats is ...:
        check_repeats(input)
        return wrap(np.repeat(np.arange(input.numel()), input._array))
    if dim is None:
        input, dim = reshape(input, -1), 0
    dim = wrap_dim(dim, input.ndim)
    n = input.shape[dim] if input.ndim else 1
    counts = repeats._array if isinstance(repeats, Tensor) else np.asarray(repeats)
    if isinstance(repeats, Tensor):
        check_repeats(repeats)
    elif np.any(counts < 0):
        raise RuntimeError("Repeats must be non-negative")
    if counts.dtype.kind not in "iu" and counts.size:
        raise TypeError("repeat_interleave(): argument 'repeats' (position 2) must be int, not float")
    if counts.ndim and counts.size not in (1, n):
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = {counts.size} and "
            f"input.size({dim}) = {n}"
        )
    if not isinstance(repeats, Tensor) and not counts.ndim and input.ndim:
        first, rest = input.shape[: dim + 1], input.shape[dim + 1 :]
        wide = expanding.expand(shape.unsqueeze(input, dim + 1), (*first, int(counts), *rest))
        return flatten(writes.clone(wide, memory_format=contiguous_format), dim, dim + 1)
    where = np.repeat(np.arange(n), np.broadcast_to(counts.reshape(-1), (n,)))
    if output_size not in (None, where.size):
        raise RuntimeError("allocated size does not match required size")
    return places.index_select(input, dim, wrap(where))
