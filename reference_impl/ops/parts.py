"""Parts of a tensor as torch spells them, and copies with a part replaced: choices between rows."""

from __future__ import annotations

from operator import index as integer
from typing import Any

from ..tensor import Tensor
from . import copies, rearranging, replacing, shape, strides
from .dims import at, wrap_dim
from .form import composite
from .shaping import reshape, sizes_of


@composite()
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    return shape.transpose(input, axis0, axis1)


# -- a part


def narrowed(input: Tensor, dim: int, start: Any, length: int) -> int:
    """The start of a part, from the front, if the tensor has it."""
    if not input.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if isinstance(start, Tensor) and (start.ndim or start.dtype.np.kind not in "iu"):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    start, n = integer(start), input.shape[wrap_dim(dim, input.ndim)]
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -n <= start <= n:
        raise IndexError(f"start out of range (expected to be in range of [{-n}, {n}], but got {start})")
    start += n if start < 0 else 0
    if start + length > n:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({n}).")
    return start


@composite()
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    start = narrowed(input, dim, start, length)
    return shape.slice_(input, at(dim, slice(start, start + length)))


@composite(out=True)
def narrow_copy(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    if dim >= input.ndim > 0:
        raise RuntimeError(
            "Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.  (Could this error message be "
            "improved?  If so, please report an enhancement request to PyTorch.)"
        )
    if length < 0:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({input.shape[dim]}).")
    return copies.narrow_copied(input, dim, narrowed(input, dim, start, length), length)


@composite(out=True)
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    if input.ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")
    if input.ndim == 1:
        return rearranging.diag_embed(input, diagonal)
    return copies.diagonal_copy(input, diagonal, 0, 1)


@composite(method=False, out=True)
def as_strided_copy(
    input: Tensor, size: tuple[int, ...], stride: tuple[int, ...], storage_offset: int | None = None
) -> Tensor:
    return copies.as_strided_copied(input, *strided(input, size, stride, storage_offset))


@composite(method=False, out=True)
def slice_copy(input: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Tensor:
    return copies.slice_copied(input, at(wrap_dim(dim, input.ndim), slice(start, end, step)))


@composite()
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    return rearranging.diag_embed(reshape(input, -1), offset)


@composite()
def as_strided(
    input: Tensor, size: tuple[int, ...], stride: tuple[int, ...], storage_offset: int | None = None
) -> Tensor:
    """A view by strides, counted from the start of the storage (source: torch.as_strided)."""
    if hasattr(input, "level"):
        check_within_sample(input, sizes_of((), size), sizes_of((), stride), storage_offset)
    return strides.as_strided(input, *strided(input, size, stride, storage_offset))


def check_within_sample(
    input: Tensor, size: tuple[int, ...], stride: tuple[int, ...], storage_offset: int | None
) -> None:
    """Under vmap each sample may read its own memory only."""
    if len(size) != len(stride):
        raise RuntimeError(
            "Tensor.as_strided(size, stride, ...): size and stride must have the same length! Got size "
            f"{list(size)} and stride {list(stride)}"
        )
    begin = input.storage_offset()
    start = begin if storage_offset is None else storage_offset
    have = strides.end_of(input.shape, input.stride(), begin)
    last = strides.end_of(size, stride, start)
    if 0 not in size and (0 in input.shape or last > have or start < begin):
        raise RuntimeError(
            f"result = tensor.as_strided({list(size)}, {list(stride)}, {start}) can access memory outside of `tensor`. "
            f"`result` can access some memory in range [{start}, {last}], but `tensor` can only access some memory in range "
            f"[{begin}, {have}]. This is not supported inside of vmap, please try to rewrite the `as_strided` call as a "
            "sequence of PyTorch view operations"
        )


def strided(input: Tensor, size: tuple[int, ...], stride: tuple[int, ...], storage_offset: int | None = None) -> tuple:
    """What the row takes: the offset from the first element, the tensor's own strides, the offset as it was given."""
    offset = 0 if storage_offset is None else storage_offset - input.storage_offset()
    return sizes_of((), size), sizes_of((), stride), offset, input.stride(), storage_offset


# -- a copy with one part replaced


@composite(out=True)
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    if not input.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    return replacing.slice_replaced(input, src, ("slice", dim, start, end, step))


@composite(out=True)
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    shape.selected_dim(input, dim, index)
    return replacing.select_replaced(input, src, ("select", dim, index))


@composite(out=True)
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    return replacing.diagonal_replaced(input, src, ("diagonal", offset, dim1, dim2))


@composite(out=True)
def as_strided_scatter(
    input: Tensor, src: Tensor, size: tuple[int, ...], stride: tuple[int, ...], storage_offset: int | None = None
) -> Tensor:
    """A copy of the memory of input, with src at these strides of it (source: torch.as_strided_scatter)."""
    return replacing.strided_replaced(
        input, src, ("as_strided", sizes_of((), size), sizes_of((), stride), storage_offset)
    )
