"""Nodes of custom Functions: what `ctx` offers, how apply makes them, how backward calls and checks the user's code.

A user's backward takes and gives Tensors; what it returns is validated as torch does. Only `backward` of Functions sees
gradients that were not projected onto their input, so the projection is here too (`fit`).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import Size
from ..graph.clock import tick
from ..graph.hooks import Observers
from ..graph.modes import INFERENCE, PACKING, mode
from ..graph.node import FREED, Node, Output
from ..graph.packing import Packed, default_hooks, pack_input
from ..graph.rare import NOT_SAVED
from ..graph.saved import refuse
from ..tensor import Tensor, edge_of, new, storage_of, wrap


class FunctionCtx:
    """What forward, setup_context, backward and jvp may call on `ctx` (source: torch.autograd.function.FunctionCtx)."""

    to_save: tuple | None = None
    saved_for_forward: tuple | None = None
    dirty_tensors: tuple | None = None
    non_differentiable: tuple | None = None
    _materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors, inputs and outputs first of all, for `ctx.saved_tensors`."""
        self.to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for `ctx.saved_tensors` in jvp."""
        for t in tensors:
            if not (t is None or isinstance(t, Tensor)):
                raise AssertionError(
                    "save_for_forward expects all arguments to be tensors; you should save non-tensors as attributes on "
                    "ctx."
                )
        self.saved_for_forward = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs forward overwrites; they must be returned."""
        self.dirty_tensors = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether undefined gradients arrive as zeros (the default) or as None."""
        if not isinstance(value, bool):
            raise TypeError(
                "set_materialize_grads received an invalid combination of arguments - got (), but expected (bool)"
            )
        self._materialize = value

    def mark_shared_storage(self, *_: Any) -> None:
        warnings.warn(
            "`mark_shared_storage` is deprecated. Tensors with shared storages are automatically tracked. Note that calls "
            "to `set_()` are not tracked",
            FutureWarning,
            stacklevel=2,
        )


class BackwardCFunction(Node, FunctionCtx):
    """The node of a custom Function; it is also the `ctx` that the user's functions get."""

    __slots__ = ("__dict__",)
    takes_undefined = True
    frees = True
    _forward_cls: Any

    def __init__(self) -> None:
        Observers.alive += 1
        self.hooks, self.seq, self.next, self.storage = None, tick(), (), None
        self._kept: tuple | None = ()
        self._reads = 0
        self._forward_mode = False

    def __del__(self) -> None:
        Observers.alive -= 1

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{type(self).__name__} object at {id(self):#x}>"

    @property
    def saved(self) -> tuple:
        """Empty for the engine: only reading `saved_tensors` notices that they were freed or overwritten."""
        return ()

    @saved.setter
    def saved(self, _: Any) -> None:
        self._kept = None

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        if self._forward_mode:
            return self.saved_for_forward or ()
        if self._forward_cls.clear_saved_tensors_on_access and self._reads:
            raise RuntimeError(
                "saved_tensors can only be accessed once when clear_saved_tensors_on_access=True is set on the "
                "autograd.Function. Either access saved_tensors only once, or set clear_saved_tensors_on_access=False."
            )
        if self._kept is None:
            raise RuntimeError(FREED)
        found = tuple(read() for read in self._kept)
        if self._forward_cls.clear_saved_tensors_on_access:
            self._kept, self._reads = None, 1
        return found

    @saved_tensors.setter
    def saved_tensors(self, _: Any) -> None:
        raise AttributeError("attribute 'saved_tensors' of 'torch._C._FunctionBase' objects is not writable")

    @property
    def saved_variables(self) -> tuple[Tensor | None, ...]:
        warnings.warn("'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning, stacklevel=2)
        return self.saved_tensors

    def keep(self, outputs: tuple) -> None:
        """Take what save_for_backward was given."""
        kept = []
        for i, t in enumerate(self.to_save or ()):
            if not (t is None or isinstance(t, Tensor)):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {type(t).__name__}"
                )
            nr = next((k for k, o in enumerate(outputs) if o is t), -1)
            kept.append((lambda: None) if t is None else keeper(self, t, nr))
        self._kept, self.to_save = tuple(kept), None

    # -- what the engine calls
    def vjp(self, g: Any) -> Any:
        results = self.run([None if a is None else wrap(a) for a in (g if self.outputs > 1 else [g])])
        raw = tuple(None if r is None else r._array for r in results)
        return raw[0] if len(self.next) == 1 else raw

    def taped(self, g: Any) -> Any:
        results = self.run(list(g) if self.outputs > 1 else [g])
        return results[0] if len(self.next) == 1 else results

    def run(self, gs: list) -> tuple:
        """Call the user's backward with a cotangent for each output, and check what it returns."""
        every: list[Any] = [None] * len(self.output_meta)
        for place, g in zip(self.differentiable, gs, strict=True):
            every[place] = batching_now().enclose(g, self._samples[0]) if self._outputs[place] and g is not None else g
        if self._materialize:
            every = [
                np_zeros(m) if g is None and m is not None else g for g, m in zip(every, self.output_meta, strict=True)
            ]
        results = self.apply(*every)
        found = check_results(self, results if isinstance(results, tuple) else (results,))
        return found if self._samples is None else tuple(map(self.of_batch, found, self._inputs))

    def of_batch(self, r: Tensor | None, batched: bool) -> Tensor | None:
        """The gradient of a physical input, from that of the samples: their sum for an input that they share."""
        if r is None:
            return None
        whole = batching_now().expose(r, *self._samples)
        return whole if batched else whole.sum(0)

    def apply(self, *gradients: Any) -> Any:
        """The user's backward (or vjp) as it is."""
        from .function import Function

        cls = self._forward_cls
        if cls.backward is not Function.backward and cls.vjp is not Function.vjp:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement "
                "one of them."
            )
        backward = cls.vjp if cls.vjp is not Function.vjp else cls.backward
        return backward(self, list(gradients)) if cls.boxed_grads_call else backward(self, *gradients)


def np_zeros(meta: tuple[tuple[int, ...], Any]) -> Tensor:
    return wrap(np.zeros(*meta)[()])


def keeper(node: BackwardCFunction, t: Tensor, nr: int) -> Callable[[], Tensor]:
    """How a saved tensor is read back. An output is kept without its edge, which would close a cycle."""
    if mode() & PACKING:
        packed = pack_input(t) if nr < 0 else Packed(t, default_hooks(), None, False)

        def unpacked() -> Tensor:
            found = packed.unpack(node)
            if nr in node.differentiable:
                found._edge = edge_from(node, node.differentiable.index(nr))
            return found

        return unpacked
    if t._inference and not mode() & INFERENCE:
        raise RuntimeError(NOT_SAVED)
    storage = storage_of(batching_now().physical(t) if batching_now() else t)
    version = storage.version
    held = without_history(t) if nr >= 0 else t

    def read() -> Tensor:
        if storage.version != version:
            refuse(held._array, node if nr >= 0 else held._edge, storage, node.seq)
        if nr < 0 or nr not in node.differentiable:
            return held
        output = without_history(held)
        output._storage = storage
        output._edge = edge_from(node, node.differentiable.index(nr))
        return output

    return read


def without_history(t: Tensor) -> Tensor:
    return wrap(t._array) if type(t) is Tensor else t.detach()


def edge_from(node: BackwardCFunction, k: int) -> Node:
    return node if node.outputs == 1 else Output(node, k)


# ---------------------------------------------------------------- what a user's backward returned


def check_results(node: BackwardCFunction, results: tuple) -> tuple:
    """torch's checks; only gradients of Tensor inputs go on."""
    name, count = type(node).__name__, len(node.input_meta)
    if len(results) > count and all(r is None for r in results[count:]):
        results = results[:count]
    if len(results) != count:
        raise RuntimeError(
            f"function {name} returned an incorrect number of gradients (expected {count}, got {len(results)})"
        )
    kept = []
    for i, (r, meta) in enumerate(zip(results, node.input_meta, strict=True)):
        if meta is None:
            if r is not None:
                raise RuntimeError(
                    f"function {name} returned a gradient different than None at position {i + 1}, but the corresponding "
                    "forward input was not a Variable"
                )
            continue
        if r is not None and not isinstance(r, Tensor):
            raise RuntimeError(f"expected Variable or None (got {type(r).__name__})")
        needed = node.next[len(kept)] is not None
        kept.append(fit(r, meta, name, len(kept)) if needed and r is not None else None)
    return tuple(kept)


def fit(r: Tensor, meta: tuple, name: str, i: int) -> Tensor:
    """A gradient in the shape and dtype of its input, or torch's error."""
    from ..ops import structure

    shape, dtype = meta
    if r.shape != shape:
        have, want = r.shape, Size(shape)
        lead = len(have) - len(want)
        if lead < 0 or any(w not in (1, h) for w, h in zip(want, have[lead:], strict=True)):
            raise RuntimeError(
                f"Function {name} returned an invalid gradient at index {i} - got {list(have)} but expected shape "
                f"compatible with {list(want)}"
            )
        r = structure.sum_to(r, shape)
    return r if r.dtype.np == dtype else structure.cast(r, dtype)


# ---------------------------------------------------------------- errors that wait until somebody differentiates


class Error(Node):
    """A node that raises (torch's DelayedError)."""

    __slots__ = ("message",)
    takes_undefined = True

    def name(self) -> str:
        return "torch::autograd::Error"

    def vjp(self, g: Any) -> Any:
        raise RuntimeError(self.message)

    taped = vjp


def delayed_error(t: Tensor, message: str) -> Tensor:
    """t's data, with a history that raises when backward reaches it."""
    node = new(Error)
    node.message, node.seq, node.hooks, node.saved = message, tick(), None, ()
    node.next = (edge_of(t.detach().requires_grad_()),)
    out = wrap(t._array)
    out._edge = node
    return out


def batching_now() -> Any:
    """batching.py, if anything was ever batched."""
    return sys.modules.get(__package__.rpartition(".")[0] + ".batching")
