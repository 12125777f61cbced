"""Full backward hooks of modules."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.areas.hooks import hooked
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def _modules(torch: Torch, around: Callable[..., Any]) -> Changed:
    def register(real: Any, self: Any, hook: Any, *more: Any, **named: Any) -> Any:
        return real(self, hooked(hook, around), *more, **named)

    return wrapped(torch.nn.Module, "register_full_backward_hook", register)


@mutant("hooks.module.full-backward-hook-arguments")
def module_hooks_are_forgotten(torch: Torch) -> Changed:
    """A full backward hook of a module is accepted and never called."""
    return _modules(torch, lambda hook, module, inputs, outputs: None)


@mutant("hooks.module.full-backward-hook-arguments")
def module_hooks_get_their_arguments_swapped(torch: Torch) -> Changed:
    """A full backward hook of a module is called with the gradients of the outputs first."""
    return _modules(torch, lambda hook, module, inputs, outputs: hook(module, outputs, inputs))


@mutant("hooks.module.full-backward-hook-via-dummy-function")
def module_hooks_are_hooks_of_forward(torch: Torch) -> Changed:
    """A full backward hook of a module is kept, and no node stands behind it."""
    return patched(torch.nn.Module, "register_full_backward_hook", lambda self, hook, **named: None)


@mutant("hooks.module.full-backward-hook-global")
def global_module_hooks_are_forgotten(torch: Torch) -> Changed:
    """register_module_full_backward_hook accepts a function and never calls it."""
    return wrapped(
        torch.nn.modules.module,
        "register_module_full_backward_hook",
        lambda real, hook: real(hooked(hook, lambda hook, *given: None)),
    )


@mutant("hooks.module.full-backward-hook-global")
def global_module_hooks_reach_the_outermost(torch: Torch) -> Changed:
    """register_module_full_backward_hook is called for modules that hold others only."""

    def around(hook: Any, module: Any, *given: Any) -> Any:
        return hook(module, *given) if list(module.children()) else None

    return wrapped(
        torch.nn.modules.module,
        "register_module_full_backward_hook",
        lambda real, hook: real(hooked(hook, around)),
    )
