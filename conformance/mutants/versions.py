"""In-place operations, version counters and views."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, operator, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


VERSION_CLAIMS = (
    "tensor.version.*",
    "version.*",
    "inplace.version*",
    "graph.increment-version.*",
    "no-grad.in-place-update-bumps-version",
    "grad-mode.inference-mode.normal-tensor-version-bumped",
    "inference.inplace-on-normal*",
    "function-ctx.mark-dirty.bumps-version",
    "tensor.detach.shares-version",
    "tensor.data.not-version-tracked",
    "grad-mode.unsafe-preserve-version-counter",
)
"""What is claimed of it, of torch as of the reference's own engine."""


@mutant(*VERSION_CLAIMS)
def versions_stay_at_zero(torch: Torch) -> Changed:
    """_version is always 0."""
    return patched(torch.Tensor, "_version", property(lambda self: 0))


@mutant("graph.increment-version.*")
def increment_version_does_nothing(torch: Torch) -> Changed:
    """increment_version changes no version."""
    return patched(torch.autograd.graph, "increment_version", lambda tensor: None)


def _out_of_sight(torch: Torch, name: str) -> Changed:
    """An in-place operator that writes to memory only: no node, no new version."""

    def around(real: Any, self: Any, *arguments: Any, **keywords: Any) -> Any:
        with torch.no_grad():
            real(self.data, *arguments, **keywords)
        return self

    return wrapped(torch.Tensor, name, around)


@mutant(
    "inplace.*",
    "version.*",
    "tensor.version.*",
    "hooks.inplace.*",
    "function-ctx.save-for-backward.inplace*",
    "graph.allow-mutation.*",
    "graph.saved-tensors-hooks.inplace*",
    "graph.get-gradient-edge.before-inplace",
    "grad-mode.inference-mode.*inplace*",
    "grad-mode.inference-mode.normal-tensor-version-bumped",
    "forward-ad.make-dual.inplace*",
    "no-grad.in-place*",
)
def mul_in_place_is_unseen(torch: Torch) -> Changed:
    """mul_ writes without a node, an error or a new version."""
    return _out_of_sight(torch, "mul_")


@mutant("inplace.*", "version.*", "tensor.version.*", "inference.inplace*", "broadcast.inplace.*")
def add_in_place_is_unseen(torch: Torch) -> Changed:
    """add_ writes without a node, an error or a new version."""
    return _out_of_sight(torch, "add_")


@mutant("inplace.*", "version.*", "no-grad.*", "inference.*")
def zero_in_place_is_unseen(torch: Torch) -> Changed:
    """zero_ writes without a node, an error or a new version."""
    return _out_of_sight(torch, "zero_")


@mutant("inplace.*", "version.*", "no-grad.*")
def copy_in_place_is_unseen(torch: Torch) -> Changed:
    """copy_ writes without a node, an error or a new version."""

    def around(real: Any, self: Any, source: Any, *more: Any) -> Any:
        return real(self.data if self.requires_grad else self, source.detach(), *more)

    return wrapped(torch.Tensor, "copy_", around)


@mutant(
    "views.*",
    "grad-mode.inference-mode.no-view-tracking",
    "grad-mode.is-inference.view-rule",
    only="torch",
)
def views_have_no_base(torch: Torch) -> Changed:
    """_base is always None."""
    return patched(torch.Tensor, "_base", property(lambda self: None))


@mutant("views.*", "grad-mode.inference-mode.*view*", "modes.inference*")
def nothing_is_a_view(torch: Torch) -> Changed:
    """_is_view() is always False."""
    return patched(torch.Tensor, "_is_view", lambda self: False)


@mutant(
    "views.view",
    "views.view-as",
    "views.edit-through-view-reflects-in-base",
    "views.base-of-chain-is-root",
    "inplace.version-shared-by-views",
    "inplace.view*",
)
def view_copies(torch: Torch) -> Changed:
    """view() copies."""
    return operator(torch, "view", lambda real, self, *shape: real(self, *shape).clone())


@mutant("views.transpose*", "views.base-of-chain-is-root")
def transpose_copies(torch: Torch) -> Changed:
    """transpose() copies."""
    return operator(torch, "transpose", lambda real, self, *dims: real(self, *dims).clone())


@mutant("views.narrow")
def narrow_copies(torch: Torch) -> Changed:
    """narrow() copies."""
    return operator(torch, "narrow", lambda real, self, *place: real(self, *place).clone())


@mutant(
    "views.basic-slicing",
    "views.step-slicing",
    "views.ellipsis-none-index",
    "views.edit-through-view-reflects-in-base",
    "inplace.*view*",
    "inplace.version-shared-by-views",
    "views.select",
    "grad-mode.*view*",
)
def indexing_copies(torch: Torch) -> Changed:
    """x[...] copies."""
    return wrapped(torch.Tensor, "__getitem__", lambda real, self, index: real(self, index).clone())


@mutant("tensor.detach.shares-storage", "views.detach", "version.detach*", "inplace.detached*")
def detach_is_a_copy(torch: Torch) -> Changed:
    """detach() shares no memory."""
    return wrapped(torch.Tensor, "detach", lambda real, self: real(self).clone())
