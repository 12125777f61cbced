"""Full backward hooks of modules: identities around the inputs and the outputs, with hooks on their nodes."""

from __future__ import annotations

import warnings
from typing import Any

from ...autograd.function import Function
from ...tensor import Tensor

NO_INPUTS = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require "
    "gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#"
    "torch.nn.Module.register_full_backward_hook for more details."
)


class BackwardHookFunction(Function):
    """The identity."""

    @staticmethod
    def forward(ctx: Any, *args: Any) -> tuple:
        ctx.mark_non_differentiable(*[a for a in args if not a.requires_grad])
        return args

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple:
        return grads


class BackwardHook:
    """One call of one module."""

    def __init__(self, module: Any, after: list[Any], before: list[Any]) -> None:
        self.module, self.after, self.before = module, after, before
        self.grad_outputs: tuple | None = None
        self.reaches_inputs = False

    def inputs(self, args: tuple) -> tuple:
        places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        wrapped, node = identity([args[i] for i in places])
        if node is None:
            return args
        self.reaches_inputs = True

        def hook(grad_input: tuple, _: tuple) -> Any:
            if self.grad_outputs is None:
                return None  # the outputs took no part in this backward
            found = self.run(spread(grad_input, places, len(args)))
            self.grad_outputs = None
            return None if found is None else tuple(found[i] for i in places)

        node.register_hook(hook)
        return replaced(args, places, wrapped)

    def outputs(self, result: Any) -> Any:
        outs = result if isinstance(result, tuple) else (result,)
        places = [i for i, o in enumerate(outs) if isinstance(o, Tensor)]
        wrapped, node = identity([outs[i] for i in places])
        if node is None:
            return result

        def hook(grad_output: tuple) -> Any:
            gs = spread(grad_output, places, len(outs))
            for user in self.before:
                changed = user(self.module, gs)
                if changed is not None:
                    gs = changed if isinstance(changed, tuple) else (changed,)
            self.grad_outputs = gs
            if not self.reaches_inputs:
                warnings.warn(NO_INPUTS, UserWarning, stacklevel=5)
                if self.run((None,) * len(gs)) is not None:
                    raise RuntimeError(
                        "Backward hook for Modules where no input requires gradient should always return None or None for "
                        "all gradients."
                    )
                self.grad_outputs = None
            return tuple(gs[i] for i in places)

        node.register_prehook(hook)
        changed = replaced(outs, places, wrapped)
        return changed if isinstance(result, tuple) else changed[0]

    def run(self, grad_input: tuple) -> tuple | None:
        """The user's hooks; None if none of them replaced anything."""
        found = None
        for user in self.after:
            changed = user(self.module, grad_input, self.grad_outputs)
            if changed is not None:
                changed = changed if isinstance(changed, tuple) else (changed,)
                if len(changed) != len(grad_input):
                    raise RuntimeError(
                        f"Backward hook returned an invalid number of grad_input, got {len(changed)}, but expected "
                        f"{len(grad_input)}"
                    )
                grad_input = found = changed
        return found


def identity(tensors: list[Tensor]) -> tuple[Any, Any]:
    from ...graph.modes import is_grad_enabled

    if not (is_grad_enabled() and any(t.requires_grad for t in tensors)):
        return tensors, None
    outs = BackwardHookFunction.apply(*tensors)
    return outs, next(o.grad_fn for o in outs if o.grad_fn is not None)


def spread(values: tuple, places: list[int], count: int) -> tuple:
    found: list[Any] = [None] * count
    for i, v in zip(places, values, strict=True):
        found[i] = v
    return tuple(found)


def replaced(items: tuple, places: list[int], values: Any) -> tuple:
    found = list(items)
    for i, v in zip(places, values, strict=True):
        found[i] = v
    return tuple(found)
