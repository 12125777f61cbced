"""Hooks: functions of the user that see, and may replace, gradients on their way.

Order at a node, as the note "Backward Hooks execution" of autograd's documentation has it: tensor hooks (in order of
registration), retain_grad, capture for autograd.grad, pre-hooks, the node itself, post-hooks. A leaf's tensor hooks
belong to the leaf; all others belong to the node.
"""
from __future__ import annotations

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


def register(hooks: dict[int, Any], fn: Any) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = fn
    return handle


class Observers:
    """How many things are alive that can look on while backward runs (see engine.py, Note [Leaves at once ...])."""

    alive = 0


class Hooks:
    """The hooks of one node."""

    __slots__ = ("post", "pre", "retain", "tensor")

    def __del__(self) -> None:
        Observers.alive -= 1

    def __init__(self, tensor: dict[int, Any] | None = None) -> None:
        Observers.alive += 1
        self.tensor: dict[int, Any] = {} if tensor is None else tensor
        self.pre: dict[int, Any] = {}
        self.post: dict[int, Any] = {}
        self.retain: Any = None    # a function of the gradient: stores it into a non-leaf's .grad

    @staticmethod
    def of(node: Any) -> Hooks:
        if node.hooks is None:
            node.hooks = Hooks()
        return node.hooks

    def add(self, kind: str, fn: Any) -> RemovableHandle:
        return register(getattr(self, kind), fn)

    def before(self, g: Any) -> Any:
        """Tensor hooks on one cotangent, a Tensor."""
        for fn in list(self.tensor.values()):
            r = fn(g)
            if r is not None:
                check_replacement(r, g)
                g = r
        if self.retain is not None:
            self.retain(g)
        return g

    def run_pre(self, gs: tuple) -> tuple:
        for fn in list(self.pre.values()):
            r = fn(gs)
            if r is not None:
                gs = r if isinstance(r, tuple) else (r,)
        return gs

    def run_post(self, results: tuple, gs: tuple) -> tuple:
        for fn in list(self.post.values()):
            r = fn(results, gs)
            if r is not None:
                results = r if isinstance(r, tuple) else (r,)
        return results


def check_replacement(new: Any, old: Any) -> None:
    from ..tensor import Tensor
    if not isinstance(new, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(new).__name__}'")
    if old is None:
        raise RuntimeError("can't replace a None gradient with a non-None value")
    if new.shape != old.shape:
        raise RuntimeError("hook 'hook' has changed the size of value")
    if new.dtype is not old.dtype:
        raise RuntimeError("hook 'hook' has changed the type of value")
