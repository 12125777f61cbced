"""Containers of parameters, and of what else is put there."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ...dtypes import LEGACY
from ...tensor import Tensor
from ..parameter import Parameter
from .containers import Named
from .module import Module


def wanted(value: Any) -> Any:
    """A tensor becomes a parameter."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


class ParameterDict(Named, Module):
    """A dict whose tensors are registered as parameters; it may hold other things (source: torch.nn.ParameterDict)."""

    def __init__(self, parameters: Any = None) -> None:
        Module.__init__(self)
        self._keys: dict[str, None] = {}
        self.update(parameters or {})

    _held = property(lambda self: {key: getattr(self, key) for key in self._keys})

    def attribute(self, key: Any) -> str:
        if not isinstance(key, str):
            raise TypeError(
                "Index given to ParameterDict cannot be used as a key as it is not a string (type is "
                f"'{type(key).__name__}'). Open an issue on github if you need non-string keys."
            )
        return key

    def __getitem__(self, key: str) -> Any:
        return getattr(self, self.attribute(key))

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, self.attribute(key), wanted(value))
        self._keys[key] = None

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def keys(self) -> Any:
        return self._keys.keys()

    def update(self, other: Any) -> None:
        """Take over pairs; those of a plain dict in the order of their keys."""
        plain = isinstance(other, Mapping) and not isinstance(other, OrderedDict)
        super().update(OrderedDict(sorted(other.items())) if plain else other)

    def get(self, key: str, default: Any = None) -> Any:
        return self._held.get(key, default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def popitem(self) -> tuple[str, Any]:
        if not self._keys:
            raise KeyError("popitem(): dictionary is empty")
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def copy(self) -> ParameterDict:
        return ParameterDict(OrderedDict(self._held))

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        return ParameterDict([(key, default) for key in keys])

    def __or__(self, other: ParameterDict) -> ParameterDict:
        found = self.copy()
        found.update(other)
        return found

    def __ior__(self, other: ParameterDict) -> ParameterDict:
        self.update(other)
        return self

    def __call__(self, *_: Any) -> Any:
        raise RuntimeError("ParameterDict should not be called.")

    def extra_repr(self) -> str:
        return shown_parameters(self.items(), lambda p: f"torch.{LEGACY[p.dtype]}Tensor")


class ParameterList(Module):
    """A list whose tensors are registered as parameters; it may hold other things (source: torch.nn.ParameterList)."""

    def __init__(self, values: Any = None) -> None:
        super().__init__()
        self._size = 0
        self.extend(() if values is None else values)

    def append(self, value: Any) -> ParameterList:
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values: Any) -> ParameterList:
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}")
        for v in values:
            self.append(v)
        return self

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def place(self, k: Any) -> str:
        k = operator.index(k)
        if not -len(self) <= k < len(self):
            raise IndexError(f"index {k} is out of range")
        return str(k % len(self))

    def __getitem__(self, k: Any) -> Any:
        return type(self)(list(self)[k]) if isinstance(k, slice) else getattr(self, self.place(k))

    def __setitem__(self, k: Any, value: Any) -> None:
        setattr(self, self.place(k), wanted(value))

    def __iadd__(self, values: Any) -> ParameterList:
        return self.extend(values)

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("ParameterList should not be called.")

    def extra_repr(self) -> str:
        return shown_parameters(enumerate(self), lambda p: str(p.dtype))


def shown_parameters(items: Any, kind: Callable[[Tensor], str]) -> str:
    """One line for each: its type and size."""

    def shown(p: Any) -> str:
        if not isinstance(p, Tensor):
            return f"Object of type: {type(p).__name__}"
        name = "Parameter" if isinstance(p, Parameter) else "Tensor"
        return f"{name} containing: [{kind(p)} of size {'x'.join(map(str, p.shape))}]"

    return "\n".join(f"  ({k}): {shown(p)}" for k, p in items)
