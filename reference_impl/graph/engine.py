"""The engine: runs nodes newest first, each once all its cotangents have arrived.

An edge always leads to an older node, so the newest pending node has all its cotangents: a heap of sequence numbers
gives torch's order without counting. Of the nodes that are ready the newest is kept outside the heap, so that a straight
line of nodes never touches it. Nothing here recurses: depth costs no stack.

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
from .memory import handed_over, ours
from .modes import GRAD, mode, set_mode
from .node import FREED, AccumulateGrad, Node, Output
from .packing import run_saved
from .reach import between, count_edges
from .saved import check

pop, push, swap = heapq.heappop, heapq.heappush, heapq.heappushpop
nd = np.ndarray
QUIET = {"all": "ignore"}


def run(
    roots: list[tuple[Node, Any]],
    *,
    keep: bool,
    create: bool,
    wanted: Iterable[Node] | None = None,
    runs: set[Node] | None = None,
    capture: dict[Node, Any] | None = None,
    record: bool | None = None,
) -> None:
    """Send cotangents from the roots through the graph.

    roots: edges and their cotangents (arrays; Tensors when create). keep: do not free what nodes saved.
    record: whether what runs on Tensors is recorded in its turn; by default it is (batched cotangents are Tensors too).
    wanted: only nodes that lead to these run; runs: which those are, where the caller knows. capture: receives the
    gradients of its keys; leaves among them do not accumulate.
    """
    old, outer = mode(), current.get()
    set_mode(old | GRAD if create and record is not False else old & ~GRAD)
    try:
        with np.errstate(**QUIET):
            backward = Backward(keep, create, capture)
            backward.prepare(roots, wanted, runs)
            backward.go(roots)
    finally:
        set_mode(old)
        current.set(outer)


class Backward:
    """One run: what is asked for, and what is under way."""

    __slots__ = ("capture", "create", "handed", "keep", "leaves", "owned", "pending", "runs", "waiting")

    def __init__(self, keep: bool, create: bool, capture: dict[Node, Any] | None) -> None:
        self.keep, self.create, self.capture = keep, create, capture
        self.runs: set[Node] | None = None  # only these
        self.waiting: dict[Node, int] | None = None  # cotangents still to come
        self.pending: dict[Node, Any] = {}  # node -> cotangent (a list where it has several outputs)
        self.leaves: dict[AccumulateGrad, Any] = {}  # the same for leaves, in the order of their first gradient
        self.owned: set[Node] = set()  # leaves whose buffer in `leaves` belongs to nobody else
        self.handed: set[Node] = set()  # leaves whose array there is a view that nobody else holds

    def prepare(self, roots: list, wanted: Iterable[Node] | None, runs: set[Node] | None) -> None:
        # Note [Leaves at once, or at the end]
        # torch accumulates into a leaf as soon as all its gradients have come. To know when, edges must be counted; that
        # shows only where somebody looks on: a hook, a custom Function. Without one alive, leaves wait until the end.
        if Observers.alive:
            self.waiting = count_edges(roots)
        if wanted is not None:
            self.runs = between(roots, wanted) if runs is None else runs
        if self.waiting is not None:
            current.set(Pass(roots, self.runs, self.capture))

    def go(self, roots: list) -> None:
        nodes: dict[int, Node] = {}  # what waits in the heap, by -seq
        try:
            for edge, g in roots:
                if self.runs is not None and edge not in self.runs:
                    continue
                place = self.leaves if type(edge) is AccumulateGrad else self.pending
                place[edge] = plus(place.get(edge), g)
                if place is self.pending:
                    nodes[-edge.seq] = edge
                elif self.waiting is not None:
                    self.count_down(edge)
            self.loop(nodes)
        except BaseException:
            later = count_edges([(node, None) for node in nodes.values()])
            for leaf in [leaf for leaf in self.leaves if leaf in later]:
                del self.leaves[leaf]
            raise
        finally:
            for leaf in list(self.leaves):
                self.deliver(leaf)

    def loop(self, nodes: dict[int, Node]) -> None:
        keep, create, capture, runs, waiting = self.keep, self.create, self.capture, self.runs, self.waiting
        pending, leaves, owned, watched = self.pending, self.leaves, self.owned, anomaly.State.on
        stops = {} if capture is None else capture
        heap = sorted(nodes)
        while heap:
            node = nodes.pop(pop(heap))
            g, before = pending.pop(node), None
            while node is not None:  # one turn a node
                if type(node) is Output:
                    self.relay(node, g, nodes, heap)
                    break
                if node.hooks is None and g is not None and node not in stops and not watched:
                    if Last.write > node.seq:
                        check(node)
                    if node.saved is None:
                        raise RuntimeError(FREED)
                    results = node.taped(g) if create else node.vjp(g)
                    if not keep and node.frees:
                        node.saved = None
                else:
                    results = self.visit(node, g)
                edges = node.next
                if len(edges) == 1:
                    edge = edges[0]
                    if edge is None or (runs is not None and edge not in runs):
                        break
                    if type(edge) is not AccumulateGrad and (not heap or -edge.seq < heap[0]):  # the newest of all
                        before = node, g, results
                        node, g = edge, results
                        continue
                    results = (results,)
                after = sent = None  # the newest node that gets its first cotangent in this turn
                for edge, r in zip(edges, results, strict=True):
                    if edge is None or (runs is not None and edge not in runs):
                        continue
                    if type(edge) is AccumulateGrad:
                        had = leaves.get(edge)
                        if had is None:
                            leaves[edge] = r
                            if capture is None and type(r) is nd and node.fresh:
                                if ours(r, g, results, before):
                                    owned.add(edge)
                                elif handed_over(r, g, results, before):
                                    self.handed.add(edge)
                        elif r is not None:
                            if edge in owned:
                                had += r
                            else:
                                leaves[edge] = had = had + r
                                if type(had) is nd:
                                    owned.add(edge)
                        if waiting is not None:
                            self.count_down(edge)
                    elif edge is after:
                        sent = plus(sent, r)
                    elif edge in pending:
                        pending[edge] = plus(pending[edge], r)
                    elif after is None:
                        after, sent = edge, r
                    else:
                        if edge.seq > after.seq:
                            edge, r, after, sent = after, sent, edge, r
                        pending[edge] = r
                        nodes[-edge.seq] = edge
                        push(heap, -edge.seq)
                before = node, g, results if len(edges) > 1 else results[0]
                node, g = after, sent
                if node is not None and heap and heap[0] < -node.seq:  # a newer one waits
                    pending[node], nodes[-node.seq] = g, node
                    node = nodes.pop(swap(heap, -node.seq))
                    g, before = pending.pop(node), None
            results = r = g = sent = had = None

    def count_down(self, leaf: AccumulateGrad) -> None:
        self.waiting[leaf] -= 1
        if not self.waiting[leaf]:
            self.deliver(leaf)

    def deliver(self, leaf: AccumulateGrad) -> None:
        """All gradients of a leaf have come: hooks, capture, accumulation."""
        g = self.leaves.pop(leaf)
        if leaf.variable._grad_dtype is not False and g is not None:
            g = in_grad_dtype(g, leaf.variable._grad_dtype, self.create)
        if leaf.hooks is not None or self.capture is not None:
            self.visit(leaf, g)
        else:
            accumulate(leaf.variable, g, self.create, leaf in self.owned or leaf in self.handed)

    def relay(self, output: Output, g: Any, nodes: dict[int, Node], heap: list[int]) -> None:
        """One cotangent of a node that takes several."""
        if output.hooks is not None and g is not None:
            g = as_raw(output.hooks.before(as_tensor(g)), self.create)
        if self.capture is not None and output in self.capture:
            self.capture[output] = g
        node = output.next[0]
        if self.runs is not None and node not in self.runs:
            return
        if node not in self.pending:
            self.pending[node] = [None] * node.outputs
            nodes[-node.seq] = node
            push(heap, -node.seq)
        gs = self.pending[node]
        gs[output.nr] = plus(gs[output.nr], g)

    def visit(self, node: Node, g: Any) -> Any:
        """A node with hooks, or one that is captured, or undefined: every step, in the order of graph/hooks.py."""
        hooks, capture, create = node.hooks, self.capture, self.create
        nothing = None if len(node.next) == 1 else (None,) * len(node.next)
        if hooks is not None and node.outputs == 1:
            g = as_raw(hooks.before(as_tensor(g)), create)
        elif hooks is not None:
            hooks.undefined(g)
        if capture is not None and node in capture:
            capture[node] = g
            if not any(e in self.runs for e in node.next):
                return nothing
        if capture is not None and type(node) is AccumulateGrad:
            return nothing
        if hooks is not None and hooks.pre:
            g = from_tuple(hooks.run_pre(to_tuple(g, node)), node, create)
        if g is None and not node.takes_undefined:
            return nothing
        return anomaly.watched(node, lambda: self.compute(node, g)) if anomaly.State.on else self.compute(node, g)

    def compute(self, node: Node, g: Any) -> Any:
        check(node)
        if node.saved is None:
            raise RuntimeError(FREED)
        needed = None if self.runs is None else asked_for(node, self.runs)
        if needed is not None and not any(needed):
            results: Any = None if len(needed) == 1 else (None,) * len(needed)
        else:
            results = node.taped(g) if self.create else run_saved(node, g)
            if needed is not None:
                results = tuple(r if n else None for r, n in zip(results, needed, strict=True))
        if not self.keep:
            node.release()
        if node.hooks is not None and node.hooks.post:
            results = after_hooks(node, results, g, self.create)
        return results


def asked_for(node: Node, runs: set[Node]) -> list[bool] | None:
    """Which gradients of an operator's inputs lead to nodes that run; None for all. torch's hooks do not see the others.

    Of a list of inputs all gradients are computed if one is; a custom Function always computes all.
    """
    row = getattr(type(node), "row", None)
    needed = [e in runs for e in node.next]
    if row is None or all(needed) or (any(needed) and any(a.variadic for a in row.inputs)):
        return None
    return needed


def plus(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def in_grad_dtype(g: Any, wanted: Any, create: bool) -> Any:
    if wanted is None or as_tensor(g).dtype is wanted:
        return g
    return g.to(wanted) if create else g.astype(wanted.np)


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
