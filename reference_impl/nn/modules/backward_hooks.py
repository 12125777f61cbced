"""Full backward hooks of modules: identities around the inputs and the outputs, with hooks on their nodes."""

from __future__ import annotations

import functools
import warnings
import weakref
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
        self.reaches_inputs, self.inputs_count = False, 0

    def inputs(self, args: tuple) -> tuple:
        self.inputs_count = len(args)
        places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        wrapped, node = identity([args[i] for i in places])
        if node is None:
            return args
        self.reaches_inputs = True

        def hook(grad_input: tuple, _: tuple) -> Any:
            if self.grad_outputs is None:
                return None  # the outputs took no part in this backward
            found = self.run(placed(grad_input, places, len(args)))
            self.grad_outputs = None
            return None if found is None else tuple(found[i] for i in places)

        node.register_hook(hook)
        return replaced(args, places, wrapped)

    def outputs(self, result: Any) -> Any:
        if not isinstance(result, Tensor | tuple):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(result)}",
                stacklevel=5,
            )
        outs = result if isinstance(result, tuple) else (result,)
        places = [i for i, o in enumerate(outs) if isinstance(o, Tensor)]
        wrapped, node = identity([outs[i] for i in places])
        if node is None:
            return result

        def hook(grad_output: tuple) -> Any:
            gs = placed(grad_output, places, len(outs))
            for user in self.before:
                changed = user(self.module, gs)
                if changed is None:
                    continue
                changed = changed if isinstance(changed, tuple) else (changed,)
                if len(changed) != len(gs):
                    raise RuntimeError(
                        f"Backward pre hook returned an invalid number of grad_output, got {len(changed)}, but expected "
                        f"{len(gs)}"
                    )
                gs = changed
            self.grad_outputs = gs
            if not self.reaches_inputs:
                self.run_without_inputs()
                self.grad_outputs = None
            return tuple(gs[i] for i in places)

        node.register_prehook(hook)
        changed = replaced(outs, places, wrapped)
        if not isinstance(result, tuple):
            return changed[0]
        return changed if type(result) is tuple else type(result)(*changed)

    def run_without_inputs(self) -> None:
        warnings.warn(NO_INPUTS, UserWarning, stacklevel=6)
        for user in self.after:
            found = user(self.module, (None,) * self.inputs_count, self.grad_outputs)
            if found is not None and not (isinstance(found, tuple) and all(g is None for g in found)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for all "
                    "gradients."
                )

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


LAST_NODE = (
    "Using {} is deprecated and will be removed in future versions. This hook will be missing some {}. Please use "
    "register_full_backward_hook to get the documented behavior."
)


def watch_last_node(module: Any, hooks: list[Any], args: Any, result: Any) -> None:
    """Let hooks that are not full ones see what goes through the node that made the first output."""
    first = result
    while not isinstance(first, Tensor):
        first = next(v for v in first.values() if isinstance(v, Tensor)) if isinstance(first, dict) else first[0]
    node = first.grad_fn
    if node is None:
        return
    for hook in hooks:
        node.register_hook(of_module(hook, module))
    warn_of_what_is_missed(args, result, node)


def of_module(hook: Any, module: Any) -> Any:
    """A hook that is called with its module, and does not keep it alive."""
    alive = weakref.ref(module)

    @functools.wraps(hook)
    def run(*grads: Any) -> Any:
        own = alive()
        if own is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return hook(own, *grads)

    return run


def warn_of_what_is_missed(args: Any, result: Any, node: Any) -> None:
    def warn(how: str, missed: str, advised: bool = True) -> None:
        text = LAST_NODE.format(how, missed)
        warnings.warn(text if advised else text.partition(" Please")[0], FutureWarning, stacklevel=6)

    outs, inputs = (x if isinstance(x, tuple) else (x,) for x in (result, args))
    if not all(isinstance(o, Tensor) for o in outs):
        how = "non-full backward hooks on a Module that does not return a single Tensor or a tuple of Tensors"
        warn(how, "of the grad_output")
        return
    if not all(isinstance(x, Tensor) for x in inputs):
        how = "non-full backward hooks on a Module that does not take as input a single Tensor or a tuple of Tensors"
        warn(how, "of the grad_input")
        return
    makers = {o.grad_fn for o in outs} - {None}
    if node not in makers and len(makers) < 2:
        warn("a non-full backward hook when outputs are nested in python data structure", "grad_output", False)
    elif len(makers) > 1:
        warn("a non-full backward hook when outputs are generated by different autograd Nodes", "grad_output")
    elif {x.grad_fn for x in inputs} - {None} != {following for following, _ in node.next_functions}:
        warn("a non-full backward hook when the forward contains multiple autograd Nodes", "grad_input")


def identity(tensors: list[Tensor]) -> tuple[Any, Any]:
    from ...graph.modes import is_grad_enabled

    if not (is_grad_enabled() and any(t.requires_grad for t in tensors)):
        return tensors, None
    outs = BackwardHookFunction.apply(*tensors)
    return outs, next(o.grad_fn for o in outs if o.grad_fn is not None)


def placed(values: tuple, places: list[int], count: int) -> tuple:
    found: list[Any] = [None] * count
    for i, v in zip(places, values, strict=True):
        found[i] = v
    return tuple(found)


def replaced(items: tuple, places: list[int], values: Any) -> tuple:
    found = list(items)
    for i, v in zip(places, values, strict=True):
        found[i] = v
    return tuple(found)
