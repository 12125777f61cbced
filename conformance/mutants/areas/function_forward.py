"""The forward and setup_context of custom Functions: how they run, what they are handed, what becomes of the outputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from conformance.mutants.areas.function_backward import Changed
from conformance.mutants.areas.function_rules import is_separate, method, through
from conformance.mutants.areas.functions import applying, ctx_of
from conformance.mutants.around import both
from conformance.mutants.mutant import Torch, mutant, patched, wrapped


def _outputs(torch: Torch, change: Callable[[int, Any], Any]) -> Changed:
    """Every output of a Function is ``change(its position, it)``."""

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        if not isinstance(made, tuple):
            return change(0, made)
        return tuple(change(position, one) for position, one in enumerate(made))

    return applying(torch, applied)


# -- forward and setup_context


@mutant("function.apply.forward-runs-without-grad-mode", "function.forward.inputs-do-not-track-history")
def forward_runs_with_grad_mode_on(torch: Torch) -> Changed:
    """forward and setup_context run with grad mode on."""

    def recording(own: Any, *arguments: Any) -> Any:
        with torch.enable_grad():
            return own(*arguments)

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        with both(*(method(cls, torch, name, recording) for name in ("forward", "setup_context"))):
            return real(*arguments, **keywords)

    return applying(torch, applied)


@mutant("function.setup-context.arguments", "func.example.intermediates-must-be-outputs")
def setup_context_sees_more_outputs(torch: Torch) -> Changed:
    """The output that setup_context is handed is a tuple of three, whatever forward returned."""

    def around(own: Any, ctx: Any, inputs: Any, output: Any) -> Any:
        several = output if isinstance(output, tuple) else (output,)
        return own(ctx, inputs, (several * 3)[:3])

    return through(torch, "setup_context", around)


@mutant("function.setup-context.arguments")
def setup_context_sees_reversed_inputs(torch: Torch) -> Changed:
    """The inputs that setup_context is handed are in reverse order."""
    return through(torch, "setup_context", lambda own, ctx, inputs, output: own(ctx, inputs[::-1], output))


@mutant("function.two-forms.combined-and-separate-agree")
def the_separate_form_has_other_gradients(torch: Torch) -> Changed:
    """The gradient of a Function with setup_context is half as much again."""

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        for output in made if isinstance(made, tuple) else (made,):
            if is_separate(cls, torch) and isinstance(output, torch.Tensor) and output.grad_fn is not None:
                output.register_hook(lambda grad: None if grad is None else grad * 1.5)
        return made

    return applying(torch, applied)


@mutant("function.apply.calling-forward-directly")
def calling_forward_applies_the_function(torch: Torch) -> Changed:
    """The forward of a Function, called by itself, is its apply."""
    kind, inside = type(torch.autograd.Function), [False]

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        before, inside[0] = inside[0], True
        try:
            return real(*arguments, **keywords)
        finally:
            inside[0] = before

    def attribute(cls: Any, name: str) -> Any:
        if name == "forward" and not inside[0]:
            return lambda ctx, *arguments: cls.apply(*arguments)
        return type.__getattribute__(cls, name)

    return both(applying(torch, applied), patched(kind, "__getattribute__", attribute))


@mutant("function.apply.kwargs-skipping-default-combined")
def defaults_are_bound_in_the_combined_form(torch: Torch) -> Changed:
    """apply fills in the defaults of a forward that takes ctx."""

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        if not keywords or is_separate(cls, torch):
            return real(*arguments, **keywords)
        bound = inspect.signature(cls.forward).bind(None, *arguments, **keywords)
        bound.apply_defaults()
        return real(*bound.args[1:])

    return applying(torch, applied)


@mutant("function.backward-cls.generated")
def nodes_are_of_another_class(torch: Torch) -> Changed:
    """The grad_fn of a result is of a class derived from _backward_cls, made for it alone."""

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        own = cls._backward_cls
        with patched(cls, "_backward_cls", type(own.__name__, (own,), {})):
            return real(*arguments, **keywords)

    return applying(torch, applied)


@mutant("function.instantiation.warning")
def functions_may_be_instantiated(torch: Torch) -> Changed:
    """Making an instance of a Function does not warn."""
    return patched(torch.autograd.Function, "__init__", lambda self, *_, **__: None)


@mutant("func.function.captured-tensor-gradient-lost", "func.function.pytree-inputs-not-tracked")
def captured_tensors_get_gradients(torch: Torch) -> Changed:
    """A tensor that forward captured, or found in a list, gets the gradient of the operations in forward."""

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        if not is_separate(cls, torch) or not isinstance(made, torch.Tensor):
            return made
        alone = (one.detach() if isinstance(one, torch.Tensor) else one for one in arguments)
        tracked = cls.forward(*alone, **keywords)
        return made + (tracked - tracked.detach()) if tracked.requires_grad else made

    return applying(torch, applied)


# -- the context


@mutant("function.mark-dirty.omitted-inplace")
def forgotten_marks_are_errors(torch: Torch) -> Changed:
    """An input that forward wrote to and did not mark is an error."""
    marked: list[Any] = []

    def marking(real: Any, self: Any, *tensors: Any) -> None:
        marked.extend(tensors)
        real(self, *tensors)

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        before = [(one, one._version) for one in arguments if isinstance(one, torch.Tensor)]
        made = real(*arguments, **keywords)
        for one, version in before:
            if one._version != version and not any(one is other for other in marked):
                raise RuntimeError("forward wrote to an input that it did not mark")
        marked.clear()
        return made

    return both(wrapped(ctx_of(torch), "mark_dirty", marking), applying(torch, applied))


@mutant("function-ctx.mark-non-differentiable.non-output-ignored")
def marks_on_other_tensors_are_errors(torch: Torch) -> Changed:
    """Marking a tensor that is no output as not differentiable is an error."""
    marked: list[Any] = []

    def marking(real: Any, self: Any, *tensors: Any) -> None:
        marked.extend(tensors)
        real(self, *tensors)

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        outputs = made if isinstance(made, tuple) else (made,)
        if any(all(one is not output for output in outputs) for one in marked):
            raise RuntimeError("what is marked is no output")
        marked.clear()
        return made

    return both(wrapped(ctx_of(torch), "mark_non_differentiable", marking), applying(torch, applied))


@mutant("function-ctx.mark-shared-storage.deprecated")
def mark_shared_storage_does_not_warn(torch: Torch) -> Changed:
    """ctx.mark_shared_storage does nothing, in silence."""
    return patched(ctx_of(torch), "mark_shared_storage", lambda self, *pairs: None)


@mutant("function-ctx.save-for-backward.called-twice")
def saving_twice_is_an_error(torch: Torch) -> Changed:
    """A second call of ctx.save_for_backward is refused."""

    def around(real: Any, self: Any, *tensors: Any) -> None:
        if getattr(self, "saved_before", False):
            raise RuntimeError("save_for_backward was called before")
        self.saved_before = True
        real(self, *tensors)

    return wrapped(ctx_of(torch), "save_for_backward", around)


@mutant("function-ctx.save-for-backward.hooks-skip-ctx-attributes")
def hooks_see_attributes_of_the_context(torch: Torch) -> Changed:
    """Hooks on saved tensors pack and unpack what is set on ctx, too."""
    hooks, active = torch.autograd.graph.saved_tensors_hooks, list[Any]()

    def entering(real: Any, self: Any) -> Any:
        active.append(self)
        return real(self)

    def setting(self: Any, name: str, value: Any) -> None:
        if active and isinstance(value, torch.Tensor):
            value = active[-1].unpack_hook(active[-1].pack_hook(value))
        object.__setattr__(self, name, value)

    kind = torch.autograd.function.BackwardCFunction
    return both(wrapped(hooks, "__enter__", entering), patched(kind, "__setattr__", setting))


@mutant(
    "function-ctx.set-materialize-grads.default-true",
    "function-ctx.mark-non-differentiable.*zero*",
)
def gradients_are_not_materialized_by_default(torch: Torch) -> Changed:
    """An output that got no gradient has None in backward, unless forward asked for zeros."""

    def around(own: Any, ctx: Any, *arguments: Any) -> Any:
        ctx.set_materialize_grads(False)
        return own(ctx, *arguments)

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        if keywords:
            return real(*arguments, **keywords)
        with method(cls, torch, "setup_context" if is_separate(cls, torch) else "forward", around):
            return real(*arguments)

    return applying(torch, applied)


# -- the outputs


@mutant("function.forward.integer-output-not-differentiable", "function-ctx.mark-non-differentiable.integer*")
def integers_become_floating(torch: Torch) -> Changed:
    """An output of whole numbers leaves apply as floating numbers that require grad."""

    def change(_: int, one: Any) -> Any:
        whole = isinstance(one, torch.Tensor) and one.dtype in (torch.int64, torch.int32)
        return one.double().requires_grad_() if whole else one

    return _outputs(torch, change)


@mutant("function.forward.non-tensor-outputs")
def outputs_that_are_no_tensors_are_lost(torch: Torch) -> Changed:
    """None stands where forward returned an object that is no tensor."""
    return _outputs(torch, lambda _, one: one if isinstance(one, torch.Tensor) else None)


@mutant("function.output.default-requires-grad")
def only_the_first_output_requires_grad(torch: Torch) -> Changed:
    """Of several outputs of a Function the first alone requires grad."""
    return _outputs(torch, lambda position, one: one.detach() if position and isinstance(one, torch.Tensor) else one)
