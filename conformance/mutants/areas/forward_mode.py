"""Forward mode: dual tensors and their levels."""

from __future__ import annotations

import contextlib
from collections import namedtuple
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import both
from conformance.mutants.mutant import Torch, mutant, operator, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def _unpacking(torch: Torch, change: Callable[[Any], Any]) -> Changed:
    """What unpack_dual returns, where there is a tangent, is ``change(it)``."""

    def around(real: Any, tensor: Any, **named: Any) -> Any:
        made = real(tensor, **named)
        return made if made.tangent is None else change(made)

    return wrapped(torch.autograd.forward_ad, "unpack_dual", around)


@mutant(
    "forward-ad.dual-level.context",
    "forward-ad.enable-grad.does-not-apply",
    "forward-ad.foreach-ops.not-supported",
    "forward-ad.make-dual.complex",
    "forward-ad.make-dual.inplace-on-dual-updates-tangent",
    "forward-ad.make-dual.jvp-recipe",
    "forward-ad.no-grad.does-not-apply",
    "forward-ad.set-grad-enabled.does-not-apply",
    "forward-ad.thread-propagation",
    "forward-ad.unpack-dual.tangent-of-gradient",
    "function.jvp.non-dual-input-zeros",
    "function.jvp.one-result-per-output",
    "functional.jvp.equals-forward-ad",
    "gradcheck.real.forward-mode-is-j-u",
)
def tangents_are_doubled(torch: Torch) -> Changed:
    """unpack_dual returns twice the tangent."""
    return _unpacking(torch, lambda made: made._replace(tangent=made.tangent * 2))


@mutant("forward-ad.no-grad.does-not-apply", "forward-ad.set-grad-enabled.does-not-apply")
def tangents_need_grad_mode(torch: Torch) -> Changed:
    """What an operator computes while grad mode is off has no tangent."""

    def around(real: Any, base: Any, *given: Any) -> Any:
        if torch.is_grad_enabled() or not isinstance(base, torch.Tensor):
            return real(base, *given)
        return real(torch.autograd.forward_ad.unpack_dual(base).primal, *given)

    return wrapped(torch.Tensor, "__pow__", around)


@mutant("forward-ad.unpack-dual.primal-is-view")
def the_primal_is_a_copy(torch: Torch) -> Changed:
    """unpack_dual copies the primal."""
    return _unpacking(torch, lambda made: made._replace(primal=made.primal.clone()))


@mutant("forward-ad.unpack-dual.tangent-as-is")
def the_tangent_is_another_tensor(torch: Torch) -> Changed:
    """unpack_dual returns a view of the tangent, another one each time."""
    return _unpacking(torch, lambda made: made._replace(tangent=made.tangent.view_as(made.tangent)))


@mutant("forward-ad.unpack-dual.namedtuple")
def the_parts_are_a_plain_tuple(torch: Torch) -> Changed:
    """unpack_dual returns a named tuple of a class of its own, the tangent first."""
    kind = namedtuple("kind", ["tangent", "primal"])
    return _unpacking(torch, lambda made: kind(made.tangent, made.primal))


@mutant("forward-ad.unpack-dual.backward-differentiable")
def the_parts_have_no_history(torch: Torch) -> Changed:
    """unpack_dual returns a tangent without history."""
    return _unpacking(torch, lambda made: made._replace(tangent=made.tangent.detach()))


@mutant("forward-ad.unpack-dual.tangent-of-gradient")
def gradients_are_never_dual(torch: Torch) -> Changed:
    """What autograd.grad returns has no tangent."""

    def around(real: Any, *given: Any, **options: Any) -> Any:
        unpack = torch.autograd.forward_ad.unpack_dual
        return tuple(one if one is None else unpack(one).primal for one in real(*given, **options))

    return wrapped(torch.autograd, "grad", around)


@mutant(
    "forward-ad.detach*.drops-tangent",
    "forward-ad.dual-level.exit-deletes-tangent",
    "forward-ad.exit-dual-level.deletes-tangents",
    "forward-ad.inference-mode.disables",
    "forward-ad.make-dual.original-stays-plain",
    "forward-ad.no-grad.unpack-to-disable",
    "forward-ad.unpack-dual.non-dual",
    "forward-ad.unpack-dual.outside-level",
    "forward-ad.unpack-dual.results-not-dual",
)
def missing_tangents_are_zeros(torch: Torch) -> Changed:
    """unpack_dual returns zeros where there is no tangent."""

    def around(real: Any, tensor: Any, **named: Any) -> Any:
        made = real(tensor, **named)
        return made if made.tangent is not None else made._replace(tangent=torch.zeros_like(tensor))

    return wrapped(torch.autograd.forward_ad, "unpack_dual", around)


@mutant("forward-ad.make-dual.tangent-as-is*", "forward-ad.unpack-dual.tangent-as-is")
def make_dual_copies_the_tangent(torch: Torch) -> Changed:
    """make_dual copies the tangent that it is given."""
    return wrapped(
        torch.autograd.forward_ad,
        "make_dual",
        lambda real, tensor, tangent, **named: real(tensor, tangent.clone(), **named),
    )


@mutant("forward-ad.make-dual.aliases-primal", "forward-ad.unpack-dual.primal-is-view")
def make_dual_copies_the_primal(torch: Torch) -> Changed:
    """make_dual copies the primal that it is given."""
    return wrapped(
        torch.autograd.forward_ad,
        "make_dual",
        lambda real, tensor, tangent, **named: real(tensor.clone(), tangent, **named),
    )


@mutant("forward-ad.make-dual.backward-differentiable-tangent", "forward-ad.unpack-dual.backward-differentiable")
def make_dual_cuts_the_tangent(torch: Torch) -> Changed:
    """No gradient flows back into the tangent of a dual tensor."""
    return wrapped(
        torch.autograd.forward_ad,
        "make_dual",
        lambda real, tensor, tangent, **named: real(tensor, tangent.detach(), **named),
    )


@mutant(
    "forward-ad.dual-level.value-is-level",
    "forward-ad.enter-dual-level.*",
    "forward-ad.exit-dual-level.*",
    "forward-ad.dual-level.*",
    "forward-ad.make-dual.*level",
    "forward-ad.unpack-dual.unknown-level",
)
def levels_count_from_one(torch: Torch) -> Changed:
    """enter_dual_level returns 1 for the first level."""
    return wrapped(torch.autograd.forward_ad, "enter_dual_level", lambda real: real() + 1)


@mutant("forward-ad.exit-dual-level.*")
def exit_takes_any_level(torch: Torch) -> Changed:
    """exit_dual_level leaves the innermost level, whichever is named."""
    return wrapped(torch.autograd.forward_ad, "exit_dual_level", lambda real, **named: real())


# -- make_dual


def _making(torch: Torch, around: Callable[..., Any]) -> Changed:
    return wrapped(torch.autograd.forward_ad, "make_dual", around)


@mutant("forward-ad.make-dual.backward-differentiable-primal")
def make_dual_cuts_the_primal(torch: Torch) -> Changed:
    """No gradient flows back into the primal of a dual tensor."""
    return _making(torch, lambda real, tensor, tangent, **named: real(tensor.detach(), tangent, **named))


@mutant("forward-ad.make-dual.mismatched-dtype")
def make_dual_casts_the_tangent(torch: Torch) -> Changed:
    """make_dual casts the tangent to the dtype of the primal."""
    return _making(torch, lambda real, tensor, tangent, **named: real(tensor, tangent.to(tensor.dtype), **named))


@mutant("forward-ad.make-dual.tangent-copied-*")
def tangents_keep_their_own_layout(torch: Torch) -> Changed:
    """A tangent of another layout is kept as it is."""
    kept: list[tuple[Any, Any]] = []

    def making(real: Any, tensor: Any, tangent: Any, **named: Any) -> Any:
        dual = real(tensor, tangent, **named)
        kept.append((dual, tangent))
        return dual

    def unpacking(real: Any, tensor: Any, **named: Any) -> Any:
        made = real(tensor, **named)
        own = next((tangent for dual, tangent in kept if dual is tensor), None)
        return made if own is None or made.tangent is None else made._replace(tangent=own)

    return both(_making(torch, making), wrapped(torch.autograd.forward_ad, "unpack_dual", unpacking))


@mutant("forward-ad.dual-level.outside-make-dual", "forward-ad.exit-dual-level.updates-default-level")
def duals_need_no_level(torch: Torch) -> Changed:
    """make_dual outside every level returns the primal."""

    def around(real: Any, tensor: Any, tangent: Any, **named: Any) -> Any:
        try:
            return real(tensor, tangent, **named)
        except RuntimeError as error:
            if "no level exists" not in str(error):
                raise
            return tensor

    return _making(torch, around)


@mutant("forward-ad.dual-level.example-integer-input", "forward-ad.make-dual.integer*")
def whole_numbers_become_floating(torch: Torch) -> Changed:
    """make_dual takes whole numbers, as floating ones."""

    def floating(one: Any) -> Any:
        whole = isinstance(one, torch.Tensor) and not one.is_floating_point() and not one.is_complex()
        return one.float() if whole else one

    return _making(torch, lambda real, tensor, tangent, **named: real(floating(tensor), floating(tangent), **named))


# -- operators


@mutant("forward-ad.coverage.unsupported-operator")
def operators_without_a_formula_drop_the_tangent(torch: Torch) -> Changed:
    """cdist of a dual tensor has a value and no tangent."""
    unpack = torch.autograd.forward_ad.unpack_dual
    return operator(torch, "cdist", lambda real, *given: real(*(unpack(one).primal for one in given)))


@mutant("forward-ad.foreach-ops.not-supported")
def foreach_operators_refuse_duals(torch: Torch) -> Changed:
    """torch._foreach_exp refuses dual tensors, as the documentation has it."""

    def around(real: Any, tensors: Any) -> Any:
        if any(torch.autograd.forward_ad.unpack_dual(one).tangent is not None for one in tensors):
            raise RuntimeError("_foreach_exp has no forward AD")
        return real(tensors)

    return wrapped(torch, "_foreach_exp", around)


# -- levels


@mutant("forward-ad.dual-level.decorator")
def dual_level_decorates_nothing(torch: Torch) -> Changed:
    """dual_level() around a function is that function."""
    return patched(torch.autograd.forward_ad.dual_level, "__call__", lambda self, function: function)


@mutant("forward-ad.dual-level.higher-order-via-func")
def nested_tangents_are_doubled(torch: Torch) -> Changed:
    """func.jvp returns twice the tangent."""

    def around(real: Any, *given: Any, **options: Any) -> Any:
        value, tangent, *others = real(*given, **options)
        return value, tangent * 2, *others

    return wrapped(torch.func, "jvp", around)
