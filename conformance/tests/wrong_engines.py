"""Engines made wrong: real ones with one thing patched. ``WRONG`` maps a name to a context manager that takes the namespace
(torch, or reference_impl) and breaks it while it is entered."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

Torch = Any
Wrong = Callable[[Torch], contextlib.AbstractContextManager[None]]
_Around = Callable[[Callable[[list[Any]], None], list[Any]], None]


@contextlib.contextmanager
def patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    """``owner.name`` is ``value`` while this is entered."""
    own, before = name in vars(owner), getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)


@contextlib.contextmanager
def _around_backward(torch: Torch, around: _Around) -> Iterator[None]:
    """``around(proceed, roots)`` runs in place of every backward; ``proceed(roots)`` is the real one."""
    method, function = torch.Tensor.backward, torch.autograd.backward
    inside: list[bool] = []

    def once(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        if inside:
            return proceed(roots)
        inside.append(True)
        try:
            return around(proceed, roots)
        finally:
            inside.clear()

    def of_tensor(self: Any, *arguments: Any, **keywords: Any) -> None:
        once(lambda roots: method(roots[0], *arguments, **keywords), [self])

    def of_module(tensors: Any, *arguments: Any, **keywords: Any) -> None:
        once(lambda roots: function(roots, *arguments, **keywords), [tensors] if _is_one(tensors) else list(tensors))

    def _is_one(tensors: Any) -> bool:
        return not isinstance(tensors, list | tuple)

    with patched(torch.Tensor, "backward", of_tensor), patched(torch.autograd, "backward", of_module):
        yield


def _leaves(root: Any) -> list[Any]:
    found, seen, todo = [], set[int](), [root.grad_fn]
    while todo:
        node = todo.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if hasattr(node, "variable"):
            found.append(node.variable)
        todo += [following for following, _ in node.next_functions]
    return found


def scales_gradients(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """Every gradient is twice what it should be."""
    return _around_backward(torch, lambda proceed, roots: proceed([root * 2 for root in roots]))


def never_raises(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """An error in backward is swallowed."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        with contextlib.suppress(Exception):
            proceed(roots)

    return _around_backward(torch, around)


def backward_does_nothing(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """No gradient ever arrives."""
    return _around_backward(torch, lambda proceed, roots: None)


def replaces_gradients(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """.grad is replaced, not added to."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        for leaf in (leaf for root in roots for leaf in _leaves(root)):
            leaf.grad = None
        proceed(roots)

    return _around_backward(torch, around)


def raises_in_backward(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """backward raises an error that torch does not know."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        raise KeyError("lost")

    return _around_backward(torch, around)


def warns_in_backward(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """backward warns of something; a script cannot notice it, a comparison of engines does."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        warnings.warn("this engine is slow", UserWarning, stacklevel=2)
        proceed(roots)

    return _around_backward(torch, around)


def leaves_grad_mode_off(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """After a backward nothing is recorded any more."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        proceed(roots)
        torch.set_grad_enabled(False)

    return _around_backward(torch, around)


def forgets_hooks(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """A tensor hook is accepted and never called."""
    register = torch.Tensor.register_hook
    return patched(torch.Tensor, "register_hook", lambda self, hook: register(self, lambda grad: None))


@contextlib.contextmanager
def widens_gradients(torch: Torch) -> Iterator[None]:
    """.grad of float32 reads as float64."""
    base = next(kind for kind in torch.Tensor.__mro__ if "grad" in vars(kind))
    slot = vars(base)["grad"]

    def read(tensor: Any) -> Any:
        grad = slot.__get__(tensor)
        return grad.double() if grad is not None and grad.dtype == torch.float32 else grad

    with patched(torch.Tensor, "grad", property(read, slot.__set__, slot.__delete__)):
        yield


def aborts(torch: Torch) -> contextlib.AbstractContextManager[None]:
    """The whole process dies in backward."""
    return _around_backward(torch, lambda proceed, roots: os.abort())


WRONG: dict[str, Wrong] = {
    wrong.__name__: wrong
    for wrong in (
        *(scales_gradients, never_raises, backward_does_nothing, replaces_gradients, raises_in_backward),
        *(warns_in_backward, leaves_grad_mode_off, forgets_hooks, widens_gradients),
    )
}
"""All but the one that ends the process."""
