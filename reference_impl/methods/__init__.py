"""Where Tensor meets the operator tables: methods, dunders and in-place forms, each made when first touched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from ..graph.inplace import inplace_form
from ..ops import registry
from ..tensor import Tensor


class Late:
    """A method that is compiled, and takes its place in the class, at the first look."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name, self.make = name, make

    def __get__(self, instance: Any, owner: Any) -> Any:
        function = operator(self.make(), self.name) if self.name in BINARY else self.make()
        setattr(Tensor, self.name, function)
        return function if instance is None else function.__get__(instance, owner)


ARITHMETIC = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift"
BINARY = frozenset(f"__{side}{name}__" for name in ARITHMETIC.split() for side in ("", "r", "i")) | {
    f"__{name}__" for name in ["eq", "ne", "lt", "le", "gt", "ge", "rdiv"]
}


def operator(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """`x * other` from `mul`: as in torch, what is no operand is left to `other`'s own methods, by NotImplemented.

    A compiled function hands it to `by_pattern`; there alone the operator differs, so that it costs nothing.
    """
    known = function.__globals__
    if "ROW" not in known:
        return leaving(registry.published(function, function.__name__, False, True))
    by_pattern = reading_arrays(known["by_pattern"]) if name == "__eq__" else known["by_pattern"]
    made = FunctionType(function.__code__, known | {"by_pattern": leaving(by_pattern)}, function.__name__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def leaving(compute: Callable[..., Any]) -> Callable[..., Any]:
    def compute_or_leave(*operands: Any, **options: Any) -> Any:
        try:
            return compute(*operands, **options)
        except TypeError:
            return NotImplemented

    return compute_or_leave


def reading_arrays(compute: Callable[..., Any]) -> Callable[..., Any]:
    """`x == other` alone takes numpy's arrays too; in other operators numpy computes, and its result is made a Tensor."""

    def compute_with(self: Tensor, other: Any) -> Any:
        from ..factories.from_data import from_numpy

        return compute(self, from_numpy(other) if isinstance(other, np.ndarray) else other)

    return compute_with


def assigned(name: str) -> Callable[[Tensor, Any], None] | None:
    """x.real = y and x.imag = y write into the part; other properties cannot be assigned."""

    def assign(self: Tensor, value: Any) -> None:
        part = getattr(self, name)
        if isinstance(value, Tensor):
            part.copy_(value)
        else:
            part[...] = value

    return assign if name in ("real", "imag") else None


def install() -> None:
    """Give Tensor every operator."""
    for name, (_, how) in registry.METHODS.items():
        make = partial(registry.method, name)
        if how == "property":
            setattr(Tensor, name, property(lambda self, make=make: make()(self), assigned(name)))
        else:
            setattr(Tensor, name, Late(name, make))
    for name, row in registry.INPLACE.items():
        setattr(Tensor, name, Late(name, partial(inplace_form, row)))


def method(f: Callable[..., Any]) -> Callable[..., Any]:
    setattr(Tensor, f.__name__, f)
    return f


install()
