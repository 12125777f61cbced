"""backward: what it puts into .grad, what it frees, and the options that it takes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import after_backward, around_backward, backward_options, leaves
from conformance.mutants.mutant import Torch, mutant

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "backward.accumulate.adds",
    "tensor.backward.accumulates",
    "tensor.grad.accumulates",
    "tensor.grad.assign-tensor",
    "backward.inputs.accumulates-existing",
    "grad-layout.existing.inplace-without-create-graph",
    "grad-layout.existing.replaced-with-create-graph",
    "amp.accumulate-before-step",
    "threads.shared-leaf-backward-accumulates-all",
    "threads.shared-graph-*",
    "tensor.register-hook.receives-new-gradient-not-accumulated",
    "tensor.post-accumulate-hook.sees-updated-grad",
)
def replaces_gradients(torch: Torch) -> Changed:
    """.grad is replaced, not added to."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        for leaf in (leaf for root in roots for leaf in leaves(root)):
            leaf.grad = None
        proceed(roots)

    return around_backward(torch, around)


def _keep(options: dict[str, Any]) -> None:
    options["retain_graph"] = True


FREED_CLAIMS = (
    "backward.retain-graph.default-frees",
    "backward.retain-graph.false-with-create-graph",
    "tensor.backward.retain-graph-default",
    "graph.node.saved-attributes.freed",
    "saved.access-after-free.*",
    "function-ctx.save-for-backward.freed-after-backward",
    "function.save-for-backward.*",
    "function.clear-saved*",
    "savedhooks.packed-object-*",
    "savedhooks.register.after-release.*",
    "threads.shared-graph-second-backward.*",
    "graph.dynamic.fresh-graph-each-iteration",
    "graph.saved-tensors-hooks.*",
    "function-ctx.attributes.live-as-long-as-the-node",
)
"""What is claimed of it, of torch as of the reference's own engine."""


@mutant(*FREED_CLAIMS)
def backward_keeps_the_graph(torch: Torch) -> Changed:
    """backward never frees what was saved."""
    return backward_options(torch, _keep)


@mutant(
    "backward.retain-graph.true-allows-second-pass",
    "tensor.backward.retain-graph-true",
    "graph.saved-tensors-hooks.retain-graph-unpacks-again",
    "savedhooks.packed-object-survives-retain-graph",
    "threads.shared-graph-retain-graph-works",
    "amp.multiple-losses-retain-graph",
    "checkpoint.retain-graph-recomputes-each-time",
    "seed004.*retain-graph*",
)
def backward_frees_what_it_should_keep(torch: Torch) -> Changed:
    """backward frees what was saved though retain_graph=True."""

    def change(options: dict[str, Any]) -> None:
        options["retain_graph"] = None

    return backward_options(torch, change)


@mutant(
    "backward.inputs.restricts",
    "backward.inputs.prunes-graph",
    "backward.inputs.nonleaf-accumulates",
    "tensor.backward.inputs",
    "hooks.tensor.not-fired-when-gradient-not-needed",
    "function.needs-input-grad.not-narrowed-by-inputs",
)
def backward_ignores_inputs(torch: Torch) -> Changed:
    """backward accumulates into every leaf, whatever inputs= says."""

    def change(options: dict[str, Any]) -> None:
        if options["inputs"]:
            options["inputs"] = None

    return backward_options(torch, change)


@mutant(
    "backward.create-graph.true-differentiable",
    "backward.create-graph.reference-cycle",
    "backward.create-graph.warning",
    "backward.create-graph.second-order-wrt-seed",
    "tensor.backward.create-graph",
    "backward.retain-graph.*create-graph",
    "grad-layout.existing.replaced-*",
    "grad-layout.none.rules-hold-with-create-graph",
    "function.apply.backward-grad-mode-follows-create-graph",
    "function.once-differentiable.*",
    "tensor.post-accumulate-hook.grad-mode-with-create-graph",
)
def backward_ignores_create_graph(torch: Torch) -> Changed:
    """backward with create_graph=True records nothing."""

    def change(options: dict[str, Any]) -> None:
        if options["create_graph"]:
            options["create_graph"], options["retain_graph"] = False, True

    return backward_options(torch, change)


def _with_cotangents(torch: Torch, change: Callable[[Any], Any]) -> Changed:
    """``change`` takes each cotangent that a backward is given."""

    def options(named: dict[str, Any]) -> None:
        for name in ("gradient", "grad_tensors"):
            given = named.get(name)
            if isinstance(given, torch.Tensor):
                named[name] = change(given)
            elif isinstance(given, tuple | list):
                named[name] = [change(one) if isinstance(one, torch.Tensor) else one for one in given]

    return backward_options(torch, options)


@mutant(
    "backward.create-graph.second-order-wrt-seed",
    "tut.blitz.integer-gradient-argument",
)
def scalars_start_from_one(torch: Torch) -> Changed:
    """backward of one element starts from one, whatever cotangent it is given."""
    return _with_cotangents(torch, lambda given: torch.ones_like(given) if given.numel() == 1 else given)


@mutant("nan.incoming.*")
def nan_cotangents_are_ones(torch: Torch) -> Changed:
    """backward takes one for a nan in its cotangent."""
    where, isnan, ones_like = torch.where, torch.isnan, torch.ones_like
    return _with_cotangents(torch, lambda given: where(isnan(given), ones_like(given), given))


@mutant(
    "grad-layout.existing.inplace-*",
    "grad-layout.manual.kept-without-create-graph",
    "backward.accumulate.zero-first",
    "tensor.grad.accumulates",
    "tensor.grad.assign-tensor",
    "layout.grad.aliases-gradient-argument-through-view",
    "layout.grad.two-leaves-may-share-grad-storage",
)
def grad_is_another_tensor_each_time(torch: Torch) -> Changed:
    """A backward adds into a new tensor and not into the .grad that is there."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None:
            leaf.grad = leaf.grad.clone()

    return after_backward(torch, then)


@mutant(
    "backward.inputs.unreachable",
)
def unused_leaves_get_zeros(torch: Torch) -> Changed:
    """A backward in which an input of inputs= has no part leaves zeros in its .grad."""

    def change(options: dict[str, Any]) -> None:
        wanted = options.get("inputs")
        for one in wanted if isinstance(wanted, tuple | list) else (wanted,):
            if isinstance(one, torch.Tensor) and one.is_leaf and one.grad is None:
                one.grad = torch.zeros_like(one)

    return backward_options(torch, change)
