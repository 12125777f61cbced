"""Views: tensors that share memory, and what an in-place operation on one of them does to the history of all.

Note [In-place on views]
A write through a view changes its base. So the base's history becomes a CopySlices node: the gradient of the base with
the view's window cut out and sent through the operator that wrote it, then put back. Every live view of that base,
including the one written through, is from then on an as_strided view of the base's new history. A storage knows its
views by weak references. Which operators may not be followed by such a write, and the texts, are torch's.
"""
from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from ..tensor import LEAF, Tensor, edge_of, new, storage_of
from .clock import tick
from .modes import GRAD, mode
from .node import Node

PLAIN, NO_GRAD, MULTIPLE = range(3)       # how a view was made (torch's creation_meta)


def as_view(t: Tensor, of: Tensor, multiple: bool = False) -> None:
    """Make t known as a view of `of`."""
    base = of if of._base is None else of._base
    t._base = base
    s = t._storage = of._storage or storage_of(of)
    t._view = of._view or (MULTIPLE if multiple else PLAIN if mode() & GRAD else NO_GRAD)
    views = s.views
    if len(views) > 30 and not len(views) & 31:
        views[:] = [ref for ref in views if ref() is not None]
    views.append(weakref.ref(t))


def address(a: Any) -> int:
    return a.__array_interface__["data"][0]


def geometry(view: Tensor, base: Tensor) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """(size, stride, offset) of a view in elements, relative to its base."""
    v, b = view._array, base._array
    step = v.dtype.itemsize
    return v.shape, tuple(s // step for s in v.strides), (address(v) - address(b)) // b.dtype.itemsize


def window(a: np.ndarray, where: tuple) -> np.ndarray:
    size, stride, offset = where
    return np.ndarray(size, a.dtype, a, offset * a.itemsize, tuple(s * a.itemsize for s in stride))


class CopySlices(Node):
    """The history of a base that was written through a view. See Note [In-place on views]."""

    __slots__ = ("fn", "strides", "where")

    def __init__(self, base: Tensor, view: Tensor, fn: Node) -> None:
        self.fn, self.where, self.strides = fn, geometry(view, base), base._array.strides
        self.next = (edge_of(base), *fn.next[1:])
        self.hooks, self.seq = None, tick()

    saved = property(lambda self: self.fn.saved, lambda self, value: setattr(self.fn, "saved", value))
    storage = property(lambda self: self.fn.storage)
    frees = property(lambda self: self.fn.frees)
    saves_result = property(lambda self: self.fn.saves_result)

    def name(self) -> str:
        return "torch::autograd::CopySlices"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        return Node.next_functions.fget(self)[:1] + self.fn.next_functions[1:]

    def vjp(self, g: Any) -> Any:
        whole = np.ndarray(g.shape, g.dtype, strides=self.strides) if g.strides != self.strides else g.copy()
        whole[...] = g
        part = window(whole, self.where)
        results = self.fn.vjp(part.copy()[()])
        first = results[0] if len(self.fn.next) > 1 else results
        part[...] = 0 if first is None else first
        return (whole, *results[1:]) if len(self.next) > 1 else whole

    def taped(self, g: Any) -> Any:
        from ..ops.shape import as_strided, clone
        whole = clone(g)
        results = self.fn.taped(clone(as_strided(whole, *self.where)))
        first = results[0] if len(self.fn.next) > 1 else results
        part = as_strided(whole, *self.where)
        part.zero_() if first is None else part.copy_(first)
        return (whole, *results[1:]) if len(self.next) > 1 else whole


def rebase(view: Tensor, fn: Node) -> None:
    """view was just written by fn: give its base, and all its views, the new history."""
    from ..ops.shape import as_strided
    base = view._base
    assert base is not None and view._storage is not None
    base._edge = CopySlices(base, view, fn)
    for ref in list(view._storage.views):
        other = ref()
        if other is not None and other._base is base:
            regenerated = as_strided(base, *geometry(other, base))
            other._edge = regenerated._edge


def regenerate_views(base: Tensor) -> None:
    """base itself was written in place: its views follow its new history."""
    from ..ops.shape import as_strided
    if base._storage is None:
        return
    for ref in list(base._storage.views):
        other = ref()
        if other is not None and other._base is base:
            other._edge = as_strided(base, *geometry(other, base))._edge


def alias(t: Tensor, array: Any) -> Tensor:
    """What t was before a write: the same place in the graph, another array."""
    old = new(Tensor)
    old._array = array
    if t._edge is not LEAF:
        old._edge = t._edge
    return old


AMBIGUOUS = (
    "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case "
    "is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace "
    "either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want "
    "the inplace to be tracked).")
MULTI_OUTPUT = (
    "Output {nr} of {name} is a view and is being modified inplace. This view is the output of a function that returns "
    "multiple views. Such functions do not allow the output views to be modified inplace. You should replace the "
    "inplace operation by an out-of-place one.")


def may_write(t: Tensor) -> None:
    """Raise torch's error where an in-place operation on t cannot be recorded."""
    if t._edge is None:
        if t._view == NO_GRAD and t._base is not None and t._base._edge is not None:
            raise RuntimeError(AMBIGUOUS)
        return
    if t._edge is LEAF:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    if t._base is not None:
        if t._base._edge is LEAF and t._view == PLAIN:
            raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
        may_write_view(t)


def may_write_view(t: Tensor) -> None:
    if t._view == NO_GRAD:
        raise RuntimeError(AMBIGUOUS)
    if t._view == MULTIPLE:
        name = t.grad_fn.name().rstrip("0123456789").removesuffix("Backward") if t.grad_fn is not None else "None"
        raise RuntimeError(MULTI_OUTPUT.format(nr=t.output_nr, name=name))
