"""Post-accumulate hooks: not called, called too often, too early or in another order, unheeded, unchecked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.areas.hooks import hooked
from conformance.mutants.around import Noted, nothing
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]

POST = "register_post_accumulate_grad_hook"


def post_hooks(torch: Torch, around: Callable[..., Any]) -> Changed:
    """Every post-accumulate hook is ``around(the real one, leaf)``."""
    return wrapped(torch.Tensor, POST, lambda real, self, hook: real(self, hooked(hook, around)))


@mutant(
    "tensor.post-accumulate-hook.sees-updated-grad",
    "tensor.post-accumulate-hook.may-*",
    "tensor.post-accumulate-hook.once-per-pass",
    "hooks.order.leaf*",
)
def post_accumulate_hooks_are_forgotten(torch: Torch) -> Changed:
    """A post-accumulate hook is accepted and never called."""
    return post_hooks(torch, lambda hook, leaf: None)


@mutant("tensor.post-accumulate-hook.sees-updated-grad", "tensor.post-accumulate-hook.may-modify-tensor")
def post_accumulate_hooks_see_the_gradient(torch: Torch) -> Changed:
    """A post-accumulate hook is given .grad, not the tensor."""
    return post_hooks(torch, lambda hook, leaf: hook(leaf.grad))


@mutant("tensor.post-accumulate-hook.once-per-pass")
def post_accumulate_hooks_run_twice(torch: Torch) -> Changed:
    """A post-accumulate hook is called twice in each pass."""

    def around(hook: Any, leaf: Any) -> Any:
        hook(leaf)
        return hook(leaf)

    return post_hooks(torch, around)


@mutant("tensor.post-accumulate-hook.may-modify-tensor", "tensor.post-accumulate-hook.may-clear-grad")
def post_accumulate_hooks_change_nothing(torch: Torch) -> Changed:
    """What a post-accumulate hook changes is undone when it ends."""

    def around(hook: Any, leaf: Any) -> Any:
        value, grad = leaf.detach().clone(), leaf.grad
        made = hook(leaf)
        leaf.data.copy_(value)
        leaf.grad = grad
        return made

    return post_hooks(torch, around)


@mutant("tensor.post-accumulate-hook.several-in-order", "hooks.order.same-kind-in-registration-order")
def the_last_post_accumulate_hook_runs_first(torch: Torch) -> Changed:
    """The post-accumulate hook that was registered last runs first."""
    registered = Noted()

    def register(real: Any, self: Any, hook: Any) -> Any:
        hooks = registered.of(self)
        if hooks is not None:
            hooks.append(hook)
            return real(self, nothing)
        hooks = [hook]
        registered.note(self, hooks)

        def backwards(leaf: Any) -> Any:
            made = [one(leaf) for one in reversed(hooks)]
            return next((one for one in made if one is not None), None)

        return real(self, backwards)

    return wrapped(torch.Tensor, POST, register)


@mutant(
    "tensor.post-accumulate-hook.after-tensor-hooks",
    "tensor.post-accumulate-hook.not-under-grad",
    "tensor.post-accumulate-hook.sees-updated-grad",
    "hooks.order.leaf*",
)
def post_accumulate_hooks_are_tensor_hooks(torch: Torch) -> Changed:
    """A post-accumulate hook runs among the tensor hooks of the leaf, before accumulation."""

    def register(real: Any, self: Any, hook: Any) -> Any:
        def before(grad: Any) -> None:
            hook(self)

        return self.register_hook(before)

    return wrapped(torch.Tensor, POST, register)


@mutant("tensor.post-accumulate-hook.no-grad-mode", "tensor.post-accumulate-hook.enable-grad-inside")
def post_accumulate_hooks_record(torch: Torch) -> Changed:
    """Grad mode is on in a post-accumulate hook."""

    def around(hook: Any, leaf: Any) -> Any:
        with torch.enable_grad():
            return hook(leaf)

    return post_hooks(torch, around)


@mutant("tensor.post-accumulate-hook.grad-mode-with-create-graph", "tensor.post-accumulate-hook.enable-grad-inside")
def post_accumulate_hooks_never_record(torch: Torch) -> Changed:
    """Grad mode is off in a post-accumulate hook, and stays off."""

    def enter(real: Any, self: Any) -> None:
        real(self)
        torch.set_grad_enabled(False)

    def around(hook: Any, leaf: Any) -> Any:
        with torch.no_grad(), wrapped(torch.enable_grad, "__enter__", enter):
            return hook(leaf)

    return post_hooks(torch, around)


@mutant("tensor.post-accumulate-hook.return-must-be-none", "tensor.post-accumulate-hook.return-non-tensor")
def results_of_post_accumulate_hooks_are_dropped(torch: Torch) -> Changed:
    """What a post-accumulate hook returns is dropped."""

    def around(hook: Any, leaf: Any) -> None:
        hook(leaf)

    return post_hooks(torch, around)


@mutant("tensor.post-accumulate-hook.return-leaf-tolerated")
def post_accumulate_hooks_return_nothing(torch: Torch) -> Changed:
    """A post-accumulate hook that returns anything is refused."""

    def around(hook: Any, leaf: Any) -> None:
        if hook(leaf) is not None:
            raise RuntimeError("Tensor post accumulate grad hooks should return None.")

    return post_hooks(torch, around)


@mutant("tensor.post-accumulate-hook.leaf-only", "tensor.post-accumulate-hook.no-requires-grad")
def non_leaves_take_post_accumulate_hooks(torch: Torch) -> Changed:
    """A post-accumulate hook is accepted on every tensor."""

    def around(real: Any, self: Any, hook: Any) -> Any:
        return real(self if self.is_leaf and self.requires_grad else self.detach().requires_grad_(), hook)

    return wrapped(torch.Tensor, POST, around)
