"""The nodes of sparse operators: those of the rows, but computed on Tensors.

Where a cotangent that is sparse goes to a node of an operator on arrays, that node, too, must compute on Tensors: it gets
hooks, without any function in them, which send the engine the long way (graph/visit.py), and there `on_tensors` is called.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ..compiler import node_class
from ..compiler.recording import only_user
from ..compiler.text import Text
from ..errors import Unsupported
from ..graph.clock import tick
from ..graph.hooks import Hooks
from ..graph.modes import DUAL, GRAD, mode, set_mode
from ..graph.node import AccumulateGrad, Node
from ..graph.rare import finish
from ..graph.visit import as_raw, as_tensor
from ..ops.form import Row
from ..tensor import Tensor, edge_of
from .tensor import SparseTensor


class Unrecorded:
    """Compute without recording."""

    def __enter__(self) -> None:
        self.old = mode()
        set_mode(0)

    def __exit__(self, *_: object) -> None:
        set_mode(self.old)


def on_tensors(node: Node, g: Any) -> Any:
    """node.vjp(g) by the formulas on Tensors: the gradients as arrays, or sparse."""
    results = node.taped([as_tensor(h) for h in g] if isinstance(g, list) else as_tensor(g))
    single = len(node.next) == 1
    raw = sent(node, (results,) if single else results)
    return raw[0] if single else raw


def sent(node: Node, gradients: tuple) -> tuple:
    """What goes on from a node: arrays, and what is sparse as it is; nodes that get this will compute on Tensors."""
    for edge, g in zip(node.next, gradients, strict=True):
        if isinstance(g, SparseTensor) and edge is not None and not isinstance(edge, AccumulateGrad | OnTensors):
            Hooks.of(edge)
    return tuple(as_raw(g, False) for g in gradients)


class OnTensors:
    """A node of a sparse operator."""

    __slots__ = ()
    takes_batches = False

    def vjp(self, g: Any) -> Any:
        return on_tensors(self, g)  # type: ignore[arg-type]


@cache
def class_of(row: Row, pattern: str, name: str, style: str) -> tuple[Text, type]:
    text = Text(row, pattern)
    base = node_class(text, name, style)
    return text, type(name, (OnTensors, base), {"__slots__": (), "__module__": "builtins"})


def record(row: Row, args: tuple, result: Any) -> Any:
    """Give the result the node that the row's operator leaves behind."""
    m = mode()
    if m & DUAL:
        raise Unsupported(f"{row.name}: forward mode of a sparse tensor")
    given = dict(zip([a.name for a in row.args], args, strict=True))
    inputs = [given[a.name] for a in row.inputs]
    pattern = "".join("T" if isinstance(x, Tensor | list | tuple) or x is None else "n" for x in inputs)
    text = Text(row, pattern)
    tensors = list(inputs[0]) if text.places and row.inputs[0].variadic else [inputs[i] for i in text.places]
    edges = [edge_of(x) if x is not None else None for x in tensors]
    if m & GRAD and any(e is not None for e in edges):
        leave(text, given, tensors, edges, result)
    if m > 1:
        finish(result, row, args, ())
    return result


def leave(text: Text, given: dict[str, Any], tensors: list, edges: list, result: Tensor) -> None:
    """Make the node. tensors: the inputs that it differentiates, edges: where they come from."""
    simple = not text.row.broadcasts or all(
        x.shape == result.shape and x.dtype is result.dtype and not x.is_complex() for x in tensors
    )
    text, kind = class_of(text.row, text.pattern, named(text, given), "plain" if simple else "careful")
    node = kind()
    at = dict(zip(text.places, edges, strict=False))
    saved = [kept(text, name, given, result, at) for name in text.users]
    node.all_saved = tuple(saved if simple else [*saved, *((x.shape, x.dtype.np) for x in tensors)])
    node.next, node.hooks, node.seq = tuple(edges), None, tick()
    if text.watched:
        node.storage = None
    result._edge = node


def named(text: Text, given: dict[str, Any]) -> str:
    """The node's name, where the row has several."""
    return text.grad_fn if text.grad_fn.isidentifier() else eval(text.grad_fn, {n: n for n in text.class_names} | given)


def kept(text: Text, name: str, given: dict[str, Any], result: Any, edges: dict[int, Any]) -> Any:
    """What a node saves under a name: an input, a fact about it, or the result."""
    if name in given:
        user = only_user(text, text.users[name])
        return None if user is not None and edges[user] is None else given[name]
    if name.endswith("_shape") and name.removesuffix("_shape") in given:
        x = given[name.removesuffix("_shape")]
        return [y.shape for y in x] if isinstance(x, list | tuple) else x.shape
    if name.endswith("_dtype") and name.removesuffix("_dtype") in given:
        x = given[name.removesuffix("_dtype")]
        return [y.dtype.np for y in x] if isinstance(x, list | tuple) else x.dtype.np
    return result.detach() if isinstance(result, SparseTensor) else result._array
