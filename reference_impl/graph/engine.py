"""The engine: runs nodes newest first, each once all its cotangents have arrived.

An edge always leads to an older node, so the newest pending node has all its cotangents: a heap of sequence numbers
gives torch's order without counting. A straight line of nodes touches neither heap nor buffers. Nothing here recurses:
depth costs no stack.

The same loop serves both worlds: on raw arrays through node.vjp, and, for create_graph, on Tensors through node.taped.
"""
from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from . import anomaly
from .accumulate import accumulate
from .clock import Last
from .hooks import Observers, Pass, current
from .modes import GRAD, mode, set_mode
from .node import FREED, AccumulateGrad, Node, Output
from .saved import check, run_saved

pop, push = heapq.heappop, heapq.heappush
QUIET = {"all": "ignore"}


def run(roots: list[tuple[Node, Any]], *, keep: bool, create: bool, wanted: Iterable[Node] | None = None,
        capture: dict[Node, Any] | None = None, record: bool | None = None) -> None:
    """Send cotangents from the roots through the graph.

    roots: edges and their cotangents (arrays; Tensors when create). keep: do not free what nodes saved.
    record: whether what runs on Tensors is recorded in its turn; by default it is (batched cotangents are Tensors too).
    wanted: only nodes that lead to these run. capture: receives the gradients of its keys, which then do not run.
    """
    old, outer = mode(), current.get()
    set_mode(old | GRAD if create and record is not False else old & ~GRAD)
    try:
        with np.errstate(**QUIET):
            _run(roots, keep, create, None if wanted is None else set(wanted), capture)
    finally:
        set_mode(old)
        current.set(outer)


def _run(roots: list, keep: bool, create: bool, runs: set | None, capture: dict | None) -> None:
    # Note [Leaves at once, or at the end]
    # torch accumulates into a leaf as soon as all its gradients have come. To know when, edges must be counted; that
    # shows only where somebody looks on: a hook, a custom Function. Without one alive, leaves wait until the end.
    waiting = count_edges(roots) if Observers.alive else None
    if runs is not None:
        runs = leading_to(waiting or count_edges(roots), runs)
    if waiting is not None:
        current.set(Pass(roots, runs, capture))
    plain = capture is None and runs is None and not anomaly.State.on
    pending: dict[Node, Any] = {}          # edge -> cotangent (of a node with several outputs: a list)
    leaves: dict[AccumulateGrad, None] = {}        # the leaves among them, in the order of their first gradient
    nodes: dict[int, Node] = {}            # the others, by seq
    heap: list[int] = []                   # -seq of those
    owned: set[Node] = set()               # edges whose cotangent is a sum made here: add to it in place

    def arrive(edges: Iterable[Node | None], gs: Iterable[Any]) -> None:
        """Cotangents reach edges."""
        for edge, g in zip(edges, gs, strict=False):
            if edge is None:
                continue
            had = pending.get(edge)
            if had is None:
                if edge not in pending:
                    if type(edge) is AccumulateGrad:
                        leaves[edge] = None
                    else:
                        nodes[edge.seq] = edge
                        push(heap, -edge.seq)
                pending[edge] = g
            elif edge in owned:
                if g is not None:
                    np.add(had, g, out=had)
            elif g is not None:
                total = pending[edge] = had + g
                if type(total) is np.ndarray and total.dtype is g.dtype:
                    owned.add(edge)
            if waiting is not None and type(edge) is AccumulateGrad:
                waiting[edge] -= 1
                if not waiting[edge]:
                    del leaves[edge]
                    deliver(edge, pending.pop(edge), create, capture, runs)

    try:
        arrive(*zip(*roots, strict=True))
        while heap:
            node = nodes.pop(-pop(heap))
            g = pending.pop(node)
            while True:                    # one turn a node; goes round again while the graph is a straight line
                if plain and node.hooks is None and g is not None:
                    if type(node) is Output:
                        relay(node, g, pending, nodes, heap)
                        break
                    if Last.write > node.seq:
                        check(node)
                    if node.saved is None:
                        raise RuntimeError(FREED)
                    results = node.taped(g) if create else node.vjp(g)
                    if not keep and node.frees:
                        node.saved = None
                elif type(node) is Output:
                    g = receive(node, g, create, capture)
                    relay(node, g, pending, nodes, heap)
                    break
                else:
                    results = visit(node, g, keep, create, capture, runs)
                edges = node.next
                if len(edges) > 1:
                    arrive(edges, results)
                elif not heap and edges[0] is not None and type(edges[0]) is not AccumulateGrad:
                    node, g = edges[0], results
                    continue
                else:
                    arrive(edges, (results,))
                break
            results = g = None
    except BaseException:
        later = count_edges([(node, None) for node in nodes.values()])
        leaves = {leaf: None for leaf in leaves if leaf not in later}
        raise
    finally:
        for leaf in list(leaves):
            deliver(leaf, pending.pop(leaf), create, capture, runs)


def deliver(leaf: AccumulateGrad, g: Any, create: bool, capture: dict | None, runs: set | None) -> None:
    """All gradients of a leaf have come: hooks, capture, accumulation."""
    if leaf.variable._grad_dtype is not False and g is not None:
        g = in_grad_dtype(g, leaf.variable._grad_dtype, create)
    if leaf.hooks is not None or capture is not None or runs is not None:
        visit(leaf, g, True, create, capture, runs)
    elif create:
        leaf.taped(g)
    else:
        accumulate(leaf.variable, g, False)


def in_grad_dtype(g: Any, wanted: Any, create: bool) -> Any:
    if wanted is None or as_tensor(g).dtype is wanted:
        return g
    return g.to(wanted) if create else g.astype(wanted.np)


def count_edges(roots: list) -> dict[Node, int]:
    """How many cotangents each node that can be reached from the roots will get."""
    waiting: dict[Node, int] = {}
    todo: list[Node] = []
    for edge, _ in roots:
        if edge not in waiting:
            waiting[edge] = 0
            todo.append(edge)
        waiting[edge] += 1
    while todo:
        for edge in todo.pop().next:
            if edge is not None:
                if edge in waiting:
                    waiting[edge] += 1
                else:
                    waiting[edge] = 1
                    todo.append(edge)
    return waiting


def leading_to(reached: Iterable[Node], wanted: set[Node]) -> set[Node]:
    """The nodes from which a wanted one can be reached. An edge always leads to an older node, or to a leaf."""
    runs = set(wanted)
    for node in sorted(reached, key=lambda n: n.seq if n.next else -1):
        if any(e in runs for e in node.next):
            runs.add(node)
    return runs


def receive(output: Output, g: Any, create: bool, capture: dict | None) -> Any:
    """Hooks and capture at one output of a node that has several."""
    if output.hooks is not None:
        g = as_raw(output.hooks.before(as_tensor(g)), create)
    if capture is not None and output in capture:
        capture[output] = g
    return g


def relay(output: Output, g: Any, pending: dict, nodes: dict, heap: list) -> None:
    """Put one cotangent of a node with several into its place."""
    node = output.next[0]
    if node not in pending:
        pending[node] = [None] * node.outputs
        nodes[node.seq] = node
        push(heap, -node.seq)
    gs = pending[node]
    gs[output.nr] = g if gs[output.nr] is None else gs[output.nr] if g is None else gs[output.nr] + g


def visit(node: Node, g: Any, keep: bool, create: bool, capture: dict | None, runs: set | None) -> Any:
    """A node with hooks, or a run that takes only part of the graph: every step, in the order of graph/hooks.py."""
    hooks = node.hooks
    nothing = None if len(node.next) == 1 else (None,) * len(node.next)
    if hooks is not None and node.outputs == 1:
        g = as_raw(hooks.before(as_tensor(g)), create)
    if capture is not None and node in capture:
        capture[node] = g
        if type(node) is AccumulateGrad:
            return nothing
    if runs is not None and (node not in runs or not any(e in runs for e in node.next) and node.next):
        return nothing
    if capture is not None and type(node) is AccumulateGrad:
        return nothing
    if hooks is not None and hooks.pre:
        g = from_tuple(hooks.run_pre(to_tuple(g, node)), node, create)
    if g is None and not node.takes_undefined:
        return nothing
    def compute() -> Any:
        check(node)
        if node.saved is None:
            raise RuntimeError(FREED)
        results = node.taped(g) if create else run_saved(node, g)
        if not keep:
            node.release()
        if node.hooks is not None and node.hooks.post:
            results = after(node, results, g, create)
        return results

    return anomaly.watched(node, compute) if anomaly.State.on else compute()


def after(node: Node, results: Any, g: Any, create: bool) -> Any:
    """Post-hooks: they see a gradient, or None, for every input of the operator, as next_functions shows them."""
    single = len(node.next) == 1
    gave = iter(map(as_tensor, (results,) if single else results))
    shown = tuple(None if c == "n" else next(gave) for c in node.constants) if node.constants else tuple(gave)
    shown = node.hooks.run_post(shown, to_tuple(g, node))
    if node.constants:
        shown = tuple(r for r, c in zip(shown, node.constants, strict=True) if c != "n")
    raw = tuple(as_raw(r, create) for r in shown)
    return raw[0] if single else raw


def as_tensor(g: Any) -> Tensor | None:
    return g if g is None or isinstance(g, Tensor) else wrap(g)


def as_raw(g: Any, create: bool) -> Any:
    return g if create or g is None else g._array


def to_tuple(g: Any, node: Node) -> tuple:
    return tuple(map(as_tensor, g)) if node.outputs > 1 else (as_tensor(g),)


def from_tuple(gs: tuple, node: Node, create: bool) -> Any:
    raw = [as_raw(g, create) for g in gs]
    return raw if node.outputs > 1 else raw[0]


def call_node(node: Node, gradients: tuple) -> Any:
    """Call a node by hand: the gradients of its inputs, as Tensors."""
    gs = [g if mode() & GRAD else g._array for g in gradients]
    g = gs if node.outputs > 1 else gs[0]
    results = node.taped(g) if mode() & GRAD else run_saved(node, g)
    gave = iter(map(as_tensor, (results,) if len(node.next) == 1 else results))
    shown = tuple(None if c == "n" else next(gave) for c in node.constants) if node.constants else tuple(gave)
    return shown[0] if len(shown) == 1 else shown
