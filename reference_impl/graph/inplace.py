"""In-place forms of operators, derived from their rows (out=: out.py).

An in-place operator is the operator on what the tensor was, its result written into the tensor's memory, and the new
node as the tensor's history. The old value is copied only if a formula of the row asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .. import dtypes
from ..autocasting import POLICY_OF, uncast
from ..ops.windows import overlapping
from ..tensor import LEAF, NoArray, Tensor, new, storage_array, storage_of
from ..warn import warn
from .clock import tick
from .dual import active, carry, write
from .modes import GRAD, MUTATION, mode
from .overlap import TWICE, check_apart, check_of
from .saved import keep_originals
from .views import may_write, rebase, regenerate, rewrite, wrote


def inplace_form(what: Any) -> Callable[..., Tensor]:
    """`mul_` from `mul`: from a row, or from a function that chooses between rows."""
    from ..compiler import later
    from ..compiler.faces import composite_face
    from ..ops.form import Row
    from .former import as_keywords, operands_of

    if isinstance(what, Row):
        rows = (what, *what.overloads.values())
        name = what.name.rstrip("_")
        needs_old = any("self" in r.saved_for(a.name) for r in rows for a in r.inputs)
        pointwise = what.broadcasts or name == "copy"
    else:
        name, needs_old, pointwise = what.names.name, True, False
    most = len(operands_of(what)) if isinstance(what, Row) and what.former else sys.maxsize
    check = check_of(name, pointwise)

    def computing() -> Callable[..., Tensor]:
        if not isinstance(what, Row):
            return composite_face(what, name + "_", False, 0)
        return partial(uncast, what.function) if name in POLICY_OF else what.function

    operator = later(computing)

    def in_place(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if len(args) > most and (today := as_keywords(what, args, kwargs)):
            args, kwargs = today
        try:
            return written(self, args, kwargs)
        except NoArray as why:
            return why.in_place(name + "_", self, args, kwargs)
        except TypeError as error:
            error.args = (str(error).replace(f"{name}():", f"{name}_():", 1),)
            raise
        except AttributeError:
            if isinstance(self, Tensor):
                raise
            raise no_method_of(self, name + "_") from None

    def written(self: Tensor, args: tuple, kwargs: dict[str, Any]) -> Tensor:
        recording = mode() & GRAD and (self._edge is not None or any_requires_grad((*args, *kwargs.values())))
        if recording:
            may_write(self)
            if self._stale:
                regenerate(self)
        array = storage_array(self)
        if 0 in array.strides and array.size:
            check_expanded(array, name, args)
        if check is not None and (self._storage is not None or check is check_apart):
            check(self, args)
        old = alias(self, array.copy()[()] if needs_old and recording else array)
        return store(self, operator(old, *args, **kwargs), old)

    in_place.__name__, in_place.pointwise = name + "_", pointwise  # type: ignore[attr-defined]
    return in_place


def no_method_of(x: Any, name: str) -> TypeError:
    return TypeError(
        f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a '{type(x).__name__}' object"
    )


def check_expanded(array: np.ndarray, name: str, args: tuple) -> None:
    """Whether an expanded tensor may be written, whose elements share places."""
    if repeatable(name, args) or not overlapping(array.shape, array.strides):
        return
    if name not in DEPRECATED:
        raise RuntimeError(TWICE)
    warn(EXPANDED.format(name, *DEPRECATED[name]))


def any_requires_grad(args: tuple) -> bool:
    found = False
    for a in args:  # not any(), which costs twice as much
        found = found or (isinstance(a, Tensor) and a._edge is not None)
    return found


def alias(t: Tensor, array: Any) -> Tensor:
    """What t was before a write: the same place in the graph, another array."""
    storage_of(t)  # before the alias gets one of its own, so that a node that saved t watches t's
    old = new(Tensor)
    old._array = array
    if t._edge is not LEAF:
        old._edge = t._edge
    if active():
        carry(old, t, copied=array is not t._array)  # the tangent, too, will be written
    return old


def store(t: Tensor, out: Tensor, old: Tensor) -> Tensor:
    """Write out's data into t, and let t have out's history. old: what t was."""
    into, value = storage_array(t), out._array
    check_fits(into, value)
    if mode() & MUTATION:
        keep_originals(into)
    if 0 in into.strides:  # of the values for one place those that are new win
        np.copyto(into, value, where=(into != value) & ((into == into) | (value == value)))
    else:
        into[...] = value
    wrote(t)
    if active():
        write(t, out)
    node = out._edge
    if node is None or into.dtype.kind not in "fcV":
        return t
    storage = t._storage
    if node.saves_result:
        node.storage = storage
        if not any(isinstance(s, Tensor) and s._storage is storage for s in node.all_saved):
            node.seq = tick()  # the result is saved as it is after this write; inputs, as they were before
    if t._base is None:
        rewrite(t, node)
        return t
    if node.next[0] is not old._edge:  # several nodes: the last alone does not tell how the view was changed
        from ..ops.writes import copy

        node = copy.function(old, out)._edge
    rebase(t, node)
    return t


def check_fits(into: Any, value: Any) -> None:
    if value.shape != into.shape:
        raise RuntimeError(
            f"output with shape {list(into.shape)} doesn't match the broadcast shape {list(value.shape)}"
        )
    have, want = dtypes.from_numpy(value.dtype), dtypes.from_numpy(into.dtype)
    if have.category > want.category:
        raise RuntimeError(
            f"result type {dtypes.LEGACY[have]} can't be cast to the desired output type {dtypes.LEGACY[want]}"
        )


def repeatable(name: str, args: tuple) -> bool:
    """Whether it may write a place twice: zero_, threshold_, and fill_ with a number."""
    return name in ("zero", "threshold") or (name == "fill" and not any(isinstance(a, Tensor) for a in args))


DEPRECATED = {"index_put": ("indices", "tensor"), "masked_fill": ("mask", "scalar"), "index_fill": ("mask", "scalar")}
EXPANDED = (
    "Use of {}_ on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This also "
    "applies to advanced indexing e.g. tensor[{}] = {}"
)
