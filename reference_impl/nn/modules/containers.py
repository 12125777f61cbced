"""Containers of modules and of parameters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from ...tensor import Tensor
from ..parameter import Parameter
from .module import Module


class Sequential(Module):
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

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, k: Any) -> Any:
        items = list(self._modules.values())
        return Sequential(OrderedDict(list(self._modules.items())[k])) if isinstance(k, slice) else items[k]

    def __setitem__(self, k: int, module: Module) -> None:
        setattr(self, list(self._modules)[k], module)

    def __delitem__(self, k: Any) -> None:
        names = list(self._modules)[k]
        for name in names if isinstance(k, slice) else [names]:
            delattr(self, name)
        self.__dict__["_modules"] = OrderedDict((str(i), m) for i, m in enumerate(self._modules.values()))

    def append(self, module: Module) -> Sequential:
        self.add_module(str(len(self)), module)
        return self


class ModuleList(Module):
    """A list whose modules are registered (source: torch.nn.ModuleList)."""

    def __init__(self, modules: Any = ()) -> None:
        super().__init__()
        self.extend(modules or ())

    def append(self, module: Module) -> ModuleList:
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Any) -> ModuleList:
        for m in modules:
            self.append(m)
        return self

    __iter__, __len__ = Sequential.__iter__, Sequential.__len__
    __setitem__, __delitem__ = Sequential.__setitem__, Sequential.__delitem__

    def __getitem__(self, k: Any) -> Any:
        items = list(self._modules.values())
        return ModuleList(items[k]) if isinstance(k, slice) else items[k]


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
