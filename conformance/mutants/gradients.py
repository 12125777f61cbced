"""Operators that pass back the wrong gradient, in general or at the points where convention decides."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.around import bent
from conformance.mutants.mutant import Torch, mutant, operator

Changed = contextlib.AbstractContextManager[None]


@mutant("nondiff.rule4.sign*")
def sign_is_straight_through(torch: Torch) -> Changed:
    """sign passes its gradient straight through."""
    return bent(torch, "sign", lambda x, y: torch.ones_like(x))


@mutant("nondiff.rule4.round*")
def rounding_is_straight_through(torch: Torch) -> Changed:
    """round passes its gradient straight through."""
    return bent(torch, "round", lambda x, y: torch.ones_like(x))


@mutant("nondiff.rule4.floor*")
def floor_is_straight_through(torch: Torch) -> Changed:
    """floor passes its gradient straight through."""
    return bent(torch, "floor", lambda x, y: torch.ones_like(x))


@mutant("nondiff.rule4.ceil*")
def ceil_is_straight_through(torch: Torch) -> Changed:
    """ceil passes its gradient straight through."""
    return bent(torch, "ceil", lambda x, y: torch.ones_like(x))


@mutant("nondiff.rule4.trunc*")
def trunc_is_straight_through(torch: Torch) -> Changed:
    """trunc passes its gradient straight through."""
    return bent(torch, "trunc", lambda x, y: torch.ones_like(x))


@mutant("nondiff.clamp.*", "nondiff.*clamp-*")
def clamp_stops_at_its_bounds(torch: Torch) -> Changed:
    """clamp passes nothing where the input lies on a bound."""

    def around(real: Any, x: Any, *bounds: Any, **named: Any) -> Any:
        made = real(x, *bounds, **named)
        limits = [b for b in (*bounds, *named.values()) if b is not None]
        if made.grad_fn is None:
            return made
        with torch.no_grad():
            on_bound = sum((x.detach() == b) * 1.0 for b in limits) > 0
        return torch.where(on_bound, made.detach(), made)

    return operator(torch, "clamp", around)


def _favours_the_first(torch: Torch, name: str) -> Changed:
    def around(real: Any, x: Any, *others: Any, **named: Any) -> Any:
        made = real(x, *others, **named)
        if not isinstance(made, torch.Tensor) or made.grad_fn is None or not others:
            return made
        if not isinstance(others[0], torch.Tensor):
            return made
        return torch.where(x == others[0], x, made)

    return operator(torch, name, around)


@mutant("nondiff.joint.maximum*")
def maximum_favours_the_first(torch: Torch) -> Changed:
    """maximum gives the whole gradient to the first of two equal inputs."""
    return _favours_the_first(torch, "maximum")


@mutant("nondiff.joint.minimum*")
def minimum_favours_the_first(torch: Torch) -> Changed:
    """minimum gives the whole gradient to the first of two equal inputs."""
    return _favours_the_first(torch, "minimum")


@mutant("nan.incoming.where*", "divzero.*where*")
def where_leaks(torch: Torch) -> Changed:
    """where passes the gradient to the branch that was not taken as well."""

    def around(real: Any, condition: Any, *branches: Any) -> Any:
        made = real(condition, *branches)
        if made.grad_fn is None:
            return made
        for branch in branches:
            if isinstance(branch, torch.Tensor) and branch.requires_grad:
                made = made + (branch - branch.detach())
        return made

    return operator(torch, "where", around)


@mutant("complex.formula.conj", "complex.*")
def conj_does_not_conjugate(torch: Torch) -> Changed:
    """conj passes its gradient back without conjugating it."""

    def around(real: Any, x: Any) -> Any:
        made = real(x)
        if made.grad_fn is not None and made.is_complex():
            made.register_hook(real)
        return made

    return operator(torch, "conj", around)
