"""The graph as it is walked: grad_fn, edges, gradient edges, the switches of autograd.grad_mode."""

from __future__ import annotations

import contextlib

from conformance.mutants.around import attribute
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("graph.get-gradient-edge.*", "grad.*gradient-edge*", "backward.*gradient-edge*", "graph.gradient-edge.*")
def gradient_edges_lose_their_number(torch: Torch) -> Changed:
    """get_gradient_edge says output 0 for every output."""
    return wrapped(torch.autograd.graph, "get_gradient_edge", lambda real, tensor: real(tensor)._replace(output_nr=0))


@mutant("graph.get-gradient-edge.no-requires-grad")
def constants_have_gradient_edges(torch: Torch) -> Changed:
    """get_gradient_edge of a tensor that requires no gradient raises nothing."""
    return wrapped(
        torch.autograd.graph,
        "get_gradient_edge",
        lambda real, tensor: real(tensor if tensor.requires_grad else tensor.detach().requires_grad_()),
    )


@mutant(
    "tensor.requires-grad.*",
    "requires-grad.*",
    "tensor.is-leaf.*",
    "grad-mode.enable-grad.*",
    "grad-mode.set-grad-enabled.*",
    "grad.create-graph.*",
    "grad.materialize-grads.*",
    "sparse.*differentiable*",
    "freeze.*",
)
def requires_grad_spreads_too_little(torch: Torch) -> Changed:
    """requires_grad reads False for what is no leaf."""
    return attribute(torch, "requires_grad", read=lambda real, self: self.is_leaf and real(self))


@mutant("grad-layout.policy.*")
def layout_policy_is_not_switched(torch: Torch) -> Changed:
    """enforce_grad_layout_policy(False) still enforces."""
    return wrapped(
        torch.autograd.grad_mode.enforce_grad_layout_policy,
        "__init__",
        lambda real, self, enable=True: real(self, True),
    )
