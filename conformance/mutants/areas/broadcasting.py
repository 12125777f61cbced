"""Broadcasting: which shapes fit, and what a stretched operand gets back."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]

_PAIRS = ("__add__", "__sub__", "__mul__", "__truediv__", "add_", "mul_")
"""The operators of two tensors that cases broadcast by."""


@contextlib.contextmanager
def _of(torch: Torch, names: tuple[str, ...], around: Callable[..., Any]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(wrapped(torch.Tensor, name, around))
        yield


@mutant("broadcast.backward.*", "broadcast.inplace.gradient-of-broadcast-operand")
def stretched_operands_get_the_mean(torch: Torch) -> Changed:
    """An operand that was stretched gets the mean of the gradients, not their sum."""

    def around(real: Any, self: Any, *others: Any) -> Any:
        made = real(self, *others)
        if made.grad_fn is not None:
            made.grad_fn.register_hook(_mean)
        return made

    return _of(torch, (*_PAIRS, "expand"), around)


def _mean(gradients: tuple[Any, ...], incoming: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(g if g is None or incoming[0] is None else g * (g.numel() / incoming[0].numel()) for g in gradients)


def _dimensions(torch: Torch, x: Any, y: Any) -> int:
    """How many dimensions the first operand has more than the second."""
    return x.dim() - y.dim() if isinstance(x, torch.Tensor) and isinstance(y, torch.Tensor) else 0


@mutant("broadcast.forward.trailing-dims-rule")
def shapes_fit_from_the_front(torch: Torch) -> Changed:
    """A missing dimension is added behind the last, not before the first."""

    def around(real: Any, x: Any, y: Any) -> Any:
        more = _dimensions(torch, x, y)
        if more > 0 and y.dim() > 0:
            return real(x, y.reshape(*y.shape, *[1] * more))
        if more < 0 and x.dim() > 0:
            return real(x.reshape(*x.shape, *[1] * -more), y)
        return real(x, y)

    return _of(torch, ("__add__", "__sub__", "__mul__", "__truediv__"), around)


@mutant("broadcast.backcompat.same-numel-pointwise")
def as_many_elements_fit(torch: Torch) -> Changed:
    """Tensors of as many elements are added element by element, whatever their shapes."""

    def around(real: Any, x: Any, y: Any) -> Any:
        if isinstance(y, torch.Tensor) and x.shape != y.shape and x.numel() == y.numel():
            return real(x, y.reshape(x.shape))
        return real(x, y)

    return wrapped(torch.Tensor, "__add__", around)


@mutant("broadcast.backcompat.warning-flag")
def added_dimensions_are_warned_of(torch: Torch) -> Changed:
    """Adding tensors of different numbers of dimensions warns."""

    def around(real: Any, x: Any, y: Any) -> Any:
        if _dimensions(torch, x, y):
            warnings.warn("this means something else than it did", UserWarning, stacklevel=2)
        return real(x, y)

    return wrapped(torch.Tensor, "__add__", around)
