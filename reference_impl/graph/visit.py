"""One node, the long way: with hooks, captured for autograd.grad, without a gradient, under anomaly detection; or freed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ..placement import strided
from ..tensor import Tensor, wrap
from . import anomaly
from .modes import GRAD, mode
from .node import FREED, Node, Output
from .packing import run_saved
from .saved import check

if TYPE_CHECKING:
    from .engine import Backward


def visit(run: Backward, node: Node, g: Any) -> Any:
    """A node with hooks, or one that is captured, or undefined: every step, in the order of graph/hooks.py."""
    hooks, create = node.hooks, run.create
    nothing = None if len(node.next) == 1 else (None,) * len(node.next)
    captured = captured_at(run, node)
    goes_on = run.capture is None or (bool(node.next) and (not captured or any(e in run.runs for e in node.next)))
    if goes_on:  # what torch captures on the way, its tensor hooks have not seen
        capture(run, captured, g)
    if hooks is not None and node.listed:
        g = from_tuple(hooks.before_outputs(to_tuple(g, node)), node, create)
    elif hooks is not None:
        g = as_raw(hooks.before(as_tensor(g)), create)
    if not goes_on:
        capture(run, captured, g)
        return nothing
    if hooks is not None and hooks.pre:
        g = from_tuple(hooks.run_pre(to_tuple(g, node)), node, create)
    if g is None and not node.takes_undefined:
        return nothing
    return anomaly.watched(node, lambda: compute(run, node, g)) if anomaly.State.on else compute(run, node, g)


def arrive(edge: Node, g: Any) -> None:
    """Call the tensor hooks of a node that does not run."""
    node, nr = edge.source()
    if node.hooks is not None and node.listed:
        node.hooks.before_outputs(tuple(as_tensor(g) if i == nr else None for i in range(node.outputs)))
    elif node.hooks is not None:
        node.hooks.before(as_tensor(g))


def captured_at(run: Backward, node: Node) -> list[Node]:
    """The edges to this node whose gradients autograd.grad asks for."""
    if run.capture is None:
        return []
    if not node.listed:
        return [node] if node in run.capture else []
    return [edge for edge in run.capture if edge.source()[0] is node]


def capture(run: Backward, edges: list[Node], g: Any) -> None:
    for edge in edges:
        run.capture[edge] = g[edge.source()[1]] if type(edge) is Output else g


def compute(run: Backward, node: Node, g: Any) -> Any:
    check(node)
    if node.saved is None:
        raise RuntimeError(FREED)
    needed = None if run.runs is None else asked_for(node, run.runs)
    if needed is not None and not any(needed):
        results: Any = None if len(needed) == 1 else (None,) * len(needed)
    else:
        results = node.taped(g) if run.create else node.rows(g) if run.batch else run_saved(node, g)
        if needed is not None:
            results = tuple(r if n else None for r, n in zip(results, needed, strict=True))
    if not run.keep:
        node.release()
    if node.hooks is not None and node.hooks.post:
        results = after_hooks(node, results, g, run.create)
    return results


def of_shapes(error: BaseException) -> RuntimeError | None:
    """torch's error where numpy refused the shapes that a formula met, which `.data` or a hook has changed."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if type(error) is not ValueError or not anomaly.is_ours(place.tb_frame.f_code.co_filename):
        return None
    from ..compiler import arguments

    return arguments.of_shapes("backward", error)


def asked_for(node: Node, runs: Collection[Node]) -> list[bool] | None:
    """Which gradients of an operator's inputs lead to nodes that run; None for all. torch's hooks do not see the others.

    Of a list of inputs all gradients are computed if one is; a custom Function always computes all.
    """
    row = getattr(type(node), "row", None)
    needed = [e in runs for e in node.next]
    if row is None or all(needed) or (any(needed) and any(a.variadic for a in row.inputs)):
        return None
    return needed


def after_hooks(node: Node, results: Any, g: Any, create: bool) -> Any:
    """Post-hooks: they see a gradient, or None, for every input of the operator, as next_functions shows them."""
    single = len(node.next) == 1
    gave = iter(map(as_tensor, (results,) if single else results))
    shown = tuple(None if c == "n" else next(gave) for c in node.constants) if node.constants else tuple(gave)
    shown = node.hooks.run_post(shown, to_tuple(g, node))
    if node.constants:
        shown = tuple(r for r, c in zip(shown, node.constants, strict=True) if c != "n")
    raw = tuple(as_raw(r, create) for r in shown)
    return raw[0] if single else raw


def in_grad_dtype(g: Any, wanted: Any, create: bool) -> Any:
    """A leaf's gradient in the dtype that it wants; None for any."""
    if wanted is None or as_tensor(g).dtype is wanted:
        return g
    return g.to(wanted) if create else g.astype(wanted.np)


def as_tensor(g: Any) -> Tensor | None:
    return g if g is None or isinstance(g, Tensor) else wrap(g)


def as_raw(g: Any, create: bool) -> Any:
    return g if create or g is None or g.layout is not strided else g._array  # sparse ones have no array


def to_tuple(g: Any, node: Node) -> tuple:
    return tuple(map(as_tensor, g)) if node.listed else (as_tensor(g),)


def from_tuple(gs: tuple, node: Node, create: bool) -> Any:
    raw = [as_raw(g, create) for g in gs]
    return raw if node.listed else raw[0]


def call_node(node: Node, gradients: tuple) -> Any:
    """Call a node by hand: the gradients of its inputs, as Tensors."""
    if len(gradients) != node.outputs:
        raise TypeError(f"expected {node.outputs} arguments, got {len(gradients)} instead")
    for i, g in enumerate(gradients):
        if not (g is None or isinstance(g, Tensor)):
            raise TypeError(f"argument {i} is not a Variable")
    if all(g is None for g in gradients) and not node.takes_undefined:
        return None if len(node.next) == 1 else (None,) * len(node.next)
    gs = [as_raw(g, bool(mode() & GRAD)) for g in gradients]
    g = gs if node.listed else gs[0]
    results = node.taped(g) if mode() & GRAD else run_saved(node, g)
    gave = iter(map(as_tensor, (results,) if len(node.next) == 1 else results))
    shown = tuple(None if c == "n" else next(gave) for c in node.constants) if node.constants else tuple(gave)
    return shown[0] if len(shown) == 1 else shown
