"""How Function.apply runs forward and attaches a node to what it returned."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from ..graph import anomaly, views
from ..graph.clock import tick
from ..graph.modes import ANOMALY, DUAL, GRAD, INFERENCE, mode, set_mode, transforms
from ..graph.packing import output_edge
from ..tensor import Tensor, edge_of, storage_array, wrap
from .custom import CustomNode, batching_now


def apply(cls: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """Run forward (and setup_context) of a Function without recording, then attach its node to the outputs."""
    from .function import Function

    separate = cls.setup_context is not Function.setup_context
    if separate:
        bound = inspect.signature(cls.forward).bind(*args, **kwargs)
        bound.apply_defaults()
        args, kwargs = bound.args, bound.kwargs
    batching = batching_now()
    transformed = transforms() > 0
    batched = transformed and any(isinstance(a, batching.BatchedTensor) for a in (*args, *kwargs.values()))
    if batched and separate and any(isinstance(a, Tensor) for a in kwargs.values()):
        raise NotImplementedError(
            "Run vmap on autograd.Function with kwarg-only Tensor args. Please do not pass kwarg-only Tensors to "
            f"autograd.Function. Got: {kwargs}"
        )
    if kwargs:
        args = by_position(cls.forward, args, kwargs, skip=0 if separate else 1)
    if transformed:
        if not separate:
            raise RuntimeError(
                "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must "
                "override the setup_context staticmethod. For more details, please see "
                "https://pytorch.org/docs/main/notes/extending.func.html"
            )
        if batched:
            from .custom_vmap import custom_function

            return custom_function(cls, args)
    return run_apply(cls, args, separate)


def run_apply(cls: Any, args: tuple, separate: bool, samples: tuple[int, int] | None = None) -> Any:
    """apply with its arguments bound. samples: the level and size of the vmap whose samples the user's code sees."""
    node = CustomNode(cls._backward_cls, samples)
    ctx = node.shown()
    node.needs_input_grad = needed = tuple(isinstance(a, Tensor) and a.requires_grad for a in args)
    old = mode()
    tangents = None
    if old & (DUAL | INFERENCE) == DUAL:
        from .custom_forward import apply_jvp, by_level

        tangents = by_level(args)
    set_mode(old & ~(GRAD | DUAL))
    try:
        if separate:
            result = cls.forward(*args)
            cls.setup_context(ctx, args, result)
        else:
            result = cls.forward(ctx, *args)
    finally:
        set_mode(old)
    recording = bool(old & GRAD) and any(needed)
    dirty = node.dirty_tensors or ()
    outputs = result if isinstance(result, tuple) else (result,)
    if separate:
        check_saved(node, args, outputs)
    outputs = attach(node, args, outputs, recording)
    if tangents:
        apply_jvp(node, args, outputs, dirty, tangents)
    node.saved_for_forward = None
    return outputs if isinstance(result, tuple) else outputs[0]


def check_saved(node: CustomNode, args: tuple, outputs: tuple) -> None:
    """What setup_context saved of the outputs: not an input, which forward returned as it is."""
    saved, dirty = (*(node.to_save or ()), *(node.saved_for_forward or ())), node.dirty_tensors or ()
    for t in outputs:
        if isinstance(t, Tensor) and [any(t is o for o in ts) for ts in (args, saved, dirty)] == [True, True, False]:
            raise RuntimeError(
                "An input that has been returned as-is as output is being saved for backward. This is not supported if you "
                "override setup_context. You should return and save a view of the input instead, e.g. with x.view_as(x) or "
                "setup ctx inside the forward function itself."
            )


def by_position(forward: Any, args: tuple, kwargs: dict[str, Any], skip: int) -> tuple:
    """Keyword arguments as positional ones, as torch binds them: without filling in defaults."""
    names = forward.__code__.co_varnames[skip : forward.__code__.co_argcount]
    given = dict(enumerate(args))
    for name, value in kwargs.items():
        if name not in names:
            raise TypeError(f"forward() got an unexpected keyword argument '{name}'")
        i = names.index(name)
        if i in given:
            raise TypeError(f"forward() got multiple values for argument '{name}'")
        given[i] = value
    for i in range(max(given, default=-1)):
        if i not in given:
            raise TypeError(f"forward() missing required argument: '{names[i]}' (position {i})")
    return tuple(given[i] for i in range(len(given)))


def attach(node: CustomNode, args: tuple, outputs: tuple, recording: bool) -> tuple:
    """Make the node the history of the outputs that have a gradient."""
    tensors = [a for a in args if isinstance(a, Tensor)]
    dirty = marked(node.dirty_tensors, "mark_dirty can only accept variables, but argument ")
    constant = marked(node.non_differentiable, "mark_non_differentiable only accepts variable arguments, but got ")
    check_dirty(dirty, tensors, outputs, recording)
    edges = tuple(edge_of(inmost(t)) if t.requires_grad else None for t in tensors)
    node.input_meta = [meta(a) for a in args]
    node.batched_inputs = [node.samples is not None and depends(t, node) for t in tensors]
    fresh = tuple(returned(o, tensors, dirty) for o in outputs)
    for d in dirty:
        views.wrote(d)
    node.seq = tick()
    node.differentiable = differentiable = [
        i for i, o in enumerate(fresh)
        if isinstance(o, Tensor) and o.dtype.np.kind in "fcV" and not any(outputs[i] is c for c in constant)
    ]  # fmt: skip
    node.output_meta = [meta(o) for o in fresh]
    node.batched_outputs = [node.samples is not None and depends(o, node) for o in fresh]
    node.dirty_tensors = node.non_differentiable = None
    for o in fresh:
        if isinstance(o, Tensor) and o._base is not None and not any(o is d for d in dirty):
            o._view = views.CUSTOM
    if not recording:
        node.to_save = None
        return fresh
    node.next, node.outputs = edges, len(fresh)
    for i, o in enumerate(fresh):
        if not isinstance(o, Tensor):
            continue
        if i in differentiable:
            set_history(node, o, i, any(o is d for d in dirty))
        elif o._edge is not None:
            o._edge = None
    if mode() & ANOMALY:
        anomaly.record(node)
    node.keep(tuple(fresh))
    return fresh


def meta(t: Any) -> tuple[tuple[int, ...], Any] | None:
    return (tuple(t.shape), t.dtype.np) if isinstance(t, Tensor) else None


def inmost(t: Tensor) -> Tensor:
    return batching_now().physical(t) if batching_now() else t


def marked(tensors: tuple | None, complaint: str) -> tuple:
    for t in tensors or ():
        if not isinstance(t, Tensor):
            raise RuntimeError(complaint)
    return tensors or ()


def check_dirty(dirty: tuple, tensors: list, outputs: tuple, recording: bool) -> None:
    if recording and any(not any(d is t for t in tensors) for d in dirty):
        warnings.warn(
            "ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that have been mutated should be "
            "passed to ctx.mark_dirty().",
            UserWarning,
            stacklevel=5,
        )
    for d in dirty:
        if recording and d._view is None and d.requires_grad and d.is_leaf and any(d is o for o in outputs):
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        if any(d is t for t in tensors) and not any(d is o for o in outputs):
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that are "
                "modified inplace must all be outputs of the Function."
            )
        if recording and d._view is not None:
            if d._view != views.PLAIN:
                views.forbid(d, "is being")
            if d.requires_grad and d._base.is_leaf:
                raise RuntimeError(
                    "a view of a leaf Variable that requires grad is being used in an in-place operation."
                )


def returned(o: Any, tensors: list, dirty: tuple) -> Any:
    """An output; an input that forward returned as it is becomes a view of it."""
    if not isinstance(o, Tensor) or any(o is d for d in dirty) or not any(o is t for t in tensors):
        return o
    if type(o) is not Tensor and batching_now() and isinstance(o, batching_now().BatchedTensor):
        return batching_now().enclose(o.value.detach(), o.level)
    v = wrap(storage_array(o)[...])
    views.as_view(v, o)
    return v


def set_history(node: CustomNode, o: Tensor, k: int, in_place: bool) -> None:
    edge = output_edge(node, k)
    if in_place and o._base is not None:
        views.rebase(o, edge)
        return
    if in_place:
        views.rewrite(o, edge)
        return
    o._edge = edge
    if o._base is not None and len(node.differentiable) > 1:
        o._view = views.MULTIPLE


def depends(t: Any, node: CustomNode) -> bool:
    return batching_now().depends_on(t, node.samples[0])
