"""Errors that are not raised, are others, or say something else; and warnings."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import around_backward
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("*", kind="error")
def never_raises(torch: Torch) -> Changed:
    """An error in backward is swallowed."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        with contextlib.suppress(Exception):
            proceed(roots)

    return around_backward(torch, around)


@mutant(only="reference")
def warns_of_several_roots(torch: Torch) -> Changed:
    """backward of several roots warns of something; a comparison of engines notices it."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        if len(roots) > 1:
            warnings.warn("this engine is slow", UserWarning, stacklevel=2)
        proceed(roots)

    return around_backward(torch, around)


@mutant("*", says="warn")
def nothing_is_warned_of(torch: Torch) -> Changed:
    """Warnings are not heard."""
    return patched(warnings, "_showwarnmsg", lambda message: None)


@mutant("*", says="warn")
def warnings_have_other_words(torch: Torch) -> Changed:
    """Warnings say something else."""

    def shown(real: Any, message: Any) -> None:
        message.message = type(message.message)("take care")
        real(message)

    return wrapped(warnings, "_showwarnmsg", shown)


@mutant("*", says="warn")
def warnings_are_of_another_class(torch: Torch) -> Changed:
    """Warnings are of a class that torch does not use."""

    def shown(real: Any, message: Any) -> None:
        message.category = BytesWarning
        real(message)

    return wrapped(warnings, "_showwarnmsg", shown)
