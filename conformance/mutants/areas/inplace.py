"""In-place operators and version counters: changes that are not counted, not recorded, not refused."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from conformance.mutants.around import attribute
from conformance.mutants.mutant import Mutant, Torch, mutant, operator, patched, register, wrapped

Changed = contextlib.AbstractContextManager[None]

VERSION_CLAIMS = (
    "tensor.version.inplace-increments",
    "inplace.version-*",
    "version.detach-shares-counter",
    "graph.increment-version.*",
    "no-grad.in-place-update-bumps-version",
    "grad-mode.inference-mode.normal-tensor-version-bumped",
    "inference.inplace-on-normal*",
    "function-ctx.mark-dirty.bumps-version",
    "tensor.detach.shares-version",
    "grad-mode.unsafe-preserve-version-counter",
)
"""What is claimed of the counter itself, of torch as of the reference's own engine."""


@mutant(*VERSION_CLAIMS)
def versions_stay_at_zero(torch: Torch) -> Changed:
    """_version is always 0."""
    return attribute(torch, "_version", read=lambda real, self: 0)


@mutant("tensor.version.fresh-zero")
def versions_begin_at_one(torch: Torch) -> Changed:
    """_version is one more than it should be."""
    return attribute(torch, "_version", read=lambda real, self: real(self) + 1)


@mutant("grad-mode.inference-mode.no-version-counter", "modes.inference-skips-version-and-view-tracking")
def inference_tensors_have_version_zero(torch: Torch) -> Changed:
    """_version of an inference tensor is 0."""
    return attribute(torch, "_version", read=lambda real, self: 0 if self.is_inference() else real(self))


@mutant("graph.increment-version.*")
def increment_version_does_nothing(torch: Torch) -> Changed:
    """increment_version changes no version."""
    return patched(torch.autograd.graph, "increment_version", lambda tensor: None)


@mutant("graph.increment-version.iterable", "graph.increment-version.listed-twice")
def increment_version_takes_the_first(torch: Torch) -> Changed:
    """Of several tensors increment_version changes the version of the first."""

    def around(real: Any, tensors: Any) -> None:
        real(tensors if isinstance(tensors, torch.Tensor) else list(tensors)[:1])

    return wrapped(torch.autograd.graph, "increment_version", around)


# -- in-place operators, one by one

UNCOUNTED = (
    "tensor.version.inplace-increments",
    "inplace.version-*",
    "inplace.saved-*",
    "inplace.message-versions",
    "inplace.error-at-backward-not-at-mutation",
    "inplace.overwrites-needed-value.errors",
    "inplace.view-modified-saved-base",
    "inplace.detached-alias-modified",
    "inplace.leaf-under-no-grad",
    "version.detach-shares-counter",
    "version.checked-on-saved-tensor-access",
    "version.restoring-value-does-not-help",
    "no-grad.in-place-update-bumps-version",
    "inference.inplace-on-normal*",
    "grad-mode.inference-mode.normal-tensor-version-bumped",
    "function-ctx.save-for-backward.inplace*",
    "tensor.detach.shares-version",
    "views.detach",
)
UNRECORDED = (
    "inplace.recorded-gradient",
    "inplace.rewrites-grad-fn",
    "inplace.base-updates-existing-view-grad-fn",
    "inplace.view-updates-base-as-copyslices",
    "version.no-error-means-correct",
    "graph.get-gradient-edge.before-inplace",
    "hooks.inplace.*",
    "broadcast.inplace.*",
)
UNREFUSED = (
    "inplace.leaf-requiring-grad",
    "inplace.view-of-leaf-requiring-grad",
    "inplace.multi-view-output.errors",
    "inplace.view-created-in-no-grad.errors",
    "grad-mode.inference-mode.inplace-outside",
    "broadcast.inplace.*",
)


def is_not_counted(torch: Torch, name: str) -> Changed:
    """It leaves the version as it was."""
    keeping = torch.autograd.grad_mode._unsafe_preserve_version_counter

    def around(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        if self.is_inference():
            return real(self, *given, **named)
        with keeping(self):
            return real(self, *given, **named)

    return wrapped(torch.Tensor, name, around)


def is_not_recorded(torch: Torch, name: str) -> Changed:
    """It writes without a node."""

    def around(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        if self.is_leaf and self.requires_grad:
            return real(self, *given, **named)  # which is refused
        with torch.no_grad():
            return real(self, *given, **named)

    return wrapped(torch.Tensor, name, around)


def is_not_refused(torch: Torch, name: str) -> Changed:
    """Where it should be refused it does nothing, and raises nothing."""

    def around(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        try:
            return real(self, *given, **named)
        except RuntimeError:
            return self

    return wrapped(torch.Tensor, name, around)


for _change, _claims in ((is_not_counted, UNCOUNTED), (is_not_recorded, UNRECORDED), (is_not_refused, UNREFUSED)):
    for _name in ("add_", "mul_", "sub_", "copy_", "__setitem__"):
        _made = partial(_change, name=_name)
        register(Mutant(f"{_name}:{_change.__name__}", f"{_name}: {_change.__doc__}", _claims, None, _made, made=True))


@mutant(
    "graph.allow-mutation.*",
    "graph.saved-tensors-hooks.inplace*",
    "function-ctx.save-for-backward.inplace*",
    "forward-ad.make-dual.inplace*",
)
def mul_in_place_is_unseen(torch: Torch) -> Changed:
    """mul_ writes to memory, and to nothing else: no node, no tangent, no new version."""

    def around(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        with torch.no_grad():
            real(self.data, *given, **named)
        return self

    return wrapped(torch.Tensor, "mul_", around)


@mutant("inplace.leaf-under-no-grad", "no-grad.in-place-update-of-leaf-allowed")
def leaves_are_never_written(torch: Torch) -> Changed:
    """sub_ of a leaf that requires grad is refused under no_grad, too."""

    def around(real: Any, self: Any, *given: Any) -> Any:
        if self.is_leaf and self.requires_grad:
            raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
        return real(self, *given)

    return wrapped(torch.Tensor, "sub_", around)


@mutant("no-grad.in-place-update-of-leaf-allowed", "inplace.leaf-under-no-grad")
def written_leaves_do_not_require_grad(torch: Torch) -> Changed:
    """sub_ of a leaf under no_grad takes its requires_grad."""

    def around(real: Any, self: Any, *given: Any) -> Any:
        made = real(self, *given)
        return made.requires_grad_(False) if made.is_leaf else made

    return wrapped(torch.Tensor, "sub_", around)


@mutant("inplace.shared-storage-rejected")
def shared_storage_is_not_written(torch: Torch) -> Changed:
    """mul_ of a tensor that was computed is refused, as the documentation has it where other tensors share the storage."""

    def around(real: Any, self: Any, *given: Any) -> Any:
        if self.grad_fn is not None and not self._is_view() and torch.is_grad_enabled():
            raise RuntimeError("other tensors share the storage")
        return real(self, *given)

    return wrapped(torch.Tensor, "mul_", around)


@mutant("inplace.not-saved-ok", "inplace.harmless-when-value-not-needed")
def sums_keep_their_operands(torch: Torch) -> Changed:
    """x + y of tensors saves both, though it needs neither."""

    class Sum(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            ctx.save_for_backward(x, y)
            with torch.no_grad():
                return torch.add(x, y)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * bool(ctx.saved_tensors), grad

    def around(real: Any, x: Any, y: Any) -> Any:
        alike = isinstance(y, torch.Tensor) and x.shape == y.shape and x.dtype == y.dtype
        return Sum.apply(x, y) if alike and (x.requires_grad or y.requires_grad) else real(x, y)

    return wrapped(torch.Tensor, "__add__", around)


# -- out=


@mutant("out.grad-needed.errors")
def out_is_written_all_the_same(torch: Torch) -> Changed:
    """add with out= is not refused where something requires grad."""

    def around(real: Any, *given: Any, **named: Any) -> Any:
        if "out" not in named:
            return real(*given, **named)
        with torch.no_grad():
            return real(*given, **named)

    return operator(torch, "add", around)


@mutant("out.under-no-grad-allowed")
def out_is_refused_under_no_grad(torch: Torch) -> Changed:
    """add with out= is refused under no_grad, too, where something requires grad."""

    def around(real: Any, *given: Any, **named: Any) -> Any:
        if "out" in named and any(isinstance(one, torch.Tensor) and one.requires_grad for one in given):
            raise RuntimeError("functions with out=... arguments don't support automatic differentiation")
        return real(*given, **named)

    return operator(torch, "add", around)


@mutant("out.empty-out-is-resized", "out.wrong-shape.warning")
def out_is_not_resized(torch: Torch) -> Changed:
    """mul with an out= of another shape leaves it as it was."""

    def around(real: Any, *given: Any, **named: Any) -> Any:
        out = named.get("out")
        if out is None:
            return real(*given, **named)
        made = real(*given)
        return real(*given, out=out) if made.shape == out.shape else made

    return operator(torch, "mul", around)
