"""Containers of modules and of parameters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ...dtypes import LEGACY
from ...tensor import Tensor
from ..parameter import Parameter
from .module import Module


class Listed(Module):
    """Modules by number: what Sequential and ModuleList have in common."""

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)

    def place(self, k: int) -> str:
        """The name of the module at k, which may count from the end."""
        if not -len(self) <= k < len(self):
            raise IndexError(f"index {k} is out of range")
        return list(self._modules)[k]

    def __setitem__(self, k: int, module: Module) -> None:
        setattr(self, self.place(k), module)

    def __delitem__(self, k: Any) -> None:
        for name in list(self._modules)[k] if isinstance(k, slice) else [self.place(k)]:
            delattr(self, name)
        self.renumber(list(self))

    def renumber(self, modules: list[Module]) -> None:
        self.__dict__["_modules"] = OrderedDict((str(i), m) for i, m in enumerate(modules))

    def append(self, module: Module) -> Any:
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Any) -> Any:
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}.extend should be called with an iterable, but got {type(modules).__name__}"
            )
        for m in modules:
            self.append(m)
        return self

    def insert(self, index: int, module: Module) -> Any:
        held = list(self)
        held.insert(index, module)
        self.renumber(held)
        return self

    def pop(self, key: Any) -> Any:
        found = self[key]
        del self[key]
        return found


class Sequential(Listed):
    """One module after the other (source: torch.nn.Sequential)."""

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        named = modules[0].items() if len(modules) == 1 and isinstance(modules[0], dict) else enumerate(modules)
        for name, m in named:
            self.add_module(str(name), m)

    def forward(self, input: Any) -> Any:
        for m in self:
            input = m(input)
        return input

    def __getitem__(self, k: Any) -> Any:
        if isinstance(k, slice):
            return type(self)(OrderedDict(list(self._modules.items())[k]))
        return self._modules[self.place(k)]

    def __add__(self, other: Any) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return Sequential(*self, *other)


class ModuleList(Listed):
    """A list whose modules are registered (source: torch.nn.ModuleList)."""

    def __init__(self, modules: Any = ()) -> None:
        super().__init__()
        self.extend(modules or ())

    def __getitem__(self, k: Any) -> Any:
        return type(self)(list(self)[k]) if isinstance(k, slice) else self._modules[self.place(k)]

    def __iadd__(self, modules: Any) -> ModuleList:
        return self.extend(modules)

    def __add__(self, modules: Any) -> ModuleList:
        return ModuleList([*self, *modules])

    def __repr__(self) -> str:
        """Neighbours that are shown alike are shown once, with their count."""
        shown: list[list[Any]] = []
        for i, m in enumerate(map(repr, self)):
            if shown and shown[-1][2] == m:
                shown[-1][1] = i
            else:
                shown.append([i, i, m])
        if not shown:
            return f"{type(self).__name__}()"
        lines = [f"({a})" if a == b else f"({a}-{b})" for a, b, _ in shown]
        lines = [f"{n}: {m if a == b else f'{b - a + 1} x {m}'}" for n, (a, b, m) in zip(lines, shown, strict=True)]
        return f"{type(self).__name__}(\n" + "\n".join(indented("  " + line) for line in lines) + "\n)"


def indented(text: str) -> str:
    return text.replace("\n", "\n  ")


class Named:
    """What the dicts have in common: what they hold is in `_held`."""

    _held: Any

    def __getitem__(self, key: str) -> Any:
        return self._held[key]

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, key, value)

    def __delitem__(self, key: str) -> None:
        del self._held[key]

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __contains__(self, key: str) -> bool:
        return key in self._held

    def keys(self) -> Any:
        return self._held.keys()

    def values(self) -> Any:
        return self._held.values()

    def items(self) -> Any:
        return self._held.items()

    def update(self, other: Any) -> None:
        for key, value in other.items() if isinstance(other, Mapping) else other:
            self[key] = value

    def pop(self, key: str) -> Any:
        return self._held.pop(key)

    def clear(self) -> None:
        self._held.clear()


class ModuleDict(Named, Module):
    """A dict whose modules are registered (source: torch.nn.ModuleDict)."""

    def __init__(self, modules: Any = None) -> None:
        Module.__init__(self)
        self.update(modules or {})

    _held = property(lambda self: self._modules)


def wanted(value: Any) -> Any:
    """A tensor becomes a parameter."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


class ParameterDict(Named, Module):
    """A dict whose parameters are registered (source: torch.nn.ParameterDict)."""

    def __init__(self, parameters: Any = None) -> None:
        Module.__init__(self)
        self.update(parameters or {})

    _held = property(lambda self: self._parameters)

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, key, wanted(value))

    def get(self, key: str, default: Any = None) -> Any:
        return self._held.get(key, default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def popitem(self) -> tuple[str, Any]:
        return self._held.popitem()

    def copy(self) -> ParameterDict:
        return ParameterDict(dict(self._held))

    def extra_repr(self) -> str:
        return shown_parameters(self.items(), lambda p: f"torch.{LEGACY[p.dtype]}Tensor")


class ParameterList(Module):
    """A list whose parameters are registered (source: torch.nn.ParameterList)."""

    def __init__(self, values: Any = None) -> None:
        super().__init__()
        self.extend(values or ())

    def append(self, value: Any) -> ParameterList:
        setattr(self, str(len(self)), wanted(value))
        return self

    def extend(self, values: Any) -> ParameterList:
        for v in values:
            self.append(v)
        return self

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())

    def __getitem__(self, k: Any) -> Any:
        items = list(self._parameters.values())
        return ParameterList(items[k]) if isinstance(k, slice) else items[k]

    def __setitem__(self, k: int, value: Any) -> None:
        setattr(self, list(self._parameters)[k], wanted(value))

    def __iadd__(self, values: Any) -> ParameterList:
        return self.extend(values)

    def extra_repr(self) -> str:
        return shown_parameters(enumerate(self), lambda p: str(p.dtype))


def shown_parameters(items: Any, kind: Callable[[Tensor], str]) -> str:
    """One line for each: its type and size."""
    return "\n".join(
        f"  ({k}): Parameter containing: [{kind(p)} of size {'x'.join(map(str, p.shape))}]" for k, p in items
    )
