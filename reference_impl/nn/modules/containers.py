"""Containers of modules."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .module import Module


class Listed(Module):
    """Modules by number: what Sequential and ModuleList have in common."""

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)

    def place(self, k: Any) -> str:
        """The name of the module at k, which may count from the end."""
        k = operator.index(k)
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
        self.check_insert(index, module)
        held.insert(index, module)
        self.renumber(held)
        return self

    def check_insert(self, index: int, module: Any) -> None:
        """Lists take any index."""

    def pop(self, key: Any) -> Any:
        found = self[key]
        del self[key]
        return found


class Sequential(Listed):
    """One module after the other (source: torch.nn.Sequential)."""

    def check_insert(self, index: int, module: Any) -> None:
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type: {Module}")
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Index out of range: {index}")

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

    def __mul__(self, other: Any) -> Sequential:
        self.check_factor(other)
        return Sequential(*list(self) * other)

    __rmul__ = __mul__

    def __imul__(self, other: Any) -> Sequential:
        self.check_factor(other)
        return self.extend(list(self) * (other - 1))

    def check_factor(self, other: Any) -> None:
        if not isinstance(other, int):
            raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(other)}")
        if other <= 0:
            raise ValueError(f"Non-positive multiplication factor {other} for {type(self)}")


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
        """Take over the pairs of a mapping, or of a sequence of them."""
        name = type(self).__name__
        if not isinstance(other, Iterable):
            called = "ParametersDict" if name == "ParameterDict" else name  # as torch spells it
            raise TypeError(
                f"{called}.update should be called with an iterable of key/value pairs, but got {type(other).__name__}"
            )
        for key, value in other.items() if isinstance(other, Mapping | Named) else self.pairs(other):
            self[key] = value

    def pairs(self, sequence: Iterable) -> Iterator[Any]:
        what = f"{type(self).__name__} update sequence element #"
        for i, pair in enumerate(sequence):
            if not isinstance(pair, Iterable):
                raise TypeError(f"{what}{i} should be Iterable; is{type(pair).__name__}")
            if len(pair) != 2:  # type: ignore[arg-type]
                raise ValueError(f"{what}{i} has length {len(pair)}; 2 is required")  # type: ignore[arg-type]
            yield pair

    def pop(self, key: str) -> Any:
        value = self[key]
        del self[key]
        return value

    def clear(self) -> None:
        for key in list(self):
            del self[key]


class ModuleDict(Named, Module):
    """A dict whose modules are registered (source: torch.nn.ModuleDict)."""

    def __init__(self, modules: Any = None) -> None:
        Module.__init__(self)
        self.update(modules or {})

    def __setitem__(self, key: str, module: Module | None) -> None:
        self.add_module(key, module)

    _held = property(lambda self: self._modules)


class DataParallel(Module):
    """The module itself: there are no devices to part a batch among (source: torch.nn.DataParallel)."""

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module, self.device_ids = module, []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)
