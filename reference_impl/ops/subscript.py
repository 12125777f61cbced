"""Indexing as Python and torch spell it: x[...], x[...] = y, gather, scatter, fill; choices between rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import LEGACY, int64, number, result_type
from ..tensor import Tensor, wrap
from . import expanding, indexing, masks, places, scatter_reduction, shape
from .form import composite
from .shape import wrap_dim

# -- x[key]


@composite(modules="", dunder="__getitem__")
def getitem(x: Tensor, key: Any) -> Tensor:
    """select for an int, slice, unsqueeze for None; then index, if there are arrays and masks."""
    if type(key) is int:
        return shape.select(x, 0, check_index(key, x, 0))
    if hasattr(key, "level"):
        return by_sample(x, key)
    result, arrays = basic_part(x, as_items(key), isinstance(key, tuple))
    if arrays:
        return indexing.index(result, tuple(arrays))
    return shape.alias(x) if result is x else result


def by_sample(x: Tensor, key: Tensor) -> Tensor:
    """x[key], where under vmap each sample has a key of its own."""
    if key.dtype.np.kind == "b":
        raise RuntimeError(
            "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over indexing "
            "with a boolean mask."
        )
    found = places.index_select(x, 0, key.reshape(-1))
    return found.reshape((*key.shape, *x.shape[1:]))


def as_items(key: Any) -> list[Any]:
    """The subscripts. A list counts as several if it holds slices or tensors' kin (torch's legacy rule)."""
    if isinstance(key, tuple):
        return list(key)
    return [key]


def basic_part(x: Tensor, items: list[Any], several: bool = True) -> tuple[Tensor, list[Any]]:
    """The view that ints, slices, None and Ellipsis make, and the arrays that remain (None where a dim stays whole)."""
    spelled = sum(width(k) for k in items)
    if spelled > x.ndim:
        raise IndexError(f"too many indices for tensor of dimension {x.ndim}" if x.ndim or spelled > 1 else ZERO_DIM)
    result, dim, place = x, 0, 0
    arrays: dict[int, Any] = {}
    for k in items:
        if k is Ellipsis:
            dim += x.ndim - spelled
            place += x.ndim - spelled
        elif k is None:
            result = shape.unsqueeze(result, dim)
            dim += 1
        elif isinstance(k, slice):
            result = sliced(result, dim, k, alone=len(items) == 1 and not several)
            dim += 1
        elif is_number(k):
            result = shape.select(result, dim, check_index(int(k), result, dim, place))
        else:
            k = as_array(k)
            if not k.ndim and k.dtype.kind == "b":
                result, k = shape.unsqueeze(result, dim), k.reshape(1)
            arrays[dim] = k
            dim += k.ndim if k.dtype.kind == "b" else 1
        place += width(k)
    found: list[Any] = []
    while len(found) < dim and arrays and max(arrays) >= dim_of(found):
        found.append(arrays.get(dim_of(found)))
    return result, found


def dim_of(found: list[Any]) -> int:
    """The dimension that comes after these indices."""
    return sum(1 if k is None or k.dtype.kind != "b" else k.ndim for k in found)


def width(k: Any) -> int:
    """How many dimensions a subscript takes."""
    if k is None or k is Ellipsis or isinstance(k, bool):
        return 0
    if isinstance(k, Tensor | np.ndarray) and k.dtype in (np.bool_, _bool()):
        return k.ndim
    return 1


def _bool() -> Any:
    from ..dtypes import bool_

    return bool_


def is_number(k: Any) -> bool:
    if isinstance(k, bool):
        return False
    if isinstance(k, Tensor):
        return not k.ndim and k.dtype.np.kind in "iu"
    if not isinstance(k, int | np.integer | list | tuple | range | np.ndarray):
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(k).__name__})"
        )
    return isinstance(k, int | np.integer)


def as_array(k: Any) -> Any:
    if isinstance(k, Tensor):
        return k._array
    if isinstance(k, list | tuple | range):
        k = [as_array(i) if isinstance(i, Tensor) else i for i in k]
        return np.asarray(k) if len(k) else np.zeros(0, np.int64)
    return np.asarray(k)


def sliced(x: Tensor, dim: int, k: slice, alone: bool) -> Tensor:
    """x itself where all of a dimension is meant, unless the slice is the only subscript."""
    start, stop, step = (int(n) if isinstance(n, Tensor) else n for n in (k.start, k.stop, k.step))
    if step is not None and step <= 0:
        raise ValueError("step must be greater than zero")
    if not x.ndim:
        raise IndexError(SLICE_ZERO_DIM)
    if not alone and start in (None, 0) and (stop is None or stop >= x.shape[dim]) and step in (None, 1):
        return x
    return shape.slice_(x, (*(slice(None),) * dim, slice(start, stop, step)))


ZERO_DIM = (
    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim "
    "tensor to a number"
)
SLICE_ZERO_DIM = "slice() cannot be applied to a 0-dim tensor."


def check_index(k: int, x: Tensor, dim: int, place: int = 0) -> int:
    if not x.ndim:
        raise IndexError(ZERO_DIM)
    n = x.shape[dim]
    if not -n <= k < n:
        raise IndexError(f"index {k} is out of bounds for dimension {place} with size {n}")
    return k


@composite(modules="", dunder="__setitem__")
def setitem(x: Tensor, key: Any, value: Any) -> None:
    """x[key] = value: a copy into the view, or index_put_."""
    target, arrays = basic_part(x, as_items(key))
    if not isinstance(value, Tensor):
        value = wrap(np.asarray(number(value, x.dtype.np)).astype(x.dtype.np)[()])
    if arrays:
        target.index_put_(tuple(arrays), without_leading_ones(value, indexed_rank(target, arrays)))
        return
    if target is x:
        target = shape.alias(x) if x._base is not None else x
    value = without_leading_ones(value, target.ndim)
    target.copy_(value if value.shape == target.shape else expanding.expand(value, tuple(target.shape)))


def indexed_rank(x: Tensor, arrays: list[Any]) -> int:
    return indexing.index_kernel(x._array, tuple(arrays)).ndim


def without_leading_ones(value: Tensor, rank: int) -> Tensor:
    """torch lets a value have leading dimensions of size 1 that the target lacks."""
    old = value.shape
    spare = len(old) - rank
    if spare > 0 and old[:spare] == (1,) * spare:
        return shape.view_(value, old[spare:])
    return value


# -- operators with a number or a Tensor, by keyword or by position


@composite(out=True)
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    return indexing.gather(input, dim, index)


@composite(inplace=True, out=True)
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: Any = None
) -> Tensor:
    """Write src (or a number) at index along dim (source: Tensor.scatter_)."""
    given = src if value is None else value
    if reduce is not None:
        if isinstance(given, Tensor) and given.dtype is not input.dtype:
            raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
        return scatter_reduction.scatter_with(input, dim, index, given, reduce)
    if isinstance(given, Tensor):
        return indexing.scatter_src(input, dim, index, given)
    return indexing.scatter_value(input, dim, index, given)


@composite(inplace=True)
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        return places.index_fill_number(input, dim, index, value)
    if value.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    return places.index_fill_tensor(input, dim, index, value)


@composite(inplace=True)
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        return masks.masked_fill_number(input, mask, value)
    if value.ndim:
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    return masks.masked_fill_tensor(input, mask, value)


@composite(inplace=True)
def fill(input: Tensor, value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        return shape.fill_number(input, value)
    if value.ndim:
        raise RuntimeError(f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions.")
    return shape.fill_tensor(input, value)


@composite(out=True)
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    from .shaping import broadcast_shapes, reshape

    if dim is None:
        return indexing.gather(reshape(input, -1), 0, reshape(indices, -1))
    if input.ndim != indices.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    d = wrap_dim(dim, input.ndim)
    if indices.dtype is not int64:
        raise RuntimeError(f"torch.take_along_dim(): dtype of indices should be Long but got {indices.dtype.legacy}")
    indices = wrap(np.where(indices._array < 0, indices._array + input.shape[d], indices._array))
    a, b = list(input.shape), list(indices.shape)
    a[d], b[d] = b[d], a[d]
    common = [list(broadcast_shapes(p, q)) for p, q in ((a, indices.shape), (b, input.shape))]
    return indexing.gather(expanding.expand(input, tuple(common[1])), d, expanding.expand(indices, tuple(common[0])))


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
    from . import structure

    if input is None:
        return nonzero(condition, as_tuple=True)
    if condition.dtype.np.kind != "b" and condition.dtype.np != np.uint8:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {LEGACY[condition.dtype]}"
        )
    if condition.dtype.np == np.uint8:
        condition = condition.bool()
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
    return tuple(map(wrap, found)) if as_tuple else wrap(np.stack(found, 1))


@composite()
def argwhere(input: Tensor) -> Tensor:
    return nonzero(input)
