"""Hooks of tensors and post-accumulate hooks: not called, called too often, in another order, unheeded, unchecked."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.around import Noted
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def hooked(hook: Any, around: Callable[..., Any]) -> Any:
    """A hook of the same name that is ``around(the real one, what it is given)``."""

    @functools.wraps(hook)
    def called(*given: Any) -> Any:
        return around(hook, *given)

    return called


def tensor_hooks(torch: Torch, around: Callable[..., Any]) -> Changed:
    """Every hook of a tensor is ``around(the real one, gradient)``."""
    return wrapped(torch.Tensor, "register_hook", lambda real, self, hook: real(self, hooked(hook, around)))


# -- hooks of tensors


@mutant(
    "tensor.register-hook.called-with-grad",
    "tensor.register-hook.runs-under-grad",
    "tensor.register-hook.not-callable",
    "tensor.register-hook.exception-propagates",
    "hooks.tensor.*",
    "hooks.order.*tensor*",
    "grad.side-effect.leaf-hooks-run",
)
def forgets_hooks(torch: Torch) -> Changed:
    """A tensor hook is accepted and never called."""
    return tensor_hooks(torch, lambda hook, grad: None)


@mutant(
    "tensor.register-hook.return-replaces",
    "tensor.register-hook.replacement-flows-upstream",
    "tensor.register-hook.runs-under-grad",
    "hooks.order.later-hooks-see-earlier-changes",
    "grad.side-effect.leaf-hooks-run",
)
def hooks_only_look(torch: Torch) -> Changed:
    """What a tensor hook returns does not replace the gradient."""

    def around(hook: Any, grad: Any) -> None:
        hook(grad)

    return tensor_hooks(torch, around)


@mutant("tensor.register-hook.called-with-grad", "hooks.tensor.sees-total-gradient-of-all-uses")
def hooks_see_zeros(torch: Torch) -> Changed:
    """A tensor hook is called with zeros."""

    def around(hook: Any, grad: Any) -> Any:
        return hook(torch.zeros_like(grad))

    return tensor_hooks(torch, around)


@mutant("tensor.register-hook.none-keeps")
def a_hook_must_return(torch: Torch) -> Changed:
    """A tensor hook that returns None makes the gradient zeros."""

    def around(hook: Any, grad: Any) -> Any:
        made = hook(grad)
        return torch.zeros_like(grad) if made is None else made

    return tensor_hooks(torch, around)


@mutant("tensor.register-hook.receives-new-gradient-not-accumulated", "tensor.register-hook.handle-remove")
def hooks_fire_once(torch: Torch) -> Changed:
    """A tensor hook is called in the first backward only."""

    def register(real: Any, self: Any, hook: Any) -> Any:
        fired: list[bool] = []

        def around(hook: Any, grad: Any) -> Any:
            if fired:
                return None
            fired.append(True)
            return hook(grad)

        return real(self, hooked(hook, around))

    return wrapped(torch.Tensor, "register_hook", register)


@mutant("tensor.register-hook.receives-new-gradient-not-accumulated")
def hooks_see_what_accumulated(torch: Torch) -> Changed:
    """The hook of a leaf is called with the sum of .grad and the new gradient."""

    def register(real: Any, self: Any, hook: Any) -> Any:
        def around(hook: Any, grad: Any) -> Any:
            return hook(grad if not self.is_leaf or self.grad is None else grad + self.grad)

        return real(self, hooked(hook, around))

    return wrapped(torch.Tensor, "register_hook", register)


@mutant("hooks.tensor.sees-total-gradient-of-all-uses")
def hooks_are_called_for_each_use(torch: Torch) -> Changed:
    """A tensor hook is called twice in each pass."""

    def around(hook: Any, grad: Any) -> Any:
        hook(grad)
        return hook(grad)

    return tensor_hooks(torch, around)


@mutant("tensor.register-hook.several-in-order", "hooks.order.same-kind-in-registration-order", only="torch")
def the_last_hook_runs_first(torch: Torch) -> Changed:
    """The tensor hook that was registered last runs first."""
    return wrapped(torch.Tensor, "register_hook", lambda real, self, hook: foremost(real(self, hook)))


def foremost(handle: Any) -> Any:
    """The hook of the handle is put before those that were registered before it."""
    hooks = handle.hooks_dict_ref()
    own, others = hooks.pop(handle.id), dict(hooks)
    hooks.clear()
    hooks[handle.id] = own
    hooks.update(others)
    return handle


@mutant("tensor.register-hook.several-in-order", "hooks.order.later-hooks-see-earlier-changes")
def every_hook_sees_the_gradient_as_it_came(torch: Torch) -> Changed:
    """The later of several tensor hooks is called with what the first was."""
    came = Noted()

    def register(real: Any, self: Any, hook: Any) -> Any:
        first = came.of(self)
        kept: list[Any] = [] if first is None else first
        came.note(self, kept)

        def around(hook: Any, grad: Any) -> Any:
            if first is None:
                kept[:] = [grad]
            return hook(kept[0] if kept and kept[0].shape == grad.shape else grad)

        return real(self, hooked(hook, around))

    return wrapped(torch.Tensor, "register_hook", register)


@mutant("tensor.register-hook.inplace-on-argument")
def hooks_get_a_copy(torch: Torch) -> Changed:
    """A tensor hook is called with a copy of the gradient."""
    return tensor_hooks(torch, lambda hook, grad: hook(grad.clone()))


@mutant("tensor.register-hook.wrong-*")
def results_of_hooks_are_not_checked(torch: Torch) -> Changed:
    """What a tensor hook returns is dropped where torch refuses it."""

    def around(hook: Any, grad: Any) -> Any:
        made = hook(grad)
        return made if isinstance(made, torch.Tensor) and _like(made, grad) else None

    return tensor_hooks(torch, around)


def _like(made: Any, grad: Any) -> bool:
    return bool(made.shape == grad.shape and made.dtype == grad.dtype)


@mutant("tensor.register-hook.not-callable")
def what_can_not_be_called_is_refused(torch: Torch) -> Changed:
    """register_hook refuses what cannot be called."""

    def register(real: Any, self: Any, hook: Any) -> Any:
        if not callable(hook):
            raise TypeError(f"{type(hook).__name__!r} object is not callable")
        return real(self, hook)

    return wrapped(torch.Tensor, "register_hook", register)


@mutant("tensor.register-hook.exception-propagates")
def errors_of_hooks_are_others(torch: Torch) -> Changed:
    """An error in a tensor hook becomes a RuntimeError."""

    def around(hook: Any, grad: Any) -> Any:
        try:
            return hook(grad)
        except Exception as error:
            raise RuntimeError("a hook failed") from error

    return tensor_hooks(torch, around)


@mutant("tensor.register-hook.no-requires-grad")
def constants_take_hooks(torch: Torch) -> Changed:
    """A hook on a tensor that requires no gradient is accepted."""

    def around(real: Any, self: Any, hook: Any) -> Any:
        return real(self if self.requires_grad else self.detach().requires_grad_(), hook)

    return wrapped(torch.Tensor, "register_hook", around)


@mutant(
    "hooks.tensor.fires-for-grad-input-even-if-node-not-run",
    "hooks.order.tensor-then-prehook-then-node-then-posthook",
    "hooks.inplace.hook-bound-to-old-grad-fn",
)
def hooks_of_results_are_prehooks(torch: Torch) -> Changed:
    """The hook of a tensor that was computed is a prehook of its node, after those that are there."""

    def register(real: Any, self: Any, hook: Any) -> Any:
        if self.is_leaf:
            return real(self, hook)
        number = self.output_nr

        def before(grads: tuple[Any, ...]) -> Any:
            made = hook(grads[number])
            return None if made is None else (*grads[:number], made, *grads[number + 1 :])

        return self.grad_fn.register_prehook(before)

    return wrapped(torch.Tensor, "register_hook", register)


@mutant("hooks.inplace.hook-registered-before-sees-gradient-of-old-value", "hooks.inplace.hook-bound-to-old-grad-fn")
@contextlib.contextmanager
def hooks_move_with_the_tensor(torch: Torch) -> Iterator[None]:
    """A hook of a tensor that is then changed in place by mul_ or square_ sees the gradient of the new value."""
    hooks = Noted()

    def register(real: Any, self: Any, hook: Any) -> Any:
        handle = real(self, hook)
        hooks.note(self, [*hooks.of(self, []), (handle, hook)])
        return handle

    def change(real: Any, self: Any, *given: Any) -> Any:
        moving = hooks.of(self, [])
        for handle, _ in moving:
            handle.remove()
        made = real(self, *given)
        for _, hook in moving:
            made.register_hook(hook)
        return made

    with (
        wrapped(torch.Tensor, "register_hook", register),
        wrapped(torch.Tensor, "mul_", change),
        wrapped(torch.Tensor, "square_", change),
    ):
        yield


# -- handles


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
