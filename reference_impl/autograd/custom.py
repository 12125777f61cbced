"""The nodes of custom Functions: what they keep, and how backward calls the user's code.

How apply makes the nodes: applying.py; what the user sees of them: ctx.py; what backward may return: returned.py.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import type_name
from ..graph.clock import tick
from ..graph.dual import recall
from ..graph.hooks import Observers
from ..graph.modes import DUAL, INFERENCE, PACKING, mode
from ..graph.node import FREED, Node
from ..graph.packing import Packed, default_hooks, output_edge, pack_input
from ..graph.rare import NOT_SAVED
from ..graph.saved import refuse
from ..graph.saved_tensor import SavedTensor
from ..tensor import LEAF, NoArray, Tensor, edge_of, new, storage_of, wrap
from .ctx import BackwardCFunction
from .returned import check_results


class CustomNode(Node):
    """The node of a custom Function. See ctx.py, Note [ctx and its node]."""

    __slots__ = (
        "attributes", "batched_inputs", "batched_outputs", "differentiable", "dirty_tensors", "forward_mode",
        "input_meta", "kept", "kind", "materialize", "needs_input_grad", "non_differentiable", "output_meta", "outputs",
        "reads", "samples", "saved_for_forward", "seen", "to_save",
    )  # fmt: skip
    takes_undefined = True
    frees = True

    def __init__(self, kind: type[BackwardCFunction], samples: tuple[int, int] | None) -> None:
        """kind: the class of its ctx. samples: the level and size of the vmap whose samples the user's code sees."""
        Observers.alive += 1
        self.hooks, self.seq, self.next, self.storage, self.outputs = None, tick(), (), None, 1
        self.kind, self.samples = kind, samples
        self.attributes: dict[str, Any] = {}
        self.seen: weakref.ref[BackwardCFunction] | None = None
        self.kept: tuple[Kept | None, ...] | None = ()
        self.reads = 0
        self.forward_mode, self.materialize = False, True
        self.needs_input_grad: tuple[bool, ...] = ()
        self.to_save: tuple | None = None
        self.saved_for_forward: tuple | None = None
        self.dirty_tensors: tuple | None = None
        self.non_differentiable: tuple | None = None

    def __del__(self) -> None:
        Observers.alive -= 1

    def shown(self) -> BackwardCFunction:
        """ctx."""
        ctx = self.seen and self.seen()
        if ctx is None:
            ctx = new(self.kind)
            ctx._engine_node, ctx.__dict__ = self, self.attributes
            self.seen = weakref.ref(ctx)
        return ctx

    def name(self) -> str:
        return self.kind.__name__

    @property
    def function(self) -> Any:
        return self.kind._forward_cls

    # -- what was saved
    @property
    def saved(self) -> tuple:
        """Empty for the engine: only reading `saved_tensors` notices that they were freed or overwritten."""
        return ()

    @saved.setter
    def saved(self, _: Any) -> None:
        self.kept = None

    def keep(self, outputs: tuple) -> None:
        """Take what save_for_backward was given."""
        for i, t in enumerate(self.to_save or ()):
            if not (t is None or isinstance(t, Tensor)):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {type_name(t)}"
                )
        places = [next((k for k, o in enumerate(outputs) if o is t), -1) for t in self.to_save or ()]
        self.kept = tuple(None if t is None else Kept(t, nr) for t, nr in zip(self.to_save or (), places, strict=True))
        self.to_save = None

    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        if self.forward_mode:
            return self.saved_for_forward or ()
        once = self.function.clear_saved_tensors_on_access
        if once and self.reads:
            raise RuntimeError(
                "saved_tensors can only be accessed once when clear_saved_tensors_on_access=True is set on the "
                "autograd.Function. Either access saved_tensors only once, or set clear_saved_tensors_on_access=False."
            )
        if self.kept is None:
            raise RuntimeError(FREED)
        found = tuple(None if k is None else k.read(self) for k in self.kept)
        if once:
            self.kept, self.reads = None, 1
        return found

    def raw_saved_tensors(self) -> tuple[SavedTensor, ...]:
        if self.kept is None:
            raise RuntimeError(FREED)
        found = tuple(new(OfCustom) for _ in self.kept)
        for i, s in enumerate(found):
            s._node, s._place = self, i
        return found

    # -- what the engine calls
    def vjp(self, g: Any) -> Any:
        results = self.run([None if a is None else wrap(a) for a in (g if self.outputs > 1 else [g])])
        try:
            raw = tuple(None if r is None else r._array for r in results)
        except NoArray:
            from ..sparse.recording import sent

            raw = sent(self, results)
        return raw[0] if len(self.next) == 1 else raw

    def taped(self, g: Any) -> Any:
        results = self.run(list(g) if self.outputs > 1 else [g])
        return results[0] if len(self.next) == 1 else results

    def run(self, gs: list) -> tuple:
        """Call the user's backward with a cotangent for each output, and check what it returns."""
        every = list(gs)
        if self.samples is not None:
            every = [
                batching_now().enclose(g, self.samples[0]) if batched and g is not None else g
                for g, batched in zip(gs, self.batched_outputs, strict=True)
            ]
        if self.materialize:
            every = [
                zeros(m) if g is None and m is not None else g for g, m in zip(every, self.output_meta, strict=True)
            ]
        results = self.shown().apply(*every)
        found = check_results(self, results if isinstance(results, tuple) else (results,))
        return found if self.samples is None else tuple(map(self.of_batch, found, self.batched_inputs))

    def of_batch(self, r: Tensor | None, batched: bool) -> Tensor | None:
        """The gradient of a physical input, from that of the samples: their sum for an input that they share."""
        if r is None:
            return None
        whole = batching_now().expose(r, *self.samples)
        return whole if batched else whole.sum(0)

    def call_backward(self, gradients: Sequence) -> Any:
        """The user's backward (or vjp) as it is."""
        from .function import Function

        cls = self.function
        if cls.backward is not Function.backward and cls.vjp is not Function.vjp:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement "
                "one of them."
            )
        backward = cls.vjp if cls.vjp is not Function.vjp else cls.backward
        return backward(self.shown(), list(gradients)) if cls.boxed_grads_call else backward(self.shown(), *gradients)


def zeros(meta: tuple[tuple[int, ...], Any]) -> Tensor:
    return wrap(np.zeros(*meta)[()])


def batching_now() -> Any:
    """batching/__init__.py, if anything was ever batched."""
    return sys.modules.get(__package__.rpartition(".")[0] + ".batching")


# ---------------------------------------------------------------- saved tensors


class Kept:
    """One saved tensor. An output is kept without its edge, which would close a cycle."""

    __slots__ = ("nr", "packed", "storage", "tensor", "version")

    def __init__(self, t: Tensor, nr: int) -> None:
        """nr: which output of the node it is; -1 for none."""
        self.nr, self.packed, self.tensor = nr, None, None
        if mode() & PACKING:
            self.packed = pack_input(t) if nr < 0 else Packed(t, default_hooks(), None, False)
            return
        if t._inference and not mode() & INFERENCE:
            raise RuntimeError(NOT_SAVED)
        self.storage = storage_of(batching_now().physical(t) if batching_now() else t)
        self.version = self.storage.version
        self.tensor = without_history(t) if nr >= 0 else t

    def read(self, node: CustomNode) -> Tensor:
        result = self.nr in node.differentiable
        if self.packed is not None:
            found = self.packed.unpack(node)
            found = without_history(found) if result else found
        else:
            if self.storage.version != self.version:
                edge = output_edge(node, self.nr) if self.nr >= 0 else self.tensor._edge
                refuse(self.tensor._array, edge, self.storage, node.seq)
            if not result:
                return self.tensor
            found = without_history(self.tensor)
            found._storage = self.storage
        if result:
            if mode() & DUAL:  # it is kept without its tangent, too
                recall(found, node, self.nr)
            found._edge = output_edge(node, self.nr)
        return found


def without_history(t: Tensor) -> Tensor:
    return wrap(t._array) if type(t) is Tensor else t.detach()


class OfCustom(SavedTensor):
    """One of `grad_fn._raw_saved_tensors`."""

    _node: CustomNode
    _place: int

    @property
    def _kept(self) -> Kept | None:
        if self._node.kept is None:
            raise RuntimeError(FREED)
        return self._node.kept[self._place]

    def _get(self) -> Any:
        return self._kept and (self._kept.packed or self._kept.tensor)

    def _freed(self) -> bool:
        return self._node.kept is None

    def unpack(self) -> Any:
        return self._kept and self._kept.read(self._node)

    def _pack(self, t: Tensor, pair: tuple) -> None:
        kept = self._kept
        assert kept is not None
        result = kept.nr >= 0
        kept.packed = Packed(
            t.detach(), pair, None if result else edge_of(t), not result and t._edge is LEAF and t.is_leaf
        )
        kept.tensor = None
