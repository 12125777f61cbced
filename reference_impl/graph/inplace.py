"""In-place and out= forms of every operator, derived from its row.

An in-place operator is the operator on what the tensor was, its result written into the tensor's memory, and the new
node as the tensor's history. The old value is copied only if a formula of the row asks for it.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import dtypes
from ..tensor import Tensor, storage_array, storage_of
from .clock import tick
from .modes import GRAD, mode
from .views import alias, may_write, may_write_view, rebase, regenerate_views


def inplace_form(what: Any) -> Callable[..., Tensor]:
    """`mul_` from `mul`: from a row, or from a function that chooses between rows."""
    from ..ops.form import Row, names_of

    if isinstance(what, Row):
        rows = (what, *what.overloads.values())
        formulas = [f for r in rows for f in (*r.formulas.values(), r.vjp) if f is not None]
        name, needs_old = what.name.rstrip("_"), any("self" in names_of(f) for f in formulas)
    else:
        name, needs_old = what.names.name, True

    def in_place(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        recording = mode() & GRAD
        if recording:
            may_write(self)
        array = storage_array(self)
        old = alias(self, array.copy()[()] if needs_old and recording else array)
        return store(self, (what.function if isinstance(what, Row) else what)(old, *args, **kwargs))

    in_place.__name__ = name + "_"
    return in_place


def store(t: Tensor, out: Tensor) -> Tensor:
    """Write out's data into t, and let t have out's history."""
    into, value = storage_array(t), out._array
    check_fits(into, value)
    if out._edge is not None and t._base is not None:
        may_write_view(t)
    into[...] = value
    storage_of(t).bump()
    node = out._edge
    if node is None:
        return t
    node.seq = tick()
    if node.saves_result:
        node.storage = t._storage
    if t._base is not None:
        rebase(t, node)
    else:
        t._edge = node
        regenerate_views(t)
    return t


def check_fits(into: Any, value: Any) -> None:
    if value.shape != into.shape:
        raise RuntimeError(f"output with shape {list(into.shape)} doesn't match the broadcast shape {list(value.shape)}")
    have, want = dtypes.from_numpy(value.dtype), dtypes.from_numpy(into.dtype)
    if have.category > want.category:
        raise RuntimeError(f"result type {dtypes.LEGACY[have]} can't be cast to the desired output type "
                           f"{dtypes.LEGACY[want]}")


def write_out(out: Tensor, result: Tensor) -> Tensor:
    """`out=`: the result written into a given tensor, which may not take part in autograd."""
    if mode() & GRAD and (result._edge is not None or out._edge is not None):
        raise RuntimeError("functions with out=... arguments don't support automatic differentiation, but one of the "
                           "arguments requires grad.")
    have, want = result.dtype, out.dtype
    if have.category > want.category:
        raise RuntimeError(f"result type {dtypes.LEGACY[have]} can't be cast to the desired output type "
                           f"{dtypes.LEGACY[want]}")
    if out._array.shape != result._array.shape:
        out._array = result._array.astype(want.np)
    else:
        storage_array(out)[...] = result._array
    storage_of(out).bump()
    return out
