"""Function: operators defined by the user, in both styles of the page "Extending PyTorch". Their ctx: ctx.py."""

from __future__ import annotations

import functools
import warnings
from typing import Any

from ..graph.clock import tick
from ..graph.modes import GRAD, mode, set_mode
from ..graph.node import Node
from ..graph.packing import output_edge
from ..tensor import Tensor, edge_of, new, wrap
from .applying import apply
from .ctx import BackwardCFunction, FunctionCtx

__all__ = [
    "BackwardCFunction", "Function", "FunctionCtx", "FunctionMeta", "InplaceFunction", "NestedIOFunction",
    "once_differentiable",
]  # fmt: skip


class FunctionMeta(type):
    """Gives each Function the class of its nodes, `_backward_cls`."""

    def __init__(cls, name: str, bases: tuple, attributes: dict[str, Any]) -> None:
        cls._backward_cls = type(
            name + "Backward", (BackwardCFunction,), {"_forward_cls": cls, "__module__": "torch.autograd.function"}
        )
        super().__init__(name, bases, attributes)


class Function(FunctionCtx, metaclass=FunctionMeta):
    """A differentiable operator made by hand (source: torch.autograd.Function).

    A subclass has static `forward(ctx, *args)`, or `forward(*args)` and `setup_context(ctx, inputs, output)`, and
    `backward(ctx, *grad_outputs)`, which returns one gradient (or None) for each input. `jvp` and `vmap` are optional.
    It is called by `apply`.
    """

    __module__ = "torch.autograd.function"
    generate_vmap_rule = False
    boxed_grads_call = False
    clear_saved_tensors_on_access = False

    def __init__(self, *_: Any, **__: Any) -> None:
        warnings.warn(
            f"{self.__class__} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future version "
            "of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            "function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs: one Tensor or a tuple (source: Function.forward)."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Any) -> Any:
        """Keep on ctx what backward needs; then forward takes no ctx (source: Function.setup_context)."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the inputs, one for each (source: Function.backward)."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """The tangents of the outputs, one for each (source: Function.jvp)."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @staticmethod
    def vmap(info: Any, in_dims: tuple, *args: Any) -> Any:
        """The outputs for batched inputs, and their batch dimensions (source: Function.vmap)."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward without recording, then hang one node behind its outputs."""
        return apply(cls, args, kwargs)


def once_differentiable(backward: Any) -> Any:
    """A backward that cannot be differentiated again (source: torch.autograd.function.once_differentiable)."""

    @functools.wraps(backward)
    def wrapped(ctx: Any, *gs: Any) -> Any:
        old = mode()
        set_mode(old & ~GRAD)
        try:
            outputs = backward(ctx, *gs)
        finally:
            set_mode(old)
        if not (old & GRAD and any(isinstance(g, Tensor) and g.requires_grad for g in gs)):
            return outputs
        message = "trying to differentiate twice a function that was marked with @once_differentiable"
        marked = delayed_error(outputs if isinstance(outputs, tuple) else (outputs,), message)
        return marked if isinstance(outputs, tuple) else marked[0]

    return wrapped


class Error(Node):
    """A node that raises (torch's DelayedError)."""

    __slots__ = ("message", "outputs")
    takes_undefined = True

    def name(self) -> str:
        return "torch::autograd::Error"

    def vjp(self, g: Any) -> Any:
        raise RuntimeError(self.message)

    taped = vjp


def delayed_error(outputs: tuple, message: str) -> tuple:
    """The outputs' data, with a history that raises when backward reaches it."""
    node, edges, marked = new(Error), [], []
    for o in outputs:
        leaf = o
        if isinstance(o, Tensor):
            leaf, o = o.detach(), wrap(o._array)
            leaf.requires_grad = True
        edges.append(edge_of(leaf) if isinstance(o, Tensor) else None)
        marked.append(o)
    node.message, node.seq, node.hooks, node.saved, node.next = message, tick(), None, (), tuple(edges)
    tensors = [o for o in marked if isinstance(o, Tensor)]
    node.outputs = len(tensors)
    for k, o in enumerate(tensors):
        o._edge = output_edge(node, k)
    return tuple(marked)


class InplaceFunction(Function):
    """Kept by torch for old code: a Function whose instances remember `inplace`."""

    __module__ = "torch.autograd.function"

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


class NestedIOFunction(Function):
    """Kept by torch for old code, where it can no longer be called or applied (source: torch.autograd.function)."""

    __module__ = "torch.autograd.function"

    def _do_forward(self, *input: Any) -> Any:
        return super()._do_forward(*input)  # type: ignore[misc]  # Function lost it; so torch, too, fails here

    __call__ = _do_forward

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        nested = ctx._nested_input
        return ctx.forward_extended(*nested)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return ctx.backward_extended(*gradients)

    def forward_extended(self, *input: Any) -> None:
        raise NotImplementedError

    def backward_extended(self, *grad_output: Any) -> None:
        raise NotImplementedError
