"""Leaves and .grad: what is a leaf, what requires grad, what detach, clone and retain_grad do."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, operator, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("tensor.detach.*", "faq.tbptt*", "views.detach", "inplace.detached*", "version.detach*")
def detach_keeps_requires_grad(torch: Torch) -> Changed:
    """detach() of a tensor that requires grad is a leaf that requires grad."""

    def around(real: Any, self: Any) -> Any:
        made = real(self)
        return made.requires_grad_() if self.requires_grad and self.is_leaf else made

    return wrapped(torch.Tensor, "detach", around)


@mutant("tensor.retain-grad.*", "tensor.retains-grad.*", "hooks.*retain-grad*", "graph.node.register-hook.none-keeps")
def retain_grad_does_nothing(torch: Torch) -> Changed:
    """retain_grad() is accepted and nothing is retained."""
    return patched(torch.Tensor, "retain_grad", lambda self: None)


@mutant("tensor.requires-grad-inplace.integer")
def requires_grad_takes_integers(torch: Torch) -> Changed:
    """requires_grad_() on a tensor of integers does nothing, and raises nothing."""

    def around(real: Any, self: Any, *mode: Any, **named: Any) -> Any:
        return real(self, *mode, **named) if self.is_floating_point() or self.is_complex() else self

    return wrapped(torch.Tensor, "requires_grad_", around)


@mutant(
    "tensor.is-leaf.*",
    "grad-mode.inference-mode.clone*",
    "views.out-of-place-op-not-view",
    "tensor.detach.*",
)
def clone_is_a_leaf(torch: Torch) -> Changed:
    """clone() cuts the graph."""
    return operator(torch, "clone", lambda real, self, **named: real(self.detach(), **named))


@mutant("tensor.grad.*", "layout.grad.*", "grad-layout.*", "backward.accumulate.*")
def grad_reads_a_copy(torch: Torch) -> Changed:
    """.grad reads as a new tensor each time."""
    return _reading(torch, lambda grad: grad.clone() if grad is not None else None)


@mutant("tensor.grad.assign-wrong-shape")
def grad_takes_any_shape(torch: Torch) -> Changed:
    """A .grad of another shape is dropped, and raises nothing."""
    base = next(kind for kind in torch.Tensor.__mro__ if "grad" in vars(kind))
    slot = vars(base)["grad"]

    def write(tensor: Any, value: Any) -> None:
        if not isinstance(value, torch.Tensor) or value.shape == tensor.shape:
            slot.__set__(tensor, value)

    return patched(torch.Tensor, "grad", property(slot.__get__, write, slot.__delete__))


@mutant("tensor.is-leaf.*", "tensor.detach-inplace.*", only="torch")
def is_leaf_is_wrong_for_constants(torch: Torch) -> Changed:
    """is_leaf is False where no gradient is required."""
    base = next(kind for kind in torch.Tensor.__mro__ if "is_leaf" in vars(kind))
    slot = vars(base)["is_leaf"]
    return patched(torch.Tensor, "is_leaf", property(lambda self: self.requires_grad and slot.__get__(self)))


@mutant("tensor.retains-grad.*", "backward.inputs.sets-retains-grad")
def retains_grad_is_false(torch: Torch) -> Changed:
    """retains_grad is always False."""
    return patched(torch.Tensor, "retains_grad", property(lambda self: False))


@mutant(
    "tensor.data.*",
    "variable.data*",
    "variable.shares-data*",
    "version.data-modification-escapes-check",
    "graph.allow-mutation.via-data",
)
def data_is_a_copy(torch: Torch) -> Changed:
    """x.data shares no memory with x."""
    base = next(kind for kind in torch.Tensor.__mro__ if "data" in vars(kind))
    slot = vars(base)["data"]
    return patched(torch.Tensor, "data", property(lambda self: slot.__get__(self).clone(), slot.__set__))


def _reading(torch: Torch, change: Any) -> Changed:
    base = next(kind for kind in torch.Tensor.__mro__ if "grad" in vars(kind))
    slot = vars(base)["grad"]
    return patched(
        torch.Tensor, "grad", property(lambda self: change(slot.__get__(self)), slot.__set__, slot.__delete__)
    )


@mutant(
    "tensor.grad.dtype-device-follow-tensor",
    "tensor.grad-dtype.*",
    "backward.supported-dtypes.*",
    "tensor.grad.*",
    "backward.*",
)
def widens_gradients(torch: Torch) -> Changed:
    """.grad of float32 reads as float64."""
    return _reading(torch, lambda grad: grad.double() if grad is not None and grad.dtype == torch.float32 else grad)


@mutant(
    "backward.create-graph.*",
    "tensor.backward.create-graph",
    "grad-layout.existing.replaced-has-history",
    "grad-layout.*create-graph",
    "tensor.grad.*",
)
def grad_never_requires_grad(torch: Torch) -> Changed:
    """.grad reads detached, even after create_graph=True."""
    return _reading(torch, lambda grad: grad.detach() if grad is not None and grad.requires_grad else grad)
