"""torch.autograd: backward and grad. The engine itself is in graph/engine.py."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Collection
from functools import partial
from operator import index
from typing import Any

from ..autocasting import uncast
from ..graph import engine
from ..graph.modes import AUTOCAST, DUAL, PROFILED, mode, transforms
from ..graph.node import Node
from ..graph.saved_tensor import SavedTensor  # noqa: F401
from ..graph.visit import as_tensor
from ..missing import missing
from ..tensor import Tensor
from ..warn import once
from . import grad_mode, logs
from .cotangents import as_tuple, beyond, is_edge, listed, of_batch, places, roots, seeds
from .grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from .running import ImperativeEngine, within

__all__ = [
    "Function", "NestedIOFunction", "Variable", "backward", "detect_anomaly", "enable_grad",
    "enforce_grad_layout_policy", "grad", "grad_mode", "gradcheck", "gradgradcheck", "inference_mode", "no_grad",
    "set_detect_anomaly", "set_grad_enabled", "set_multithreading_enabled", "variable",
]  # fmt: skip

# names that load their module when first asked for; a module's own name loads it
LATER = {
    "Function": "function", "NestedIOFunction": "function",
    "detect_anomaly": "anomaly_mode", "set_detect_anomaly": "anomaly_mode",
    "set_multithreading_enabled": "grad_mode", "is_multithreading_enabled": "grad_mode",
    "enforce_grad_layout_policy": "grad_mode", "is_view_replay_enabled": "grad_mode",
    "_force_original_view_tracking": "grad_mode", "_unsafe_preserve_version_counter": "grad_mode",
}  # fmt: skip
SUBMODULES = (
    "anomaly_mode", "forward_ad", "function", "functional", "graph", "profiler", "profiler_legacy", "profiler_util",
)  # fmt: skip

CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient which "
    "can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you have to use "
    "this function, make sure to reset the .grad fields of your parameters to None after use to break the cycle and "
    "avoid the leak."
)


# ---------------------------------------------------------------- backward and grad


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Accumulate the gradients of tensors into the leaves (source: torch.autograd.backward).

    tensors: a Tensor or GradientEdge, or a sequence of them. grad_tensors: a cotangent of the shape of each; None for
    one-element tensors means 1. inputs: only these accumulate. Errors are RuntimeErrors of torch's wording.
    """
    if transforms():
        raise RuntimeError(
            "backward() called inside a functorch transform. This is not supported, please use functorch.grad or "
            "functorch.vjp instead or call backward() outside of functorch transforms."
        )
    if grad_variables is not None:
        warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2)
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. Please only "
                "use `grad_tensors`."
            )
        grad_tensors = grad_variables
    outputs = as_tuple(tensors)
    chosen = None if inputs is None else listed(inputs, "backward")
    starts = roots(outputs, seeds(outputs, grad_tensors))
    if chosen is not None:
        for x in chosen:
            if isinstance(x, Tensor):
                x.retain_grad()
    if create_graph:
        once(CYCLE)
    wanted = None if chosen is None else [n for e in places(chosen, starts) for n in (e, e.source()[0])]
    send(starts, retain_graph, create_graph, wanted=wanted)


def backward_of(
    self: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """Accumulate gradients into the leaves (source: torch.Tensor.backward)."""
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


backward_of.__name__, backward_of.__qualname__ = "backward", "Tensor.backward"
Tensor.backward = backward_of  # type: ignore[attr-defined]


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """The gradients of outputs with respect to inputs (source: torch.autograd.grad).

    Returns one Tensor (None where unused and allowed) for each input, of the input's shape, as a tuple; for a dict of
    inputs, as a dict. With is_grads_batched, each of grad_outputs and of the results has a leading batch dimension.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    xs = listed(inputs, "grad")
    outs = as_tuple(outputs)
    cotangents = seeds(outs, grad_outputs, is_grads_batched)
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other "
            "parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    if is_grads_batched:
        from ..batching.vmap import batched_gradients

        found = batched_gradients(gradients, outs, xs, cotangents, retain_graph, create_graph)
    else:
        found = gradients(outs, xs, cotangents, retain_graph, create_graph)
    for i, g in enumerate(found):
        if g is None:
            found[i] = fill_in(i, xs[i], allow_unused, materialize_grads, create_graph)
    return dict(zip(inputs, found, strict=True)) if type(inputs) is dict else tuple(found)


def gradients(
    outs: tuple,
    xs: tuple,
    cotangents: tuple,
    retain_graph: bool | None,
    create_graph: bool,
    runs: Collection[Node] | None = None,
) -> list[Any]:
    starts = roots(outs, cotangents)
    if transforms() and beyond(outs, xs):
        raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
    edges = places(xs, starts)
    if None in edges:
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    capture: dict[Node, Any] = dict.fromkeys(edges)
    send(starts, retain_graph, create_graph, wanted=edges, runs=runs, capture=capture)
    given = {id(g._array): g for _, g in starts if type(g) is Tensor}  # a cotangent that comes out as it went in
    captured = {
        e: g if type(g) is Tensor else given[id(g)] if id(g) in given else as_tensor(g) for e, g in capture.items()
    }
    found = [captured[e] for e in edges]
    return [
        g if type(x) is Tensor or g is None or is_edge(x) else of_batch("lift", g, x)
        for x, g in zip(xs, found, strict=True)
    ]


def send(starts: list, retain_graph: bool | None, create_graph: bool, **options: Any) -> None:
    """Start the engine: on Tensors where the graph is recorded or a cotangent is batched, else on arrays."""
    keep = create_graph if retain_graph is None else retain_graph
    if type(keep) is not bool or type(create_graph) is not bool:
        index(keep), index(create_graph)  # integers will do
    plain = not create_graph and not mode() & (DUAL | PROFILED)
    for _, g in starts:
        plain = plain and type(g) is Tensor and g._edge is None  # hooks get one that requires grad as it is
    if plain:
        starts = [(edge, g._array) for edge, g in starts]
    silence = logs.attach(starts) if logs.wanted() else None
    run = engine.run if plain or not mode() & AUTOCAST else partial(uncast, engine.run)
    try:
        within(
            lambda: run(starts, keep=keep, create=not plain, record=create_graph, **options),
            options.get("wanted") is not None,
        )
    finally:
        if silence is not None:
            silence()


def fill_in(i: int, x: Any, allow_unused: bool, materialize: bool, create_graph: bool) -> Any:
    """What stands for the gradient of an input that was not used."""
    if not allow_unused:
        raise RuntimeError(
            f"The differentiated Tensor at index {i} appears to not have been used in the graph. Set allow_unused=True if "
            "this is the desired behavior."
        )
    if not materialize:
        return None
    if is_edge(x):
        raise RuntimeError("materialize_grads cannot be used when the given input is a GradientEdge")
    from ..factories import zeros_like

    return zeros_like(x, requires_grad=create_graph)


# ---------------------------------------------------------------- Variable, from before tensors had gradients


class VariableMeta(type):
    def __instancecheck__(cls, obj: Any) -> bool:
        return isinstance(obj, Tensor)


class Variable(metaclass=VariableMeta):
    """Deprecated: makes a Tensor that shares the data of the one given (source: torch.autograd.Variable)."""

    _execution_engine = ImperativeEngine()

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: bool = False) -> Any:
        if volatile:
            warnings.warn(
                "volatile was removed and now has no effect. Use `with torch.no_grad():` instead.",
                UserWarning,
                stacklevel=2,
            )
        if data is None:
            return Tensor(0).requires_grad_(requires_grad)
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        if requires_grad and not (data.is_floating_point() or data.is_complex()):
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        return data.detach().requires_grad_(requires_grad)


def variable(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("torch.autograd.variable(...) is deprecated, use torch.tensor(...) instead")


from .gradcheck import gradcheck, gradgradcheck  # noqa: E402  (the function hides the module of its name, as in torch)


def __getattr__(name: str) -> Any:
    if name in SUBMODULES:
        return importlib.import_module(f".{name}", __name__)
    if name in LATER:
        return getattr(importlib.import_module(f".{LATER[name]}", __name__), name)
    raise missing("autograd", name)
