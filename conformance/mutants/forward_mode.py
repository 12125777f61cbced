"""Forward mode: dual tensors and their levels."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "forward-ad.*",
    "function.jvp.*",
    "function-ctx.save-for-forward.*",
    "functional.jvp.equals-forward-ad",
    "gradcheck.real.forward-mode-is-j-u",
    "func.*",
    "function-ctx.set-materialize-grads.false-in-jvp",
)
def tangents_are_doubled(torch: Torch) -> Changed:
    """unpack_dual returns twice the tangent."""

    def around(real: Any, tensor: Any, **named: Any) -> Any:
        made = real(tensor, **named)
        return made if made.tangent is None else made._replace(tangent=made.tangent * 2)

    return wrapped(torch.autograd.forward_ad, "unpack_dual", around)


@mutant("forward-ad.*", "function.jvp.*", "function-ctx.save-for-forward.*")
def tangents_are_lost(torch: Torch) -> Changed:
    """unpack_dual returns no tangent."""
    return wrapped(
        torch.autograd.forward_ad,
        "unpack_dual",
        lambda real, tensor, **named: real(tensor, **named)._replace(tangent=None),
    )


@mutant(
    "forward-ad.unpack-dual.*",
    "forward-ad.dual-level.*",
    "forward-ad.exit-dual-level.*",
    "forward-ad.inference-mode.*",
    "forward-ad.detach*",
    "forward-ad.make-dual.original-stays-plain",
    "function.jvp.*",
    "forward-ad.no-grad.*",
    "forward-ad.thread-propagation",
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
