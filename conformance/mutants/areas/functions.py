"""Custom Functions: what ctx is told and forgets, and what apply makes of the results."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def ctx_of(torch: Torch) -> Any:
    """The class that has the methods of ctx."""
    return next(kind for kind in torch.autograd.Function.__mro__ if "mark_dirty" in vars(kind))


def applying(torch: Torch, around: Any) -> Changed:
    """Every ``cls.apply(...)`` of a custom Function is ``around(the real one, cls, ...)``."""
    real = vars(torch.autograd.Function)["apply"].__func__

    def apply(cls: Any, *arguments: Any, **keywords: Any) -> Any:
        return around(real.__get__(cls), cls, *arguments, **keywords)

    return patched(torch.autograd.Function, "apply", classmethod(apply))


@mutant("function-ctx.mark-dirty.*", "function.mark-dirty.*", "function.inplace-function.*", "function.jvp.inplace*")
def mark_dirty_is_ignored(torch: Torch) -> Changed:
    """ctx.mark_dirty does nothing."""
    return patched(ctx_of(torch), "mark_dirty", lambda self, *tensors: None)


@mutant(
    "function-ctx.mark-non-differentiable.*", "function.forward.integer-output-not-differentiable", "func.example.*"
)
def mark_non_differentiable_is_ignored(torch: Torch) -> Changed:
    """ctx.mark_non_differentiable does nothing."""
    return patched(ctx_of(torch), "mark_non_differentiable", lambda self, *tensors: None)


@mutant(
    "function-ctx.set-materialize-grads.*",
    "function.materialize-grads.*",
    "function-ctx.mark-non-differentiable.zero-gradient-without-materialize",
)
def gradients_are_always_materialized(torch: Torch) -> Changed:
    """ctx.set_materialize_grads(False) does nothing."""
    return wrapped(ctx_of(torch), "set_materialize_grads", lambda real, self, value: real(self, True))


@mutant(
    "function-ctx.save-for-backward.inputs-same-object",
    "function-ctx.save-for-backward.outputs-connected",
    "function-ctx.save-for-backward.intermediate-as-output",
    "function-ctx.save-for-backward.recompute-intermediate",
    "saved.custom-function.saved-tensors-on-node",
    "function.double-backward.*",
    "tut.double.square-saving-input",
)
def saved_tensors_are_copies(torch: Torch) -> Changed:
    """ctx.save_for_backward keeps detached copies."""

    def around(real: Any, self: Any, *tensors: Any) -> Any:
        return real(self, *(t.detach().clone() if isinstance(t, torch.Tensor) else t for t in tensors))

    return wrapped(ctx_of(torch), "save_for_backward", around)


@mutant(
    "function-ctx.save-for-backward.roundtrip",
    "function.setup-context.saves-for-backward",
    "saved.custom-function.saved-tensors-on-node",
    "func.example.mycube*",
    "func.example.numpysort-routes-gradient",
)
def saved_tensors_are_reversed(torch: Torch) -> Changed:
    """ctx.saved_tensors has the tensors in reverse order."""
    return wrapped(ctx_of(torch), "save_for_backward", lambda real, self, *tensors: real(self, *reversed(tensors)))


@mutant(
    "function-ctx.save-for-forward.available-in-jvp",
    "function-ctx.save-for-forward.in-setup-context",
    "function-ctx.save-for-forward.called-twice",
)
def save_for_forward_is_ignored(torch: Torch) -> Changed:
    """ctx.save_for_forward does nothing."""
    return patched(ctx_of(torch), "save_for_forward", lambda self, *tensors: None)


@mutant("function.once-differentiable.*", "gradgradcheck.once-differentiable")
def once_differentiable_differentiates_twice(torch: Torch) -> Changed:
    """once_differentiable leaves the backward as it is."""
    return patched(torch.autograd.function, "once_differentiable", lambda backward: backward)


@mutant("function.output.default-requires-grad", "function.apply.grad-fn-name", "module.custom-linear-wraps-function")
def functions_cut_the_graph(torch: Torch) -> Changed:
    """What a custom Function returns requires no gradient."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        with torch.no_grad():
            return real(*arguments, **keywords)

    return applying(torch, around)


@mutant(
    "function.forward.single-or-tuple-output",
)
def functions_return_tuples(torch: Torch) -> Changed:
    """A custom Function with one output returns a tuple of one."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        return made if isinstance(made, tuple) else (made,)

    return applying(torch, around)


@mutant(
    "function.forward.input-returned-as-is",
    "function.forward.output-on-ctx-leaks",
    "function-ctx.mark-dirty.returns-same-object",
    "function.jvp.*view*",
    "function.inplace-function.subclass",
)
def functions_copy_their_outputs(torch: Torch) -> Changed:
    """A custom Function returns copies of what its forward returned."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        return made.clone() if isinstance(made, torch.Tensor) else made

    return applying(torch, around)
