"""The context of custom Functions: what was saved, how long it is kept, and which inputs need a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.mutants.areas.function_backward import Changed, backing
from conformance.mutants.areas.functions import applying, ctx_of
from conformance.mutants.around import both
from conformance.mutants.mutant import Torch, mutant, patched, wrapped


@mutant("function.ctx-attribute.second-backward-works", "function-ctx.attributes.live-as-long-as-the-node")
def attributes_are_freed_with_what_was_saved(torch: Torch) -> Changed:
    """What forward set on ctx is gone after the first backward."""

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        try:
            return real(ctx, *cotangents)
        finally:
            for name in list(vars(ctx)):
                delattr(ctx, name)

    return backing(torch, around)


@mutant("function-ctx.save-for-backward.inplace-check-lazy")
def what_was_saved_is_checked_before_backward(torch: Torch) -> Changed:
    """A saved tensor that was changed in place since is an error, even if backward never reads it."""

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        if not ctx._forward_cls.clear_saved_tensors_on_access:
            ctx.saved_tensors  # noqa: B018
        return real(ctx, *cotangents)

    return backing(torch, around)


@mutant("function.clear-saved-tensors-on-access.second-*", "function.clear-saved-on-access.frees-early")
def nothing_is_cleared_on_access(torch: Torch) -> Changed:
    """clear_saved_tensors_on_access = True is not heeded."""

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        with patched(cls, "clear_saved_tensors_on_access", False):
            return real(*arguments, **keywords)

    def run(real: Any, ctx: Any, *cotangents: Any) -> Any:
        with patched(ctx._forward_cls, "clear_saved_tensors_on_access", False):
            return real(ctx, *cotangents)

    return both(applying(torch, applied), backing(torch, run))


@mutant("function.clear-saved-tensors-on-access.default")
def saved_tensors_are_cleared_by_default(torch: Torch) -> Changed:
    """clear_saved_tensors_on_access is True where a Function does not say otherwise."""
    return patched(torch.autograd.Function, "clear_saved_tensors_on_access", True)


def reading(torch: Torch, name: str, read: Callable[..., Any]) -> Changed:
    """``ctx.name`` is ``read(the real reading, ctx)``."""
    kind = torch.autograd.function.BackwardCFunction
    own = next(vars(one)[name] for one in kind.__mro__ if name in vars(one))
    setter = own.__set__ if hasattr(own, "__set__") else None
    return patched(kind, name, property(lambda self: read(own.__get__, self), setter))


@mutant(
    "function.save-for-backward.second-backward.errors",
    "function-ctx.save-for-backward.freed-after-backward",
    "function.save-for-backward.freed-after-backward",
)
def what_was_read_once_is_kept(torch: Torch) -> Changed:
    """What ctx.saved_tensors gave once it gives for ever, freed or not."""

    def read(real: Any, ctx: Any) -> Any:
        try:
            vars(ctx)["kept"] = real(ctx)
        except RuntimeError:
            if "kept" not in vars(ctx):
                raise
        return vars(ctx)["kept"]

    return reading(torch, "saved_tensors", read)


@mutant("function-ctx.saved-tensors.nothing-saved")
def nothing_saved_is_none(torch: Torch) -> Changed:
    """Where nothing was saved ctx.saved_tensors is None."""
    return reading(torch, "saved_tensors", lambda real, ctx: real(ctx) or None)


@mutant("function-ctx.saved-variables.deprecated")
def saved_variables_does_not_warn(torch: Torch) -> Changed:
    """ctx.saved_variables is ctx.saved_tensors."""
    return reading(torch, "saved_variables", lambda real, ctx: ctx.saved_tensors)


@mutant("function.needs-input-grad.flags")
def every_input_needs_a_gradient(torch: Torch) -> Changed:
    """ctx.needs_input_grad is True for every argument."""
    return reading(torch, "needs_input_grad", lambda real, ctx: tuple(True for _ in real(ctx)))


@mutant("function.needs-input-grad.not-narrowed-by-inputs")
def only_requested_inputs_need_a_gradient(torch: Torch) -> Changed:
    """While autograd.grad runs, ctx.needs_input_grad is False for the leaves that were not asked for."""
    asked: list[Any] = []

    def grad(real: Any, outputs: Any, inputs: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(inputs if isinstance(inputs, list | tuple) else [inputs])
        try:
            return real(outputs, inputs, *arguments, **options)
        finally:
            asked.pop()

    def read(real: Any, ctx: Any) -> Any:
        flags, following = real(ctx), iter(ctx.next_functions)
        if not asked or len(flags) != len(ctx.next_functions):
            return flags
        leaves = [getattr(node, "variable", None) for node, _ in following]
        wanted = [leaf is None or any(leaf is one for one in asked[-1]) for leaf in leaves]
        return tuple(flag and want for flag, want in zip(flags, wanted, strict=True))

    return both(wrapped(torch.autograd, "grad", grad), reading(torch, "needs_input_grad", read))


@mutant("function-ctx.set-materialize-grads.in-backward-too-late")
def materializing_may_be_switched_off_in_backward(torch: Torch) -> Changed:
    """ctx.set_materialize_grads(False) in backward takes back the zeros that it was handed: they become nan."""
    handed: list[Any] = []

    def around(real: Any, ctx: Any, *cotangents: Any) -> Any:
        handed.append(cotangents)
        try:
            return real(ctx, *cotangents)
        finally:
            handed.pop()

    def setting(real: Any, self: Any, value: bool) -> None:
        real(self, value)
        for one in handed[-1] if handed and not value else ():
            if isinstance(one, torch.Tensor) and not bool(one.any()):
                one.fill_(float("nan"))

    return both(backing(torch, around), wrapped(ctx_of(torch), "set_materialize_grads", setting))
