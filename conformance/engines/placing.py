"""torch, with what is made from nothing being made on a device.

A case says ``ones(3)`` or ``nn.Linear(2, 1)`` and no device. On the lane of a device these are on that device, so that the
gradients must be there too. What is random is drawn on the CPU and moved: on every lane the same values come from a seed.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from conformance.language.vocabulary import vocabulary

_RANDOM = {"rand", "randn", "randint", "randperm"}


class OnDevice:
    """The namespace ``torch`` for cases on ``device``."""

    def __init__(self, torch: ModuleType, device: str) -> None:
        self._torch = torch
        self.nn = _Modules(torch.nn, device)
        for path in vocabulary().creators:
            name = path.rpartition(".")[2]
            make = _drawn if name in _RANDOM else _placed
            setattr(self, name, make(getattr(torch, name), device))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._torch, name)


def _placed(create: Any, device: str) -> Any:
    @functools.wraps(create)
    def placed(*arguments: Any, **keywords: Any) -> Any:
        keywords.setdefault("device", device)
        return create(*arguments, **keywords)

    return placed


def _drawn(create: Any, device: str) -> Any:
    @functools.wraps(create)
    def drawn(*arguments: Any, device: Any = device, requires_grad: bool = False, **keywords: Any) -> Any:
        return create(*arguments, **keywords).to(device).requires_grad_(requires_grad)

    return drawn


class _Modules:
    """The namespace ``torch.nn``."""

    def __init__(self, nn: ModuleType, device: str) -> None:
        self._nn, self._device = nn, device

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._nn, name)
        if isinstance(found, type) and issubclass(found, self._nn.Module):
            return _Module(found, self._device)
        return found


class _Module:
    """A class of modules that makes its modules on the CPU, where the random numbers are the same, and moves them."""

    def __init__(self, made: type, device: str) -> None:
        self._made, self._device = made, device

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._made(*arguments, **keywords).to(self._device)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, self._made)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)
