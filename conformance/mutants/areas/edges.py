"""Gradient edges, graphs that are made anew, and what else torch.autograd.graph has."""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

from conformance.mutants.around import seen_by_all
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("graph.gradient-edge.namedtuple")
def edges_have_no_token(torch: Torch) -> Changed:
    """A GradientEdge is a tuple of a node and a number."""

    class GradientEdge(NamedTuple):
        node: Any
        output_nr: int

    return patched(torch.autograd.graph, "GradientEdge", GradientEdge)


@mutant("graph.gradient-edge.manual", "graph.gradient-edge.namedtuple")
def edges_can_not_be_made_by_hand(torch: Torch) -> Changed:
    """GradientEdge refuses to be made without a token."""
    real = torch.autograd.graph.GradientEdge

    def make(cls: Any, node: Any, output_nr: int, ownership_token: Any) -> Any:
        return real(node, output_nr, ownership_token)

    meant = type("GradientEdge", (), {"__new__": make})
    return patched(torch.autograd.graph, "GradientEdge", meant)


@mutant(
    "graph.get-gradient-edge.nonleaf",
    "graph.get-gradient-edge.equivalent-in-grad",
    "backward.tensors.gradient-edge-with-grad-tensors",
)
def gradient_edges_lose_their_number(torch: Torch) -> Changed:
    """get_gradient_edge says output 0 for every output."""
    return wrapped(torch.autograd.graph, "get_gradient_edge", lambda real, tensor: real(tensor)._replace(output_nr=0))


@mutant("graph.get-gradient-edge.leaf", "graph.get-gradient-edge.equivalent-in-grad")
def gradient_edges_of_leaves_lead_through_a_view(torch: Torch) -> Changed:
    """get_gradient_edge of a leaf is the edge of a view of it."""

    def around(real: Any, tensor: Any) -> Any:
        if not tensor.is_leaf:
            return real(tensor)
        with torch.enable_grad():
            return real(tensor.view_as(tensor))

    return wrapped(torch.autograd.graph, "get_gradient_edge", around)


@mutant("graph.get-gradient-edge.no-requires-grad")
def constants_have_gradient_edges(torch: Torch) -> Changed:
    """get_gradient_edge of a tensor that requires no gradient raises nothing."""
    return wrapped(
        torch.autograd.graph,
        "get_gradient_edge",
        lambda real, tensor: real(tensor if tensor.requires_grad else tensor.detach().requires_grad_()),
    )


@mutant("graph.get-gradient-edge.ownership-token")
def edges_own_nothing(torch: Torch) -> Changed:
    """The edge of a Function's result has no token."""

    def around(real: Any, tensor: Any) -> Any:
        return real(tensor)._replace(ownership_token=None)

    return wrapped(torch.autograd.graph, "get_gradient_edge", around)


# -- graphs that are made anew, and the rest of the page


@mutant("graph.dynamic.control-flow-decides-graph")
def grad_answers_as_before(torch: Torch) -> Changed:
    """autograd.grad by a tensor alone gives again what it gave the first time."""
    known: list[tuple[Any, Any]] = []

    def around(real: Any, outputs: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        for tensor, answer in known:
            if tensor is inputs:
                return answer
        answer = real(outputs, inputs, *given, **named)
        if isinstance(inputs, torch.Tensor):
            known.append((inputs, answer))
        return answer

    return wrapped(torch.autograd, "grad", around)


@mutant("graph.page.other-listed-utilities-exist")
def a_utility_of_the_page_is_missing(torch: Torch) -> Changed:
    """torch.autograd.graph.region_activation_memory_budget cannot be called."""
    return seen_by_all(torch, patched(torch.autograd.graph, "region_activation_memory_budget", None))


@mutant("graph.region-activation-memory-budget.*")
def any_memory_budget_is_taken(torch: Torch) -> Changed:
    """region_activation_memory_budget takes whatever it is given, in eager mode too, and does nothing."""
    return patched(torch.autograd.graph, "region_activation_memory_budget", lambda budget: contextlib.nullcontext())


@mutant("graph.set-warn-on-accumulate-grad-stream-mismatch.call")
def the_switch_for_streams_returns_its_value(torch: Torch) -> Changed:
    """set_warn_on_accumulate_grad_stream_mismatch returns what it was given."""

    def around(real: Any, enabled: Any) -> Any:
        real(enabled)
        return enabled

    return wrapped(torch.autograd.graph, "set_warn_on_accumulate_grad_stream_mismatch", around)


@mutant("graph.set-override-stale-capture-stream.call")
def the_switch_for_captures_returns_its_value(torch: Torch) -> Changed:
    """set_override_stale_capture_stream returns what it was given."""

    def around(real: Any, enabled: Any) -> Any:
        real(enabled)
        return enabled

    return wrapped(torch.autograd.graph, "set_override_stale_capture_stream", around)
