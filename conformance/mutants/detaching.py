"""Leaving the graph and staying in sight of it: detach, clone, numbers, and retain_grad."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

from conformance.mutants.around import Noted, attribute
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


# -- retain_grad


@mutant(
    "tensor.retain-grad.nonleaf-populated",
    "tensor.retain-grad.accumulates",
    "tensor.retain-grad.leaf-without-grad",
    "tensor.retains-grad.flag",
    "tensor.is-leaf.only-leaves-populated",
    "hooks.*retain-grad*",
)
def retain_grad_does_nothing(torch: Torch) -> Changed:
    """retain_grad() is accepted and nothing is retained."""
    return patched(torch.Tensor, "retain_grad", lambda self: None)


@mutant("tensor.retain-grad.leaf-noop")
@contextlib.contextmanager
def leaves_retain_grad(torch: Torch) -> Iterator[None]:
    """retains_grad of a leaf is True after retain_grad()."""
    asked = Noted()

    def retain(real: Any, self: Any) -> None:
        real(self)
        asked.note(self, True)

    def read(real: Any, self: Any) -> bool:
        return asked.of(self, False) or real(self)

    with wrapped(torch.Tensor, "retain_grad", retain), attribute(torch, "retains_grad", read=read):
        yield


@mutant("tensor.retain-grad.leaf-noop")
def leaves_refuse_to_retain_grad(torch: Torch) -> Changed:
    """retain_grad() of a leaf raises."""

    def around(real: Any, self: Any) -> None:
        if self.is_leaf:
            raise RuntimeError("a leaf has its gradient anyway")
        real(self)

    return wrapped(torch.Tensor, "retain_grad", around)


@mutant("tensor.retain-grad.leaf-without-grad")
def constants_may_retain_grad(torch: Torch) -> Changed:
    """retain_grad() of a leaf that does not require grad does nothing, as the documentation has it."""
    return wrapped(torch.Tensor, "retain_grad", lambda real, self: real(self) if self.requires_grad else None)


@mutant("tensor.retain-grad.new-tensor-each-pass")
def retained_gradients_are_one_tensor(torch: Torch) -> Changed:
    """What retain_grad() keeps is one tensor, which every pass overwrites."""
    first = Noted()

    def read(real: Any, self: Any) -> Any:
        found = real(self)
        if found is None or self.is_leaf:
            return found
        kept = first.of(self, found)
        first.note(self, kept)
        if kept is not found:
            kept.data.copy_(found.data)
        return kept

    return attribute(torch, "grad", read=read)


@mutant("tensor.retain-grad.accumulates")
def retained_gradients_are_those_of_the_last_pass(torch: Torch) -> Changed:
    """What retain_grad() kept is forgotten when the next pass begins."""

    def around(real: Any, self: Any) -> None:
        def forget(grad: Any) -> None:
            self.grad = None

        real(self)
        if not self.is_leaf:
            self.register_hook(forget)

    return wrapped(torch.Tensor, "retain_grad", around)


@mutant("tensor.retain-grad.nonleaf-populated")
def retained_gradients_are_warned_of(torch: Torch) -> Changed:
    """Reading .grad of a result that retains it warns all the same."""

    def read(real: Any, self: Any) -> Any:
        if not self.is_leaf and self.retains_grad:
            warnings.warn("The .grad attribute of a Tensor that is not a leaf Tensor is being accessed.", stacklevel=2)
        return real(self)

    return attribute(torch, "grad", read=read)


@mutant("tensor.retains-grad.flag", "backward.inputs.sets-retains-grad")
def retains_grad_is_false(torch: Torch) -> Changed:
    """retains_grad is always False."""
    return attribute(torch, "retains_grad", read=lambda real, self: False)


@mutant(
    "tensor.is-leaf.only-leaves-populated",
    "tensor.requires-grad.not-implying-grad",
    "backward.accumulate.only-leaves",
    "tensor.retains-grad.flag",
)
def products_retain_their_gradient(torch: Torch) -> Changed:
    """The result of a product keeps its gradient, though nobody asked for it."""

    def around(real: Any, a: Any, b: Any) -> Any:
        made = real(a, b)
        if getattr(made, "grad_fn", None) is not None:
            made.retain_grad()
        return made

    return wrapped(torch.Tensor, "__mul__", around)
