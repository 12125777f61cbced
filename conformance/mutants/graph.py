"""The graph as it is walked: grad_fn, edges, gradient edges, the switches of autograd.grad_mode."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def _slot(torch: Torch, name: str) -> Any:
    return vars(next(kind for kind in torch.Tensor.__mro__ if name in vars(kind)))[name]


@mutant(
    "tensor.grad-fn.*",
    "graph.*",
    "requires-grad.*",
    "saved.*",
    "function.apply.grad-fn-name",
    "function.*",
    "views.*",
    "inplace.*",
    "hooks.*",
    "graph.node.*",
    "modules.grad-fn-name-of-linear",
    "checkpoint.*",
)
def grad_fn_is_hidden(torch: Torch) -> Changed:
    """grad_fn is always None."""
    return patched(torch.Tensor, "grad_fn", property(lambda self: None))


@mutant("tensor.output-nr.*")
def output_nr_is_zero(torch: Torch) -> Changed:
    """output_nr is always 0."""
    return patched(torch.Tensor, "output_nr", property(lambda self: 0))


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
    "grad-mode.*",
    "no-grad.*",
    "inference.*",
    "tensor.is-leaf.*",
    "tensor.detach.*",
    "graph.*",
    "modes.*",
    "function.*",
    "function-ctx.*",
    "functional.*create-graph*",
    "grad.create-graph.*",
    "views.*",
    "freeze.*",
    "checkpoint.*",
    "faq.*",
    "forward-ad.*",
    "sparse.*",
    "serialization.*",
    "nondiff.*",
    "grad.materialize-grads.*",
)
def requires_grad_spreads_too_little(torch: Torch) -> Changed:
    """requires_grad reads False for what is no leaf."""
    slot = _slot(torch, "requires_grad")
    return patched(
        torch.Tensor, "requires_grad", property(lambda self: self.is_leaf and slot.__get__(self), slot.__set__)
    )


@mutant("grad-layout.policy.*")
def layout_policy_is_not_switched(torch: Torch) -> Changed:
    """enforce_grad_layout_policy(False) still enforces."""
    return wrapped(
        torch.autograd.grad_mode.enforce_grad_layout_policy,
        "__init__",
        lambda real, self, enable=True: real(self, True),
    )
