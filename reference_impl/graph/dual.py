"""Dual tensors: where a tangent is kept, and how writes and views carry it.

There is one level at a time, as in torch. While it is on, every operator hands its result to rare.finish, which asks
compiler/tangent.py for the tangents; those are computed with the DUAL mode off, so that a formula sees primals without
tangents. `_tangent` is the tangent, None, or False: never one, whatever its base has (the primal that unpack_dual gives).
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from ..ops.windows import overlapping
from ..tensor import Tensor, storage_array, wrap
from .modes import DUAL, INFERENCE, mode, set_mode


class Level:
    """The one level: whether it is on, and what has a tangent in it."""

    current = -1
    transform: Any = None  # the torch.func.jvp that runs on it
    holders: list[Any] = []
    results: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # node -> tangents of its outputs, by name


def enter() -> int:
    if Level.current >= 0:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    Level.current = 0
    set_mode(mode() | DUAL)
    return 0


def leave(level: int) -> None:
    if level < 0:
        raise RuntimeError("Dual level must be a positive number.")
    Level.current, Level.transform = -1, None
    set_mode(mode() & ~DUAL)
    for ref in Level.holders:
        holder = ref()
        if holder is not None:
            holder._tangent = None
    Level.holders.clear()
    Level.results.clear()


class Primals:
    """A context in which tensors are taken for their primals alone."""

    def __enter__(self) -> None:
        self.before = mode()
        set_mode(self.before & ~DUAL)

    def __exit__(self, *_: object) -> None:
        set_mode(mode() | self.before & DUAL)


def hold(holder: Any, tangent: Any) -> None:
    holder._tangent = tangent
    Level.holders.append(weakref.ref(holder))
    if len(Level.holders) > 256 and not len(Level.holders) & 255:
        Level.holders[:] = [ref for ref in Level.holders if ref() is not None]


def tangent_of(t: Any) -> Tensor | None:
    """t's tangent. A view has its part of its base's."""
    if not isinstance(t, Tensor) or t._tangent is False:
        return None
    if t._tangent is None and t._base is not None and isinstance(t._base._tangent, Tensor):
        with Primals():
            hold(t, part_of(t._base._tangent, t))
    return t._tangent


def part_of(whole: Tensor, view: Tensor) -> Tensor:
    from ..ops.strides import as_strided
    from .views import geometry

    if hasattr(whole, "level"):
        return part_of_samples(whole, view)
    if whole.dtype.is_complex != view.dtype.is_complex or whole._array.itemsize != view._array.itemsize:
        from ..errors import Unsupported

        raise Unsupported("forward mode: a view of another dtype, made before its base had a tangent")
    return as_strided(whole, *geometry(view, view._base))


def part_of_samples(whole: Any, view: Tensor) -> Tensor:
    """The same, where each sample of a vmap has a tangent of its own."""
    from ..batching import enclose
    from ..ops.strides import as_strided
    from .views import geometry

    if not view._base.is_contiguous():
        from ..errors import Unsupported

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


def set_tangent(t: Tensor, tangent: Tensor | None) -> None:
    """Give a result its tangent."""
    if tangent is not None:
        hold(t, tangent)


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
    hold(t, tangent if not plain(tangent, t) or same_layout(t, tangent) else copied_like(tangent, t))


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
    with Primals():
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
    """t was just written with value's data: its tangent becomes value's. The tangent's memory stays where it is."""
    new, old = tangent_of(value), tangent_of(t)
    if new is None and old is None:
        return
    with Primals():
        if old is not None:
            old.zero_() if new is None else old.copy_(new)
        elif t._base is None:
            own = new.clone() if new.dtype is t.dtype else cast_to(new, t.dtype.np)
            hold(t, own if not plain(own, t) or same_layout(t, own) else copied_like(own, t))
        else:
            from ..batching import apart

            base = t._base
            hold(base, apart(wrap(np.zeros_like(storage_array(base))), new))
            hold(t, part_of(base._tangent, t))
            t._tangent.copy_(new)


def cast_to(t: Tensor, dtype: Any) -> Tensor:
    from ..ops.structure import cast

    return cast(t, dtype)


def active() -> bool:
    """Whether tangents propagate now: inside a level, outside inference mode."""
    return mode() & (DUAL | INFERENCE) == DUAL


def refuse_tangents(operator: str, *tensors: Any) -> None:
    """torch's error for an operator that has no formula for forward mode."""
    if active() and any(tangent_of(t) is not None for t in tensors):
        from ..ops.structure import NO_TANGENT

        raise NotImplementedError(NO_TANGENT.format(operator))


def check_floating(t: Tensor, role: str) -> None:
    if not (t.is_floating_point() or t.is_complex()):
        raise ValueError(f"Expected {role} to be floating point or complex, but got: {t.dtype}")
