"""Hooks: functions of the user that see, and may replace, gradients on their way.

Order at a node, as the note "Backward Hooks execution" of autograd's documentation has it: tensor hooks (in order of
registration), retain_grad, capture for autograd.grad, pre-hooks, the node itself, post-hooks. But torch captures at a
node that runs, because it leads to something else that is asked for, before its tensor hooks. A leaf's tensor hooks
belong to the leaf; all others belong to the node.
"""

from __future__ import annotations

import weakref
from collections.abc import Collection
from contextvars import ContextVar
from itertools import count
from typing import Any

_ids = count().__next__


class RemovableHandle:
    """Takes a hook away again: `handle.remove()`, or as a context manager (source: torch.utils.hooks)."""

    def __init__(self, hooks: dict[int, Any]) -> None:
        self._hooks, self.id = hooks, _ids()

    def remove(self) -> None:
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def __reduce__(self) -> tuple:
        return register, ({}, None), vars(self)


RemovableHandle.__module__ = "torch.utils.hooks"


def register(hooks: dict[int, Any], fn: Any) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = fn
    return handle


class Observers:
    """How many things are alive that can look on while backward runs: engine.py, Note [Leaves at once, or at the end]."""

    alive = 0


class Hooks:
    """The hooks of one node."""

    __slots__ = ("outputs", "packed", "post", "pre", "retain", "tensor")

    def __del__(self) -> None:
        Observers.alive -= 1

    def __init__(self, tensor: dict[int, Any] | None = None) -> None:
        Observers.alive += 1
        self.tensor: dict[int, Any] = {} if tensor is None else tensor
        self.pre: dict[int, Any] = {}
        self.post: dict[int, Any] = {}
        self.outputs: dict[int, Any] = {}  # of a node with several outputs: its Outputs that have hooks, weakly
        self.packed = False  # whether hooks packed what the node saved
        self.retain: Any = None  # a function of the gradient: stores it into a non-leaf's .grad

    @staticmethod
    def of(node: Any) -> Hooks:
        if node.hooks is None:
            node.hooks = Hooks()
            source = node.source()[0]
            if source is not node:
                Hooks.of(source).outputs[node.nr] = weakref.ref(node)
        return node.hooks

    def add(self, kind: str, fn: Any) -> RemovableHandle:
        return register(getattr(self, kind), fn)

    def before(self, g: Any) -> Any:
        """Tensor hooks on one cotangent, a Tensor, or None where it is undefined; then what retain_grad asked for."""
        for fn in list(self.tensor.values()):
            r = fn(g)
            if r is not None:
                check_replacement(r, g, fn)
                g = r
        if self.retain is not None and g is not None:
            self.retain(g)
        return g

    def before_outputs(self, gs: tuple) -> tuple:
        """The same for all outputs of a node, one after the other in the order in which they got their first hooks."""
        found = list(gs)
        for nr, ref in self.outputs.items():
            output = ref()
            if output is not None:
                found[nr] = output.hooks.before(found[nr])
        return tuple(found)

    def run_pre(self, gs: tuple) -> tuple:
        for fn in list(self.pre.values()):
            gs = replaced(gs, fn(gs), fn)
        return gs

    def run_post(self, results: tuple, gs: tuple) -> tuple:
        for fn in list(self.post.values()):
            results = replaced(results, fn(results, gs), fn)
        return results


def retain_at(edge: Any, t: Any) -> None:
    """Let the gradient that comes to this edge be kept in t.grad."""
    ref = weakref.ref(t)

    def retain(g: Any) -> None:
        t = ref()
        if t is not None:
            t._grad = g.clone() if t._grad is None else t._grad + g

    Hooks.of(edge).retain = retain


def run_post_accumulate(leaf: Any) -> None:
    """The hooks of register_post_accumulate_grad_hook."""
    for fn in list(leaf._post_hooks.values()):
        r = fn(leaf)
        if r is not None and r is not leaf:
            check_replacement(r, leaf, fn)
            raise RuntimeError("Tensor post accumulate grad hooks should return None.")


# -- torch's checks of what a hook returned


def replaced(old: tuple, new: Any, fn: Any) -> tuple:
    """What a node's hook made of a tuple of gradients."""
    if new is None:
        return old
    if not isinstance(new, tuple):
        raise TypeError(f"expected tuple, but hook returned '{type(new).__name__}'")
    if len(new) != len(old):
        raise RuntimeError(
            f"hook '{called(fn)}' has returned an incorrect number of values (got {len(new)}, but expected {len(old)})"
        )
    for n, o in zip(new, old, strict=True):
        if n is not None:
            check_replacement(n, o, fn)
    return new


def check_replacement(new: Any, old: Any, fn: Any) -> None:
    from ..dtypes import LEGACY
    from ..tensor import Tensor

    if old is None:
        raise RuntimeError("can't replace a None gradient with a non-None value")
    if not isinstance(new, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(new).__name__}'")
    if new.dtype is not old.dtype:
        raise RuntimeError(
            f"hook '{called(fn)}' has changed the type of value (was torch.{LEGACY[old.dtype]}Tensor got "
            f"torch.{LEGACY[new.dtype]}Tensor)"
        )
    if new.shape != old.shape:
        raise RuntimeError(f"hook '{called(fn)}' has changed the size of value")


def called(fn: Any) -> str:
    return getattr(fn, "__name__", "<unknown>")


# -- what a hook may ask about the pass that it runs in


class Pass:
    """One run of the engine."""

    def __init__(self, roots: list, runs: Collection | None, capture: dict | None) -> None:
        self.roots, self.runs, self.capture = roots, runs, capture
        self.reached: Any = None

    def will_execute(self, edge: Any) -> bool:
        """Whether a gradient will arrive at this edge."""
        if self.reached is None:
            from .reach import count_edges

            self.reached = count_edges(self.roots)
        edge = edge.source()[0]
        if edge not in self.reached or (self.runs is not None and edge not in self.runs):
            return False
        if len(self.roots) == 1 and edge is self.roots[0][0].source()[0]:
            return False  # torch starts at a single root, and does not count it among what it comes to
        if self.capture is not None and edge in self.capture and not edge.next:
            raise RuntimeError(
                "A leaf node was passed to _will_engine_execute_node but we are currently running autograd.grad(). This is "
                "currently not supported."
            )
        return True


current: ContextVar[Pass | None] = ContextVar("current", default=None)
