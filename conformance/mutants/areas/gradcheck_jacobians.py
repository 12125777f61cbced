"""The Jacobians that gradcheck compares, and the mathematics that its note tells of them."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any

from conformance.mutants.around import after_backward, both
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


def _module(torch: Torch) -> Any:
    """The module that torch.autograd.gradcheck, the function, hides."""
    return importlib.import_module(f"{torch.__name__}.autograd.gradcheck")


@mutant("gradcheck.get-numerical-jacobian.value", "gradcheck.get-numerical-jacobian-wrt-specific-input.value")
def numerical_jacobians_are_scaled(torch: Torch) -> Changed:
    """The numerical Jacobians are half as large again."""

    def around(real: Any, *given: Any, **options: Any) -> Any:
        return tuple(one * 1.5 for one in real(*given, **options))

    names = ("get_numerical_jacobian", "get_numerical_jacobian_wrt_specific_input")
    return both(*(wrapped(_module(torch), name, around) for name in names))


@mutant("gradcheck.get-analytical-jacobian.value")
def analytical_jacobians_are_scaled(torch: Torch) -> Changed:
    """The analytical Jacobians are half as large again."""

    def around(real: Any, *given: Any, **options: Any) -> Any:
        jacobians, *answers = real(*given, **options)
        return tuple(one * 1.5 for one in jacobians), *answers

    return wrapped(_module(torch), "get_analytical_jacobian", around)


def _forgiving(torch: Torch, name: str, text: str) -> Changed:
    """Where the function would raise this text it returns nothing."""

    def around(real: Any, *given: Any, **options: Any) -> Any:
        try:
            return real(*given, **options)
        except (ValueError, AssertionError) as error:
            if text not in str(error):
                raise
            return None

    return wrapped(_module(torch), name, around)


@mutant("gradcheck.get-numerical-jacobian.grad-out")
def numerical_jacobians_take_any_cotangent(torch: Torch) -> Changed:
    """get_numerical_jacobian takes another grad_out than 1.0."""
    return _forgiving(torch, "get_numerical_jacobian", "grad_out")


@mutant("gradcheck.get-analytical-jacobian.grad-out")
def analytical_jacobians_take_any_cotangent(torch: Torch) -> Changed:
    """get_analytical_jacobian takes another grad_out than 1.0."""
    return _forgiving(torch, "get_analytical_jacobian", "grad_out")


@mutant("gradcheck.get-analytical-jacobian.complex-output")
def analytical_jacobians_take_complex_outputs(torch: Torch) -> Changed:
    """get_analytical_jacobian takes a complex output."""
    return _forgiving(torch, "get_analytical_jacobian", "non-complex")


@mutant("gradcheck.get-numerical-jacobian-wrt-specific-input.no-grad-input")
def numerical_jacobians_take_any_input(torch: Torch) -> Changed:
    """get_numerical_jacobian_wrt_specific_input takes an input that requires no grad."""
    return _forgiving(torch, "get_numerical_jacobian_wrt_specific_input", "requires_grad=True")


# -- what the note says


@mutant("gradcheck.complex.analytical-gives-2cw", "gradcheck.complex.w-equals-conj-cw-for-real-output")
def backward_gives_the_other_wirtinger_derivative(torch: Torch) -> Changed:
    """The .grad of a complex leaf is the conjugate of what it should be."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None and leaf.is_complex():
            leaf.grad = leaf.grad.conj().clone()

    return after_backward(torch, then)


@mutant("gradcheck.fast.scalar-is-vt-j-u", "gradcheck.fast.complex-scalar-formula", "gradcheck.real.jacobian-is-m-by-n")
def grad_reverses_its_vector(torch: Torch) -> Changed:
    """autograd.grad takes a vector that it is handed as grad_outputs in reverse order."""

    def around(real: Any, outputs: Any, inputs: Any, grad_outputs: Any = None, *given: Any, **options: Any) -> Any:
        if isinstance(grad_outputs, torch.Tensor) and grad_outputs.dim() == 1:
            grad_outputs = grad_outputs.flip(0)
        return real(outputs, inputs, grad_outputs, *given, **options)

    return wrapped(torch.autograd, "grad", around)
