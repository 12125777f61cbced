"""Where the norms and methods of pruning, which are hooks of a module, find each other."""

from __future__ import annotations

from typing import Any

from ..modules.module import Module


def hook_of(module: Module, kind: type, **attributes: Any) -> int | None:
    """The number of the module's forward pre-hook of a kind that has these attributes."""
    for number, hook in module._forward_pre_hooks.items():
        if isinstance(hook, kind) and all(getattr(hook, name) == value for name, value in attributes.items()):
            return number
    return None
