"""Operators that torch makes of others: functions on Tensors that choose between rows. They leave no node of their own.

Only what torch spells with varying arguments needs one: sizes given one by one or as a tuple, max(x), max(x, dim) and
max(x, other), indexing.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from . import arithmetic, indexing, products, reduce, shape, structure
from .form import composite


def size(given: tuple) -> tuple[int, ...]:
    items = given[0] if len(given) == 1 and not isinstance(given[0], int | Tensor | np.integer) else given
    return tuple(int(n) for n in items)


@composite(modules="", method=True)
def view(input: Tensor, *shape_: Any) -> Tensor:
    return shape.view_.function(input, size(shape_))


@composite()
def reshape(input: Tensor, *shape_: Any) -> Tensor:
    """A view where the memory allows it, else a copy (source: torch.reshape)."""
    target = shape.whole(input._array.shape, size(shape_))
    try:
        return shape.view_.function(input, target)
    except RuntimeError:
        return shape.reshape_copy.function(shape.clone.function(input), target)


@composite()
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    n = max(input.ndim, 1)
    a, b = start_dim % n, end_dim % n
    old = input._array.shape or (1,)
    return reshape(input, (*old[:a], -1, *old[b + 1:])) if a != b or not input.ndim else input


@composite(modules="", method=True)
def expand(input: Tensor, *sizes: Any) -> Tensor:
    return shape.expand.function(input, size(sizes))


@composite()
def permute(input: Tensor, *dims: Any) -> Tensor:
    return shape.permute.function(input, size(dims))


def extremum(without: Any, with_dim: Any, of_two: Any) -> Any:
    def function(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
        if isinstance(dim, Tensor) or other is not None:
            return of_two(input, dim if other is None else other)
        return without(input) if dim is None else with_dim(input, dim, keepdim)
    return function


max_ = composite("max")(extremum(reduce.max_all, reduce.max_dim, arithmetic.maximum))
min_ = composite("min")(extremum(reduce.min_all, reduce.min_dim, arithmetic.minimum))


@composite()
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False) -> Tensor:
    return reduce.linalg_vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim)


@composite(dunder="__matmul__")
def matmul(input: Tensor, other: Tensor) -> Tensor:
    return products.matmul(input, other)


@composite(modules="", dunder="__rmatmul__")
def reflected_matmul(input: Tensor, other: Tensor) -> Tensor:
    return products.matmul(other, input)


@composite(method=False)
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    if input is None:
        return tuple(map(wrap, np.nonzero(condition._array)))
    return structure.where(condition, input, other)


# -- indexing

@composite(modules="", dunder="__getitem__")
def getitem(x: Tensor, key: Any) -> Tensor:
    """x[key]: select for an int, slice, unsqueeze for None; index for arrays and masks."""
    if type(key) is int:
        return shape.select.function(x, 0, check_index(key, x, 0))
    items = list(key) if isinstance(key, tuple) else [key]
    if any(is_advanced(k) for k in items):
        key = tuple(k._array if isinstance(k, Tensor) else np.asarray(k) if isinstance(k, list) else k for k in items)
        return indexing.index(x, key)
    result, dim = x, 0
    spelled = sum(k is not None and k is not Ellipsis for k in items)
    if spelled > x.ndim:
        raise IndexError(f"too many indices for tensor of dimension {x.ndim}")
    for k in items:
        if k is Ellipsis:
            dim += x.ndim - spelled
        elif k is None:
            result = shape.unsqueeze(result, dim)
            dim += 1
        elif isinstance(k, slice):
            if k.step is not None and k.step <= 0:
                raise ValueError("step must be greater than zero")
            if k != slice(None) or len(items) == 1:
                result = shape.slice_(result, (*(slice(None),) * dim, k))
            dim += 1
        else:
            k = int(k._array) if isinstance(k, Tensor) else int(k)
            result = shape.select(result, dim, check_index(k, result, dim))
    return shape.alias(x) if result is x else result


def is_advanced(k: Any) -> bool:
    return isinstance(k, list | np.ndarray) or isinstance(k, bool) or (
        isinstance(k, Tensor) and (k._array.ndim > 0 or k._array.dtype.kind == "b"))


def check_index(k: int, x: Tensor, dim: int) -> int:
    if not x.ndim:
        raise IndexError("invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
                         "to convert a 0-dim tensor to a number")
    n = x._array.shape[dim]
    if not -n <= k < n:
        raise IndexError(f"index {k} is out of bounds for dimension {dim} with size {n}")
    return k


@composite(modules="", dunder="__setitem__")
def setitem(x: Tensor, key: Any, value: Any) -> None:
    """x[key] = value: a copy into the view, or index_put_."""
    items = key if isinstance(key, tuple) else (key,)
    if any(is_advanced(k) for k in items):
        raw = tuple(k._array if isinstance(k, Tensor) else np.asarray(k) if isinstance(k, list) else k for k in items)
        x.index_put_(raw, as_value(x, value))
        return
    target = getitem(x, key)
    if isinstance(value, Tensor):
        target.copy_(value)
    else:
        target.fill_(value)


def as_value(x: Tensor, value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else wrap(np.asarray(value, x._array.dtype)[()])
