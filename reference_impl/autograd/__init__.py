"""torch.autograd: backward and grad. The engine itself is in graph/engine.py."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import Size
from ..graph import engine
from ..graph.node import Node
from ..tensor import Tensor, edge_of
from . import grad_mode
from .grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["Function", "Variable", "backward", "enable_grad", "functional", "grad", "grad_mode", "gradcheck",
           "inference_mode", "no_grad", "set_grad_enabled"]


def as_tuple(x: Any) -> tuple:
    return tuple(x) if isinstance(x, Sequence) and not isinstance(x, Tensor) else (x,)


def roots(tensors: tuple[Tensor, ...], gradients: tuple[Any, ...], create: bool) -> list[tuple[Node, Any]]:
    """Each output's edge and its cotangent; without one, 1 for a scalar."""
    found = []
    for i, (t, g) in enumerate(zip(tensors, gradients, strict=True)):
        if g is None:
            if t._edge is not None and t._array.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            g = Tensor.__new__(Tensor)
            g._array = np.ones_like(t._array)[()]
        elif g.shape != t.shape:
            raise RuntimeError(f"Mismatch in shape: grad_output[{i}] has a shape of {Size(g.shape)} and output[{i}] has "
                               f"a shape of {t.shape}.")
        if t._edge is None:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        found.append((edge_of(t), g if create else g._array))
    return found


def backward(tensors: Any, grad_tensors: Any = None, retain_graph: bool | None = None, create_graph: bool = False,
             grad_variables: Any = None, inputs: Any = None) -> None:
    """Accumulate the gradients of tensors into the leaves (source: torch.autograd.backward)."""
    tensors = as_tuple(tensors)
    gradients = as_tuple(grad_tensors) if grad_tensors is not None else (None,) * len(tensors)
    if inputs is not None and not as_tuple(inputs):
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    wanted = None if inputs is None else [edge_of(x) for x in as_tuple(inputs)]
    engine.run(roots(tensors, gradients, create_graph), keep=create_graph if retain_graph is None else retain_graph,
               create=create_graph, wanted=wanted)


def grad(outputs: Any, inputs: Any, grad_outputs: Any = None, retain_graph: bool | None = None,
         create_graph: bool = False, allow_unused: bool | None = None, is_grads_batched: bool = False,
         materialize_grads: bool = False) -> tuple[Tensor | None, ...]:
    """The gradients of outputs with respect to inputs (source: torch.autograd.grad)."""
    if is_grads_batched:
        from .. import Unsupported
        raise Unsupported("autograd.grad: is_grads_batched=True")
    if materialize_grads:
        if allow_unused is False:
            raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
                             "allow_unused=False.")
        allow_unused = True
    outputs, inputs = as_tuple(outputs), as_tuple(inputs)
    gradients = as_tuple(grad_outputs) if grad_outputs is not None else (None,) * len(outputs)
    starts = roots(outputs, gradients, create_graph)
    for x in inputs:
        if x._edge is None:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    edges = [edge_of(x) for x in inputs]
    capture: dict[Node, Any] = dict.fromkeys(edges)
    engine.run(starts, keep=create_graph if retain_graph is None else retain_graph, create=create_graph, wanted=edges,
               capture=capture)
    found = [engine.as_tensor(capture[e]) for e in edges]
    for i, (x, g) in enumerate(zip(inputs, found, strict=True)):
        if g is None and not allow_unused:
            raise RuntimeError(f"The differentiated Tensor at index {i} appears to not have been used in the graph. Set "
                               "allow_unused=True if this is the desired behavior.")
        if g is None and materialize_grads:
            from ..factories import MADE
            found[i] = MADE["zeros_like"](x)
    return tuple(found)


def Variable(data: Any, requires_grad: bool = False, volatile: bool = False) -> Tensor:   # noqa: N802
    """Deprecated; gives its Tensor (source: torch.autograd.Variable)."""
    return data.requires_grad_(requires_grad) if requires_grad else data


def __getattr__(name: str) -> Any:
    import importlib
    if name == "Function":
        from .function import Function
        return Function
    if name in ("gradcheck", "gradgradcheck"):
        from . import numerical
        return getattr(numerical, name)
    if name in ("functional", "function"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'torch.autograd' has no attribute '{name}'")
