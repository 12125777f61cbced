"""Modules: parameters and buffers, their hooks, their state, and serialization."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from conformance.mutants.mutant import Mutant, Torch, mutant, patched, register, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("tut.visualize.any-children-idiom")
def modules_without_children_are_false(torch: Torch) -> Changed:
    """A module without children is false."""
    return patched(torch.nn.Module, "__bool__", lambda self: any(True for _ in self.children()))


@mutant("module.parameter-registered-and-requires-grad", "module.custom-linear-wraps-function")
def parameters_are_plain_attributes(torch: Torch) -> Changed:
    """A Parameter that becomes an attribute of a module is not registered."""

    def around(real: Any, self: Any, name: str, value: Any) -> None:
        object.__setattr__(self, name, value) if isinstance(value, torch.nn.Parameter) else real(self, name, value)

    return wrapped(torch.nn.Module, "__setattr__", around)


@mutant("module.register-parameter-none")
def a_parameter_of_none_is_a_tensor(torch: Torch) -> Changed:
    """register_parameter(name, None) registers an empty Parameter."""
    return wrapped(
        torch.nn.Module,
        "register_parameter",
        lambda real, self, name, value: real(
            self, name, torch.nn.Parameter(torch.zeros(0)) if value is None else value
        ),
    )


@mutant("modules.buffers-are-not-trained")
def buffers_require_grad(torch: Torch) -> Changed:
    """A buffer requires a gradient."""
    return wrapped(
        torch.nn.Module,
        "register_buffer",
        lambda real, self, name, tensor, *more, **named: real(self, name, tensor.requires_grad_(), *more, **named),
    )


@mutant("modules.buffers-are-not-trained")
def buffers_are_forgotten(torch: Torch) -> Changed:
    """The state of a module lacks its buffers."""
    return wrapped(
        torch.nn.Module,
        "register_buffer",
        lambda real, self, name, tensor, persistent=True: real(self, name, tensor, persistent=False),
    )


@mutant("serialization.parameters-require-grad-state-dict-detached")
def states_keep_their_history(torch: Torch) -> Changed:
    """state_dict() holds the parameters themselves."""
    return wrapped(
        torch.nn.Module, "state_dict", lambda real, self, **named: real(self, **{**named, "keep_vars": True})
    )


@mutant("amp.grad-accepts-parameters-generator")
def grad_takes_no_generators(torch: Torch) -> Changed:
    """autograd.grad takes of a generator of inputs the first alone."""

    def around(real: Any, outputs: Any, inputs: Any, *arguments: Any, **named: Any) -> Any:
        return real(outputs, next(inputs) if hasattr(inputs, "__next__") else inputs, *arguments, **named)

    return wrapped(torch.autograd, "grad", around)


HOOKS = """
register_forward_pre_hook: modules.forward-pre-hooks-change-input-and-gradient
register_forward_hook: modules.forward-hooks-change-output-and-gradient
register_full_backward_pre_hook: modules.backward-pre-hook-sees-and-replaces-grad-output
register_full_backward_hook: modules.backward-hook-replaces-grad-input
"""
"""The hooks of modules that may change what they see, each with the claim that says so."""


def only_looks(torch: Torch, register: str) -> Changed:
    """What the hook returns is dropped."""

    def around(real: Any, self: Any, hook: Any, **named: Any) -> Any:
        def looking(*seen: Any) -> None:
            hook(*seen)

        return real(self, looking, **named)

    return wrapped(torch.nn.Module, register, around)


def _register_all() -> None:
    for row in HOOKS.split("\n")[1:-1]:
        name, claim = row.split(": ")
        about = f"Module.{name}: {only_looks.__doc__}"
        register(Mutant(f"{name}:looks", about, (claim,), None, partial(only_looks, register=name), made=True))


_register_all()
