"""gradcheck and gradgradcheck: what they accept and refuse, which inputs and outputs they check, what they say."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def _checking(torch: Torch, around: Callable[..., Any]) -> Changed:
    """Every gradcheck is ``around(the real one, function, inputs, ...)``."""
    return wrapped(torch.autograd, "gradcheck", around)


def _inputs(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, tuple | list) else (given,)


@mutant(
    "function.example.linear-gradcheck-20x20",
    "function.gradcheck.*",
    "gradcheck.*passes",
    "gradcheck.*true",
    "gradcheck.inputs.single-tensor-or-tuple",
    "sparse.gradcheck-wrapper",
)
def gradcheck_refuses_everything(torch: Torch) -> Changed:
    """gradcheck returns False."""
    return patched(torch.autograd, "gradcheck", lambda *_, **__: False)


@mutant(
    "function.gradcheck.*",
    "gradcheck.*mismatch*",
    "gradcheck.*fails",
    "gradcheck.*false*",
    "gradcheck.error-type.*",
    "gradcheck.inputs.none-requires-grad",
    "gradcheck.nondet-tol.default-exact",
    "gradcheck.options.keyword-only",
    "gradcheck.outputs.*",
)
def gradcheck_accepts_everything(torch: Torch) -> Changed:
    """gradcheck returns True without a look."""
    return patched(torch.autograd, "gradcheck", lambda *_, **__: True)


@mutant("gradgradcheck.return.true", "gradgradcheck.linear-function", "gradgradcheck.complex")
def gradgradcheck_refuses_everything(torch: Torch) -> Changed:
    """gradgradcheck returns False."""
    return patched(torch.autograd, "gradgradcheck", lambda *_, **__: False)


@mutant("gradgradcheck.checks-double-backward", "gradgradcheck.mismatch.raises", "gradgradcheck.modes.*")
def gradgradcheck_accepts_everything(torch: Torch) -> Changed:
    """gradgradcheck returns True without a look."""
    return patched(torch.autograd, "gradgradcheck", lambda *_, **__: True)


@mutant("gradcheck.raise-exception.*")
def gradcheck_always_raises(torch: Torch) -> Changed:
    """gradcheck ignores raise_exception=False."""

    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        keywords.pop("raise_exception", None)
        return real(*arguments, **keywords)

    return wrapped(torch.autograd, "gradcheck", around)


@mutant("gradcheck.raise-exception.false-other-errors", "gradcheck.inputs.none-requires-grad")
def misuse_is_false(torch: Torch) -> Changed:
    """With raise_exception=False every error of gradcheck is False, and otherwise a GradcheckError."""

    def around(real: Any, *arguments: Any, raise_exception: bool = True, **keywords: Any) -> Any:
        try:
            return real(*arguments, raise_exception=raise_exception, **keywords)
        except ValueError as error:
            if raise_exception:
                raise RuntimeError(str(error)) from error
            return False

    return _checking(torch, around)


# -- modes


@mutant("gradcheck.fast.*", "gradcheck.fast-mode.*")
def gradcheck_is_never_fast(torch: Torch) -> Changed:
    """gradcheck compares the whole Jacobians, with fast_mode=True too."""
    return _checking(torch, lambda real, *given, fast_mode=False, **options: real(*given, **options))


@mutant("gradcheck.real.multiple-outputs-row-by-row", "gradcheck.defaults.values")
def gradcheck_is_fast_by_default(torch: Torch) -> Changed:
    """fast_mode is True where it is not given."""
    return _checking(torch, lambda real, *given, **options: real(*given, **{"fast_mode": True, **options}))


@mutant("gradcheck.masked.false-default")
def gradcheck_masks_by_default(torch: Torch) -> Changed:
    """masked is True where it is not given."""
    return _checking(torch, lambda real, *given, **options: real(*given, **{"masked": True, **options}))


@mutant("gradcheck.check-batched-grad.passes")
def batched_gradients_never_pass(torch: Torch) -> Changed:
    """gradcheck with check_batched_grad=True returns False."""
    return _checking(
        torch, lambda real, *given, **options: not options.get("check_batched_grad") and real(*given, **options)
    )


# -- inputs and outputs


@mutant("gradcheck.complex.*-passes", "gradcheck.forward-ad.complex-tangent-consistent")
def complex_inputs_never_pass(torch: Torch) -> Changed:
    """gradcheck of a complex input returns False."""

    def around(real: Any, function: Any, inputs: Any, **options: Any) -> Any:
        tensors = [one for one in _inputs(inputs) if isinstance(one, torch.Tensor)]
        return not any(one.is_complex() for one in tensors) and real(function, inputs, **options)

    return _checking(torch, around)


@mutant("gradcheck.complex.two-real-functions", "gradcheck.complex.output-tested-as-real-and-imag")
def messages_name_no_part(torch: Torch) -> Changed:
    """The message of a GradcheckError does not say which part of a complex output is wrong."""

    def around(real: Any, *given: Any, **options: Any) -> Any:
        try:
            return real(*given, **options)
        except RuntimeError as error:
            raise type(error)(
                str(error).replace("the imaginary part", "a part").replace("the real part", "a part")
            ) from error

    return _checking(torch, around)


@mutant("gradcheck.inputs.single-tensor-or-tuple")
def gradcheck_takes_no_list(torch: Torch) -> Changed:
    """A list of inputs is a TypeError."""

    def around(real: Any, function: Any, inputs: Any, **options: Any) -> Any:
        if isinstance(inputs, list):
            raise TypeError("a list is no tuple")
        return real(function, inputs, **options)

    return _checking(torch, around)


@mutant("gradcheck.inputs.unchanged")
def inputs_stay_perturbed(torch: Torch) -> Changed:
    """gradcheck leaves its inputs a little above what they were."""

    def around(real: Any, function: Any, inputs: Any, **options: Any) -> Any:
        made = real(function, inputs, **options)
        for one in _inputs(inputs):
            if isinstance(one, torch.Tensor):
                one.data.add_(1e-3)
        return made

    return _checking(torch, around)


@mutant("gradcheck.outputs.second-input-reported", "gradcheck.inputs.only-requires-grad-checked")
def only_the_first_input_is_checked(torch: Torch) -> Changed:
    """gradcheck detaches every input but the first."""

    def around(real: Any, function: Any, inputs: Any, **options: Any) -> Any:
        first, *others = _inputs(inputs)
        detached = (one.detach() if isinstance(one, torch.Tensor) else one for one in others)
        return real(function, (first, *detached), **options)

    return _checking(torch, around)


@mutant("gradcheck.outputs.tuple")
def only_the_first_output_is_checked(torch: Torch) -> Changed:
    """gradcheck looks at the first output of a function alone."""

    def around(real: Any, function: Any, inputs: Any, **options: Any) -> Any:
        def first(*given: Any) -> Any:
            made = function(*given)
            return made[0] if isinstance(made, tuple) else made

        return real(first, inputs, **options)

    return _checking(torch, around)


@mutant("gradcheck.inputs.overlapping-expanded")
def expanded_inputs_are_copied(torch: Torch) -> Changed:
    """gradcheck copies an input whose elements share memory."""

    def around(real: Any, function: Any, inputs: Any, **options: Any) -> Any:
        return real(
            function,
            tuple(
                one.contiguous() if isinstance(one, torch.Tensor) and 0 in one.stride() else one
                for one in _inputs(inputs)
            ),
            **options,
        )

    return _checking(torch, around)


@mutant("gradcheck.module-path.shadowed")
def the_function_has_the_names_of_its_module(torch: Torch) -> Changed:
    """torch.autograd.gradcheck has the attribute GradcheckError."""
    return patched(torch.autograd.gradcheck, "GradcheckError", RuntimeError)


@mutant("gradgradcheck.grad-outputs.random-default", "gradgradcheck.grad-outputs-random-by-default")
def gradgradcheck_starts_from_ones(torch: Torch) -> Changed:
    """Where gradgradcheck is given no grad_outputs it takes ones."""

    def around(real: Any, function: Any, inputs: Any, grad_outputs: Any = None, **options: Any) -> Any:
        if grad_outputs is None:
            made = function(*_inputs(inputs))
            several = made if isinstance(made, tuple) else (made,)
            grad_outputs = tuple(torch.ones_like(one.detach()).requires_grad_() for one in several)
        return real(function, inputs, grad_outputs, **options)

    return wrapped(torch.autograd, "gradgradcheck", around)
