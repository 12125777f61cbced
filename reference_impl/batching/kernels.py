"""Kernels on a batch of arrays that stands for one of them: what adjoints are made of, for many cotangents at once.

See batching/arrays.py, Note [A batch of cotangents]. Pointwise kernels align their operands; of the others each has a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..compiler.edge import sum_to
from ..ops.form import Row
from ..ops.reduce import count as count_of

Rule = Callable[..., Any]
RULES: dict[str, Rule] = {}


class NoRule(Exception):
    """A kernel that cannot take a batch."""


class Batch:
    """A batch of arrays that stands, in a formula, for one of them: shape and ndim are a sample's."""

    __slots__ = ("array",)
    __array_ufunc__ = None  # numpy's operators leave it to those below

    def __init__(self, array: Any) -> None:
        self.array = array

    shape = property(lambda self: self.array.shape[1:])
    ndim = property(lambda self: self.array.ndim - 1)
    dtype = property(lambda self: self.array.dtype)

    def __neg__(self) -> Batch:
        return Batch(-self.array)

    def __getitem__(self, index: Any) -> Batch:
        return Batch(basic(self, index))

    def __getattr__(self, name: str) -> Any:
        raise NoRule


for _name, _f in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide}.items():
    setattr(Batch, f"__{_name}__", lambda a, b, f=_f: Batch(f(*aligned(a, b))))
    setattr(Batch, f"__r{_name}__", lambda a, b, f=_f: Batch(f(*aligned(b, a))))


def _refuse(*_: Any) -> Any:
    raise NoRule


for _name in ["eq", "ne", "lt", "le", "gt", "ge", "pow", "rpow", "matmul", "rmatmul", "abs", "bool", "len", "iter"]:
    setattr(Batch, f"__{_name}__", _refuse)


def aligned(*xs: Any) -> list[Any]:
    """Operands that broadcast as the samples would: the samples' dimensions aligned at the right."""
    n = max(np.ndim(x) if type(x) is not Batch else x.ndim for x in xs)
    return [
        x if type(x) is not Batch else x.array if x.ndim == n else x.array.reshape(-1, *(1,) * (n - x.ndim), *x.shape)
        for x in xs
    ]


def lifted(row: Row) -> Callable[..., Any]:
    """The kernel of a row for arrays and batches of them."""

    def kernel(*args: Any, **kwargs: Any) -> Any:
        if Batch in map(type, args):
            if row.broadcasts:
                return Batch(row.kernel(*aligned(*args), **kwargs))
            if row.name not in RULES:
                raise NoRule
            return Batch(RULES[row.name](*args, **kwargs))
        for a in args:
            if type(a) in (list, tuple) and Batch in map(type, a):
                raise NoRule
        return row.kernel(*args, **kwargs)

    return kernel


# ---------------------------------------------------------------- rules: the kernels that adjoints are made of


def rule(*names: str) -> Callable[[Rule], Rule]:
    def take(f: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, f))
        return f

    return take


def inside(d: int, x: Batch) -> int:
    return d % x.ndim + 1


def dims_of(dim: Any, n: int) -> tuple[int, ...]:
    if dim is None or dim in ((), []):
        return tuple(range(n))
    return tuple(d % n for d in ((dim,) if isinstance(dim, int) else dim)) if n else ()


@rule("conj_physical")
def conj(x: Batch) -> Any:
    return x.array.conj()


@rule("cast")
def cast(x: Batch, dtype: Any) -> Any:
    a = x.array
    return (a.real if a.dtype.kind == "c" != dtype.kind else a).astype(dtype, copy=False)


@rule("reshape_copy", "reshaped")
def reshape(x: Batch, size: tuple[int, ...]) -> Any:
    return x.array.reshape(-1, *size) if x.array.size else x.array.reshape(len(x.array), *size)


@rule("unsqueezed")
def unsqueezed(x: Batch, shape: tuple[int, ...], dim: Any) -> Any:
    return reshape(x, shape)


@rule("squeezed")
def squeezed(x: Batch, dim: int) -> Any:
    return x.array.squeeze(inside(dim, x))


@rule("transpose")
def transpose(x: Batch, dim0: int, dim1: int) -> Any:
    return x.array.swapaxes(inside(dim0, x), inside(dim1, x)) if x.ndim else x.array


@rule("t")
def t(x: Batch) -> Any:
    return x.array.swapaxes(1, 2) if x.ndim == 2 else x.array


@rule("permute")
def permute(x: Batch, dims: tuple[int, ...]) -> Any:
    return x.array.transpose(0, *(inside(d, x) for d in dims))


@rule("broadcast")
def broadcast(x: Batch, size: tuple[int, ...]) -> Any:
    count = len(x.array)
    return np.broadcast_to(x.array.reshape(count, *(1,) * (len(size) - x.ndim), *x.shape), (count, *size))


@rule("spread")
def spread(x: Batch, shape: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    gone, count = dims_of(dim, len(shape)), len(x.array)
    return np.broadcast_to(
        x.array.reshape(count, *(1 if i in gone else n for i, n in enumerate(shape))), (count, *shape)
    )


@rule("spread_mean")
def spread_mean(x: Batch, shape: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    return spread(Batch(x.array / (count_of(shape, dim) or 1)), shape, dim, keepdim)


@rule("sum_to")
def sum_each(x: Batch, size: tuple[int, ...]) -> Any:
    count, lead = len(x.array), x.ndim - len(size)
    return sum_to(x.array, (count, *(1,) * lead, *size)).reshape(count, *size)


@rule("total")
def total(x: Batch) -> Any:
    return sum_each(x, ())


@rule("sum")
def sum_dims(x: Batch, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    return np.add.reduce(x.array, tuple(d + 1 for d in dims_of(dim, x.ndim)), keepdims=keepdim)


@rule("basic_adjoint")
def basic_adjoint(x: Batch, shape: tuple[int, ...], index: Any) -> Any:
    whole = np.zeros((len(x.array), *shape), x.array.dtype)
    whole[(slice(None), *(index if isinstance(index, tuple) else (index,)))] = x.array
    return whole


@rule("basic")
def basic(x: Batch, index: Any) -> Any:
    return x.array[(slice(None), *(index if isinstance(index, tuple) else (index,)))]


@rule("mm", "bmm", "matmul_batched")
def product(x: Any, y: Any) -> Any:
    if type(y) is not Batch and y.ndim == 2:  # one product of a taller matrix
        return x.array.reshape(-1, x.shape[-1]).dot(y).reshape(len(x.array), *x.shape[:-1], y.shape[-1])
    return np.matmul(*aligned(x, y))


@rule("mv")
def matrix_vector(m: Any, v: Any) -> Any:
    if type(v) is not Batch:
        return np.matmul(m.array, v)
    return v.array.dot(m.T) if type(m) is not Batch else np.matmul(m.array, v.array[..., None])[..., 0]


@rule("outer")
def outer(x: Any, y: Any) -> Any:
    x, y = (a.array if type(a) is Batch else a for a in (x, y))
    return x[..., None] * y[..., None, :]
