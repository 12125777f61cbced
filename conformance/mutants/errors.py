"""Errors that are not raised, are others, or say something else; and warnings."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import around_backward
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("backward_and_grad", "functions", "hooks", "anomaly", "saved_tensors", "graph", "leaves_and_grad")
def never_raises(torch: Torch) -> Changed:
    """An error in backward is swallowed."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        with contextlib.suppress(Exception):
            proceed(roots)

    return around_backward(torch, around)


@mutant("backward_and_grad")
def raises_in_backward(torch: Torch) -> Changed:
    """backward raises an error that torch does not know."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        raise KeyError("lost")

    return around_backward(torch, around)


def _other_errors(torch: Torch, owner: Any, name: str) -> Changed:
    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        try:
            return real(*arguments, **keywords)
        except Exception as error:
            raise OverflowError(str(error)) from None

    return wrapped(owner, name, around)


def _other_words(torch: Torch, owner: Any, name: str) -> Changed:
    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        try:
            return real(*arguments, **keywords)
        except (RuntimeError, TypeError, ValueError) as error:
            raise type(error)("it does not work") from None

    return wrapped(owner, name, around)


@mutant("backward_and_grad", "functions", "functional")
def grad_raises_other_errors(torch: Torch) -> Changed:
    """An error of autograd.grad is of a class that torch does not use."""
    return _other_errors(torch, torch.autograd, "grad")


@mutant("backward_and_grad", "functions", "functional")
def grad_has_other_words(torch: Torch) -> Changed:
    """An error of autograd.grad has another message."""
    return _other_words(torch, torch.autograd, "grad")


@mutant("backward_and_grad", "functions", "hooks", "anomaly", "graph", "leaves_and_grad", "saved_tensors")
def backward_raises_other_errors(torch: Torch) -> Changed:
    """An error of the method backward is of a class that torch does not use."""
    return _other_errors(torch, torch.Tensor, "backward")


@mutant("backward_and_grad", "functions", "hooks", "anomaly", "graph", "leaves_and_grad", "saved_tensors")
def backward_has_other_words(torch: Torch) -> Changed:
    """An error of the method backward has another message."""
    return _other_words(torch, torch.Tensor, "backward")


@mutant("hooks", "leaves_and_grad")
def register_hook_has_other_words(torch: Torch) -> Changed:
    """An error of register_hook has another message."""
    return _other_words(torch, torch.Tensor, "register_hook")


@mutant("leaves_and_grad", "grad_modes")
def requires_grad_has_other_words(torch: Torch) -> Changed:
    """An error of requires_grad_ has another message."""
    return _other_words(torch, torch.Tensor, "requires_grad_")


@mutant("forward_mode")
def make_dual_has_other_words(torch: Torch) -> Changed:
    """An error of make_dual has another message."""
    return _other_words(torch, torch.autograd.forward_ad, "make_dual")


@mutant("functional")
def jacobian_has_other_words(torch: Torch) -> Changed:
    """An error of jacobian has another message."""
    return _other_words(torch, torch.autograd.functional, "jacobian")


@mutant("functional")
def hessian_has_other_words(torch: Torch) -> Changed:
    """An error of hessian has another message."""
    return _other_words(torch, torch.autograd.functional, "hessian")


@mutant("gradcheck", "functions")
def gradcheck_has_other_words(torch: Torch) -> Changed:
    """An error of gradcheck has another message."""
    return _other_words(torch, torch.autograd, "gradcheck")


@mutant("backward_and_grad", only="reference")
def warns_in_backward(torch: Torch) -> Changed:
    """backward warns of something; a comparison of engines notices it."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        warnings.warn("this engine is slow", UserWarning, stacklevel=2)
        proceed(roots)

    return around_backward(torch, around)


@mutant("backward_and_grad", "leaves_and_grad", "functional", "anomaly")
def python_warnings_are_swallowed(torch: Torch) -> Changed:
    """What torch warns of by way of Python's warnings is not heard."""
    return patched(warnings, "warn", lambda *_, **__: None)
