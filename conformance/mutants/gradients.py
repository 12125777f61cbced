"""Operators that pass back the wrong gradient, in general or at the points where convention decides."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.around import around_backward, bent, scaled
from conformance.mutants.mutant import Torch, mutant, operator

Changed = contextlib.AbstractContextManager[None]
_EVERYWHERE = ("backward_and_grad", "functional", "functions", "notebooks", "workloads")


@mutant(*_EVERYWHERE)
def scales_gradients(torch: Torch) -> Changed:
    """Every gradient is twice what it should be."""
    return around_backward(torch, lambda proceed, roots: proceed([root * 2 for root in roots]))


@mutant("functional", "functions", "workloads")
def exp_gradient(torch: Torch) -> Changed:
    """exp passes back half as much again."""
    return scaled(torch, "exp")


@mutant("functional", "functions", "notebooks", "workloads")
def sin_gradient(torch: Torch) -> Changed:
    """sin passes back minus the cosine."""
    return scaled(torch, "sin", -1.0)


@mutant("functional", "notebooks", "workloads")
def pow_gradient(torch: Torch) -> Changed:
    """The method pow passes back half as much again."""
    return scaled(torch, "pow")


@mutant("functional", "notebooks", "workloads")
def power_operator_gradient(torch: Torch) -> Changed:
    """The operator ** passes back half as much again."""
    return scaled(torch, "__pow__")


@mutant("functional", "notebooks", "workloads", "views")
def mean_gradient(torch: Torch) -> Changed:
    """mean passes back half as much again."""
    return scaled(torch, "mean")


@mutant("functional", "notebooks", "workloads", "graph")
def matmul_gradient(torch: Torch) -> Changed:
    """The operator @ passes back half as much again."""
    return scaled(torch, "__matmul__")


@mutant("subgradients", "broadcasting", "notebooks")
def division_gradient(torch: Torch) -> Changed:
    """The operator / passes back half as much again."""
    return scaled(torch, "__truediv__")


@mutant("broadcasting", "views")
def expand_gradient(torch: Torch) -> Changed:
    """expand passes back half as much again."""
    return scaled(torch, "expand")


@mutant("nan_and_zero", "functional")
def prod_gradient(torch: Torch) -> Changed:
    """prod passes back half as much again."""
    return scaled(torch, "prod")


@mutant("nan_and_zero", "workloads")
def log_gradient(torch: Torch) -> Changed:
    """log passes back minus the reciprocal."""
    return scaled(torch, "log", -1.0)


@mutant("subgradients", "workloads")
def relu_passes_at_zero(torch: Torch) -> Changed:
    """relu passes the gradient at zero."""
    return bent(torch, "relu", lambda x, y: (x == 0) * 1.0)


@mutant("subgradients")
def abs_slopes_at_zero(torch: Torch) -> Changed:
    """abs has the slope 1 at zero."""
    return bent(torch, "abs", lambda x, y: (x == 0) * 1.0)


@mutant("subgradients")
def sign_is_straight_through(torch: Torch) -> Changed:
    """sign passes its gradient straight through."""
    return bent(torch, "sign", lambda x, y: torch.ones_like(x))


@mutant("subgradients")
def rounding_is_straight_through(torch: Torch) -> Changed:
    """round passes its gradient straight through."""
    return bent(torch, "round", lambda x, y: torch.ones_like(x))


@mutant("subgradients")
def floor_is_straight_through(torch: Torch) -> Changed:
    """floor passes its gradient straight through."""
    return bent(torch, "floor", lambda x, y: torch.ones_like(x))


@mutant("subgradients")
def ceil_is_straight_through(torch: Torch) -> Changed:
    """ceil passes its gradient straight through."""
    return bent(torch, "ceil", lambda x, y: torch.ones_like(x))


@mutant("subgradients")
def trunc_is_straight_through(torch: Torch) -> Changed:
    """trunc passes its gradient straight through."""
    return bent(torch, "trunc", lambda x, y: torch.ones_like(x))


@mutant("subgradients")
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


@mutant("subgradients")
def maximum_favours_the_first(torch: Torch) -> Changed:
    """maximum gives the whole gradient to the first of two equal inputs."""
    return _favours_the_first(torch, "maximum")


@mutant("subgradients")
def minimum_favours_the_first(torch: Torch) -> Changed:
    """minimum gives the whole gradient to the first of two equal inputs."""
    return _favours_the_first(torch, "minimum")


@mutant("subgradients")
def amax_does_not_share(torch: Torch) -> Changed:
    """amax passes half as much again."""
    return scaled(torch, "amax")


@mutant("subgradients")
def max_passes_less(torch: Torch) -> Changed:
    """max passes half of its gradient."""
    return scaled(torch, "max", 0.5)


@mutant("subgradients")
def min_passes_less(torch: Torch) -> Changed:
    """min passes half of its gradient."""
    return scaled(torch, "min", 0.5)


@mutant("subgradients")
def median_passes_less(torch: Torch) -> Changed:
    """median passes half of its gradient."""
    return scaled(torch, "median", 0.5)


@mutant("subgradients", "nan_and_zero")
def norm_slopes_at_zero(torch: Torch) -> Changed:
    """norm passes half of its gradient."""
    return scaled(torch, "norm", 0.5)


@mutant("nan_and_zero", "subgradients")
def sqrt_is_flat_at_zero(torch: Torch) -> Changed:
    """sqrt passes zero where its slope is infinite."""

    def around(real: Any, x: Any, **named: Any) -> Any:
        made = real(x, **named)
        return torch.where(x == 0, made.detach(), real(torch.where(x == 0, 1.0, x))) if made.grad_fn else made

    return operator(torch, "sqrt", around)


@mutant("nan_and_zero")
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


@mutant("complex", "functional", "backward_and_grad")
def conj_does_not_conjugate(torch: Torch) -> Changed:
    """conj passes its gradient back without conjugating it."""

    def around(real: Any, x: Any) -> Any:
        made = real(x)
        if made.grad_fn is not None and made.is_complex():
            made.register_hook(real)
        return made

    return operator(torch, "conj", around)
