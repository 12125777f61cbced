"""The backward of custom Functions: what it is handed, which formula it is, and how it runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, patched_all

Changed = contextlib.AbstractContextManager[None]


def backing(torch: Torch, around: Callable[..., Any]) -> Changed:
    """The backward of every Function runs as ``around(the user's own, ctx, ...)``."""
    kind = torch.autograd.function.BackwardCFunction
    names = [name for name in ("apply", "apply_boxed") if hasattr(kind, name)]

    def changed(real: Any) -> Any:
        return lambda self, *cotangents: around(real, self, *cotangents)

    return patched_all(*((kind, name, changed(getattr(kind, name))) for name in names))


def _handing(torch: Torch, change: Callable[..., Any]) -> Changed:
    """Every gradient that a backward is handed is ``change(gradient)``."""

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        if len(cotangents) == 1 and isinstance(cotangents[0], list):
            return real(ctx, [change(one) for one in cotangents[0]])
        return real(ctx, *map(change, cotangents))

    return backing(torch, around)


_VALUES = (
    "function.apply.forward-and-backward",
    "function.apply.keyword-arguments",
    "function.apply.user-formula-wins",
    "function.backward-c-function.internal",
    "function.backward.vjp-equivalent",
    "function.clear-saved-on-access.two-matmuls-example",
    "function.clear-saved-tensors-on-access.single-read",
    "function.example.*",
    "function.qkv-boxed-example",
    "function.once-differentiable.first-derivative",
    "func.example.*",
    "func.function.grad-needs-backward",
    "func.vmap.generated-rule-composes-with-grad",
    "func.vmap.jacrev-needs-only-backward-vmappable",
    "func.vmap.numpysort-grad-under-vmap",
    "func.vmap.semantics-equal-map",
    "module.custom-linear-wraps-function",
    "function.gradcheck.validates-custom-backward",
)
"""The claims on the value of a gradient that goes through a custom backward."""


@mutant(*_VALUES)
def backward_is_handed_scaled_gradients(torch: Torch) -> Changed:
    """A custom backward is handed half as much again."""
    return _handing(torch, lambda one: one if one is None else one * 1.5)


@mutant("function.backward.one-argument-per-output")
def backward_is_handed_reversed_gradients(torch: Torch) -> Changed:
    """A custom backward is handed the gradients of its outputs in reverse order."""
    return backing(torch, lambda real, ctx, *cotangents: real(ctx, *reversed(cotangents)))


@mutant("function.backward.inplace-on-grad-output-corrupts-others")
def backward_is_handed_copies(torch: Torch) -> Changed:
    """A custom backward is handed copies of the gradients, which it may write to."""
    return _handing(torch, lambda one: one if one is None else one.clone())


@mutant("function.backward.none-for-non-tensor-outputs", "function-ctx.set-materialize-grads.false*")
def backward_is_never_handed_none(torch: Torch) -> Changed:
    """In place of None a custom backward is handed a zero."""
    return _handing(torch, lambda one: torch.zeros(()) if one is None else one)


@mutant("function.backward-cls.instance-is-node")
def backward_has_a_context_of_its_own(torch: Torch) -> Changed:
    """The ctx of backward is not the grad_fn, but an object that looks like it."""

    class Likeness:
        def __init__(self, ctx: Any) -> None:
            vars(self)["ctx"] = ctx

        def __getattr__(self, name: str) -> Any:
            return getattr(vars(self)["ctx"], name)

        def __setattr__(self, name: str, value: Any) -> None:
            setattr(vars(self)["ctx"], name, value)

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        cls, own = ctx._forward_cls, ctx._forward_cls.backward
        if own is torch.autograd.Function.backward:
            return real(ctx, *cotangents)
        with patched(cls, "backward", staticmethod(lambda ctx, *given: own(Likeness(ctx), *given))):
            return real(ctx, *cotangents)

    return backing(torch, around)


@mutant("function.boxed-grads-call.list-argument")
def boxed_gradients_come_in_a_tuple(torch: Torch) -> Changed:
    """With boxed_grads_call backward takes a tuple, which it can not change."""

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        cls = ctx._forward_cls
        if not cls.boxed_grads_call:
            return real(ctx, *cotangents)
        own = cls.backward
        with patched(cls, "backward", staticmethod(lambda ctx, gradients: own(ctx, tuple(gradients)))):
            return real(ctx, *cotangents)

    return backing(torch, around)


@mutant("function.boxed-grads-call.default")
def gradients_are_boxed_by_default(torch: Torch) -> Changed:
    """boxed_grads_call is True where a Function does not say otherwise."""
    return patched(torch.autograd.Function, "boxed_grads_call", True)


# -- which formula


@mutant("function.backward.both-defined")
def backward_goes_before_vjp(torch: Torch) -> Changed:
    """Where both backward and vjp are defined, backward is used."""
    return _without_vjp(torch, lambda cls: cls.backward is not torch.autograd.Function.backward)


@mutant("function.backward.vjp-equivalent", "function.apply.inputs-by-keyword-vjp-static")
def vjp_is_no_backward(torch: Torch) -> Changed:
    """A formula under the name of vjp is not used."""
    return _without_vjp(torch, lambda cls: True)


def _without_vjp(torch: Torch, where: Callable[[Any], bool]) -> Changed:
    default = torch.autograd.Function.vjp

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        cls = ctx._forward_cls
        if cls.vjp is default or not where(cls):
            return real(ctx, *cotangents)
        with patched(cls, "vjp", staticmethod(default)):
            return real(ctx, *cotangents)

    return backing(torch, around)


@mutant("function.backward.exception-propagates")
def errors_of_backward_are_hidden(torch: Torch) -> Changed:
    """An error of a custom backward leaves the pass as a RuntimeError of another text."""

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        try:
            return real(ctx, *cotangents)
        except Exception as error:
            raise RuntimeError("backward failed") from error

    return backing(torch, around)


@mutant("function.apply.backward-grad-mode-follows-create-graph")
def backward_runs_with_grad_mode_on(torch: Torch) -> Changed:
    """A custom backward runs with grad mode on, with create_graph=True or without."""

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        with torch.enable_grad():
            return real(ctx, *cotangents)

    return backing(torch, around)
