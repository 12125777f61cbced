"""What can be reached in a graph, and from where."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .node import Node


def count_edges(roots: list) -> dict[Node, int]:
    """How many cotangents each node that can be reached from the roots will get."""
    waiting: dict[Node, int] = {}
    todo = []
    for edge, _ in roots:
        if edge not in waiting:
            todo.append(edge)
        waiting[edge] = waiting.get(edge, 0) + 1
    while todo:
        edges = todo.pop().edges
        for edge in edges if type(edges) is tuple else (edges,):
            if edge in waiting:
                waiting[edge] += 1
            elif edge is not None:
                waiting[edge] = 1
                todo.append(edge)
    return waiting


def leading_to(reached: Iterable[Node], wanted: set[Node]) -> set[Node]:
    """The nodes from which a wanted one can be reached. An edge always leads to an older node, or to a leaf.

    If an output of a node is wanted, what leads to its other outputs is, too.
    """
    ends = wanted | {n.source()[0] for n in wanted}
    leading: set[Node] = set()
    for node in sorted([n for n in reached if n.edges != ()], key=by_age):
        edges = node.edges
        for edge in edges if type(edges) is tuple else (edges,):
            if edge in leading or edge in ends:
                leading.add(node)
                break
    return leading | ends


def between(roots: list, wanted: Iterable[Node]) -> Collection[Node]:
    """The nodes that lie on a way from the roots to what is wanted: a dict of all that can be reached, if all of it does."""
    reached, wanted = count_edges(roots), set(wanted)
    leaves = [n for n in reached if not n.edges]
    return reached if wanted.issuperset(leaves) else leading_to(reached, wanted)


by_age = attrgetter("seq")
