"""Dual tensors: where tangents are kept, and how writes and views carry them.

Note [Levels of forward mode]
dual_level is a level; torch.func.jvp inside jvp makes further ones. A tensor has at most one tangent a level (`_tangents`);
that of an inner level is a tensor which may itself have tangents of the outer ones. While a level is on, every operator hands
its result to rare.finish, which asks compiler/tangent.py for the tangents, the outermost level first. The formulas for one
level see primals: they run with that level off and those around it on (Primals). False stands for "never a tangent, whatever
the base has" (the primal that unpack_dual gives).
"""

from __future__ import annotations

import weakref
from contextvars import ContextVar
from threading import get_ident
from typing import Any

import numpy as np

from ..errors import Unsupported
from ..ops.windows import overlapping
from ..tensor import Tensor, storage_array, wrap
from .modes import DUAL, INFERENCE, PRIMAL, mode, set_mode


class Level:
    """One level, and what has a tangent in it: Note [Levels of forward mode]."""

    opened: list[Level] = []  # by any thread

    def __init__(self, transform: Any) -> None:
        self.transform = transform  # the torch.func.jvp that runs on it; None for dual_level
        self.thread = get_ident()
        self.before, self.bits = innermost(), mode() & (DUAL | PRIMAL)
        self.around = self.before if self.bits & DUAL else None
        self.holders: list[Any] = []
        self.room = 256  # at so many of them the dead ones are swept out
        # node -> tangents of its outputs, by name
        self.results: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


# the innermost level that is on, in this thread
_innermost: ContextVar[Level | None] = ContextVar("innermost", default=None)
innermost = _innermost.get
set_innermost = _innermost.set


def enter(transform: Any = None) -> Level:
    """A new level. Only those of transforms may lie in each other."""
    if Level.opened and (transform is None or Level.opened[-1].transform is None):
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    level = Level(transform)
    set_innermost(level)
    Level.opened.append(level)
    if transform is not None:
        set_mode(mode() & ~PRIMAL | DUAL)
    elif not mode() & PRIMAL:
        set_mode(mode() | DUAL)
    return level


def leave(level: Level) -> None:
    Level.opened.remove(level)
    set_innermost(level.before)
    set_mode(mode() & ~(DUAL | PRIMAL) | level.bits)
    for ref in level.holders:
        holder = ref()
        if holder is not None and holder._tangents is not None:
            holder._tangents.pop(level, None)


class Primals:
    """A context in which a level, by default the innermost, is off: tensors are taken for their primals. Gives the level."""

    def __init__(self, level: Level | None = None) -> None:
        self.level = level

    def __enter__(self) -> Level | None:
        self.before, self.dual = innermost(), mode() & DUAL
        level = self.level or self.before
        if level is not None and self.dual:
            set_innermost(level.around)
            if level.around is None:
                set_mode(mode() & ~DUAL)
        return level

    def __exit__(self, *_: object) -> None:
        if self.dual:
            set_innermost(self.before)
            set_mode(mode() | DUAL)


def hold(holder: Any, tangent: Any, level: Level | None = None) -> None:
    """Give a tensor its tangent at a level, the innermost if none is said."""
    level = innermost() if level is None else level
    assert level is not None
    if hasattr(holder, "level"):
        from ..batching import expose

        value = holder.value
        hold(value, tangent if tangent is False else expose(tangent, holder.level, value.shape[0]), level)
        return
    if holder._tangents is None:
        holder._tangents = {}
    holder._tangents[level] = tangent
    level.holders.append(weakref.ref(holder))
    if len(level.holders) >= level.room:
        level.holders[:] = [ref for ref in level.holders if ref() is not None]
        level.room = 2 * len(level.holders) + 256


def held(t: Tensor) -> Any:
    """What a tensor that is not batched has itself, at the innermost level: a tangent, None or False."""
    return None if t._tangents is None else t._tangents.get(innermost())


def never(t: Tensor) -> bool:
    """Whether t, at the innermost level, is a primal that may have no tangent."""
    return held(t.value if hasattr(t, "level") else t) is False


def tangent_of(t: Any) -> Tensor | None:
    """t's tangent at the innermost level. A view has its part of its base's."""
    if innermost() is None or not isinstance(t, Tensor):
        return None
    if hasattr(t, "level"):
        from ..batching import enclose

        found = tangent_of(t.value)
        return None if found is None else enclose(found, t.level)
    found = held(t)
    if found is None and t._base is not None and isinstance(whole := held(t._base), Tensor):
        with Primals() as level:
            found = part_of(whole, t)
        hold(t, found, level)
    return None if found is False else found


def all_tangents(t: Any) -> list[tuple[Level, Tensor]]:
    """t's tangents at the levels that are on, the outermost first."""
    if not active():
        return []
    tangent = tangent_of(t)
    with Primals() as level:
        return all_tangents(t) + ([] if tangent is None or level is None else [(level, tangent)])


def carry(t: Tensor, source: Tensor, copied: bool = False) -> None:
    """Give t the tangents of source, or copies of them."""
    for level, tangent in all_tangents(source):
        with Primals(level):
            hold(t, tangent.clone() if copied else tangent, level)


def detached(t: Tensor) -> Tensor:
    """t outside the graph, but still with its tangents."""
    found = t.detach()
    carry(found, t)
    return found


def remember(node: Any, names: Any, outputs: Any) -> None:
    """A node keeps the array of its result; for backward inside the level it needs the tangent, too."""
    level = innermost()
    assert level is not None
    level.results[node] = {n: tangent_of(y) for n, y in zip(names, outputs, strict=False)}


def recall(t: Tensor, node: Any, name: Any) -> None:
    """Give t, a result that its node kept, the tangents that it had."""
    if not active():
        return
    with Primals() as level:
        recall(t, node, name)
        tangent = level.results.get(node, {}).get(name) if level else None
        if tangent is not None:
            hold(t, tangent, level)


def part_of(whole: Tensor, view: Tensor) -> Tensor:
    from ..ops.strides import as_strided
    from .views import geometry

    if hasattr(whole, "level"):
        return part_of_samples(whole, view)
    if whole.dtype.is_complex != view.dtype.is_complex or whole._array.itemsize != view._array.itemsize:
        raise Unsupported("forward mode: a view of another dtype, made before its base had a tangent")
    return as_strided(whole, *geometry(view, view._base))


def part_of_samples(whole: Any, view: Tensor) -> Tensor:
    """The same, where each sample of a vmap has a tangent of its own."""
    from ..batching import enclose
    from ..ops.strides import as_strided
    from .views import geometry

    if not view._base.is_contiguous():
        raise Unsupported(
            "forward mode under vmap: a view, made before its base, which is not contiguous, had a tangent"
        )
    size, stride, offset = geometry(view, view._base)
    levels = []
    while hasattr(whole, "level"):
        levels.append(whole.level)
        whole = whole.value
    whole = whole.contiguous()
    lead = len(levels)
    part = as_strided(whole, (*whole.shape[:lead], *size), (*whole.stride()[:lead], *stride), offset)
    for level in reversed(levels):
        part = enclose(part, level)
    return part


def attach(t: Tensor, tangent: Tensor) -> None:
    """As make_dual does: torch's checks, and a copy where the layouts differ."""
    if t.shape != tangent.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {list(t.shape)} while the given forward gradient is of size "
            f"{list(tangent.shape)}."
        )
    if tangent_of(tangent) is not None:
        raise RuntimeError(
            "Setting a forward grad that itself has a forward gradient at the same level0 is not supported."
        )
    with Primals() as level:
        hold(t, tangent if not plain(tangent, t) or same_layout(t, tangent) else copied_like(tangent, t), level)


def plain(*tensors: Tensor) -> bool:
    """Whether none of them is batched, and so without a layout of its own."""
    return not any(hasattr(t, "level") for t in tensors)


def same_layout(a: Tensor, b: Tensor) -> bool:
    def facts(t: Tensor) -> tuple:
        x = storage_array(t)
        strides = tuple(s for n, s in zip(x.shape, x.strides, strict=True) if n > 1)
        return tuple(s // x.itemsize for s in strides), t.storage_offset(), t.untyped_storage().nbytes() // x.itemsize

    return facts(a) == facts(b)


def copied_like(tangent: Tensor, like: Tensor) -> Tensor:
    """A copy that lies in memory as `like` does in its own."""
    copy = tangent.clone()
    x, values = storage_array(like), copy._array
    size, stride = x.shape, tuple(s // x.itemsize for s in x.strides)
    if x.size and not overlapping(size, stride):
        memory = np.zeros(like.untyped_storage().nbytes() // x.itemsize, values.dtype)
        strides = tuple(s * values.itemsize for s in stride)
        copy._array = np.ndarray(size, values.dtype, memory, like.storage_offset() * values.itemsize, strides)
        copy._array[...] = values
    return copy


def write(t: Tensor, value: Tensor) -> None:
    """t was just written with value's data: its tangents become value's. A tangent's memory stays where it is."""
    if not active():
        return
    new, old = tangent_of(value), tangent_of(t)
    with Primals() as level:
        write(t, value)
        if old is not None:
            old.zero_() if new is None else old.copy_(new)
        elif new is not None and t._base is None:
            own = new.clone() if new.dtype is t.dtype else cast_to(new, t.dtype.np)
            hold(t, own if not plain(own, t) or same_layout(t, own) else copied_like(own, t), level)
        elif new is not None:
            from ..batching import apart

            whole = apart(wrap(np.zeros_like(storage_array(t._base))), new)
            hold(t._base, whole, level)
            part = part_of(whole, t)
            hold(t, part, level)
            part.copy_(new)


def cast_to(t: Tensor, dtype: Any) -> Tensor:
    from ..ops.structure import cast

    return cast(t, dtype)


def active() -> bool:
    """Whether tangents propagate now: inside a level, outside inference mode."""
    return mode() & (DUAL | INFERENCE) == DUAL


def check_floating(t: Tensor, role: str) -> None:
    if not (t.is_floating_point() or t.is_complex()):
        raise ValueError(f"Expected {role} to be floating point or complex, but got: {t.dtype}")
