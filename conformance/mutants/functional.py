"""torch.autograd.functional: its values, its shapes, and its options."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


def _each(torch: Torch, value: Any, change: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    return tuple(_each(torch, one, change) for one in value) if isinstance(value, tuple) else value


def _changed(torch: Torch, name: str, change: Any) -> Changed:
    """The derivative that torch.autograd.functional.name returns is changed; the function's value, if there is one, is not."""

    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        if name in ("jacobian", "hessian"):
            return _each(torch, made, change)
        return made[0], _each(torch, made[1], change)

    return wrapped(torch.autograd.functional, name, around)


def _without(torch: Torch, name: str, option: str) -> Changed:
    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        keywords.pop(option, None)
        return real(*arguments, **keywords)

    return wrapped(torch.autograd.functional, name, around)


@mutant(
    "functional.jacobian.*",
    "functional.vjp.equals-jacobian-product",
    "functional.jvp.equals-jacobian-product",
    "functional.common.*",
    "func.equivalents.*",
)
def jacobian_is_scaled(torch: Torch) -> Changed:
    """jacobian returns twice the Jacobian."""
    return _changed(torch, "jacobian", lambda tensor: tensor * 2)


@mutant(
    "functional.hessian.*",
    "functional.vhp.equals-hessian-product",
    "functional.common.*",
    "func.equivalents.*",
)
def hessian_is_scaled(torch: Torch) -> Changed:
    """hessian returns twice the Hessian."""
    return _changed(torch, "hessian", lambda tensor: tensor * 2)


@mutant("functional.jvp.*", "functional.*.equals-*", "functional.common.*", "func.equivalents.*")
def jvp_is_scaled(torch: Torch) -> Changed:
    """functional.jvp returns twice the product."""
    return _changed(torch, "jvp", lambda tensor: tensor * 2)


@mutant("functional.vjp.*", "functional.*.equals-*", "functional.common.*", "func.equivalents.*")
def vjp_is_scaled(torch: Torch) -> Changed:
    """functional.vjp returns twice the product."""
    return _changed(torch, "vjp", lambda tensor: tensor * 2)


@mutant("functional.hvp.*", "functional.*.equals-*", "functional.common.*", "func.equivalents.*")
def hvp_is_scaled(torch: Torch) -> Changed:
    """hvp returns twice the product."""
    return _changed(torch, "hvp", lambda tensor: tensor * 2)


@mutant("functional.vhp.*", "functional.*.equals-*", "functional.common.*", "func.equivalents.*")
def vhp_is_scaled(torch: Torch) -> Changed:
    """vhp returns twice the product."""
    return _changed(torch, "vhp", lambda tensor: tensor * 2)


@mutant("functional.jacobian.*strict*")
def jacobian_is_not_strict(torch: Torch) -> Changed:
    """jacobian ignores strict."""
    return _without(torch, "jacobian", "strict")


@mutant("functional.jacobian.*create-graph*")
def jacobian_creates_no_graph(torch: Torch) -> Changed:
    """jacobian ignores create_graph."""
    return _without(torch, "jacobian", "create_graph")


@mutant("functional.hessian.*strict*")
def hessian_is_not_strict(torch: Torch) -> Changed:
    """hessian ignores strict."""
    return _without(torch, "hessian", "strict")


@mutant("functional.hessian.*create-graph*")
def hessian_creates_no_graph(torch: Torch) -> Changed:
    """hessian ignores create_graph."""
    return _without(torch, "hessian", "create_graph")


@mutant("functional.vjp.*strict*")
def vjp_is_not_strict(torch: Torch) -> Changed:
    """functional.vjp ignores strict."""
    return _without(torch, "vjp", "strict")


@mutant("functional.jvp.*strict*")
def jvp_is_not_strict(torch: Torch) -> Changed:
    """functional.jvp ignores strict."""
    return _without(torch, "jvp", "strict")


@mutant("functional.jacobian.strategy.*")
def jacobian_takes_any_strategy(torch: Torch) -> Changed:
    """jacobian ignores strategy."""
    return _without(torch, "jacobian", "strategy")


@mutant("functional.jacobian.vectorize.*")
def jacobian_is_not_vectorized(torch: Torch) -> Changed:
    """jacobian ignores vectorize."""
    return _without(torch, "jacobian", "vectorize")
