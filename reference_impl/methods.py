"""Where Tensor meets the operator tables: methods, dunders and in-place forms, each made when first touched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .graph.inplace import inplace_form
from .ops import registry
from .tensor import Tensor


class Late:
    """A method that is compiled, and takes its place in the class, at the first look."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name, self.make = name, make

    def __get__(self, instance: Any, owner: Any) -> Any:
        function = self.make()
        setattr(Tensor, self.name, function)
        return function if instance is None else function.__get__(instance, owner)


def comparing(compare: Callable[..., Any]) -> Callable[..., Any]:
    """== and != with what is no number and no tensor: Python's answer, as in torch."""

    def compared(self: Tensor, other: Any) -> Any:
        try:
            return compare(self, other)
        except TypeError:
            return NotImplemented

    return compared


def install() -> None:
    """Give Tensor every operator."""
    for name, (_, how) in registry.METHODS.items():
        make = partial(registry.method, name)
        if name in ("__eq__", "__ne__"):
            make = lambda make=make: comparing(make())  # noqa: E731
        setattr(Tensor, name, property(lambda self, make=make: make()(self)) if how == "property" else Late(name, make))
    for name, row in registry.INPLACE.items():
        setattr(Tensor, name, Late(name, lambda row=row: inplace_form(row)))


def method(f: Callable[..., Any]) -> Callable[..., Any]:
    setattr(Tensor, f.__name__, f)
    return f


Tensor.T = property(lambda self: self.t() if self.ndim == 2 else self.permute(*range(self.ndim)[::-1]))
Tensor.mT = property(lambda self: self.transpose(-2, -1))
install()
Tensor.__hash__ = lambda self: id(self)
