"""Indexing as Python spells it: x[...] and x[...] = y.

Note [What a subscript does]
A number selects, a slice narrows, None adds a dimension: together they make a view. What remains, sequences, arrays, masks
and the values True and False, goes to index or index_put_ at once. A mask takes as many dimensions as it has; True and
False take none, and stand for a dimension of size one, or of none. Masks of bytes are torch's old masks.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import bool_, number, uint8
from ..errors import type_name
from ..tensor import Tensor, wrap
from . import expanding, indexing, places, shape
from .form import composite

# -- x[key]


@composite(modules="", dunder="__getitem__")
def getitem(x: Tensor, key: Any) -> Tensor:
    """A view; then index, if there are arrays and masks. See Note [What a subscript does]."""
    if type(key) is int:
        return shape.select(x, 0, check_index(key, x, 0))
    if type(key) is slice:
        return sliced(x, 0, key, always=True)
    if hasattr(key, "level"):
        return by_sample(x, key)
    result, arrays = basic_part(x, subscripts(key))
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


def subscripts(key: Any) -> tuple[Any, ...]:
    """The items of a tuple; those too of another short sequence, if some are more than numbers (numpy's old rule)."""
    if isinstance(key, tuple):
        return key
    if isinstance(key, Sequence) and len(key) < 32 and any(more_than_a_number(k) for k in key):
        warnings.warn(SEQUENCE, UserWarning, stacklevel=4)
        return tuple(key)
    return (key,)


def more_than_a_number(k: Any) -> bool:
    return k is None or k is Ellipsis or isinstance(k, Tensor | Sequence | np.ndarray | slice)


SEQUENCE = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use "
    "x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], which "
    "will result either in an error or a different result"
)


def basic_part(x: Tensor, items: tuple[Any, ...]) -> tuple[Tensor, list[Any]]:
    """The view that ints, slices, None and Ellipsis make, and the arrays that remain (None where a dim stays whole)."""
    spelled = sum(width(k) for k in items)
    if spelled > x.ndim:
        raise IndexError(f"too many indices for tensor of dimension {x.ndim}")
    result, dim = x, 0
    arrays: dict[int, Any] = {}
    for place, k in enumerate(items):
        if k is Ellipsis:
            dim += x.ndim - spelled
        elif k is None:
            result = shape.unsqueeze(result, dim)
            dim += 1
        elif isinstance(k, slice):
            result = sliced(result, dim, k)
            dim += 1
        elif hasattr(k, "level"):
            arrays[dim] = places_of_samples(k)
            dim += 1
        elif is_number(k):
            result = shape.select(result, dim, check_index(as_number(k), result, dim, place))
        else:
            k = as_array(k)
            if not k.ndim:
                result, k = shape.unsqueeze(result, dim), np.zeros(int(bool(k)), np.int64)
            arrays[dim] = k
            dim += dims_of(k)
    found: list[Any] = []
    while len(found) < dim and arrays and max(arrays) >= dim_of(found):
        found.append(arrays.get(dim_of(found)))
    return result, found


def dim_of(found: list[Any]) -> int:
    """The dimension that comes after these indices."""
    return sum(map(dims_of, found))


def dims_of(k: Any) -> int:
    """How many dimensions an array takes (None: one that stays whole)."""
    return k.ndim if isinstance(k, np.ndarray | np.generic) and indexing.is_mask(k) else 1


def width(k: Any) -> int:
    """How many dimensions a subscript takes."""
    if k is None or k is Ellipsis or isinstance(k, bool):
        return 0
    if isinstance(k, Tensor | np.ndarray) and k.dtype in MASKS:
        return k.ndim
    return 1


MASKS = (bool_, uint8, np.dtype(bool), np.dtype(np.uint8))


def is_number(k: Any) -> bool:
    if isinstance(k, bool):
        return False
    if isinstance(k, Tensor | np.ndarray):
        return not k.ndim and k.dtype not in MASKS
    if not isinstance(k, int | np.integer | Sequence):
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type_name(k)})"
        )
    return isinstance(k, int | np.integer)


def as_number(k: Any) -> int:
    try:
        return operator.index(k)
    except TypeError:
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors") from None


def as_array(k: Any) -> Any:
    """An index that is no number: a Tensor's data, or what a sequence holds, as integers if not as a mask."""
    if isinstance(k, Tensor):
        return k._array
    if isinstance(k, str | bytes):
        raise TypeError(f"new(): invalid data type '{type_name(k)}'")
    a = np.asarray([as_array(i) if isinstance(i, Tensor) else i for i in k] if isinstance(k, Sequence) else k)
    return a if indexing.is_mask(a) else a.astype(np.int64)


def sliced(x: Tensor, dim: int, k: slice, always: bool = False) -> Tensor:
    """x itself where all of a dimension is meant, unless a view is wanted always (the slice is the only subscript)."""
    start, stop, step = k.start, k.stop, k.step
    if not {type(None), int}.issuperset(map(type, (start, stop, step))):
        k.indices(0)  # Python's refusals
        start, stop, step = (None if n is None else operator.index(n) for n in (start, stop, step))
    if step is not None and step <= 0:
        raise ValueError("step must be greater than zero" if step else "slice step cannot be zero")
    if not x.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    if not always and start in (None, 0) and (stop is None or stop >= x.shape[dim]) and step in (None, 1):
        return x
    return shape.slice_(x, (*(slice(None),) * dim, slice(start, shape.END if stop is None else stop, step)))


def check_index(k: int, x: Tensor, dim: int, place: int = 0) -> int:
    if not x.ndim:
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a "
            "0-dim tensor to a number"
        )
    n = x.shape[dim]
    if not -n <= k < n:
        raise IndexError(f"index {k} is out of bounds for dimension {place} with size {n}")
    return k


# -- x[key] = value


@composite(modules="", dunder="__setitem__")
def setitem(x: Tensor, key: Any, value: Any) -> None:
    """A copy into the view, or index_put_."""
    if not isinstance(value, Tensor):
        value = as_value(value, x)
    if key is False:
        return
    if key is True:
        target, arrays = shape.unsqueeze(x, 0), []
    elif type(key) is int:
        target, arrays = shape.select(x, 0, check_index(key, x, 0)), []
    elif type(key) is slice:
        target, arrays = sliced(x, 0, key), []
    elif isinstance(key, Tensor) and hasattr(key, "level"):
        target, arrays = x, [places_of_samples(key)]
    else:
        target, arrays = basic_part(x, subscripts(key))
    if arrays:
        rest = without_leading_ones(value)
        target.index_put_(tuple(arrays), value if len(rest) == value.ndim else shape.view_(value, rest))
        return
    if value.shape == target.shape:
        target.copy_(value)
    elif not value.ndim:
        target.fill_(value)
    else:
        value = shape.view_(value, without_leading_ones(value))
        target.copy_(value if value.shape == target.shape else expanding.expand(value, tuple(target.shape)))


def places_of_samples(key: Tensor) -> Tensor:
    """An index that depends on the sample of a vmap, and therefore is not looked at."""
    if key.dtype in MASKS:
        raise RuntimeError(
            "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over indexing "
            "with a boolean mask."
        )
    return key


def as_value(value: Any, like: Tensor) -> Tensor:
    """A number as a 0-dim tensor."""
    if not isinstance(value, bool | int | float | complex | np.integer):
        raise TypeError(f"can't assign a {type_name(value)} to a {like.type()}")
    return wrap(np.asarray(number(value, like.dtype.np)).astype(like.dtype.np)[()])


def without_leading_ones(value: Tensor) -> tuple[int, ...]:
    """The shape of a value, which may have leading dimensions of size 1 that the target lacks."""
    rest = tuple(value.shape)
    while rest and rest[0] == 1:
        rest = rest[1:]
    return rest
