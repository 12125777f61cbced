"""What tensors look like inside the transforms of torch.func, and when they have leaked out of one.

torch wraps what a transform differentiates. Here its inputs are ordinary places of the graph (func/__init__.py); so what a tensor
is wrapped in is found, when it is shown, by looking which transforms' inputs its history leads to.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from ..graph.dual import all_tangents
from ..graph.node import AccumulateGrad, Node
from ..methods.printing import text
from ..tensor import Tensor, history, wrap

OF_NODES: WeakKeyDictionary[Node, Any] = WeakKeyDictionary()  # of inputs that have a history of their own


def mark(t: Tensor, running: Any) -> Tensor:
    """Remember that t is an input of a transform that runs (batching.Running)."""
    physical = t
    while hasattr(physical, "level"):
        physical = physical.value
    edge = history(physical)
    if isinstance(edge, Node):
        OF_NODES[edge] = running
    else:
        physical._transform = running
    return t


def transforms_of(t: Tensor) -> set[Any]:
    """The transforms whose inputs t depends on: those that run, and, if it depends on nothing else, those it leaked from."""
    try:
        edge, found, inside = history(t), {t._transform}, True
    except RuntimeError:  # a view that is forbidden a history
        return set()
    todo = [edge] if isinstance(edge, Node) else []
    seen = set(todo)
    while todo:
        node = todo.pop()
        of_input = node.variable._transform if isinstance(node, AccumulateGrad) else OF_NODES.get(node)
        found.add(of_input)
        inside = inside and not (isinstance(node, AccumulateGrad) and of_input is None)
        for e in node.next:
            if e is not None and e not in seen:
                seen.add(e)
                todo.append(e)
    made = edge.seq if isinstance(edge, Node) else 0
    return {r for r in found - {None} if r.ended is None or (inside and made < r.ended)}


def text_of(t: Any) -> str:
    """repr(t), in as many wrappers as torch has it."""
    around = []
    while hasattr(t, "level"):
        around.append((t.level, f"BatchedTensor(lvl={t.level}, bdim=0, value="))
        t = t.value
    numbers = {transform.number for transform in transforms_of(t)}
    numbers |= {level.transform.number for level, _ in all_tangents(t) if level.transform is not None}
    around += [(n, f"GradTrackingTensor(lvl={n}, value=") for n in numbers]
    shown = text(wrap(t._array) if numbers else t)
    for _, kind in sorted(around):
        inside = shown.replace("\n", "\n    ")
        shown = f"{kind}\n    {inside}\n)"
    return shown
