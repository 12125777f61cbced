"""Prehooks of nodes: not called, called too late or in another order, unheeded, unchecked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.areas.hooks import foremost, hooked
from conformance.mutants.areas.node_hooks import Gradients, alike, zeros_for
from conformance.mutants.areas.nodes import node_method
from conformance.mutants.mutant import Torch, mutant

Changed = contextlib.AbstractContextManager[None]


def prehooks(torch: Torch, around: Callable[..., Any]) -> Changed:
    """Every prehook of a node is ``around(the real one, gradients of its outputs)``."""
    return node_method(torch, "register_prehook", lambda real, self, hook: real(hooked(hook, around)))


@mutant(
    "graph.node.register-prehook.arguments",
    "graph.node.register-prehook.none-for-unused-output",
    "graph.node.register-prehook.on-accumulate-grad",
    "graph.node.accumulate-grad-weakly-held",
    "graph.grad-fn.is-entry-point-for-result",
    "hooks.node.fire-only-if-node-executed",
)
def prehooks_are_forgotten(torch: Torch) -> Changed:
    """A prehook is accepted and never called."""
    return prehooks(torch, lambda hook, outputs: None)


@mutant(
    "graph.node.register-prehook.return-replaces-grad-outputs",
    "graph.node.register-prehook.chained-in-order",
    "graph.node.register-prehook.on-accumulate-grad",
    "hooks.order.later-hooks-see-earlier-changes",
)
def results_of_prehooks_are_dropped(torch: Torch) -> Changed:
    """What a prehook returns is dropped."""

    def around(hook: Any, outputs: Gradients) -> None:
        hook(outputs)

    return prehooks(torch, around)


@mutant("graph.node.register-prehook.arguments")
def prehooks_get_a_list(torch: Torch) -> Changed:
    """A prehook is called with a list."""
    return prehooks(torch, lambda hook, outputs: hook(list(outputs)))


@mutant("graph.node.register-prehook.none-for-unused-output")
def prehooks_get_zeros_for_none(torch: Torch) -> Changed:
    """A prehook is called with zeros for an output that received no gradient."""

    def around(hook: Any, outputs: Gradients) -> Any:
        return hook(tuple(torch.zeros(()) if one is None else one for one in outputs))

    return prehooks(torch, around)


@mutant("graph.node.register-prehook.none-keeps")
def a_prehook_must_return(torch: Torch) -> Changed:
    """A prehook that returns None makes the gradients zeros."""

    def around(hook: Any, outputs: Gradients) -> Any:
        made = hook(outputs)
        return zeros_for(torch, outputs) if made is None else made

    return prehooks(torch, around)


@mutant("graph.node.register-prehook.chained-in-order", "hooks.order.same-kind-in-registration-order", only="torch")
def the_last_prehook_runs_first(torch: Torch) -> Changed:
    """The prehook that was registered last runs first."""
    return node_method(torch, "register_prehook", lambda real, self, hook: foremost(real(hook)))


@mutant(
    "graph.node.register-prehook.before-register-hook",
    "graph.node.register-prehook.on-accumulate-grad",
    "hooks.order.tensor-then-prehook-then-node-then-posthook",
    "hooks.order.leaf.tensor-hook-then-accumulate-then-postacc",
)
def prehooks_run_after_the_node(torch: Torch) -> Changed:
    """A prehook runs after its node, and what it returns is dropped."""

    def register(real: Any, self: Any, hook: Any) -> Any:
        def after(inputs: Gradients, outputs: Gradients) -> None:
            hook(outputs)

        return self.register_hook(after)

    return node_method(torch, "register_prehook", register)


@mutant("graph.node.register-prehook.wrong-*")
def results_of_prehooks_are_not_checked(torch: Torch) -> Changed:
    """What a prehook returns is dropped where torch refuses it."""

    def around(hook: Any, outputs: Gradients) -> Any:
        made = hook(outputs)
        return made if alike(made, outputs) else None

    return prehooks(torch, around)
