"""The cotangents that backward is handed: lists of them, None among them, those of another shape, dtype or type."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.around import Options, backward_options, cotangents, function_options, listed, shape_of
from conformance.mutants.mutant import Torch, mutant

Changed = contextlib.AbstractContextManager[None]


@mutant("backward.grad-tensors.bare-tensor")
def a_gradient_must_stand_in_a_list(torch: Torch) -> Changed:
    """torch.autograd.backward refuses a gradient that stands in no list."""

    def change(options: Options) -> None:
        if isinstance(options["grad_tensors"], torch.Tensor):
            raise TypeError("grad_tensors must be a sequence")

    return function_options(torch, change)


@mutant("backward.grad-tensors.vjp-value", "backward.tensors.sequence-sums", "backward.tensors.mixed-tensor-and-edge")
def gradients_in_a_list_are_ones(torch: Torch) -> Changed:
    """backward takes ones for the gradients that stand in a list."""

    def change(options: Options) -> None:
        if isinstance(options["grad_tensors"], list | tuple):
            options["grad_tensors"] = [
                torch.ones_like(one) if isinstance(one, torch.Tensor) else one for one in options["grad_tensors"]
            ]

    return function_options(torch, change)


@mutant("backward.grad-tensors.none-entry-for-scalar")
def none_in_a_list_is_zero(torch: Torch) -> Changed:
    """None in a list of gradients stands for zero."""

    def change(options: Options) -> None:
        given = options["grad_tensors"]
        if isinstance(given, list | tuple):
            options["grad_tensors"] = [
                torch.zeros_like(root) if one is None and shape_of(root) == () else one
                for root, one in zip(listed(options["tensors"]), given, strict=False)
            ]

    return function_options(torch, change)


@mutant("backward.grad-tensors.too-many")
def a_gradient_too_many_is_refused(torch: Torch) -> Changed:
    """backward refuses more gradients than roots, as the documentation has it."""

    def change(options: Options) -> None:
        given = options["grad_tensors"]
        if isinstance(given, list | tuple) and len(given) > len(listed(options["tensors"])):
            raise RuntimeError("more gradients than roots")

    return function_options(torch, change)


@mutant("backward.grad-tensors.too-few")
def missing_gradients_are_none(torch: Torch) -> Changed:
    """backward takes None for the gradients that a list lacks."""

    def change(options: Options) -> None:
        given = options["grad_tensors"]
        if isinstance(given, list | tuple):
            options["grad_tensors"] = [*given, *[None] * (len(listed(options["tensors"])) - len(given))]

    return function_options(torch, change)


@mutant(
    "backward.grad-tensors.mismatched-shape",
    "backward.grad-tensors.mismatched-shape-of-later-root",
    "tensor.backward.gradient-mismatched-shape",
)
def gradients_of_another_shape_are_ones(torch: Torch) -> Changed:
    """backward takes ones for a gradient of another shape than its root's."""
    return cotangents(
        torch,
        lambda root, g: torch.ones_like(root) if isinstance(g, torch.Tensor) and g.shape != shape_of(root) else g,
    )


@mutant("tensor.backward.gradient-mismatched-dtype")
def gradients_of_another_dtype_are_refused(torch: Torch) -> Changed:
    """backward refuses a gradient of another dtype than its root's, as the documentation has it."""

    def change(root: Any, gradient: Any) -> Any:
        if isinstance(gradient, torch.Tensor) and shape_of(root) is not None and gradient.dtype != root.dtype:
            raise RuntimeError("the gradient is of another dtype")
        return gradient

    return cotangents(torch, change)


@mutant("backward.grad-tensors.complex-mismatch", "backward.grad-tensors.complex-seed-for-real-output")
def gradients_are_cast_to_complex_and_to_real(torch: Torch) -> Changed:
    """backward takes a real gradient for a complex root, and the real part of a complex one for a real root."""

    def change(root: Any, gradient: Any) -> Any:
        if not isinstance(gradient, torch.Tensor) or shape_of(root) is None:
            return gradient
        return gradient.real.to(root.dtype) if gradient.is_complex() != root.is_complex() else gradient

    return cotangents(torch, change)


@mutant("backward.grad-tensors.wrong-type", "tensor.backward.gradient-wrong-type")
def gradients_may_be_numbers(torch: Torch) -> Changed:
    """backward takes a number for a gradient."""
    return cotangents(torch, lambda root, g: torch.full_like(root, g) if isinstance(g, float) else g)


@mutant("backward.grad-tensors.detached-seed-needs-no-grad")
def gradients_with_a_history_make_graphs(torch: Torch) -> Changed:
    """backward creates a graph where the gradient that it is handed requires grad."""

    def change(options: Options) -> None:
        given = listed(options["gradient"] if "self" in options else options["grad_tensors"])
        if any(isinstance(one, torch.Tensor) and one.requires_grad for one in given):
            options["create_graph"] = True

    return backward_options(torch, change)
