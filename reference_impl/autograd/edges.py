"""Nodes of the graph as a user meets them, and GradientEdge: a tensor's place in the graph, without the tensor."""

from __future__ import annotations

import abc
from collections import namedtuple
from typing import Any

from ..dtypes import Size, dtype, from_numpy
from ..errors import Unsupported
from ..graph import node as engine
from ..graph.hooks import RemovableHandle
from ..tensor import Tensor, edge_of
from .ctx import BackwardCFunction
from .custom import CustomNode


class Node(abc.ABC):
    """What every grad_fn is (source: torch.autograd.graph.Node)."""

    @abc.abstractmethod
    def name(self) -> str:
        """The name of what it differentiates, such as "MulBackward0"."""

    @property
    @abc.abstractmethod
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """Where the gradients of its inputs go: nodes, and which of their outputs."""

    @abc.abstractmethod
    def metadata(self) -> dict:
        """A dict for everybody's use; anomaly mode keeps the traceback of the forward call in it."""

    @property
    @abc.abstractmethod
    def _input_metadata(self) -> Any:
        """What the gradients that it takes look like."""

    @abc.abstractmethod
    def register_hook(self, fn: Any) -> RemovableHandle:
        """Call fn(grad_inputs, grad_outputs) after it ran."""

    @abc.abstractmethod
    def register_prehook(self, fn: Any) -> RemovableHandle:
        """Call fn(grad_outputs) before it runs."""

    @abc.abstractmethod
    def _register_hook_dict(self, hooks: dict[int, Any]) -> None:
        """Call the hooks of a dict as those of a tensor."""

    @abc.abstractmethod
    def _sequence_nr(self) -> int:
        """When it was made; newer nodes run first."""


Node.__module__ = "torch.autograd.graph"
Node.register(engine.Node)
Node.register(BackwardCFunction)


class GradientEdge(namedtuple("GradientEdge", "node output_nr ownership_token", defaults=(None,))):
    """A place in the graph, usable where backward and grad take a tensor (source: torch.autograd.graph.GradientEdge)."""

    __module__ = "torch.autograd.graph"

    # the engine's edge, shape and dtype, where a tensor told them
    _found: tuple[engine.Node, Size, dtype] | None = None

    @property
    def edge(self) -> engine.Node:
        if self._found is not None:
            return self._found[0]
        node = self._engine_node
        return engine.Output(node, self.output_nr) if node.listed else node

    @property
    def shape(self) -> Size:
        return self._metadata()[0]

    @property
    def dtype(self) -> dtype:
        return self._metadata()[1]

    @property
    def knows_shape(self) -> bool:
        """Whether a cotangent can be checked, or made: a node made without saving its result keeps no account of it."""
        return self._account() is not None

    @property
    def _engine_node(self) -> engine.Node:
        return getattr(self.node, "_engine_node", self.node)

    def _metadata(self) -> tuple[Size, dtype]:
        """What the gradient that arrives here looks like."""
        found = self._account()
        if found is None:
            raise Unsupported(
                "GradientEdge of a node that does not know the shape of its output "
                f"({self._engine_node.name()}), made by hand: take it from get_gradient_edge"
            )
        return found

    def _account(self) -> tuple[Size, dtype] | None:
        node = self._engine_node
        if self._found is not None:
            return self._found[1:]
        if isinstance(node, engine.AccumulateGrad):
            return node.variable.shape, node.variable.dtype
        if isinstance(node, CustomNode):
            shape, d = node.output_meta[self.output_nr]
            return Size(shape), from_numpy(d)
        if node.saves_result and node.saved is not None:
            result = node.all_saved[node.saved_names.index(node.watched[0])]
            return Size(result.shape), from_numpy(result.dtype)
        return None


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Where in the graph the gradient of tensor is computed (source: torch.autograd.graph.get_gradient_edge)."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    edge = edge_of(tensor)
    if edge is None:  # a view made without history, of what requires grad
        raise AssertionError("Expected gradient function to be set")
    node, nr = edge.source()
    found = GradientEdge(node.shown(), nr, node if isinstance(node, CustomNode) else None)
    found._found = (edge, tensor.shape, tensor.dtype)
    return found
