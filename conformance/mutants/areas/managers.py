"""The managers of grad mode: leaving them and decorating with them."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any

from conformance.mutants.around import making
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


# -- leaving


@mutant("grad-mode.no-grad.restores-previous")
def no_grad_is_not_left_by_an_error(torch: Torch) -> Changed:
    """Where an error ends no_grad gradients stay off."""

    def leave(real: Any, self: Any, error: Any = None, *more: Any) -> None:
        if error is None:
            real(self, error, *more)

    return wrapped(torch.no_grad, "__exit__", leave)


@mutant("grad-mode.no-grad.restores-previous")
def leaving_no_grad_switches_on(torch: Torch) -> Changed:
    """At the end of no_grad gradients are on, whatever they were before."""

    def leave(real: Any, self: Any, *raised: Any) -> None:
        real(self, *raised)
        torch.set_grad_enabled(True)

    return wrapped(torch.no_grad, "__exit__", leave)


@mutant("grad-mode.enable-grad.restores", "grad-mode.enable-grad.decorator")
def enable_grad_is_not_left(torch: Torch) -> Changed:
    """At the end of enable_grad gradients stay on."""
    return patched(torch.enable_grad, "__exit__", lambda self, *_: None)


@mutant("grad-mode.set-grad-enabled.context", "grad-mode.set-grad-enabled.decorator")
def set_grad_enabled_is_not_left(torch: Torch) -> Changed:
    """At the end of set_grad_enabled the mode stays as it was set."""
    return patched(torch.set_grad_enabled, "__exit__", lambda self, *_: None)


# -- decorating


@mutant("grad-mode.no-grad.decorator", "modes.context-manager-and-decorator", "modules.init-under-no-grad-decorator")
def no_grad_does_not_decorate(torch: Torch) -> Changed:
    """A function decorated with no_grad() records."""
    return patched(torch.no_grad, "__call__", lambda self, function: function)


@mutant("grad-mode.enable-grad.decorator", "modes.context-manager-and-decorator")
def enable_grad_does_not_decorate(torch: Torch) -> Changed:
    """A function decorated with enable_grad() does not record under no_grad."""
    return patched(torch.enable_grad, "__call__", lambda self, function: function)


@mutant("grad-mode.no-grad.decorator-without-parentheses")
def no_grad_needs_parentheses(torch: Torch) -> Changed:
    """@no_grad without parentheses leaves the function as it is."""

    def make(real: Any, cls: Any, function: Any = None) -> Any:
        return real(cls) if function is None else function

    return making(torch.no_grad, make)


@mutant("grad-mode.enable-grad.decorator")
def enable_grad_needs_parentheses(torch: Torch) -> Changed:
    """@enable_grad without parentheses leaves the function as it is."""

    def make(real: Any, cls: Any, function: Any = None) -> Any:
        return real(cls) if function is None else function

    return making(torch.enable_grad, make)


@mutant("grad-mode.no-grad.decorated-generator")
def generators_run_outside_no_grad(torch: Torch) -> Changed:
    """The body of a generator that is decorated with no_grad() records."""

    def decorate(real: Any, self: Any, function: Any) -> Any:
        return function if inspect.isgeneratorfunction(function) else real(self, function)

    return wrapped(torch.no_grad, "__call__", decorate)


@mutant("grad-mode.no-grad.decorated-generator")
def consumers_of_generators_run_inside_no_grad(torch: Torch) -> Changed:
    """Between two items of a generator that is decorated with no_grad() its consumer does not record either."""

    def decorate(real: Any, self: Any, function: Any) -> Any:
        def inside(*given: Any, **named: Any) -> Iterator[Any]:
            with torch.no_grad():
                yield from function(*given, **named)

        return inside if inspect.isgeneratorfunction(function) else real(self, function)

    return wrapped(torch.no_grad, "__call__", decorate)


@mutant("grad-mode.set-grad-enabled.decorator")
def decorating_leaves_the_mode_switched(torch: Torch) -> Changed:
    """Decorating a function with set_grad_enabled(False) leaves gradients off."""

    def decorate(real: Any, self: Any, function: Any) -> Any:
        made = real(self, function)
        torch.set_grad_enabled(self.mode)
        return made

    return wrapped(torch.set_grad_enabled, "__call__", decorate)


@mutant("grad-mode.set-grad-enabled.decorator")
def set_grad_enabled_does_not_decorate(torch: Torch) -> Changed:
    """A function decorated with set_grad_enabled(False) records."""

    def decorate(real: Any, self: Any, function: Any) -> Any:
        real(self, function)
        return function

    return wrapped(torch.set_grad_enabled, "__call__", decorate)
