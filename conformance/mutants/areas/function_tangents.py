"""The jvp of custom Functions: when it is called, what it is handed, and what it must return."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

from conformance.mutants.areas.function_rules import method, through
from conformance.mutants.areas.functions import applying
from conformance.mutants.mutant import Torch, mutant

Changed = contextlib.AbstractContextManager[None]


@mutant("function.jvp.arguments")
def jvp_is_handed_reversed_tangents(torch: Torch) -> Changed:
    """jvp is handed the tangents of its inputs in reverse order."""
    return through(torch, "jvp", lambda own, ctx, *tangents: own(ctx, *reversed(tangents)))


@mutant("function.jvp.non-dual-input-zeros")
def missing_tangents_are_ones(torch: Torch) -> Changed:
    """The tangent of a tensor that is not dual arrives as ones."""

    def around(own: Any, ctx: Any, *tangents: Any) -> Any:
        return own(ctx, *(one if one is None or bool(one.detach().any()) else one + 1 for one in tangents))

    return through(torch, "jvp", around)


@mutant("function.jvp.one-result-per-output")
def results_of_jvp_are_reversed(torch: Torch) -> Changed:
    """The last tangent that jvp returns belongs to the first output."""

    def around(own: Any, ctx: Any, *tangents: Any) -> Any:
        made = own(ctx, *tangents)
        return made[::-1] if isinstance(made, tuple) else made

    return through(torch, "jvp", around)


@mutant("func.jvp.function-with-jvp-staticmethod", "function.jvp.backward-differentiable")
def results_of_jvp_are_scaled(torch: Torch) -> Changed:
    """The tangents that jvp returns count half as much again."""

    def around(own: Any, ctx: Any, *tangents: Any) -> Any:
        made = own(ctx, *tangents)
        several = made if isinstance(made, tuple) else (made,)
        scaled = tuple(one if one is None else one * 1.5 for one in several)
        return scaled if isinstance(made, tuple) else scaled[0]

    return through(torch, "jvp", around)


@mutant("function.jvp.ctx-passes-values", "function.jvp.ctx-state-can-be-deleted")
def jvp_has_an_empty_context(torch: Torch) -> Changed:
    """The ctx of jvp has nothing of what forward set on it."""
    return through(torch, "jvp", lambda own, ctx, *tangents: own(SimpleNamespace(saved_tensors=()), *tangents))


@mutant("function.jvp.called-right-after-forward")
def jvp_is_called_before_forward(torch: Torch) -> Changed:
    """jvp runs before forward does; what it returned is used afterwards."""
    unpack = torch.autograd.forward_ad.unpack_dual

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        found = [unpack(one).tangent if isinstance(one, torch.Tensor) else None for one in arguments]
        if cls.jvp is torch.autograd.Function.jvp or all(one is None for one in found):
            return real(*arguments, **keywords)
        early: list[Any] = []
        with contextlib.suppress(Exception):  # a jvp that needs what forward left on ctx
            early.append(cls.jvp(SimpleNamespace(), *found))
        with method(cls, torch, "jvp", lambda own, *given: early[0] if early else own(*given)):
            return real(*arguments, **keywords)

    return applying(torch, applied)


@mutant("function.jvp.not-called-without-dual-input")
def jvp_is_always_called(torch: Torch) -> Changed:
    """jvp is called with zeros where no input is dual."""
    unpack = torch.autograd.forward_ad.unpack_dual

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        tensors = [one for one in arguments if isinstance(one, torch.Tensor)]
        if cls.jvp is not torch.autograd.Function.jvp and all(unpack(one).tangent is None for one in tensors):
            with contextlib.suppress(Exception):
                cls.jvp(SimpleNamespace(), *(one.detach() * 0 for one in tensors))
        return made

    return applying(torch, applied)


@mutant("function.jvp.inplace-must-be-inplace", "function.jvp.view-output-needs-view-tangent.errors")
def tangents_need_not_be_views_or_written(torch: Torch) -> Changed:
    """A jvp that returns a new tangent for a view, or for an input changed in place, raises nothing."""
    return passing_over(torch, ("is not returning a view", "inplace", "in-place", "in place"))


def passing_over(torch: Torch, texts: tuple[str, ...]) -> Changed:
    """Where apply would raise one of these texts, it returns the values without tangents."""
    forward_ad = torch.autograd.forward_ad

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        try:
            return real(*arguments, **keywords)
        except RuntimeError as error:
            if not any(text in str(error) for text in texts):
                raise
            return real(*(forward_ad.unpack_dual(one).primal if _is_dual(one) else one for one in arguments))

    def _is_dual(one: Any) -> bool:
        return isinstance(one, torch.Tensor) and forward_ad.unpack_dual(one).tangent is not None

    return applying(torch, around)


@mutant("function.jvp.too-few-results", "function.jvp.too-many-results")
def any_number_of_tangents_is_taken(torch: Torch) -> Changed:
    """A jvp that returns too few or too many tangents raises nothing."""
    return passing_over(torch, ("invalid number of forward gradients",))


@mutant("function.jvp.none-for-differentiable-output", "function.jvp.tangent-for-integer-output")
def tangents_need_not_fit_their_outputs(torch: Torch) -> Changed:
    """A jvp that returns None for a floating output, or a tangent for an integer, raises nothing."""
    return passing_over(torch, ("to be floating point or complex", "is not a differentiable Tensor"))


@mutant("function.jvp.wrong-shape")
def tangents_may_have_any_shape(torch: Torch) -> Changed:
    """A jvp that returns a tangent of another shape raises nothing."""
    return passing_over(torch, ("different size than that of the original",))


@mutant("function.jvp.none-for-integer-output")
def jvp_never_returns_none(torch: Torch) -> Changed:
    """A jvp that returns None for one of its outputs is an error."""

    def around(own: Any, ctx: Any, *tangents: Any) -> Any:
        made = own(ctx, *tangents)
        if isinstance(made, tuple) and any(one is None for one in made):
            raise RuntimeError("a tangent is missing")
        return made

    return through(torch, "jvp", around)
