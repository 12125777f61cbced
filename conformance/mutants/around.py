"""What several areas change by: the calls of backward and grad, the results of operators."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.mutant import Torch, operator, patched


def inside(torch: Torch, module: str) -> Any:
    """A module of the engine's own: ``inside(reference_impl, "graph.engine")``."""
    return importlib.import_module(f"{torch.__name__}.{module}")


def nothing(*_: Any, **__: Any) -> None:
    """What does nothing, whatever it is called with."""


Around = Callable[[Callable[[list[Any]], None], list[Any]], None]


@contextlib.contextmanager
def around_backward(torch: Torch, around: Around) -> Iterator[None]:
    """``around(proceed, roots)`` runs in place of every backward; ``proceed(roots)`` is the real one."""
    method, function = torch.Tensor.backward, torch.autograd.backward
    inside = threading.local()

    def once(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        if getattr(inside, "here", False):
            return proceed(roots)
        inside.here = True
        try:
            return around(proceed, roots)
        finally:
            inside.here = False

    def of_tensor(self: Any, *arguments: Any, **keywords: Any) -> None:
        once(lambda roots: method(roots[0], *arguments, **keywords), [self])

    def of_module(tensors: Any, *arguments: Any, **keywords: Any) -> None:
        once(lambda roots: function(roots, *arguments, **keywords), [tensors] if _is_one(tensors) else list(tensors))

    def _is_one(tensors: Any) -> bool:
        return not isinstance(tensors, list | tuple)

    with patched(torch.Tensor, "backward", of_tensor), patched(torch.autograd, "backward", of_module):
        yield


def leaves(root: Any) -> list[Any]:
    """The leaves that a backward from ``root`` reaches."""
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


def after_backward(torch: Torch, then: Callable[[Any], None]) -> contextlib.AbstractContextManager[None]:
    """``then(leaf)`` for each leaf that a backward has reached."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        reached = [leaf for root in roots for leaf in leaves(root)]
        proceed(roots)
        for leaf in {id(leaf): leaf for leaf in reached}.values():
            then(leaf)

    return around_backward(torch, around)


@contextlib.contextmanager
def with_options(owner: Any, name: str, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """``change(options)`` may change the arguments, by name, of every outermost call of ``owner.name``."""
    real, inside = getattr(owner, name), threading.local()
    signature = inspect.signature(real)

    def called(*arguments: Any, **keywords: Any) -> Any:
        if getattr(inside, "here", False):
            return real(*arguments, **keywords)
        bound = signature.bind(*arguments, **keywords)
        bound.apply_defaults()
        change(bound.arguments)
        inside.here = True
        try:
            return real(*bound.args, **bound.kwargs)
        finally:
            inside.here = False

    with patched(owner, name, called):
        yield


@contextlib.contextmanager
def backward_options(torch: Torch, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """The same for every call of backward: as a method (``gradient``), and as a function (``grad_tensors``)."""
    with with_options(torch.Tensor, "backward", change), with_options(torch.autograd, "backward", change):
        yield


Options = dict[str, Any]
"""The arguments of a call by their names."""


def listed(given: Any) -> list[Any]:
    """Roots as a list, whether they stand in one or alone."""
    return list(given) if isinstance(given, list | tuple) and not hasattr(given, "node") else [given]


def shape_of(root: Any) -> Any:
    """The shape of a root; None of a gradient edge, which does not tell."""
    return None if hasattr(root, "node") else root.shape


@contextlib.contextmanager
def function_options(torch: Torch, change: Callable[[Options], None]) -> Iterator[None]:
    """``change(options)`` may change the arguments of torch.autograd.backward, where it is not called by Tensor.backward."""
    method, inside = torch.Tensor.backward, threading.local()

    def of_tensor(self: Any, *given: Any, **named: Any) -> None:
        inside.method = True
        try:
            method(self, *given, **named)
        finally:
            inside.method = False

    def unless_inside(options: Options) -> None:
        if not getattr(inside, "method", False):
            change(options)

    with patched(torch.Tensor, "backward", of_tensor), with_options(torch.autograd, "backward", unless_inside):
        yield


def cotangents(torch: Torch, change: Callable[[Any, Any], Any]) -> contextlib.AbstractContextManager[None]:
    """Every cotangent that a backward is handed is ``change(root, cotangent)``."""

    def each(options: Options) -> None:
        roots = listed(options["self"] if "self" in options else options["tensors"])
        name = "gradient" if "self" in options else "grad_tensors"
        given = options[name]
        if given is None:
            given = [None] * len(roots)
        elif isinstance(given, torch.Tensor | float | int):
            given = [given]
        made = [change(*pair) for pair in zip(roots, given, strict=False)] + list(given)[len(roots) :]
        if "self" in options:
            (options[name],) = made
        else:
            options[name] = made[0] if isinstance(options[name], torch.Tensor) else made

    return backward_options(torch, each)


def bent(torch: Torch, name: str, by: Callable[[Any, Any], Any]) -> contextlib.AbstractContextManager[None]:
    """The gradient of an elementwise operator is moved by ``by(input, output)``, its values are not."""

    def around(real: Any, x: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(x, *arguments, **keywords)
        if not isinstance(made, torch.Tensor) or made.grad_fn is None or not x.requires_grad or made.shape != x.shape:
            return made
        with torch.no_grad():
            slope = by(x.detach(), made.detach())
        return made + slope * (x - x.detach())

    return operator(torch, name, around)


def slot(torch: Torch, name: str) -> Any:
    """What stands for the attribute of that name in the class of tensors, or in a base of it."""
    return vars(next(kind for kind in torch.Tensor.__mro__ if name in vars(kind)))[name]


def attribute(
    torch: Torch,
    name: str,
    read: Callable[[Any, Any], Any] | None = None,
    write: Callable[[Any, Any, Any], None] | None = None,
    delete: Callable[[Any, Any], None] | None = None,
) -> contextlib.AbstractContextManager[None]:
    """An attribute of tensors goes through ``read(the real one, tensor)``, ``write(the real one, tensor, value)``, ``delete``."""
    real = slot(torch, name)
    of = {"get": read, "set": write, "delete": delete}

    def through(kind: str) -> Callable[..., Any]:
        access, around = getattr(real, f"__{kind}__"), of[kind]
        return access if around is None else lambda *given: around(access, *given)

    return patched(torch.Tensor, name, property(through("get"), through("set"), through("delete")))


def asked_by_the_engine(torch: Torch, depth: int = 3) -> bool:
    """Whether it is the engine itself, and not a case, that called ``depth`` frames ago: 3 from a ``read`` of ``attribute``."""
    file = sys._getframe(depth).f_code.co_filename
    return file.startswith((os.path.dirname(torch.__file__), f"<{torch.__name__} "))


def dropping(torch: Torch, name: str, refused: Callable[[Any, Any], bool]) -> contextlib.AbstractContextManager[None]:
    """What an attribute of tensors is assigned is dropped, and nothing raised, where ``refused(tensor, value)``."""

    def write(real: Any, tensor: Any, value: Any) -> None:
        if not refused(tensor, value):
            real(tensor, value)

    return attribute(torch, name, write=write)


def making(kind: Any, around: Callable[..., Any]) -> contextlib.AbstractContextManager[None]:
    """An instance of the class is made by ``around(the real one, the class, ...)``."""
    real = kind.__new__
    return patched(kind, "__new__", staticmethod(lambda cls, *given, **named: around(real, cls, *given, **named)))


@contextlib.contextmanager
def seen_by_all(torch: Torch, change: contextlib.AbstractContextManager[None]) -> Iterator[None]:
    """The change counts as reached by every case: for what is looked at, and not called (Note [Reach])."""
    with patched(torch, "__doc__", torch.__doc__), change:
        yield


class Noted:
    """What is noted of objects, by their identity: tensors are no keys, for ``==`` of two tensors is a tensor."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[weakref.ref[Any], Any]] = {}

    def note(self, one: Any, value: Any) -> None:
        """Note a value of an object, for as long as that lives."""
        self._of[id(one)] = (weakref.ref(one), value)

    def of(self, one: Any, otherwise: Any = None) -> Any:
        """What was noted of an object."""
        seen, value = self._of.get(id(one), (None, None))
        return value if seen is not None and seen() is one else otherwise


@contextlib.contextmanager
def both(
    first: contextlib.AbstractContextManager[None], second: contextlib.AbstractContextManager[None]
) -> Iterator[None]:
    """Two changes that make one behaviour."""
    with first, second:
        yield
