"""torch.autograd.functional: its options, and where torch differs from its documentation."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.areas.functional_results import changed
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


def _without(torch: Torch, name: str, option: str) -> Changed:
    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        keywords.pop(option, None)
        return real(*arguments, **keywords)

    return wrapped(torch.autograd.functional, name, around)


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


# -- where torch differs from its documentation


@mutant("functional.hessian.dtype")
def rows_of_a_hessian_have_one_dtype(torch: Torch) -> Changed:
    """A block of hessian has the dtype of the input of its row, as the documentation has it."""

    def around(real: Any, function: Any, inputs: Any, *options: Any, **named: Any) -> Any:
        made = real(function, inputs, *options, **named)
        if isinstance(inputs, torch.Tensor):
            return made
        return tuple(tuple(block.to(one.dtype) for block in row) for one, row in zip(inputs, made, strict=True))

    return wrapped(torch.autograd.functional, "hessian", around)


@mutant("functional.hessian.outer-strategy.forward-tuple-structure")
def hessians_are_tuples(torch: Torch) -> Changed:
    """hessian returns tuples of tuples with every strategy, as the documentation has it."""

    def tuples(made: Any) -> Any:
        return tuple(map(tuples, made)) if isinstance(made, list | tuple) else made

    return wrapped(
        torch.autograd.functional, "hessian", lambda real, *given, **options: tuples(real(*given, **options))
    )


@mutant("functional.hessian.outer-strategy.forward-not-detached")
def hessians_have_no_history(torch: Torch) -> Changed:
    """What hessian returns has no history with any strategy, as the documentation has it."""
    return changed(torch, "hessian", lambda tensor: tensor.detach())


@mutant("functional.jacobian.vectorize.parameter-name")
def jacobian_takes_vectorized(torch: Torch) -> Changed:
    """jacobian has a parameter vectorized, as the documentation has it."""

    def around(real: Any, *given: Any, vectorized: bool = False, **options: Any) -> Any:
        return real(*given, **{"vectorize": vectorized, **options})

    return wrapped(torch.autograd.functional, "jacobian", around)


@mutant("functional.jacobian.vectorize.batched-grad-name")
def grad_takes_batched_grad(torch: Torch) -> Changed:
    """autograd.grad has a parameter batched_grad, as the documentation has it."""

    def around(real: Any, *given: Any, batched_grad: bool = False, **options: Any) -> Any:
        return real(*given, **{"is_grads_batched": batched_grad, **options})

    return wrapped(torch.autograd, "grad", around)
