"""Leaving the graph: detach, clone, numbers."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, operator, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


# -- detach and clone


@mutant("tensor.detach.never-requires-grad", "views.detach")
def detach_keeps_requires_grad(torch: Torch) -> Changed:
    """detach() of a leaf that requires grad is a leaf that requires grad."""

    def around(real: Any, self: Any) -> Any:
        made = real(self)
        return made.requires_grad_() if self.requires_grad and self.is_leaf else made

    return wrapped(torch.Tensor, "detach", around)


@mutant(
    "tensor.detach.never-requires-grad",
    "tensor.detach.stops-gradient",
    "faq.tbptt-detach-cuts-history",
    "faq.float-of-loss-drops-history",
)
def detach_of_a_result_keeps_its_history(torch: Torch) -> Changed:
    """detach() of a tensor that was computed is a view that passes gradients on."""
    return wrapped(torch.Tensor, "detach", lambda real, y: real(y) if y.is_leaf else y.view_as(y))


@mutant(
    "tensor.detach.shares-version", "version.detach-shares-counter", "inplace.detached-alias-modified", "views.detach"
)
def detach_has_a_version_of_its_own(torch: Torch) -> Changed:
    """detach() shares memory and no version counter."""
    return wrapped(torch.Tensor, "detach", lambda real, self: self.data)


@mutant("tensor.detach.shares-storage", "views.detach")
def detach_is_a_copy(torch: Torch) -> Changed:
    """detach() shares no memory."""
    return wrapped(torch.Tensor, "detach", lambda real, self: real(self).clone())


@mutant("tensor.detach.source-unchanged")
def detach_detaches_the_source_too(torch: Torch) -> Changed:
    """detach() takes its history from the tensor itself as well."""
    return wrapped(torch.Tensor, "detach", lambda real, x: real(x) if x.is_leaf or x._is_view() else x.detach_())


@mutant("tensor.detach-inplace.becomes-leaf", "tensor.detach-inplace.leaf-loses-requires-grad")
def detach_in_place_makes_another_tensor(torch: Torch) -> Changed:
    """detach_() returns a detached tensor, and leaves the given one as it was."""
    return patched(torch.Tensor, "detach_", lambda self: self.detach())


@mutant("tensor.detach-inplace.view")
def views_are_detached_in_place(torch: Torch) -> Changed:
    """detach_() of a view does nothing, and raises nothing."""
    return wrapped(torch.Tensor, "detach_", lambda real, self: self if self._is_view() else real(self))


@mutant("grad-mode.inference-mode.clone-outside-is-normal", "views.out-of-place-op-not-view", "graph.node.name.value")
def clone_is_a_leaf(torch: Torch) -> Changed:
    """clone() cuts the graph."""
    return operator(torch, "clone", lambda real, self, **named: real(self.detach(), **named))


@mutant("faq.float-of-loss-drops-history")
def item_keeps_the_history(torch: Torch) -> Changed:
    """item() of a tensor that requires grad is that tensor."""
    return wrapped(torch.Tensor, "item", lambda real, self: self if self.requires_grad else real(self))


@mutant("faq.accumulating-loss-keeps-history")
def sums_forget_all_but_the_last(torch: Torch) -> Changed:
    """a + b takes a as a constant where both have a history."""

    def around(real: Any, a: Any, b: Any) -> Any:
        both = isinstance(b, torch.Tensor) and a.grad_fn is not None and b.grad_fn is not None
        return real(a.detach() if both else a, b)

    return wrapped(torch.Tensor, "__add__", around)


@mutant("faq.inplace-accumulate-onto-plain-total")
def augmented_addition_is_unseen(torch: Torch) -> Changed:
    """a += b writes without a node."""

    def around(real: Any, a: Any, b: Any) -> Any:
        return real(a, b.detach() if isinstance(b, torch.Tensor) else b)

    return wrapped(torch.Tensor, "__iadd__", around)


@mutant("tensor.numpy.requires-grad")
def numpy_takes_what_requires_grad(torch: Torch) -> Changed:
    """numpy() of a tensor that requires grad detaches it."""
    return wrapped(torch.Tensor, "numpy", lambda real, self, **named: real(self.detach(), **named))
