"""What the backward of a custom Function returns: how many gradients, of what shape and kind, and where None stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.mutants.areas.function_backward import Changed, backing
from conformance.mutants.areas.functions import applying
from conformance.mutants.around import both
from conformance.mutants.mutant import Torch, mutant


def _returning(torch: Torch, change: Callable[..., Any]) -> Changed:
    """What a backward returns, as a tuple, is ``change(ctx, results)``."""

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        made = real(ctx, *cotangents)
        if isinstance(made, tuple):
            return change(ctx, made)
        results = change(ctx, (made,))
        return results[0] if len(results) == 1 else results

    return backing(torch, around)


@mutant("function.backward.one-result-per-input")
def results_of_backward_are_reversed(torch: Torch) -> Changed:
    """The last value that backward returns belongs to the first input."""
    return _returning(torch, lambda ctx, results: results[::-1])


@mutant("function.backward.too-few-results")
def too_few_results_are_taken(torch: Torch) -> Changed:
    """Inputs for which backward returned nothing get no gradient, without an error."""
    return _returning(torch, lambda ctx, results: (*results, *[None] * (len(ctx.needs_input_grad) - len(results))))


@mutant("function.backward.too-many-results")
def surplus_results_are_dropped(torch: Torch) -> Changed:
    """What backward returned beyond the number of inputs is dropped, without an error."""
    return _returning(torch, lambda ctx, results: results[: len(ctx.needs_input_grad)])


@mutant("function.backward.extra-trailing-none-accepted")
def surplus_none_is_refused(torch: Torch) -> Changed:
    """More values than inputs are an error, even if they are None."""

    def change(ctx: Any, results: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(results) > len(ctx.needs_input_grad):
            raise RuntimeError("there are more gradients than inputs")
        return results

    return _returning(torch, change)


@mutant("function.backward.gradient-for-non-tensor-input")
def results_nobody_needs_are_dropped(torch: Torch) -> Changed:
    """What backward returns for an input that needs no gradient, a tensor or not, is dropped."""

    def change(ctx: Any, results: tuple[Any, ...]) -> tuple[Any, ...]:
        needed = ctx.needs_input_grad
        kept = [one if need else None for one, need in zip(results, needed, strict=False)]
        return (*kept, *results[len(needed) :])

    return _returning(torch, change)


@mutant("function.backward.gradient-for-tensor-without-grad-ignored")
def results_nobody_needs_are_refused(torch: Torch) -> Changed:
    """A gradient for an input that needs none is an error."""

    def change(ctx: Any, results: tuple[Any, ...]) -> tuple[Any, ...]:
        for one, need in zip(results, ctx.needs_input_grad, strict=False):
            if one is not None and not need:
                raise RuntimeError("nobody needs this gradient")
        return results

    return _returning(torch, change)


@mutant("function.backward.none-for-*")
def none_is_no_gradient(torch: Torch) -> Changed:
    """A backward that returns None for one of its inputs is an error."""

    def change(ctx: Any, results: tuple[Any, ...]) -> tuple[Any, ...]:
        if None in [one if one is None else 0 for one in results[: len(ctx.needs_input_grad)]]:
            raise RuntimeError("a gradient is missing")
        return results

    return _returning(torch, change)


@mutant("function.backward.list-result")
def a_list_of_results_is_a_tuple(torch: Torch) -> Changed:
    """A backward may return its gradients in a list."""
    return _returning(torch, lambda ctx, results: tuple(results[0]) if isinstance(results[0], list) else results)


@mutant("function.backward.non-tensor-result")
def numbers_are_gradients(torch: Torch) -> Changed:
    """A number that backward returns counts as None."""
    return _returning(torch, lambda ctx, results: tuple(None if type(one) is float else one for one in results))


def _fitting(torch: Torch, change: Callable[[Any, Any], Any]) -> Changed:
    """A gradient that backward returns for a tensor is ``change(gradient, tensor)``; forward notes what the tensors are."""

    def noting(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        for one in made if isinstance(made, tuple) else (made,):
            if isinstance(one, torch.Tensor) and isinstance(one.grad_fn, torch.autograd.function.BackwardCFunction):
                one.grad_fn.given = [a.detach() if isinstance(a, torch.Tensor) else None for a in arguments]
        return made

    def fitted(ctx: Any, results: tuple[Any, ...]) -> tuple[Any, ...]:
        given = getattr(ctx, "given", [])
        pairs = zip(results, [*given, *[None] * (len(results) - len(given))], strict=False)
        return tuple(change(one, of) if isinstance(one, torch.Tensor) and of is not None else one for one, of in pairs)

    return both(applying(torch, noting), _returning(torch, fitted))


@mutant("function.backward.reducible-shape-summed")
def wider_gradients_are_cut(torch: Torch) -> Changed:
    """Of a gradient that is wider than its input the first part is taken, not the sum."""

    def change(gradient: Any, of: Any) -> Any:
        while gradient.dim() > of.dim():
            gradient = gradient[0]
        for dim, size in enumerate(of.shape):
            if size == 1 < gradient.shape[dim]:
                gradient = gradient.narrow(dim, 0, 1)
        return gradient

    return _fitting(torch, change)


@mutant("function.backward.wrong-shape")
def gradients_that_do_not_fit_are_dropped(torch: Torch) -> Changed:
    """A gradient that can not be summed to the shape of its input counts as None."""

    def change(gradient: Any, of: Any) -> Any:
        tail = tuple(gradient.shape)[gradient.dim() - of.dim() :]
        fits = gradient.dim() >= of.dim() and all(
            size in (1, own) for size, own in zip(tuple(of.shape), tail, strict=True)
        )
        return gradient if fits else None

    return _fitting(torch, change)


@mutant("function.backward.dtype-cast")
def results_of_another_dtype_are_refused(torch: Torch) -> Changed:
    """A gradient of another dtype than its input is an error."""

    def change(gradient: Any, of: Any) -> Any:
        if gradient.dtype != of.dtype:
            raise RuntimeError("a gradient of another dtype")
        return gradient

    return _fitting(torch, change)


@mutant("function.backward.none-for-needed-input")
def none_is_zeros(torch: Torch) -> Changed:
    """None for an input that requires grad counts as zeros."""

    def noted(real: Any, ctx: Any, *cotangents: Any) -> Any:
        made = real(ctx, *cotangents)
        results = made if isinstance(made, tuple) else (made,)
        like = next((one for one in cotangents if isinstance(one, torch.Tensor)), None)
        if like is None:
            return made
        needed = ctx.needs_input_grad
        filled = [like * 0 if one is None and need else one for one, need in zip(results, needed, strict=False)]
        return (*filled, *results[len(needed) :]) if isinstance(made, tuple) else filled[0]

    return backing(torch, noted)


@mutant("function.backward.double-differentiable", "function.double-backward.*", "function.apply.*create-graph")
def results_of_backward_are_detached(torch: Torch) -> Changed:
    """What a custom backward returns has no history, even with create_graph=True."""
    return _returning(
        torch,
        lambda ctx, results: tuple(one.detach() if isinstance(one, torch.Tensor) else one for one in results),
    )
