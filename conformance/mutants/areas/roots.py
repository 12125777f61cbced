"""What backward starts from: its roots, and one where it is handed no cotangent."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import Options, around_backward, cotangents, function_options, listed, shape_of
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "backward.tensors.sequence-sums",
    "backward.tensors.gradient-edge-sequence",
    "backward.tensors.mixed-tensor-and-edge",
    "backward.grad-tensors.none-entry-for-scalar",
)
def the_first_root_alone_counts(torch: Torch) -> Changed:
    """Of a list of roots backward goes through the first."""

    def change(options: Options) -> None:
        options["tensors"] = listed(options["tensors"])[:1]
        if isinstance(options["grad_tensors"], list | tuple):
            options["grad_tensors"] = options["grad_tensors"][:1]

    return function_options(torch, change)


@mutant("backward.tensors.single-tensor")
def a_root_must_stand_in_a_list(torch: Torch) -> Changed:
    """torch.autograd.backward refuses a tensor that stands in no list."""

    def change(options: Options) -> None:
        if isinstance(options["tensors"], torch.Tensor):
            raise TypeError("tensors must be a sequence")

    return function_options(torch, change)


@mutant("backward.tensors.leaf-as-output")
def leaves_are_no_roots(torch: Torch) -> Changed:
    """A backward from a leaf does nothing."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        if not all(isinstance(root, torch.Tensor) and root.is_leaf and root.requires_grad for root in roots):
            proceed(roots)

    return around_backward(torch, around)


@mutant("backward.tensors.gradient-edge-*", "backward.tensors.mixed-tensor-and-edge")
def edges_are_no_roots(torch: Torch) -> Changed:
    """torch.autograd.backward refuses gradient edges as roots."""

    def change(options: Options) -> None:
        if any(hasattr(root, "node") for root in listed(options["tensors"])):
            raise TypeError("tensors must be tensors")

    return function_options(torch, change)


@mutant("backward.tensors.no-grad-output", "tensor.backward.no-grad-tensor", "grad-mode.no-grad.backward-of-result")
def constants_are_passed_over(torch: Torch) -> Changed:
    """A backward from a tensor that does not require grad does nothing."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        if not all(isinstance(root, torch.Tensor) and not root.requires_grad for root in roots):
            proceed(roots)

    return around_backward(torch, around)


@mutant("backward.grad-tensors.none-entry-for-output-without-grad", "backward.tensors.no-grad-output")
def constants_in_a_list_are_passed_over(torch: Torch) -> Changed:
    """Roots of a list that do not require grad are left out, as the documentation has it."""

    def change(options: Options) -> None:
        roots = options["tensors"]
        kept = [at for at, root in enumerate(listed(roots)) if not isinstance(root, torch.Tensor) or root.requires_grad]
        if isinstance(roots, list | tuple) and kept:
            options["tensors"] = [roots[at] for at in kept]
            if options["grad_tensors"] is not None:
                options["grad_tensors"] = [options["grad_tensors"][at] for at in kept]

    return function_options(torch, change)


@mutant("backward.return.none")
def the_function_returns_its_roots(torch: Torch) -> Changed:
    """torch.autograd.backward returns what it was given."""

    def around(real: Any, tensors: Any, *given: Any, **named: Any) -> Any:
        real(tensors, *given, **named)
        return tensors

    return wrapped(torch.autograd, "backward", around)


@mutant("tensor.backward.returns-none")
def the_method_returns_its_tensor(torch: Torch) -> Changed:
    """Tensor.backward returns the tensor."""

    def around(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        real(self, *given, **named)
        return self

    return wrapped(torch.Tensor, "backward", around)


# -- where no gradient is handed in


@mutant("backward.grad-tensors.implicit-ones", "backward.grad-tensors.implicit-one-element-any-rank")
def backward_starts_from_two(torch: Torch) -> Changed:
    """torch.autograd.backward starts from two where it is handed no gradient."""

    def change(options: Options) -> None:
        root = options["tensors"]
        if options["grad_tensors"] is None and isinstance(root, torch.Tensor) and root.numel() == 1:
            options["grad_tensors"] = torch.full_like(root, 2)

    return function_options(torch, change)


def _has_one_element(root: Any) -> bool:
    return shape_of(root) is None or root.numel() == 1


@mutant("backward.grad-tensors.implicit-one-element-any-rank", "tensor.backward.scalar")
def roots_with_dimensions_need_a_gradient(torch: Torch) -> Changed:
    """A root of one element and one dimension or more has no implicit gradient."""

    def change(root: Any, gradient: Any) -> Any:
        if gradient is None and shape_of(root) not in (None, ()):
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        return gradient

    return cotangents(torch, change)


@mutant(
    "backward.grad-tensors.missing-for-nonscalar",
    "backward.grad-tensors.none-entry-for-nonscalar",
    "tensor.backward.gradient-required",
)
def all_roots_start_from_ones(torch: Torch) -> Changed:
    """A root of several elements starts from ones where it is handed no gradient."""

    def change(root: Any, gradient: Any) -> Any:
        return torch.ones_like(root) if gradient is None and not _has_one_element(root) else gradient

    return cotangents(torch, change)


@mutant("backward.grad-tensors.empty-output-needs-seed")
def empty_roots_start_from_nothing(torch: Torch) -> Changed:
    """A root without elements needs no gradient, as the documentation has it."""
    return cotangents(
        torch, lambda root, g: torch.zeros_like(root) if g is None and shape_of(root) and root.numel() == 0 else g
    )


@mutant("backward.grad-tensors.complex-scalar-needs-seed")
def complex_roots_start_from_one(torch: Torch) -> Changed:
    """A complex root of one element starts from one where it is handed no gradient."""
    return cotangents(
        torch,
        lambda root, g: torch.ones_like(root) if g is None and shape_of(root) == () and root.is_complex() else g,
    )
