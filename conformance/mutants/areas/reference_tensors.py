"""The reference implementation changed inside: saved tensors, writes and views, anomaly mode, duals, Functions."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.areas.inplace import VERSION_CLAIMS
from conformance.mutants.around import inside, nothing
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]
REFERENCE = "reference"


# -- saved tensors


@mutant("savedhooks.*", "graph.saved-tensors-hooks.*", only=REFERENCE)
def unpacked_tensors_lose_their_place(torch: Torch) -> Changed:
    """What an unpack hook returns has no place in the graph."""
    return wrapped(inside(torch, "graph.packing").Packed, "unpack", lambda real, self, node: real(self, node).detach())


@mutant("savedhooks.pack.inplace*", "graph.saved-tensors-hooks.inplace-in-pack", "savedhooks.*", only=REFERENCE)
def pack_hooks_may_write(torch: Torch) -> Changed:
    """A pack hook that writes to its argument is called with a copy, so that nobody notices."""

    def around(real: Any, self: Any, given: Any, *place: Any) -> Any:
        return real(self, given.detach().clone(), *place)

    return wrapped(inside(torch, "graph.packing").Packed, "__init__", around)


# -- in-place and views


@mutant("inplace.*", "tensor.requires-grad.*", "function-ctx.mark-dirty.leaf-requiring-grad", only=REFERENCE)
def anything_may_be_written(torch: Torch) -> Changed:
    """A leaf, or a view of one, may be written in place."""
    return patched(inside(torch, "graph.inplace"), "may_write", nothing)


@mutant(
    "inplace.*view*",
    "inplace.*base*",
    "function-ctx.mark-dirty.view-rebases-history",
    "hooks.inplace.*",
    only=REFERENCE,
)
def views_are_not_rebased(torch: Torch) -> Changed:
    """A write through a view leaves the history of its base as it was."""
    return patched(inside(torch, "graph.inplace"), "rebase", nothing)


@mutant(*VERSION_CLAIMS, only=REFERENCE)
def writes_are_not_counted(torch: Torch) -> Changed:
    """An in-place operator leaves the version as it was."""
    return patched(inside(torch, "graph.clock").Storage, "bump", nothing)


# -- anomaly mode


@mutant("anomaly.*", only=REFERENCE)
def nan_passes(torch: Torch) -> Changed:
    """No nan is ever found in a gradient."""
    return patched(inside(torch, "graph.anomaly"), "has_nan", lambda g: False)


@mutant("anomaly.detect-anomaly.*", only=REFERENCE)
def forward_calls_are_not_recorded(torch: Torch) -> Changed:
    """Anomaly mode keeps no traceback of the forward call."""
    return patched(inside(torch, "graph.anomaly"), "record", nothing)


# -- forward mode


@mutant("forward-ad.dual-level.*", "forward-ad.exit-dual-level.*", only=REFERENCE)
def tangents_outlive_their_level(torch: Torch) -> Changed:
    """Leaving a level leaves the tangents in their places."""

    def around(real: Any, level: Any) -> Any:
        inside(torch, "graph.dual").Level.holders.clear()
        return real(level)

    return wrapped(inside(torch, "graph.dual"), "leave", around)


@mutant("forward-ad.make-dual.integer*", "forward-ad.dual-level.example-integer-input", only=REFERENCE)
def integers_may_be_dual(torch: Torch) -> Changed:
    """make_dual takes integers."""
    return patched(inside(torch, "graph.dual"), "check_floating", nothing)


@mutant("forward-ad.make-dual.inplace*", only=REFERENCE)
def writes_keep_the_tangent(torch: Torch) -> Changed:
    """An in-place operator leaves the tangent as it was."""
    return patched(inside(torch, "graph.inplace"), "write", nothing)


# -- custom Functions


@mutant(
    "function-ctx.set-materialize-grads.*",
    "function-ctx.mark-non-differentiable.*",
    "function.backward.*",
    only=REFERENCE,
)
def missing_cotangents_are_ones(torch: Torch) -> Changed:
    """A cotangent that did not arrive is materialized as ones."""
    return wrapped(inside(torch, "autograd.custom"), "zeros", lambda real, meta: real(meta) + 1)


@mutant("function.backward.*", only=REFERENCE)
def results_of_backward_are_not_checked(torch: Torch) -> Changed:
    """A custom backward may return gradients of any number and shape."""
    return patched(inside(torch, "autograd.custom"), "check_results", lambda node, results: results)


@mutant("function-ctx.mark-dirty.*", only=REFERENCE)
def outputs_marked_dirty_are_not_checked(torch: Torch) -> Changed:
    """What mark_dirty is given is not checked."""
    return patched(inside(torch, "autograd.applying"), "check_dirty", nothing)


# -- leaves


@mutant("tensor.grad.nonleaf-access-warning", only=REFERENCE)
def non_leaf_grad_has_other_words(torch: Torch) -> Changed:
    """Reading .grad of a tensor that is no leaf warns in other words."""
    return patched(inside(torch, "methods.leaf"), "NON_LEAF_GRAD", "there is none")
