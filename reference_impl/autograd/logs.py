"""What backward tells the logger torch.autograd.graph at level DEBUG: each node that it executes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from ..graph.node import Node
from ..graph.reach import count_edges
from ..graph.watching import kind_of

NAME = "torch.autograd.graph"


DEBUG = 10  # logging.DEBUG


@cache
def logger() -> Any:
    import logging

    return logging.getLogger(NAME)


def wanted() -> bool:
    """Whether anybody listens. Without the module nobody does."""
    return "logging" in sys.modules and logger().isEnabledFor(DEBUG)


def attach(roots: list[tuple[Node, Any]]) -> Callable[[], None]:
    """Hook every node that can be reached; returns what takes the hooks away."""
    log = logger()

    def hook_of(node: Any) -> Callable[[tuple], None]:
        def hook(grads: tuple) -> None:
            described = ",".join("None" if g is None else kind_of(g) for g in grads)
            log.debug("Executing: %r with grad_outputs: [%s]", node, described)

        return hook

    nodes = {edge.source()[0]: None for edge in count_edges(roots)}  # in this order, each once
    handles = [node.register_prehook(hook_of(node.shown())) for node in nodes]

    def detach() -> None:
        for handle in handles:
            handle.remove()

    return detach
