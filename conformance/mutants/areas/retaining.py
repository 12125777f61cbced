"""retain_grad: which tensors keep their gradient, what they keep, and when, beside hooks."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.around import Noted, attribute
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


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
        return bool(asked.of(self) or real(self))

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


# -- beside hooks


@contextlib.contextmanager
def _kept_by_a_hook(torch: Torch, tells: Callable[[Any], bool]) -> Iterator[None]:
    """retain_grad registers a hook; what that saw is the .grad of a tensor of which ``tells`` is true."""
    kept = Noted()

    def retain(real: Any, self: Any) -> None:
        real(self)
        if not self.is_leaf:
            self.register_hook(lambda grad: kept.note(self, grad))

    def read(real: Any, self: Any) -> Any:
        found = real(self)
        return kept.of(self, found) if found is not None and tells(self) else found

    with wrapped(torch.Tensor, "retain_grad", retain), attribute(torch, "grad", read=read):
        yield


@mutant("hooks.order.retain-grad-sees-modified-gradient")
def retained_gradients_are_as_at_registration(torch: Torch) -> Changed:
    """retain_grad keeps the gradient as the hooks leave it that were there before."""
    return _kept_by_a_hook(torch, lambda tensor: True)


@mutant("hooks.order.retain-grad-written-before-node-runs", "hooks.order.retain-grad-vs-prehook-modification")
@contextlib.contextmanager
def retained_gradients_are_written_after_prehooks(torch: Torch) -> Iterator[None]:
    """retain_grad keeps the gradient as the prehooks of the node leave it, as the documentation has it."""
    kept = Noted()

    def retain(real: Any, self: Any) -> None:
        number = self.output_nr
        self.grad_fn.register_hook(lambda grad_inputs, grad_outputs: kept.note(self, grad_outputs[number]))
        kept.note(self, None)

    def read(real: Any, self: Any) -> Any:
        return real(self) if self.is_leaf else kept.of(self)

    with wrapped(torch.Tensor, "retain_grad", retain), attribute(torch, "grad", read=read):
        yield


@mutant("hooks.inplace.retain-grad-moves-to-new-grad-fn")
def retained_gradients_stay_with_the_old_value(torch: Torch) -> Changed:
    """retain_grad called before an in-place operation keeps the gradient of the old value."""
    return _kept_by_a_hook(torch, lambda tensor: tensor._version > 0)
