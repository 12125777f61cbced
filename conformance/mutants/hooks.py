"""Hooks that are not called, called in the wrong order, or whose results are dropped."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "tensor.register-hook.*",
    "hooks.*",
    "tensor.post-accumulate-hook.after-tensor-hooks",
    "grad.side-effect.leaf-hooks-run",
)
def forgets_hooks(torch: Torch) -> Changed:
    """A tensor hook is accepted and never called."""
    register = torch.Tensor.register_hook
    return patched(torch.Tensor, "register_hook", lambda self, hook: register(self, lambda grad: None))


@mutant("tensor.register-hook.*", "hooks.*")
def hooks_only_look(torch: Torch) -> Changed:
    """What a tensor hook returns does not replace the gradient."""

    def around(real: Any, self: Any, hook: Callable[[Any], Any]) -> Any:
        def called(grad: Any) -> None:
            hook(grad)

        return real(self, called)

    return wrapped(torch.Tensor, "register_hook", around)


@mutant("tensor.register-hook.*", "hooks.tensor.*")
def hooks_fire_once(torch: Torch) -> Changed:
    """A tensor hook is called in the first backward only."""

    def around(real: Any, self: Any, hook: Callable[[Any], Any]) -> Any:
        fired: list[bool] = []

        def called(grad: Any) -> Any:
            if fired:
                return None
            fired.append(True)
            return hook(grad)

        called.__name__ = getattr(hook, "__name__", "hook")
        return real(self, called)

    return wrapped(torch.Tensor, "register_hook", around)


@mutant("tensor.post-accumulate-hook.*", "hooks.order.leaf*")
def post_accumulate_hooks_are_forgotten(torch: Torch) -> Changed:
    """A post-accumulate hook is accepted and never called."""
    return wrapped(
        torch.Tensor, "register_post_accumulate_grad_hook", lambda real, self, hook: real(self, lambda tensor: None)
    )


@mutant("tensor.post-accumulate-hook.*")
def post_accumulate_hooks_see_the_gradient(torch: Torch) -> Changed:
    """A post-accumulate hook is given .grad, not the tensor."""
    return wrapped(
        torch.Tensor,
        "register_post_accumulate_grad_hook",
        lambda real, self, hook: real(self, lambda tensor: hook(tensor.grad)),
    )


def _handle(torch: Torch) -> Any:
    return type(torch.zeros(1, requires_grad=True).register_hook(lambda grad: None))


@mutant(
    "tensor.register-hook.handle-remove",
    "tensor.post-accumulate-hook.handle-remove",
    "graph.node.register-hook.remove",
    "graph.node.register-prehook.remove",
    "graph.register-multi-grad-hook.handle-remove",
)
def handles_do_not_remove(torch: Torch) -> Changed:
    """handle.remove() leaves the hook in its place."""
    return patched(_handle(torch), "remove", lambda self: None)


@mutant("tensor.register-hook.handle-remove")
def handles_do_not_remove_at_the_end(torch: Torch) -> Changed:
    """A handle used as a context leaves the hook in its place at the end."""
    return patched(_handle(torch), "__exit__", lambda self, *_: None)


@mutant("graph.register-multi-grad-hook.*", "hooks.multi-grad.*")
def several_tensors_hooks_are_forgotten(torch: Torch) -> Changed:
    """register_multi_grad_hook accepts a function and never calls it."""
    return wrapped(
        torch.autograd.graph,
        "register_multi_grad_hook",
        lambda real, tensors, fn, **named: real(tensors, lambda grads: None, **named),
    )


@mutant("graph.register-multi-grad-hook.any.*", "graph.register-multi-grad-hook.invalid-mode")
def several_tensors_hooks_ignore_the_mode(torch: Torch) -> Changed:
    """register_multi_grad_hook waits for all gradients in every mode."""
    return wrapped(
        torch.autograd.graph, "register_multi_grad_hook", lambda real, tensors, fn, **named: real(tensors, fn)
    )


@mutant("tensor.register-hook.no-requires-grad")
def constants_take_hooks(torch: Torch) -> Changed:
    """A hook on a tensor that requires no gradient is accepted."""

    def around(real: Any, self: Any, hook: Any) -> Any:
        return real(self if self.requires_grad else self.detach().requires_grad_(), hook)

    return wrapped(torch.Tensor, "register_hook", around)


@mutant("tensor.post-accumulate-hook.leaf-only", "tensor.post-accumulate-hook.no-requires-grad")
def non_leaves_take_post_accumulate_hooks(torch: Torch) -> Changed:
    """A post-accumulate hook on a tensor that is no leaf is accepted."""

    def around(real: Any, self: Any, hook: Any) -> Any:
        return real(self if self.is_leaf else self.detach().requires_grad_(), hook)

    return wrapped(torch.Tensor, "register_post_accumulate_grad_hook", around)
