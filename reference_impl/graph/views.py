"""Views: tensors that share memory, and what an in-place operation on one of them does to the history of all.

Note [In-place on views]
A write through a view changes its base. So the base's history becomes a CopySlices node: the gradient of the base with
the view's window cut out and sent through the operator that wrote it, then put back. Every other live view of that base
is now stale; when its history is next asked for it becomes an as_strided view of the base as it is then.

Note [Stale views]
A stale view has LEAF as its edge, so that operators which find it ask `accumulator` (graph/node.py) for the node to
record, as they do for leaves; accumulator sees that the view is stale and has its history made again here. So views cost
nothing while nobody writes, and a write costs nothing but a mark.

A view that was made without a history (under no_grad) nevertheless requires grad as long as its base does, and is a leaf
to which no gradient arrives. That is torch's, too; here `_stale` is BORROWED.

Note [Creation]
`_view` says how a view was made (torch's creation_meta). All but PLAIN forbid to be followed by a recorded write: to the
view itself at once, to its base when the view is next used.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from ..ops.windows import Window
from ..tensor import BORROWED, LEAF, Tensor, edge_of, new, storage_of, wrap
from .hooks import Hooks, retain_at
from .modes import GRAD, INFERENCE, mode, set_mode
from .node import NOBODY, Node
from .packing import inside, run_saved

PLAIN, NO_GRAD, MULTIPLE, CUSTOM, IN_INFERENCE = range(5)


def as_view(t: Tensor, of: Tensor, multiple: bool = False) -> None:
    """Make t known as a view of `of`."""
    if of._inference:
        t._inference = True
        return
    base = of if of._base is None else of._base
    t._base = base
    s = t._storage = of._storage or storage_of(of)
    m = mode()
    if m & GRAD:
        t._view = MULTIPLE if multiple and of._view != IN_INFERENCE else of._view or PLAIN
    else:
        t._view = IN_INFERENCE if m & INFERENCE else NO_GRAD
        if base._edge is not None:
            t._edge, t._stale = LEAF, BORROWED
    views = s.views
    if len(views) >= s.room:
        views[:] = [ref for ref in views if ref() is not None]
        s.room = 2 * len(views) + 32
    views.append(weakref.ref(t))


def address(a: Any) -> int:
    return a.__array_interface__["data"][0]


def geometry(view: Tensor, base: Tensor) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """(size, stride, offset) of a view in its elements, relative to its base."""
    v = view._array
    step = v.dtype.itemsize
    return v.shape, tuple(s // step for s in v.strides), (address(v) - address(base._array)) // step


def window(view: Tensor, base: Tensor) -> Window:
    v, b = view._array, base._array
    pairs = [a.dtype.kind == "c" and v.dtype.kind != b.dtype.kind for a in (b, v)]
    step = v.real.dtype.itemsize if any(pairs) else v.dtype.itemsize
    (shape, own), (size, stride) = [
        (a.shape + (2,) * p, tuple(s // step for s in a.strides) + (1,) * p) for a, p in zip((b, v), pairs, strict=True)
    ]
    return Window(shape, own, size, stride, (address(v) - address(b)) // step, *pairs)


def live_views(base: Tensor) -> list[Tensor]:
    if base._storage is None:
        return []
    return [v for ref in base._storage.views if (v := ref()) is not None and v._base is base]


# -- writes


def wrote(t: Tensor) -> None:
    """t's memory was written: a new version; and all views of it must look at their base again."""
    s = storage_of(t)
    if not t._inference or not mode() & INFERENCE:
        s.bump()
    if t._inference and not t._counted and not mode() & INFERENCE:  # torch, too, notices only after the write
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal "
            "tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
        )
    for ref in s.views:
        v = ref()
        if v is not None and (v._base._edge is not None or isinstance(v._edge, Node)):
            mark_stale(v)


def mark_stale(v: Tensor) -> None:
    if v._view and isinstance(v._edge, Node):
        v._maker = v._edge.source()
    if isinstance(v._edge, Node) and v._edge.hooks is not None:
        v._edge.hooks.retain = None
    v._edge, v._stale, v._accumulator = LEAF, True, NOBODY


def rewrite(t: Tensor, edge: Node) -> None:
    """t, which is no view, was just written by what made this edge: its history, and that of its views, starts there."""
    if isinstance(t._edge, Node):
        move_retain(t._edge, edge)
    t._edge = edge
    for v in live_views(t):
        mark_stale(v)


def rebase(view: Tensor, fn: Node) -> None:
    """view was just written by fn: its base gets the new history."""
    base = view._base
    assert base is not None
    if fn.source()[0].outputs > 1:
        raise RuntimeError(SEVERAL)
    rewrite(base, CopySlices(base, view, fn))
    regenerate(view)


def move_retain(old: Node, fresh: Node) -> None:
    """What retain_grad asked for follows the tensor to its new history; hooks stay with the old one."""
    if old.hooks is not None and old.hooks.retain is not None:
        Hooks.of(fresh).retain, old.hooks.retain = old.hooks.retain, None


def regenerate(view: Tensor) -> Any:
    """The history of a stale view, made from its base's. See Note [Stale views]."""
    from ..ops.windows import cut

    if view._stale is BORROWED:
        return None
    base = view._base
    assert base is not None
    if view._view != PLAIN:
        forbid(view, "its base or another view of its base has been")
    view._stale = False
    old = mode()
    set_mode(GRAD)
    try:
        edge = edge_of(base)
        stand_in = new(Tensor)
        stand_in._array, stand_in._edge = base._array, edge or NOWHERE
        node = view._edge = cut.function(stand_in, window(view, base))._edge
        if edge is None:  # a view of a leaf that is itself a view: its history is lost
            node.edges = None
        if view._retains:
            retain_at(node, view)
    finally:
        set_mode(old)
    return node


NOWHERE = Node()


class CopySlices(Node):
    """The history of a base that was written through a view. See Note [In-place on views]."""

    __slots__ = ("dtype", "fn", "where")

    def __init__(self, base: Tensor, view: Tensor, fn: Node) -> None:
        self.fn, self.where, self.dtype = fn, window(view, base), base._array.dtype
        inside[fn] = weakref.ref(self)
        self.next = (edge_of(base), *fn.next[1:])
        self.hooks, self.seq = None, fn.seq

    def written(self) -> Node:
        """The edge of what fn wrote: a view of the base."""
        from ..ops.windows import cut

        shape = self.where.shape[:-1] if self.where.base_pairs else self.where.shape
        base = wrap(np.zeros(shape, self.dtype))
        base._edge = self
        return cut.function(base, self.where)._edge

    saved = property(lambda self: self.fn.saved, lambda self, value: setattr(self.fn, "saved", value))
    alone = property(lambda self: self.fn.alone)
    storage = property(lambda self: self.fn.storage)
    frees = True
    saves_result = property(lambda self: self.fn.saves_result)
    watched = property(lambda self: self.fn.watched)

    def name(self) -> str:
        return "torch::autograd::CopySlices"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        return Node.next_functions.fget(self)[:1] + self.fn.next_functions[1:]

    def vjp(self, g: Any) -> Any:
        from ..ops import windows as w

        g = w.pairs(g, self.where.base_pairs)
        _, base, part = w.memory(self.where, g.dtype)
        base[...] = g
        results = run_saved(self.fn, w.whole(part.copy(), self.where.view_pairs)[()])
        first = results[0] if len(self.fn.next) > 1 else results
        part[...] = 0 if first is None else w.pairs(first, self.where.view_pairs)
        base = w.whole(base, self.where.base_pairs)
        return (base, *results[1:]) if len(self.next) > 1 else base

    def taped(self, g: Any) -> Any:
        from ..ops.windows import cut, outside, paste

        results = self.fn.taped(cut(g, self.where))
        first = results[0] if len(self.fn.next) > 1 else results
        whole = outside(g, self.where)
        if first is not None:
            whole = whole + paste(first, self.where)
        return (whole, *results[1:]) if len(self.next) > 1 else whole


# -- what may be written


def may_write(t: Tensor) -> None:
    """Raise torch's error where an in-place operation on t, to be recorded, is forbidden."""
    if t._view is not None:
        if t._view != PLAIN:
            forbid(t, "is being")
        if t._edge is not None and t._base.is_leaf:
            raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
    if t._edge is not None and t.is_leaf:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def forbid(view: Tensor, what: str) -> None:
    """The error about a view that no write may follow. See Note [Creation]."""
    how = view._view
    maker = view._edge.source() if isinstance(view._edge, Node) else view._maker
    which, viewed = "A view", ""
    if maker is not None:
        name = maker[0].operator_name()
        which, viewed = f"Output {maker[1]} of {name} is a view", " of a view which"
    if how == IN_INFERENCE:
        start = f"{which}{viewed} was created in inference mode and {what} modified inplace in normal mode."
    elif how == NO_GRAD or maker is None:
        start = f"{which}{viewed} was created in no_grad mode and {what} modified inplace with grad mode enabled."
    else:
        start = f"{which} and {what} modified inplace."
    raise RuntimeError(start + WHY[how])


SEVERAL = (
    "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one "
    "Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view "
    "(using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: "
    "one doing the inplace that returns a single Tensor and a second one that does the other operations). You can ask on the "
    "forum https://discuss.pytorch.org/ if you need help to do this change."
)
AMBIGUOUS = (
    " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both "
    "the view and the inplace either both inside the {0} block (if you don't want the inplace to be tracked) or both "
    "outside (if you want the inplace to be tracked)."
)
WHY = {
    NO_GRAD: AMBIGUOUS.format("no_grad"),
    IN_INFERENCE: AMBIGUOUS.format("inference_mode"),
    MULTIPLE: " This view is the output of a function that returns multiple views. Such functions do not allow the output "
    "views to be modified inplace. You should replace the inplace operation by an out-of-place one.",
    CUSTOM: " This view was created inside a custom Function (or because an input was returned as-is) and the autograd "
    "logic to handle view+inplace would override the custom backward associated with the custom Function, leading to "
    "incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.",
}
