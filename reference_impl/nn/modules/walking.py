"""What is in a module: its parameters, buffers and modules, and those of the modules in it, by their paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...tensor import Tensor
from ..parameter import Parameter


class Walking:
    """The part of a Module that goes through what it holds."""

    def named_modules(
        self, memo: set | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        memo = set() if memo is None else memo
        if self not in memo:
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, child in self._modules.items():
                if child is not None:
                    yield from child.named_modules(memo, prefix + ("." if prefix else "") + name, remove_duplicate)

    def named_members(self, place: str, prefix: str, recurse: bool, once: bool) -> Iterator[tuple[str, Any]]:
        seen = set()
        for start, module in self.named_modules(None, prefix, once) if recurse else [(prefix, self)]:
            for name, value in module.__dict__[place].items():
                if value is not None and id(value) not in seen:
                    if once:
                        seen.add(id(value))
                    yield start + ("." if start else "") + name, value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        return self.named_members("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        return self.named_members("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        return (b for _, b in self.named_buffers(recurse=recurse))

    def modules(self, remove_duplicate: bool = True) -> Iterator[Any]:
        return (m for _, m in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self) -> Iterator[tuple[str, Any]]:
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Any]:
        return (m for _, m in self.named_children())

    def set_submodule(self, target: str, module: Any, strict: bool = False) -> None:
        """Put a module in the place of one that is named by its path (source: torch.nn.Module.set_submodule)."""
        *path, name = target.split(".")
        if not target:
            raise ValueError("Cannot set the submodule without a target name!")
        owner = self.get_submodule(".".join(path))
        if strict and not hasattr(owner, name):
            raise AttributeError(f"{type(owner).__name__} has no attribute `{name}`")
        if hasattr(owner, name) and not isinstance(getattr(owner, name), Walking):
            raise AttributeError(f"`{name}` is not an nn.Module")
        if not isinstance(module, Walking):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        setattr(owner, name, module)

    def get_parameter(self, target: str) -> Parameter:
        return self.get_member(target, Parameter, "an nn.Parameter")

    def get_buffer(self, target: str) -> Tensor:
        *path, name = target.split(".")
        owner = self.get_submodule(".".join(path))
        found = self.get_member(target, Tensor, "a buffer")
        if name not in owner._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return found

    def get_member(self, target: str, kind: type, what: str) -> Any:
        *path, name = target.split(".")
        owner = self.get_submodule(".".join(path))
        if not hasattr(owner, name):
            raise AttributeError(f"{type(owner).__name__} has no attribute `{name}`")
        if not isinstance(getattr(owner, name), kind):
            raise AttributeError(f"`{name}` is not {what}")
        return getattr(owner, name)

    def get_submodule(self, target: str) -> Any:
        found: Any = self
        for name in filter(None, target.split(".")):
            if not hasattr(found, name):
                raise AttributeError(f"{type(found).__name__} has no attribute `{name}`")
            found = getattr(found, name)
            if not isinstance(found, Walking):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return found
