"""ctx: what a custom Function's forward, backward and jvp get, and what `y.grad_fn` is.

Note [ctx and its node]
torch has one object for both: whatever a user sets on ctx can be read from grad_fn. The engine has attributes of its own
on a node (`next`, `saved`, `hooks` ...), which are ordinary names to a user. So there are two objects: the node
(custom.py) has all state, the dict of the user's attributes too, and ctx is a window on it, which it knows weakly. While
somebody holds the ctx, it is that one; else the next one shows the same.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from ..graph.hooks import RemovableHandle
from ..tensor import Tensor, fact

if TYPE_CHECKING:
    from .custom import CustomNode

BASE = "torch._C._FunctionBase"


class FunctionCtx:
    """What forward, setup_context, backward and jvp may call on `ctx` (source: torch.autograd.function.FunctionCtx)."""

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
        self.materialize_grads = value

    def mark_shared_storage(self, *_: Any) -> None:
        warnings.warn(
            "`mark_shared_storage` is deprecated. Tensors with shared storages are automatically tracked. Note that calls "
            "to `set_()` are not tracked",
            FutureWarning,
            stacklevel=2,
        )


class node_fact(fact):
    """A fact about a node."""

    owner = BASE


def of_node(name: str) -> property:
    """A field of the node, for everybody to change."""

    def put(ctx: BackwardCFunction, value: Any) -> None:
        setattr(ctx._engine_node, name, value)

    return property(lambda ctx: getattr(ctx._engine_node, name), put)


class BackwardCFunction(FunctionCtx):
    """ctx. See Note [ctx and its node]."""

    __slots__ = ("_engine_node",)

    _engine_node: CustomNode
    _forward_cls: Any

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{type(self).__name__} object at {id(self):#x}>"

    needs_input_grad = of_node("needs_input_grad")
    to_save = of_node("to_save")
    saved_for_forward = of_node("saved_for_forward")
    dirty_tensors = of_node("dirty_tensors")
    non_differentiable = of_node("non_differentiable")

    @property
    def materialize_grads(self) -> bool:
        raise AttributeError(f"attribute 'materialize_grads' of '{BASE}' objects is not readable")

    @materialize_grads.setter
    def materialize_grads(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError(
                "set_materialize_grads received an invalid combination of arguments - got (), but expected (bool)"
            )
        self._engine_node.materialize = value

    @node_fact
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What save_for_backward was given; in jvp, save_for_forward."""
        return self._engine_node.saved_tensors()

    @node_fact
    def saved_variables(self) -> tuple[Tensor | None, ...]:
        warnings.warn("'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning, stacklevel=2)
        return self.saved_tensors

    @node_fact
    def _raw_saved_tensors(self) -> tuple:
        return self._engine_node.raw_saved_tensors()

    def apply(self, *gradients: Any) -> Any:
        """The user's backward (or vjp) as it is."""
        return self._engine_node.call_backward(gradients)

    # -- as every node (graph/node.py)
    def name(self) -> str:
        return self._engine_node.name()

    @node_fact
    def next_functions(self) -> tuple:
        return self._engine_node.next_functions

    @node_fact
    def metadata(self) -> dict:
        return self._engine_node.metadata

    @node_fact
    def requires_grad(self) -> bool:
        return True

    @node_fact
    def _input_metadata(self) -> Any:
        return self._engine_node._input_metadata

    def register_hook(self, fn: Any) -> RemovableHandle:
        return self._engine_node.register_hook(fn)

    def register_prehook(self, fn: Any) -> RemovableHandle:
        return self._engine_node.register_prehook(fn)

    def _register_hook_dict(self, hooks: dict[int, Any]) -> None:
        self._engine_node._register_hook_dict(hooks)

    def _sequence_nr(self) -> int:
        return self._engine_node.seq

    def _set_sequence_nr(self, number: int) -> None:
        self._engine_node.seq = number


FunctionCtx.__module__ = BackwardCFunction.__module__ = "torch.autograd.function"
