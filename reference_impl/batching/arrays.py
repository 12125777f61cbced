"""A batch of cotangents through the graph at once, on arrays: what is_grads_batched and vectorize=True ask for.

Note [A batch of cotangents]
A vjp is linear in its cotangent, so many of them may go through a graph together, as arrays with one dimension more, the
first. A node takes such a batch by `rows`, which is
- its vjp as it is, where that is elementwise on arrays of one shape (plain nodes, compiler/recording.py);
- else its formulas, bound once more: to kernels that know what is batched (batching/kernels.py);
- else, where one of those kernels has no rule, its vjp on one cotangent after the other.
A graph that somebody looks into (hooks, custom Functions), or that is to be recorded, goes by vmap (batching/__init__.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.cotangents import place, roots
from ..compiler.runtime import HALF
from ..graph import anomaly, engine
from ..graph.modes import DUAL, mode
from ..graph.node import Node
from ..graph.reach import between
from ..tensor import Tensor, wrap
from .kernels import Batch, NoRule, aligned, cast, sum_each

# ---------------------------------------------------------------- the edge of a node


def select(mask: Any, g: Batch) -> Batch:
    return Batch(np.where(*aligned(mask, g), g.array.dtype.type(0)))


def project(g: Any, meta: Any) -> Any:
    """As on arrays (compiler/edge.py)."""
    if g is None or isinstance(meta, list):
        raise NoRule
    shape, dtype = meta
    if g.shape != shape:
        g = Batch(sum_each(g, shape))
    return Batch(cast(g, dtype))


def opened(g: Any) -> Any:
    """A node's cotangent, or cotangents, as its formulas take them."""
    if type(g) is list:
        return [None if h is None else opened(h) for h in g]
    if g.dtype.char in HALF:
        raise NoRule
    return Batch(g)


def closed(results: Any) -> Any:
    """Gradients as the engine takes them. What does not depend on the cotangent is zero: rare, and left to the vjp."""
    if type(results) in (tuple, list):
        return tuple(map(closed, results))
    if results is None:
        return None
    if type(results) is not Batch:
        raise NoRule
    return results.array


WORLD = {"project": project, "sum_to": lambda g, shape: Batch(sum_each(g, shape)), "select": select}


def in_one(derivative: Callable[..., Any]) -> Callable[..., Any]:
    """A node's `rows`, of its vjp written for batches."""

    def rows(node: Node, g: Any) -> Any:
        try:
            return closed(derivative(node, opened(g)))
        except NoRule:
            return one_by_one(node, g)

    return rows


def one_by_one(node: Node, g: Any) -> Any:
    """The vjp on one cotangent after the other."""
    several = type(g) is list
    count = next(len(h) for h in g if h is not None) if several else len(g)
    found = [node.vjp([None if h is None else h[k] for h in g] if several else g[k]) for k in range(count)]
    if len(node.next) == 1:
        return None if found[0] is None else np.stack(found)
    return tuple(None if rs[0] is None else np.stack(rs) for rs in zip(*found, strict=True))


# ---------------------------------------------------------------- the engine on batches


def gradients(outs: tuple, xs: tuple, cotangents: tuple, keep: bool) -> list[Tensor | None] | None:
    """The gradients of xs for a batch of cotangents; None where the graph must go by vmap."""
    if mode() & DUAL or anomaly.State.on or any(type(t) is not Tensor for t in (*outs, *xs, *cotangents)):
        return None
    sizes = {g._array.shape[:1] for g in cotangents}
    if len(sizes) != 1 or () in sizes or any(out._recorded_shape is not None for out in outs):
        return None
    starts, edges = roots(outs, cotangents), [place(x) for x in xs]
    if None in edges:
        return None
    runs = between(starts, edges)
    if not all(node.hooks is None and node.takes_batches for node in runs):
        return None
    capture: dict[Node, Any] = dict.fromkeys(edges)
    engine.run(
        [(e, g._array) for e, g in starts],
        keep=keep,
        create=False,
        batch=True,
        wanted=edges,
        runs=runs,
        capture=capture,
    )
    given = {id(g._array): g for _, g in starts}  # a cotangent that comes out as it went in
    return [g if g is None else given[id(g)] if id(g) in given else wrap(g) for g in map(capture.get, edges)]
