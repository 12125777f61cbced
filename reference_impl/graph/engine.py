"""The engine: runs nodes newest first, each once all its cotangents have arrived.

An edge always leads to an older node, so the newest pending node has all its cotangents: a heap of sequence numbers
gives torch's order without counting. The two newest nodes are kept outside the heap, so that a straight line of nodes
never touches it, nor does one from which others branch off that end at leaves. Nothing here recurses: depth costs no
stack.

The same loop serves both worlds: on raw arrays through node.vjp, and, for create_graph, on Tensors through node.taped.
What is rare at a node goes to graph/visit.py.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from . import anomaly
from .accumulate import accumulate
from .clock import latest
from .hooks import Observers, Pass, current
from .memory import handed_over, ours
from .modes import GRAD, mode, set_mode
from .node import AccumulateGrad, Node, Output
from .reach import between, count_edges
from .saved import check
from .visit import arrive, in_grad_dtype, of_shapes, visit

pop, push, swap = heapq.heappop, heapq.heappush, heapq.heappushpop
nd = np.ndarray
QUIET = {"all": "ignore"}


def run(
    roots: list[tuple[Node, Any]],
    *,
    keep: bool,
    create: bool,
    wanted: Iterable[Node] | None = None,
    runs: Collection[Node] | None = None,
    capture: dict[Node, Any] | None = None,
    record: bool | None = None,
    batch: bool = False,
) -> None:
    """Send cotangents from the roots through the graph.

    roots: edges and their cotangents (arrays; Tensors when create). keep: do not free what nodes saved.
    record: whether what runs on Tensors is recorded in its turn; by default it is (batched cotangents are Tensors too).
    batch: cotangents are batches of arrays (batching/arrays.py).
    wanted: only nodes that lead to these run; runs: which those are, where the caller knows. capture: receives the
    gradients of its keys; leaves among them do not accumulate.
    """
    old = mode()
    set_mode(old | GRAD if create and record is not False else old & ~GRAD)
    try:
        with np.errstate(**QUIET):
            backward = Backward(keep, create, batch, capture)
            if wanted is not None:
                backward.runs = between(roots, wanted) if runs is None else runs
            # Note [Leaves at once, or at the end]
            # torch accumulates into a leaf as soon as all its gradients have come. To know when, edges must be counted;
            # that shows only where somebody looks on: a hook, a custom Function. Without one alive, leaves wait until the
            # end.
            if Observers.alive:
                backward.observed(roots)
            else:
                backward.go(roots)
    finally:
        set_mode(old)


class Backward:
    """One run: what is asked for, and what is under way."""

    __slots__ = (
        "batch",
        "capture",
        "create",
        "handed",
        "keep",
        "leaves",
        "nodes",
        "owned",
        "pending",
        "runs",
        "waiting",
    )

    def __init__(self, keep: bool, create: bool, batch: bool, capture: dict[Node, Any] | None) -> None:
        self.keep, self.create, self.batch, self.capture = keep, create, batch, capture
        self.runs: Collection[Node] | None = None  # only these
        self.waiting: dict[Node, int] | None = None  # cotangents still to come
        self.nodes: dict[int, Node] = {}  # what waits in the heap, by -seq
        self.pending: dict[Node, Any] = {}  # node -> cotangent (a list where it has several outputs)
        self.leaves: dict[AccumulateGrad, Any] = {}  # the same for leaves, in the order of their first gradient
        self.owned: set[Node] = set()  # those whose array in `pending` or `leaves` belongs to nobody else
        self.handed: set[Node] = set()  # leaves whose array there is a view that nobody else holds

    def observed(self, roots: list) -> None:
        """The run while somebody looks on, who may ask about it."""
        self.waiting = count_edges(roots)
        token = current.set(Pass(roots, self.runs, self.capture))
        try:
            self.go(roots)
        finally:
            current.reset(token)

    def go(self, roots: list) -> None:
        try:
            for edge, g in roots:
                if self.runs is not None and edge not in self.runs:
                    if len(roots) == 1:  # there torch starts, whether that leads to anything
                        arrive(edge, g)
                    continue
                place = self.leaves if type(edge) is AccumulateGrad else self.pending
                place[edge] = plus(place.get(edge), g)
                if place is self.pending:
                    self.nodes[-edge.seq] = edge
                elif self.waiting is not None:
                    self.count_down(edge)
            if self.nodes:
                self.loop(sorted(self.nodes))
        except BaseException as error:
            later = count_edges([(node, None) for node in self.nodes.values()])
            for leaf in [leaf for leaf in self.leaves if leaf in later]:
                del self.leaves[leaf]
            if (refused := of_shapes(error)) is not None:
                raise refused from None
            raise
        finally:
            for leaf in list(self.leaves):
                self.deliver(leaf)

    def loop(self, heap: list[int]) -> None:
        keep, create, waiting = self.keep, self.create, self.waiting
        runs = None if type(self.runs) is dict else self.runs  # a dict: all that can be reached (graph/reach.py)
        nodes, pending, leaves, owned = self.nodes, self.pending, self.leaves, self.owned
        on_arrays = not (create or self.batch)
        stops = ALL if anomaly.State.on else ends(self.capture) if self.capture else ()
        node = nodes.pop(pop(heap))
        following = nodes.pop(pop(heap)) if heap else None  # the newest of those that wait
        g, last = pending.pop(node), None  # last: the node that ran before, if g came straight from it
        received = sent = None  # what that got, and gave
        try:
            while True:  # one turn a node
                if node.saved is not None and node.hooks is None and g is not None and node not in stops:
                    if latest.write > node.seq:
                        check(node)
                    results = node.vjp(g) if on_arrays else node.taped(g) if create else node.rows(g)
                    if not keep and node.frees:
                        node.saved = None
                    edges = node.edges
                elif type(node) is Output:
                    edges, results = self.relay(node, g)
                else:
                    results = visit(self, node, g)
                    edges = node.edges
                if type(edges) is not tuple:  # a single one
                    if edges is None or (runs is not None and edges not in runs):
                        edges = ()
                    elif type(edges) is not AccumulateGrad and (following is None or edges.seq > following.seq):
                        last, received, sent = node, g, results
                        node, g = edges, results
                        continue
                    else:
                        edges, results = (edges,), (results,)
                after = passed = None  # the newest node that gets its first cotangent in this turn
                for i, edge in enumerate(edges):
                    if edge is None or (runs is not None and edge not in runs):
                        continue
                    r = results[i]
                    if type(edge) is AccumulateGrad:
                        had = leaves.get(edge)
                        if had is None:
                            leaves[edge] = r
                            if type(r) is nd and node.fresh:
                                self.claim(edge, r, g, results, last and (last, received, sent))
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
                        passed = plus(passed, r)
                    elif pending and edge in pending:
                        had = pending[edge]
                        if edge in owned and r is not None:
                            had += r
                        else:
                            pending[edge] = total = plus(had, r)
                            if type(total) is nd and total is not had and total is not r:
                                owned.add(edge)
                    elif after is None:
                        after, passed = edge, r
                    else:
                        if edge.seq > after.seq:
                            edge, r, after, passed = after, passed, edge, r
                        pending[edge] = r
                        if following is None:
                            following = edge
                        else:
                            if edge.seq > following.seq:
                                edge, following = following, edge
                            nodes[-edge.seq] = edge
                            push(heap, -edge.seq)
                if after is None:
                    if following is None:
                        return
                    if heap:
                        after = nodes.pop(pop(heap))
                elif following is None or after.seq > following.seq:
                    last, received, sent = node, g, results
                    node, g = after, passed
                    continue
                else:
                    pending[after] = passed
                    if heap and heap[0] < -after.seq:
                        nodes[-after.seq] = after
                        after = nodes.pop(swap(heap, -after.seq))
                results = r = sent = passed = had = total = received = last = None
                node, following = following, after
                g = pending.pop(node)
        except BaseException:
            for waits in (node, following):  # what these lead to is not complete, too
                if waits is not None:
                    nodes[-waits.seq] = waits
            raise

    def claim(self, leaf: AccumulateGrad, r: Any, g: Any, results: tuple, before: tuple | None) -> None:
        """Note whether r, the first gradient of a leaf, may be added to, or become .grad (graph/memory.py)."""
        if self.capture is not None:
            return
        if ours(r, g, results, before):
            self.owned.add(leaf)
        elif handed_over(r, g, results, before):
            self.handed.add(leaf)

    def count_down(self, leaf: AccumulateGrad) -> None:
        self.waiting[leaf] -= 1
        if not self.waiting[leaf]:
            self.deliver(leaf)

    def deliver(self, leaf: AccumulateGrad) -> None:
        """All gradients of a leaf have come: hooks, capture, accumulation."""
        g, x = self.leaves.pop(leaf), leaf.variable
        if x._grad_dtype is not False and g is not None:
            g = in_grad_dtype(g, x._grad_dtype, self.create)
        if leaf.hooks is not None:
            visit(self, leaf, g)
        elif self.capture is None:
            accumulate(x, g, self.create, leaf in self.owned or leaf in self.handed)
        elif leaf in self.capture:
            self.capture[leaf] = g

    def relay(self, output: Output, g: Any) -> tuple[Any, Any]:
        """One cotangent of a node that takes several: the edge to it and all of them, unless it waits already."""
        node = output.edges
        gs = self.pending.get(node)
        if gs is not None:
            gs[output.nr] = plus(gs[output.nr], g)
            return (), ()
        gs = [None] * node.outputs
        gs[output.nr] = g
        return node, gs


class All:
    """Has every node: under anomaly detection each goes the long way."""

    def __contains__(self, node: Node) -> bool:
        return True


ALL = All()


def ends(capture: dict[Node, Any]) -> Collection[Node]:
    """The nodes, other than leaves, at which gradients are captured."""
    kinds = set(map(type, capture))
    if kinds == {AccumulateGrad}:
        return ()
    return {edge.source()[0] for edge in capture} if Output in kinds else capture


def plus(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b
