"""Whoever wants to see each operator as it runs: selective checkpoints, and the log of a checkpoint's operators.

torch has dispatch modes for this, which stand in front of an operator. Here a watcher is told what an operator returned,
and may put another result in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np

from ..tensor import Tensor, storage_of
from .modes import GRAD, PACKING, WATCHED, mode, set_mode
from .node import Node

Watcher = Callable[[Any, tuple, Any], None]  # of an operator (operators.py), its arguments, and its result
_watchers: ContextVar[tuple[Watcher, ...]] = ContextVar("watchers", default=())


class Watching:
    """A context in which a watcher is told of each operator."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher

    def __enter__(self) -> Watching:
        _watchers.set((*_watchers.get(), self.watcher))
        set_mode(mode() | WATCHED)
        return self

    def __exit__(self, *_: object) -> None:
        _watchers.set(_watchers.get()[:-1])
        if not _watchers.get():
            set_mode(mode() & ~WATCHED)


def tell(result: Any, row: Any, args: tuple) -> None:
    """Tell of a row's operator."""
    from ..operators import overload_of

    tell_of(overload_of(row, args, result), args, result)


def tell_of(operator: Any, args: tuple, result: Any) -> None:
    """Tell the innermost watcher, who works unwatched and unrecorded."""
    old = mode()
    set_mode(old & ~(WATCHED | PACKING | GRAD))
    try:
        _watchers.get()[-1](operator, args, result)
    finally:
        set_mode(old)


def substitute(t: Tensor, kept: Tensor) -> None:
    """Give a result that was just computed the memory of another one, in its node too."""
    computed, t._array, t._storage = t._array, kept._array, storage_of(kept)
    if isinstance(t._edge, Node):
        node = t._edge.source()[0]
        node.all_saved = tuple(t._array if s is computed else s for s in node.all_saved)
        if t._edge.saves_result:
            t._edge.storage = t._storage


def described(x: Any, names: dict[int, int]) -> str:
    """An argument in the log of operators: a tensor by its number."""
    if isinstance(x, Tensor):
        return f"${names.setdefault(id(x), len(names))}"
    if isinstance(x, tuple | list):
        return "[" + ", ".join(described(y, names) for y in x) + "]"
    return repr(x)


def kind_of(t: Tensor) -> str:
    """A tensor's dtype and shape as logs have it: f32[2, 3]."""
    d: np.dtype = t.dtype.np
    name = "bf16" if d.name == "bfloat16" else "b8" if d.kind == "b" else f"{d.kind}{8 * d.itemsize}"
    return f"{name}{list(t.shape)}"
