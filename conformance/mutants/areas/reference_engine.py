"""The reference implementation changed inside: its engine, accumulation and hooks."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.areas.accumulation import FREED_CLAIMS
from conformance.mutants.around import inside, nothing
from conformance.mutants.mutant import Torch, mutant, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]
REFERENCE = "reference"


# -- the engine


@mutant(*FREED_CLAIMS, only=REFERENCE)
def engine_frees_nothing(torch: Torch) -> Changed:
    """The engine keeps what nodes saved."""
    return wrapped(
        inside(torch, "graph.engine"), "run", lambda real, roots, **options: real(roots, **{**options, "keep": True})
    )


@mutant(
    "backward.chain-rule.*",
    "backward.tensors.*",
    "hooks.tensor.sees-total-gradient-of-all-uses",
    "graph.backward.*",
    "tensor.retain-grad.*",
    only=REFERENCE,
)
def engine_forgets_one_of_two(torch: Torch) -> Changed:
    """A node that is reached twice sees the second cotangent alone."""
    return patched(inside(torch, "graph.engine"), "plus", lambda a, b: a if b is None else b)


@mutant("hooks.order.*", "graph.node.register-*hook.*order*", "graph.register-multi-grad-hook.*", only=REFERENCE)
def engine_runs_the_oldest_first(torch: Torch) -> Changed:
    """Of the nodes that wait the oldest runs first."""
    return patched(inside(torch, "graph.engine"), "pop", lambda heap: heap.pop())


@mutant(
    "backward.inputs.prunes-graph", "grad.side-effect.prunes-graph", "hooks.node.*", "hooks.tensor.*", only=REFERENCE
)
def engine_visits_everything(torch: Torch) -> Changed:
    """Nodes that lead to no input of autograd.grad run all the same."""

    def around(real: Any, roots: Any, wanted: Any) -> Any:
        return {*real(roots, wanted), *inside(torch, "graph.reach").count_edges(roots)}

    return wrapped(inside(torch, "graph.engine"), "between", around)


@mutant(
    "backward.retain-graph.*",
    "grad.retain-graph.*",
    "tensor.backward.retain-graph-default",
    "saved.access-after-free.*",
    "graph.node.saved-attributes.freed",
    "function-ctx.save-for-backward.freed-after-backward",
    "function.save-for-backward.*",
    "threads.shared-graph-second-backward.*",
    only=REFERENCE,
)
def freed_graphs_have_other_words(torch: Torch) -> Changed:
    """A second backward says something else."""
    return patched(inside(torch, "graph.visit"), "FREED", "it is gone")


@mutant(
    "inplace.*",
    "version.*",
    "graph.increment-version.makes-check-fire",
    "function-ctx.save-for-backward.inplace*",
    "function-ctx.mark-dirty.detects-stale-saved",
    "graph.allow-mutation.*",
    only=REFERENCE,
)
def stale_tensors_are_used(torch: Torch) -> Changed:
    """Nobody notices that a saved tensor was written since."""
    return patched_all(
        *((inside(torch, f"graph.{module}"), "check", nothing) for module in ("engine", "visit", "saved"))
    )


# -- accumulation


@mutant("grad-layout.*", only=REFERENCE)
def new_gradients_are_contiguous(torch: Torch) -> Changed:
    """A new .grad does not take the layout of its leaf."""
    return patched(inside(torch, "graph.accumulate"), "copy_like", lambda g, leaf: g.copy("C"))


@mutant("grad-layout.policy.*", only=REFERENCE)
def layouts_are_always_enforced(torch: Torch) -> Changed:
    """enforce_grad_layout_policy(False) is not asked for."""
    return patched(inside(torch, "graph.accumulate"), "enforced", lambda: True)


@mutant("grad-layout.policy.*", only=REFERENCE)
def layouts_are_not_warned_of(torch: Torch) -> Changed:
    """A .grad in another layout is accumulated into without a warning."""
    return patched(inside(torch, "graph.accumulate"), "once", nothing)


@mutant("grad-layout.existing.inplace-without-create-graph", "tensor.grad.accumulates", only=REFERENCE)
def accumulation_is_no_write(torch: Torch) -> Changed:
    """Accumulating into .grad leaves its version as it was."""

    class NoStorage:
        bump = nothing

    return patched(inside(torch, "graph.accumulate"), "storage_of", lambda tensor: NoStorage)


@mutant("backward.create-graph.*", "grad-layout.existing.*create-graph", only=REFERENCE)
def recorded_gradients_replace(torch: Torch) -> Changed:
    """With create_graph=True .grad is replaced, not added to."""
    return wrapped(inside(torch, "graph.accumulate"), "taped", lambda real, leaf, old, g: real(leaf, None, g))


@mutant("backward.create-graph.warning", "tensor.backward.create-graph", only=REFERENCE)
def cycles_are_not_warned_of(torch: Torch) -> Changed:
    """backward(create_graph=True) does not warn of the reference cycle."""
    return patched(inside(torch, "autograd"), "once", nothing)


# -- hooks


def _hooks(torch: Torch) -> Any:
    return inside(torch, "graph.hooks").Hooks


@mutant("tensor.register-hook.several-in-order", "hooks.order.*", only=REFERENCE)
def tensor_hooks_run_backwards(torch: Torch) -> Changed:
    """The last tensor hook runs first."""

    def around(real: Any, self: Any, g: Any) -> Any:
        own = self.tensor
        self.tensor = dict(reversed(own.items()))
        try:
            return real(self, g)
        finally:
            self.tensor = own

    return wrapped(_hooks(torch), "before", around)


@mutant("hooks.order.retain-grad*", "tensor.retain-grad.*", only=REFERENCE)
def retained_before_hooks(torch: Torch) -> Changed:
    """retain_grad keeps the gradient as it was before the tensor hooks."""

    def around(real: Any, self: Any, g: Any) -> Any:
        retain, self.retain = self.retain, None
        if retain is not None and g is not None:
            retain(g)
        try:
            return real(self, g)
        finally:
            self.retain = retain

    return wrapped(_hooks(torch), "before", around)


@mutant("graph.node.register-prehook.*", "hooks.order.*", only=REFERENCE)
def prehooks_only_look(torch: Torch) -> Changed:
    """What a pre-hook of a node returns is dropped."""

    def around(real: Any, self: Any, gs: Any) -> Any:
        real(self, gs)
        return gs

    return wrapped(_hooks(torch), "run_pre", around)


@mutant("graph.node.register-hook.*", "hooks.order.*", only=REFERENCE)
def node_hooks_only_look(torch: Torch) -> Changed:
    """What a post-hook of a node returns is dropped."""

    def around(real: Any, self: Any, results: Any, gs: Any) -> Any:
        real(self, results, gs)
        return results

    return wrapped(_hooks(torch), "run_post", around)


@mutant("tensor.register-hook.wrong*", "graph.node.register-*hook.wrong*", only=REFERENCE)
def replacements_are_not_checked(torch: Torch) -> Changed:
    """A hook may return a gradient of another shape or dtype."""
    return patched(inside(torch, "graph.hooks"), "check_replacement", nothing)


@mutant("hooks.node.*", "hooks.tensor.*", "graph.register-multi-grad-hook.*", only=REFERENCE)
def every_node_will_run(torch: Torch) -> Changed:
    """A hook that asks is told that every node will run."""
    return patched(inside(torch, "graph.hooks").Pass, "will_execute", lambda self, edge: True)
