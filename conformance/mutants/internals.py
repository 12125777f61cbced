"""The reference implementation changed inside: its engine, accumulation, hooks, saved tensors, views, duals, Functions."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any

from conformance.mutants.accumulation import FREED_CLAIMS
from conformance.mutants.mutant import Torch, mutant, patched, patched_all, wrapped
from conformance.mutants.versions import VERSION_CLAIMS

Changed = contextlib.AbstractContextManager[None]
REFERENCE = "reference"


def _inside(torch: Torch, module: str) -> Any:
    return importlib.import_module(f"{torch.__name__}.{module}")


def _nothing(*_: Any, **__: Any) -> None:
    return None


# -- the engine


@mutant(*FREED_CLAIMS, only=REFERENCE)
def engine_frees_nothing(torch: Torch) -> Changed:
    """The engine keeps what nodes saved."""
    return wrapped(
        _inside(torch, "graph.engine"), "run", lambda real, roots, **options: real(roots, **{**options, "keep": True})
    )


@mutant(
    "backward.chain-rule.*",
    "backward.tensors.*",
    "hooks.tensor.sees-total-gradient-of-all-uses",
    "graph.backward.*",
    "backward.*",
    "grad.*",
    "tensor.retain-grad.*",
    "functional.*",
    only=REFERENCE,
)
def engine_forgets_one_of_two(torch: Torch) -> Changed:
    """A node that is reached twice sees the second cotangent alone."""
    return patched(_inside(torch, "graph.engine"), "plus", lambda a, b: a if b is None else b)


@mutant("hooks.order.*", "hooks.*", "graph.*", "function.*", "graph.register-multi-grad-hook.*", only=REFERENCE)
def engine_runs_the_oldest_first(torch: Torch) -> Changed:
    """Of the nodes that wait the oldest runs first."""
    return patched(_inside(torch, "graph.engine"), "pop", lambda heap: heap.pop())


@mutant(
    "backward.inputs.prunes-graph", "grad.side-effect.prunes-graph", "hooks.node.*", "hooks.tensor.*", only=REFERENCE
)
def engine_visits_everything(torch: Torch) -> Changed:
    """Nodes that lead to no input of autograd.grad run all the same."""

    def around(real: Any, roots: Any, wanted: Any) -> Any:
        return {*real(roots, wanted), *_inside(torch, "graph.reach").count_edges(roots)}

    return wrapped(_inside(torch, "graph.engine"), "between", around)


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
    return patched(_inside(torch, "graph.visit"), "FREED", "it is gone")


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
        *((_inside(torch, f"graph.{module}"), "check", _nothing) for module in ("engine", "visit", "saved"))
    )


# -- accumulation


@mutant("grad-layout.*", only=REFERENCE)
def new_gradients_are_contiguous(torch: Torch) -> Changed:
    """A new .grad does not take the layout of its leaf."""
    return patched(_inside(torch, "graph.accumulate"), "copy_like", lambda g, leaf: g.copy("C"))


@mutant("grad-layout.policy.*", only=REFERENCE)
def layouts_are_always_enforced(torch: Torch) -> Changed:
    """enforce_grad_layout_policy(False) is not asked for."""
    return patched(_inside(torch, "graph.accumulate"), "enforced", lambda: True)


@mutant("grad-layout.policy.*", only=REFERENCE)
def layouts_are_not_warned_of(torch: Torch) -> Changed:
    """A .grad in another layout is accumulated into without a warning."""
    return patched(_inside(torch, "graph.accumulate"), "warn_of_layout", _nothing)


@mutant("grad-layout.existing.inplace-without-create-graph", "tensor.grad.accumulates", only=REFERENCE)
def accumulation_is_no_write(torch: Torch) -> Changed:
    """Accumulating into .grad leaves its version as it was."""

    class NoStorage:
        bump = _nothing

    return patched(_inside(torch, "graph.accumulate"), "storage_of", lambda tensor: NoStorage)


@mutant("backward.create-graph.*", "grad-layout.existing.*create-graph", only=REFERENCE)
def recorded_gradients_replace(torch: Torch) -> Changed:
    """With create_graph=True .grad is replaced, not added to."""
    return wrapped(_inside(torch, "graph.accumulate"), "taped", lambda real, leaf, old, g: real(leaf, None, g))


@mutant("backward.create-graph.warning", "tensor.backward.create-graph", only=REFERENCE)
def cycles_are_not_warned_of(torch: Torch) -> Changed:
    """backward(create_graph=True) does not warn of the reference cycle."""
    return patched(_inside(torch, "autograd"), "once", _nothing)


# -- hooks


def _hooks(torch: Torch) -> Any:
    return _inside(torch, "graph.hooks").Hooks


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
    return patched(_inside(torch, "graph.hooks"), "check_replacement", _nothing)


@mutant("hooks.node.*", "hooks.tensor.*", "graph.*", "graph.register-multi-grad-hook.*", only=REFERENCE)
def every_node_will_run(torch: Torch) -> Changed:
    """A hook that asks is told that every node will run."""
    return patched(_inside(torch, "graph.hooks").Pass, "will_execute", lambda self, edge: True)


# -- saved tensors


@mutant("savedhooks.*", "graph.saved-tensors-hooks.*", only=REFERENCE)
def unpacked_tensors_lose_their_place(torch: Torch) -> Changed:
    """What an unpack hook returns has no place in the graph."""
    return wrapped(_inside(torch, "graph.packing").Packed, "unpack", lambda real, self, node: real(self, node).detach())


@mutant("savedhooks.pack.inplace*", "graph.saved-tensors-hooks.inplace-in-pack", "savedhooks.*", only=REFERENCE)
def pack_hooks_may_write(torch: Torch) -> Changed:
    """A pack hook that writes to its argument is called with a copy, so that nobody notices."""

    def around(real: Any, self: Any, given: Any, *place: Any) -> Any:
        return real(self, given.detach().clone(), *place)

    return wrapped(_inside(torch, "graph.packing").Packed, "__init__", around)


# -- in-place and views


@mutant("inplace.*", "tensor.requires-grad.*", "function-ctx.mark-dirty.leaf-requiring-grad", only=REFERENCE)
def anything_may_be_written(torch: Torch) -> Changed:
    """A leaf, or a view of one, may be written in place."""
    return patched(_inside(torch, "graph.inplace"), "may_write", _nothing)


@mutant("inplace.*", "views.*", "function-ctx.mark-dirty.view-rebases-history", "hooks.inplace.*", only=REFERENCE)
def views_are_not_rebased(torch: Torch) -> Changed:
    """A write through a view leaves the history of its base as it was."""
    return patched(_inside(torch, "graph.inplace"), "rebase", _nothing)


@mutant(*VERSION_CLAIMS, only=REFERENCE)
def writes_are_not_counted(torch: Torch) -> Changed:
    """An in-place operator leaves the version as it was."""
    return patched(_inside(torch, "graph.clock").Storage, "bump", _nothing)


# -- anomaly mode


@mutant("anomaly.*", only=REFERENCE)
def nan_passes(torch: Torch) -> Changed:
    """No nan is ever found in a gradient."""
    return patched(_inside(torch, "graph.anomaly"), "has_nan", lambda g: False)


@mutant("anomaly.detect-anomaly.*", only=REFERENCE)
def forward_calls_are_not_recorded(torch: Torch) -> Changed:
    """Anomaly mode keeps no traceback of the forward call."""
    return patched(_inside(torch, "graph.anomaly"), "record", _nothing)


# -- forward mode


@mutant("forward-ad.dual-level.*", "forward-ad.exit-dual-level.*", only=REFERENCE)
def tangents_outlive_their_level(torch: Torch) -> Changed:
    """Leaving a level leaves the tangents in their places."""

    def around(real: Any, level: Any) -> Any:
        _inside(torch, "graph.dual").Level.holders.clear()
        return real(level)

    return wrapped(_inside(torch, "graph.dual"), "leave", around)


@mutant("forward-ad.make-dual.integer*", "forward-ad.dual-level.example-integer-input", only=REFERENCE)
def integers_may_be_dual(torch: Torch) -> Changed:
    """make_dual takes integers."""
    return patched(_inside(torch, "graph.dual"), "check_floating", _nothing)


@mutant("forward-ad.make-dual.inplace*", only=REFERENCE)
def writes_keep_the_tangent(torch: Torch) -> Changed:
    """An in-place operator leaves the tangent as it was."""
    return patched(_inside(torch, "graph.inplace"), "write", _nothing)


# -- custom Functions


@mutant(
    "function-ctx.set-materialize-grads.*",
    "function-ctx.mark-non-differentiable.*",
    "function.backward.*",
    only=REFERENCE,
)
def missing_cotangents_are_ones(torch: Torch) -> Changed:
    """A cotangent that did not arrive is materialized as ones."""
    return wrapped(_inside(torch, "autograd.custom"), "zeros", lambda real, meta: real(meta) + 1)


@mutant("function.backward.*", only=REFERENCE)
def results_of_backward_are_not_checked(torch: Torch) -> Changed:
    """A custom backward may return gradients of any number and shape."""
    return patched(_inside(torch, "autograd.custom"), "check_results", lambda node, results: results)


@mutant("function-ctx.mark-dirty.*", only=REFERENCE)
def outputs_marked_dirty_are_not_checked(torch: Torch) -> Changed:
    """What mark_dirty is given is not checked."""
    return patched(_inside(torch, "autograd.applying"), "check_dirty", _nothing)


# -- leaves


@mutant("tensor.grad.nonleaf-access-warning", only=REFERENCE)
def non_leaf_grad_has_other_words(torch: Torch) -> Changed:
    """Reading .grad of a tensor that is no leaf warns in other words."""
    return patched(_inside(torch, "leaf"), "NON_LEAF_GRAD", "there is none")
