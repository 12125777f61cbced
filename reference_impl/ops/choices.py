"""gather, scatter, fill, where: choices between rows, by whether a number or a Tensor is given, and by what name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..compiler.runtime import not_a_tensor
from ..dtypes import INTEGER, LEGACY, int64, number, result_type
from ..tensor import Tensor, wrap
from ..warn import once
from . import expanding, gathering, masks, places, scatter_reduction, structure, writes
from .dims import wrap_dim
from .form import Row, composite


@composite(out=True)
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    if sparse_grad:
        from ..sparse import tables

        return tables.gather(input, dim, index)
    return gathering.gather(input, dim, index)


@composite(inplace=True, out=True)
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: Any = None
) -> Tensor:
    """Write src (or a number) at index along dim (source: Tensor.scatter_)."""
    given = src if value is None else value
    if given is None:
        raise not_a_tensor("scatter", given, "src", 4)
    if reduce is not None:
        if isinstance(given, Tensor) and given.dtype is not input.dtype:
            raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
        if isinstance(given, Tensor) and given is src:
            gathering.check_source(given.ndim, index.ndim)
        return scatter_reduction.scatter_with(input, dim, index, given, reduce)
    if isinstance(given, Tensor):
        return gathering.scatter_src(input, dim, index, given)
    return gathering.scatter_value(input, dim, index, given)


@composite(inplace=True)
def index_fill(input: Tensor, dim: int, index: Tensor, value: float | Tensor) -> Tensor:
    if not isinstance(value, Tensor):
        return places.index_fill_number(input, dim, index, value)
    if value.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    return places.index_fill_tensor(input, dim, index, value)


@composite(inplace=True)
def masked_fill(input: Tensor, mask: Tensor, value: float | Tensor) -> Tensor:
    if not isinstance(value, Tensor):
        return masks.masked_fill_number(input, mask, value)
    if value.ndim:
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    return masks.masked_fill_tensor(input, mask, value)


def filling(number: Row, tensor: Row) -> Callable[..., Tensor]:
    def fill(input: Tensor, value: float | Tensor) -> Tensor:
        if not isinstance(value, Tensor):
            return number(input, value)
        if value.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions."
            )
        return tensor(input, value)

    return fill


fill = composite()(filling(writes.fill_number, writes.fill_tensor))
fill_in_place = composite("fill", modules="", method=False, inplace=True)(
    filling(
        *(replace(row, grad_fn=f"FillBackward{k}") for k, row in ((2, writes.fill_number), (3, writes.fill_tensor)))
    )
)


@composite(out=True)
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    from .shaping import broadcast_shapes, reshape

    if dim is None:
        return gathering.gather(reshape(input, -1), 0, reshape(indices, -1))
    if input.ndim != indices.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    d = wrap_dim(dim, input.ndim)
    if indices.dtype is not int64:
        raise RuntimeError(f"torch.take_along_dim(): dtype of indices should be Long but got {indices.dtype.legacy}")
    if not input.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    size = input.shape[d]
    if indices.numel() and not size:
        raise RuntimeError("ZeroDivisionError")
    indices = wrap(indices._array % (size or 1))
    a, b = list(input.shape), list(indices.shape)
    a[d], b[d] = b[d], a[d]
    common = [list(broadcast_shapes(p, q)) for p, q in ((a, indices.shape), (b, input.shape))]
    return gathering.gather(expanding.expand(input, tuple(common[1])), d, expanding.expand(indices, tuple(common[0])))


@composite("fill_diagonal_", modules="", method=True)
def fill_diagonal_(self: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """Write a number on the main diagonal (source: Tensor.fill_diagonal_)."""
    if self.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    size, step = self.shape, sum(self.stride())
    if self.ndim > 2 and len(set(size)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    self.as_strided((min(size),), (step,)).fill_(fill_value)
    if wrap and self.ndim == 2 and size[0] > size[1] + 1:
        more = -(-self.numel() // (size[1] + 1)) - min(size)
        self.as_strided((more,), (step,), self.storage_offset() + (size[1] + 1) * self.stride(0)).fill_(fill_value)
    return self


@composite(method=False, out=True)
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    if input is None and other is None:
        if hasattr(condition, "level"):
            from ..batching.calls import of_dynamic_shape

            raise of_dynamic_shape("where")
        return nonzero(condition, as_tuple=True)
    for position, (name, x) in enumerate((("input", input), ("other", other)), 2):
        if x is None:
            raise not_a_tensor("where", x, name, position)
    if condition.dtype.np.kind != "b" and condition.dtype.np != np.uint8:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {LEGACY[condition.dtype]}"
        )
    if condition.dtype.np == np.uint8:
        once(
            "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future version of "
            "PyTorch. Use a boolean condition instead."
        )
        condition = condition.bool()
    for number_given, x in ((input, other), (other, input)):
        if type(number_given) is int and isinstance(x, Tensor) and x.dtype.category == INTEGER:
            number(number_given, x.dtype.np)  # it must fit
    if not isinstance(input, Tensor) and not isinstance(other, Tensor):  # two numbers: a tensor of their common dtype
        other = wrap(np.asarray(other, result_type((input, other)).np)[()])
    return structure.where(condition, input, other)


@composite("where", modules="", method=True, out=True)
def where_method(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    return where(condition, self, other)


@composite(out=True)
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    found = np.nonzero(np.atleast_1d(input._array) if as_tuple else input._array) if input.ndim else None
    if found is None:
        count = int(bool(input._array))
        return (wrap(np.zeros(count, np.int64)),) if as_tuple else wrap(np.zeros((count, 0), np.int64))
    found = np.stack(found)  # the places dimension by dimension, which is how torch writes them
    return tuple(map(wrap, found)) if as_tuple else wrap(found.T)


@composite(out=True)
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """The first `size` places that are not zero; what is left over is fill_value (source: torch.nonzero_static)."""
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    found = nonzero(input)._array[:size]
    padded = np.full((size, input.ndim), fill_value, np.int64)
    padded[: len(found)] = found
    return wrap(padded)


@composite()
def argwhere(input: Tensor) -> Tensor:
    return nonzero(input)
