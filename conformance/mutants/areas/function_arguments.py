"""What custom Functions take and keep: arguments of any kind, keywords and defaults, attributes of ctx, saved tensors."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from typing import Any

from conformance.mutants.areas.function_backward import backing
from conformance.mutants.areas.function_context import reading
from conformance.mutants.areas.function_rules import is_separate, parameters, through
from conformance.mutants.areas.functions import applying, ctx_of
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def _given(torch: Torch, change: Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]) -> Changed:
    """apply is called with what ``change(the class, arguments, keywords)`` makes of its arguments."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        positional, named = change(cls, arguments, keywords)
        return real(*positional, **named)

    return applying(torch, around)


# -- arguments


@mutant("function.forward.any-python-object-accepted")
def arguments_are_tensors_or_numbers(torch: Torch) -> Changed:
    """An argument that is neither a tensor nor a number is a TypeError."""

    def change(cls: Any, arguments: Any, keywords: Any) -> Any:
        if not all(one is None or isinstance(one, torch.Tensor | int | float | bool) for one in arguments):
            raise TypeError("neither a tensor nor a number")
        return arguments, keywords

    return _given(torch, change)


@mutant("function.forward.combined-tensor-args-are-callers-tensors", "function.forward.input-flag-inside-forward")
def forward_sees_detached_tensors(torch: Torch) -> Changed:
    """forward is handed its tensors detached."""

    def around(own: Any, *arguments: Any) -> Any:
        return own(*(one.detach() if isinstance(one, torch.Tensor) else one for one in arguments))

    return through(torch, "forward", around)


@mutant("function.forward.combined-gets-ctx-first")
def the_context_comes_last(torch: Torch) -> Changed:
    """Without setup_context forward gets its arguments and then ctx."""

    def around(own: Any, *arguments: Any) -> Any:
        first, *others = arguments
        return own(*others, first) if isinstance(first, ctx_of(torch)) else own(*arguments)

    return through(torch, "forward", around)


@mutant("function.forward.separate-without-ctx")
def forward_always_gets_a_context(torch: Torch) -> Changed:
    """With setup_context forward gets a ctx too."""

    def around(own: Any, *arguments: Any) -> Any:
        return own(*arguments) if arguments and isinstance(arguments[0], ctx_of(torch)) else own(None, *arguments)

    return through(torch, "forward", around)


@mutant("function.apply.tensors-in-containers-not-tracked")
def tensors_in_lists_are_inputs(torch: Torch) -> Changed:
    """The result of a Function that is handed a list of tensors depends on them."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        inside = [one for lists in arguments if isinstance(lists, list) for one in lists]
        return made + sum(one.sum() * 0 for one in inside) if inside and isinstance(made, torch.Tensor) else made

    return applying(torch, around)


@mutant("function.apply.no-grad-inputs")
def results_always_require_grad(torch: Torch) -> Changed:
    """The result of a Function requires grad, even if no input does."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        alone = isinstance(made, torch.Tensor) and made.is_floating_point() and not made.requires_grad
        return made.requires_grad_() if alone and torch.is_grad_enabled() else made

    return applying(torch, around)


@mutant("function.forward.list-output-not-tracked")
def tensors_in_returned_lists_require_grad(torch: Torch) -> Changed:
    """A tensor in a list that forward returned requires grad."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        for one in made if isinstance(made, tuple) else (made,):
            for inner in one if isinstance(one, list) else ():
                inner.requires_grad_()
        return made

    return applying(torch, around)


# -- keywords and defaults


@mutant("function.apply.kwargs-*", "function.apply.inputs-by-keyword-vjp-static")
def apply_takes_no_keywords(torch: Torch) -> Changed:
    """apply with a keyword argument is a TypeError, as it was before torch 2.13."""

    def change(cls: Any, arguments: Any, keywords: Any) -> Any:
        if keywords:
            raise TypeError("apply() takes no keyword arguments")
        return arguments, keywords

    return _given(torch, change)


@mutant("function.apply.kwargs-bound-by-name")
def keywords_are_bound_by_position(torch: Torch) -> Changed:
    """Keyword arguments are bound in the order of the call, whatever their names."""
    return _given(torch, lambda cls, arguments, keywords: ((*arguments, *keywords.values()), {}))


@mutant("function.apply.default-args-combined-form")
def defaults_are_inputs_in_the_combined_form(torch: Torch) -> Changed:
    """A default of a forward that takes ctx counts as an input where it is not passed."""

    def change(cls: Any, arguments: Any, keywords: Any) -> Any:
        if keywords or is_separate(cls, torch):
            return arguments, keywords
        bound = inspect.signature(cls.forward).bind(None, *arguments)
        bound.apply_defaults()
        return bound.args[1:], {}

    return _given(torch, change)


@mutant("function.forward.default-values-optional-arguments")
def every_argument_is_passed(torch: Torch) -> Changed:
    """apply with fewer arguments than forward has parameters is a TypeError."""

    def change(cls: Any, arguments: Any, keywords: Any) -> Any:
        taken = [one for one in parameters(cls, torch) if one.kind is one.POSITIONAL_OR_KEYWORD]
        if len(arguments) + len(keywords) < len(taken):
            raise TypeError("an argument is missing")
        return arguments, keywords

    return _given(torch, change)


# -- attributes of ctx


@mutant("function.forward.tensor-on-ctx-not-enforced")
def contexts_take_no_tensors(torch: Torch) -> Changed:
    """Setting a tensor on ctx is refused."""

    def change(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            raise TypeError("a tensor is saved by save_for_backward")
        return value

    return _setting(torch, change)


@mutant("function.forward.tensor-on-ctx-not-checked")
def contexts_keep_copies(torch: Torch) -> Changed:
    """A tensor that is set on ctx is copied."""
    return _setting(torch, lambda value: value.detach().clone() if isinstance(value, torch.Tensor) else value)


def _setting(torch: Torch, change: Callable[[Any], Any]) -> Changed:
    kind = torch.autograd.function.BackwardCFunction

    def setting(self: Any, name: str, value: Any) -> None:
        object.__setattr__(self, name, change(value))

    return patched(kind, "__setattr__", setting)


@mutant("function.forward.ctx-stores-arbitrary-data")
def contexts_forget(torch: Torch) -> Changed:
    """What forward set on ctx is gone when backward begins."""

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        vars(ctx).clear()
        return real(ctx, *cotangents)

    return backing(torch, around)


# -- saved tensors


def _only(torch: Torch, save: str, keep: Callable[[Any], bool]) -> Changed:
    """Of what it is given the method saves what ``keep`` says."""
    return wrapped(ctx_of(torch), save, lambda real, self, *given: real(self, *filter(keep, given)))


@mutant("function-ctx.save-for-backward.non-tensor", "function-ctx.save-for-backward.list")
def what_is_no_tensor_is_not_saved(torch: Torch) -> Changed:
    """save_for_backward drops what is neither a tensor nor None."""
    return _only(torch, "save_for_backward", lambda one: one is None or isinstance(one, torch.Tensor))


@mutant("function-ctx.save-for-backward.none-allowed")
def none_is_not_saved(torch: Torch) -> Changed:
    """save_for_backward drops None."""
    return _only(torch, "save_for_backward", lambda one: one is not None)


@mutant("function-ctx.save-for-forward.non-tensor")
def what_is_no_tensor_is_not_saved_for_forward(torch: Torch) -> Changed:
    """save_for_forward drops what is neither a tensor nor None."""
    return _only(torch, "save_for_forward", lambda one: one is None or isinstance(one, torch.Tensor))


@mutant("function-ctx.save-for-forward.none-allowed")
def none_is_not_saved_for_forward(torch: Torch) -> Changed:
    """save_for_forward drops None."""
    return _only(torch, "save_for_forward", lambda one: one is not None)


@mutant("function-ctx.save-for-forward.separate-from-backward")
def what_is_saved_for_backward_is_saved_for_forward(torch: Torch) -> Changed:
    """save_for_backward saves for forward too."""

    def around(real: Any, self: Any, *tensors: Any) -> None:
        real(self, *tensors)
        self.save_for_forward(*tensors)

    return wrapped(ctx_of(torch), "save_for_backward", around)


@mutant("function-ctx.save-for-backward.intermediate-disconnected")
def everything_saved_requires_grad(torch: Torch) -> Changed:
    """Every tensor in ctx.saved_tensors requires grad."""

    def connected(one: Any) -> Any:
        plain = isinstance(one, torch.Tensor) and one.is_floating_point() and not one.requires_grad
        return one.detach().requires_grad_() if plain else one

    return reading(torch, "saved_tensors", lambda real, ctx: tuple(map(connected, real(ctx))))


@mutant("function-ctx.save-for-backward.intermediate-breaks-double-backward")
def saved_intermediates_are_an_error(torch: Torch) -> Changed:
    """A saved tensor that is neither an input nor an output makes a backward with create_graph=True an error."""

    def read(real: Any, ctx: Any) -> Any:
        found = real(ctx)
        loose = (one for one in found if one is not None and one.is_floating_point() and not one.requires_grad)
        if torch.is_grad_enabled() and next(loose, None) is not None:
            raise RuntimeError("what was saved has no history")
        return found

    return reading(torch, "saved_tensors", read)
