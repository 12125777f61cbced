"""The attributes data and requires_grad of tensors, and those that can only be read."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from conformance.mutants.around import attribute, dropping
from conformance.mutants.mutant import Mutant, Torch, mutant, register

Changed = contextlib.AbstractContextManager[None]


# -- data


@mutant(
    "tensor.data.alias-without-grad",
    "tensor.data.assign",
    "variable.data.same-as-tensor-data",
    "version.data-modification-escapes-check",
    "graph.allow-mutation.via-data",
)
def data_is_a_copy(torch: Torch) -> Changed:
    """x.data shares no memory with x."""
    return attribute(torch, "data", read=lambda real, tensor: real(tensor).clone())


@mutant("tensor.data.alias-without-grad", "variable.data.same-as-tensor-data")
def data_requires_grad(torch: Torch) -> Changed:
    """x.data requires grad where x does."""
    return attribute(torch, "data", read=lambda real, x: real(x).requires_grad_() if x.requires_grad else real(x))


@mutant(
    "tensor.data.not-version-tracked",
    "version.data-and-clone-have-their-own-counter",
    "version.data-modification-escapes-check",
    "inplace.no-error-means-correct",
)
def changes_through_data_are_counted(torch: Torch) -> Changed:
    """x.data has the version counter of x."""
    return attribute(torch, "data", read=lambda real, tensor: tensor.detach())


@mutant("tensor.data.assign-non-tensor")
def data_takes_anything(torch: Torch) -> Changed:
    """What is no tensor is assigned to data without an error, and without effect."""
    return dropping(torch, "data", lambda x, data: not isinstance(data, torch.Tensor))


@mutant("tensor.data.assign-integer")
def data_takes_integers(torch: Torch) -> Changed:
    """Integers are assigned to data of a tensor that requires grad without an error, and without effect."""
    return dropping(
        torch,
        "data",
        lambda x, data: isinstance(data, torch.Tensor) and not (data.is_floating_point() or data.is_complex()),
    )


@mutant("tensor.data.assign")
def assigned_data_is_a_leaf_without_grad(torch: Torch) -> Changed:
    """A tensor whose data were assigned does not require grad any more."""

    def write(real: Any, tensor: Any, value: Any) -> None:
        real(tensor, value)
        if tensor.is_leaf:
            tensor.requires_grad_(False)

    return attribute(torch, "data", write=write)


# -- requires_grad


@mutant("tensor.requires-grad.assign-on-leaf")
def assigning_requires_grad_does_nothing(torch: Torch) -> Changed:
    """x.requires_grad = True on a leaf leaves it as it was."""
    return dropping(torch, "requires_grad", lambda x, flag: x.is_leaf and flag is True)


@mutant("tensor.requires-grad.assign-on-leaf")
def requires_grad_can_not_be_assigned_off(torch: Torch) -> Changed:
    """x.requires_grad = False on a leaf leaves it as it was."""
    return dropping(torch, "requires_grad", lambda x, flag: x.is_leaf and flag is False)


@mutant("tensor.requires-grad.set-on-nonleaf-false")
def requires_grad_of_a_result_is_set_to_false(torch: Torch) -> Changed:
    """y.requires_grad = False on a tensor that was computed does nothing, and raises nothing."""
    return dropping(torch, "requires_grad", lambda y, flag: not y.is_leaf and flag is False)


@mutant("tensor.requires-grad.set-on-nonleaf-true")
def requires_grad_of_a_result_is_set_to_true(torch: Torch) -> Changed:
    """y.requires_grad = True on a tensor that was computed does nothing, and raises nothing."""
    return dropping(torch, "requires_grad", lambda y, flag: not y.is_leaf and flag is True)


@mutant("tensor.requires-grad.set-on-integer")
def requires_grad_of_integers_is_set(torch: Torch) -> Changed:
    """n.requires_grad = True on integers does nothing, and raises nothing."""
    return dropping(torch, "requires_grad", lambda n, flag: not (n.is_floating_point() or n.is_complex()))


@mutant("tensor.requires-grad.set-non-bool")
def requires_grad_takes_numbers(torch: Torch) -> Changed:
    """x.requires_grad = 1 does nothing, and raises nothing."""
    return dropping(torch, "requires_grad", lambda x, flag: not isinstance(flag, bool))


# -- what can only be read

FACTS = {
    "is_leaf": "tensor.is-leaf.read-only",
    "grad_fn": "tensor.grad-fn.read-only",
    "retains_grad": "tensor.retains-grad.read-only",
    "_version": "tensor.version.read-only",
}


def assignable(torch: Torch, name: str) -> Changed:
    """Assigning it does nothing, and raises nothing."""
    return dropping(torch, name, lambda x, value: True)


for _name, _claim in FACTS.items():
    register(
        Mutant(
            f"Tensor.{_name}:assignable",
            f"{_name}: {assignable.__doc__}",
            (_claim,),
            None,
            partial(assignable, name=_name),
        )
    )
