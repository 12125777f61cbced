"""Hooks of all modules (source: torch.nn.modules.module)."""

from __future__ import annotations

from typing import Any

from ...graph.hooks import RemovableHandle, register

GLOBAL: dict[str, dict[int, Any]] = {"forward_pre": {}, "forward": {}, "backward_pre": {}, "backward": {}}


def register_module_full_backward_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, grad_input, grad_output) after the backward of every module."""
    return register(GLOBAL["backward"], hook)


def register_module_full_backward_pre_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, grad_output) before the backward of every module."""
    return register(GLOBAL["backward_pre"], hook)


def register_module_forward_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, args, output) after every module."""
    return register(GLOBAL["forward"], hook)


def register_module_forward_pre_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, args) before every module."""
    return register(GLOBAL["forward_pre"], hook)
