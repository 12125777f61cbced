"""Saved-tensor hooks: the pairs (pack, unpack) that are active, and what they make of a node's saved tensors."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ..placement import strided
from ..tensor import LEAF, Tensor, edge_of, new, wrap
from .hooks import Hooks
from .modes import GRAD, PACKING, mode, set_mode
from .node import Node, Output

_pairs: ContextVar[tuple] = ContextVar("saved_tensors_hooks", default=())
IN_PLACE = (
    "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified "
    "by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform "
    "in-place operations on the input to a pack hook."
)


_disabled: ContextVar[str | None] = ContextVar("disabled", default=None)


def push_hooks(pair: tuple[Callable[..., Any], Callable[..., Any]]) -> None:
    """From now on, in this thread, what is saved goes through this pair (pack, unpack)."""
    if _disabled.get() is not None:
        raise RuntimeError(_disabled.get())
    _pairs.set((*_pairs.get(), pair))
    set_mode(mode() | PACKING)


def pop_hooks() -> None:
    _pairs.set(_pairs.get()[:-1])
    if not _pairs.get():
        set_mode(mode() & ~PACKING)


def disable_hooks(message: str) -> str | None:
    """Refuse hooks with this message; returns the message before."""
    if _pairs.get():
        raise RuntimeError(message)
    before = _disabled.get()
    _disabled.set(message)
    return before


def enable_hooks(before: str | None) -> None:
    _disabled.set(before)


def default_hooks() -> tuple:
    return _pairs.get()[-1]


class Packed:
    """A saved tensor in the form that a pack hook gave it.

    What unpack returns lends only its values: the tensor regains the place in the graph that the saved one had. A
    constant had none, and is what unpack returned.
    """

    __slots__ = ("dtype", "edge", "hook", "leaf", "name", "value")

    def __init__(self, given: Tensor, pair: tuple, edge: Node | None, leaf: bool, name: str = "") -> None:
        """given: what the pack hook gets. edge, leaf: where the tensor was in the graph. name: of an output of the node."""
        pack, self.hook = pair
        self.edge, self.leaf, self.name, self.dtype = edge, leaf, name, given.dtype
        old, before = mode(), given._storage.version if given._storage is not None else 0
        set_mode(old & ~GRAD)
        try:
            self.value = pack(given)
        finally:
            set_mode(old)
        if (given._storage.version if given._storage is not None else 0) != before:
            raise RuntimeError(IN_PLACE)

    def unpack(self, node: Node | None) -> Tensor:
        found = self.hook(self.value)
        if not isinstance(found, Tensor):
            raise TypeError(
                f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {type(found).__name__}"
            )
        if self.edge is None and not self.name and not found.requires_grad:
            return found
        t = wrap(found._array) if found.layout is strided else found.data
        if self.leaf:
            t._edge, t._accumulator = LEAF, weakref.ref(self.edge)
        else:
            t._edge = result_edge(node, self.name) if self.name and node is not None else self.edge
        return t


def pack_input(t: Tensor) -> Packed:
    return Packed(t, default_hooks(), edge_of(t), t._edge is LEAF and t.is_leaf)


def pack_saved(node: Node, outputs: dict[str, Tensor]) -> None:
    """Send all that a new node saved through the active hooks, inputs first. outputs: its results by name."""
    pair, packed = default_hooks(), list(node.all_saved)
    for i, (name, s) in enumerate(zip(node.saved_names, packed, strict=False)):
        if isinstance(s, Tensor) and name not in node.result_names:
            packed[i] = pack_input(s)
    for i, (name, s) in enumerate(zip(node.saved_names, packed, strict=False)):
        if name in node.result_names:
            packed[i] = Packed(outputs[name] if name in outputs else wrap(s), pair, None, False, name)
    if any(isinstance(s, Packed) for s in packed):
        node.all_saved = tuple(packed)
        Hooks.of(node).packed = True


def run_saved(node: Node, g: Any) -> Any:
    """node.vjp(g), after what was packed is unpacked."""
    if isinstance(g, Tensor) or (type(g) is list and any(isinstance(h, Tensor) for h in g)):
        from ..sparse.recording import on_tensors

        return on_tensors(node, g)
    if node.hooks is None or not node.hooks.packed:
        return node.vjp(g)
    open_node = new(type(node))
    found = [s.unpack(node) if isinstance(s, Packed) else s for s in node.all_saved]
    open_node.all_saved = tuple(
        t._array if isinstance(s, Packed) and s.name else t for s, t in zip(node.all_saved, found, strict=True)
    )
    open_node.next, open_node.seq, open_node.hooks = node.next, node.seq, None
    if "width" in type(node).__slots__:
        open_node.width = node.width
    results = open_node.vjp(g)
    if any(isinstance(s, Packed) and t.dtype is not s.dtype for s, t in zip(node.all_saved, found, strict=True)):
        return in_dtype_of(g, results)
    return results


def in_dtype_of(g: Any, results: Any) -> Any:
    """Gradients cast back, where an unpack hook brought in another dtype of the same kind."""
    if isinstance(results, tuple):
        return tuple(in_dtype_of(g, r) for r in results)
    if results is None or type(g) is list or results.dtype.kind != g.dtype.kind:
        return results
    return results.astype(g.dtype)


# node -> the CopySlices (views.py) that it runs in, weakly
inside: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def result_edge(node: Node, name: str) -> Node | None:
    """The edge of what a node saved of its own results."""
    names = node.differentiable_names
    return output_edge(node, names.index(name)) if name in names else None


def output_edge(node: Node, k: int) -> Node:
    """The edge of output k of a node, as it is after the node was made."""
    slices = inside[node]() if inside and node in inside else None
    if slices is not None:
        return slices.written()
    return Output(node, k) if node.listed else node
