"""Hooks of all modules (source: torch.nn.modules.module)."""

from __future__ import annotations

from typing import Any

from ...graph.hooks import RemovableHandle, register

GLOBAL: dict[str, dict[int, Any]] = {
    "forward_pre": {}, "forward": {}, "backward_pre": {}, "backward": {}, "last_node": {},
}  # fmt: skip
WITH_KWARGS: set[int] = set()  # numbers of hooks
ALWAYS_CALLED: set[int] = set()


def require_one_kind(other: str) -> None:
    if GLOBAL[other]:
        raise RuntimeError(
            "Cannot use both regular backward hooks and full backward hooks as a global Module hook. Please use only one of "
            "them."
        )


def register_module_backward_hook(hook: Any) -> RemovableHandle:
    """Deprecated: call hook(module, grad_input, grad_output) on the last node of the forward of every module."""
    require_one_kind("backward")
    return register(GLOBAL["last_node"], hook)


def register_module_full_backward_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, grad_input, grad_output) after the backward of every module."""
    require_one_kind("last_node")
    return register(GLOBAL["backward"], hook)


def register_module_full_backward_pre_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, grad_output) before the backward of every module."""
    return register(GLOBAL["backward_pre"], hook)


def register_module_forward_hook(hook: Any, *, with_kwargs: bool = False, always_call: bool = False) -> RemovableHandle:
    """Call hook(module, args, output) after every module."""
    handle = register(GLOBAL["forward"], hook)
    if with_kwargs:
        WITH_KWARGS.add(handle.id)
    if always_call:
        ALWAYS_CALLED.add(handle.id)
    return handle


def register_module_forward_pre_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, args) before every module."""
    return register(GLOBAL["forward_pre"], hook)


# -- hooks of registration: what they return, if it is not None, is registered instead
REGISTRATION: dict[str, dict[int, Any]] = {"_parameters": {}, "_buffers": {}, "_modules": {}}


def register_module_parameter_registration_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, name, param) whenever a module registers a parameter."""
    return register(REGISTRATION["_parameters"], hook)


def register_module_buffer_registration_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, name, buffer) whenever a module registers a buffer."""
    return register(REGISTRATION["_buffers"], hook)


def register_module_module_registration_hook(hook: Any) -> RemovableHandle:
    """Call hook(module, name, submodule) whenever a module registers another."""
    return register(REGISTRATION["_modules"], hook)
