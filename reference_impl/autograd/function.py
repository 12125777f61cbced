"""Function: operators defined by the user, in both styles of the page "Extending PyTorch".

A user's backward takes and gives Tensors; torch checks what it returns and raises, nothing is projected silently.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.clock import tick
from ..graph.hooks import Observers
from ..graph.inplace import storage_of
from ..graph.modes import GRAD, mode, set_mode
from ..graph.node import FREED, Node, Output
from ..graph.saved import refuse
from ..tensor import Tensor, edge_of, wrap


class PyNode(Node):
    """The node of a custom Function; it is also the `ctx` that the user's functions get."""

    __slots__ = ("__dict__",)
    takes_undefined = True
    frees = True
    function: type

    def __init__(self) -> None:
        Observers.alive += 1
        self.hooks, self.seq, self.saved, self.next = None, tick(), (), ()
        self.to_save: tuple = ()
        self.needs_input_grad: tuple[bool, ...] = ()
        self.dirty: tuple = ()
        self.non_differentiable: tuple = ()
        self.materialize_grads = True

    def __del__(self) -> None:
        Observers.alive -= 1

    # -- what ctx offers
    def save_for_backward(self, *tensors: Tensor | None) -> None:
        self.to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        self.saved_for_forward = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        self.materialize_grads = value

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        if self.saved is None:
            raise RuntimeError(FREED)
        found = []
        for kind, value, storage, version in self.saved:
            if storage is not None and storage.version != version:
                refuse(value._array, value._edge, storage, self.seq)
            if kind >= 0:
                t = wrap(value._array)
                t._edge = self if self.outputs == 1 else Output(self, kind)
                value = t
            found.append(value)
        return tuple(found)

    def keep(self, outputs: tuple) -> None:
        """Take what save_for_backward was given; an output is kept without its edge, which would close a cycle."""
        kept = []
        for t in self.to_save:
            if t is not None and not isinstance(t, Tensor):
                raise TypeError(f"save_for_backward can only save variables, but argument {len(kept)} is of type "
                                f"{type(t).__name__}")
            nr = next((i for i, o in enumerate(outputs) if o is t), -1) if t is not None else -1
            kept.append((nr, wrap(t._array) if nr >= 0 else t, None if t is None else storage_of(t),
                         0 if t is None else t._version))
        self.saved, self.to_save = tuple(kept), ()

    # -- what the engine calls
    def vjp(self, g: Any) -> Any:
        gs = [None if a is None else wrap(a) for a in (g if self.outputs > 1 else [g])]
        results = self.call(gs)
        raw = tuple(None if r is None else r._array for r in results)
        return raw[0] if len(self.next) == 1 else raw

    def taped(self, g: Any) -> Any:
        results = self.call(list(g) if self.outputs > 1 else [g])
        return results[0] if len(self.next) == 1 else results

    def call(self, gs: list) -> tuple:
        if self.materialize_grads:
            gs = [wrap(np.zeros(shape, d)[()]) if a is None else a for a, (shape, d) in zip(gs, self.output_meta)]
        every = [None] * self.output_count
        for place, a in zip(self.differentiable, gs, strict=True):
            every[place] = a
        for i, a in enumerate(every):
            if a is None and self.materialize_grads:
                every[i] = wrap(np.zeros(*self.all_meta[i])[()])
        results = self.function.backward(self, *every)
        results = results if isinstance(results, tuple) else (results,)
        return check_results(self, results)


def check_results(node: PyNode, results: tuple) -> tuple:
    """torch's checks of what a custom backward returned; only gradients of Tensor inputs go on."""
    name, count = type(node).__name__, len(node.is_tensor)
    if len(results) > count and all(r is None for r in results[count:]):
        results = results[:count]
    if len(results) != count:
        raise RuntimeError(f"function {name} returned an incorrect number of gradients (expected {count}, got "
                           f"{len(results)})")
    kept = []
    for i, (r, tensor_meta) in enumerate(zip(results, node.is_tensor, strict=True)):
        if tensor_meta is None:
            if r is not None:
                raise RuntimeError(f"function {name} returned a gradient different from None at position {i + 1}, but "
                                   "the corresponding forward input was not a Variable")
            continue
        if r is not None and not isinstance(r, Tensor):
            raise TypeError(f"expected Variable or None (got {type(r).__name__})")
        kept.append(None if r is None else fit(r, tensor_meta, name, i))
    return tuple(kept)


def fit(r: Tensor, meta: tuple, name: str, i: int) -> Tensor:
    from ..dtypes import Size
    from ..ops import structure
    shape, dtype = meta
    if r.shape != shape:
        have, want = r.shape, Size(shape)
        lead = len(have) - len(want)
        if lead < 0 or any(w not in (1, h) for w, h in zip(want, have[lead:], strict=True)):
            raise RuntimeError(f"Function {name} returned an invalid gradient at index {i} - got "
                               f"{list(have)} but expected shape compatible with {list(want)}")
        r = structure.sum_to(r, shape)
    return r if r._array.dtype == dtype else structure.cast(r, dtype)


class Function:
    """A differentiable operator made by hand: static forward and backward, called by `apply`."""

    generate_vmap_rule = False

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise NotImplementedError("You must implement either the backward or vjp method for your custom "
                                  "autograd.Function to use it with backward mode AD.")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward without recording, then hang one node behind its outputs."""
        node = node_type(cls)()
        tensors = [a for a in args if isinstance(a, Tensor)]
        node.needs_input_grad = tuple(isinstance(a, Tensor) and a.requires_grad for a in args)
        old = mode()
        set_mode(old & ~GRAD)
        try:
            if "setup_context" in {n for c in cls.__mro__[:-2] for n in vars(c)}:
                result = cls.forward(*args, **kwargs)
                cls.setup_context(node, args, result)
            else:
                result = cls.forward(node, *args, **kwargs)
        finally:
            set_mode(old)
        outputs = result if isinstance(result, tuple) else (result,)
        if not (old & GRAD and any(t.requires_grad for t in tensors)):
            return result
        outputs = attach(node, args, tensors, outputs)
        return outputs if isinstance(result, tuple) else outputs[0]


def attach(node: PyNode, args: tuple, tensors: list, outputs: tuple) -> tuple:
    """Make the node the history of the outputs."""
    node.is_tensor = [(a._array.shape, a._array.dtype) if isinstance(a, Tensor) else None for a in args]
    node.next = tuple(edge_of(t) for t in tensors)
    fresh = []
    for o in outputs:
        if isinstance(o, Tensor) and any(o is t for t in tensors) and not any(o is d for d in node.dirty):
            v = wrap(o._array)                  # an input returned as it is: a view of it
            v._storage = storage_of(o)
            o = v
        fresh.append(o)
    differentiable = [i for i, o in enumerate(fresh) if isinstance(o, Tensor) and o._array.dtype.kind in "fcV"
                      and not any(o is n or outputs[i] is n for n in node.non_differentiable)]
    node.differentiable, node.output_count = differentiable, len(fresh)
    node.all_meta = [(o._array.shape, o._array.dtype) if isinstance(o, Tensor) else ((), float) for o in fresh]
    node.output_meta = [node.all_meta[i] for i in differentiable]
    node.outputs = len(differentiable)
    for d in node.dirty:
        storage_of(d).bump()
    node.seq = tick()
    for k, i in enumerate(differentiable):
        fresh[i]._edge = node if len(differentiable) == 1 else Output(node, k)
    node.keep(tuple(fresh) if len(differentiable) == 1 else tuple(fresh[i] for i in differentiable))
    return tuple(fresh)


_types: dict[type, type] = {}


def node_type(function: type) -> type:
    if function not in _types:
        _types[function] = type(function.__name__ + "Backward", (PyNode,), {"function": function, "__slots__": ()})
    return _types[function]


def once_differentiable(backward: Any) -> Any:
    """A backward that cannot be differentiated again (source: torch.autograd.function.once_differentiable)."""
    def wrapped(ctx: Any, *gs: Any) -> Any:
        old = mode()
        set_mode(old & ~GRAD)
        try:
            return backward(ctx, *gs)
        finally:
            set_mode(old)
    return wrapped
