"""register_multi_grad_hook: not called, called too often or too late, with other gradients, in another mode."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.areas.hooks import hooked
from conformance.mutants.around import around_backward
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]
NAME = "register_multi_grad_hook"


def _calling(torch: Torch, around: Callable[..., Any]) -> Changed:
    """The function of a register_multi_grad_hook is ``around(the real one, gradients)``."""
    return wrapped(
        torch.autograd.graph,
        NAME,
        lambda real, tensors, fn, **named: real(tensors, hooked(fn, around), **named),
    )


@mutant(
    "graph.register-multi-grad-hook.all.gradient-values",
    "graph.register-multi-grad-hook.all.autograd-grad-nonleaf",
    "graph.register-multi-grad-hook.any.autograd-grad",
    "hooks.multi-grad.*",
)
def several_tensors_hooks_are_forgotten(torch: Torch) -> Changed:
    """register_multi_grad_hook accepts a function and never calls it."""
    return _calling(torch, lambda fn, grads: None)


@mutant("graph.register-multi-grad-hook.all.gradient-values")
def several_gradients_come_backwards(torch: Torch) -> Changed:
    """The gradients that register_multi_grad_hook hands over begin with that of the last tensor."""
    return _calling(torch, lambda fn, grads: fn(grads[::-1] if isinstance(grads, list) else grads))


@mutant("graph.register-multi-grad-hook.all.gradient-values")
def several_gradients_are_a_tuple(torch: Torch) -> Changed:
    """The gradients that register_multi_grad_hook hands over stand in a tuple."""
    return _calling(torch, lambda fn, grads: fn(tuple(grads) if isinstance(grads, list) else grads))


@mutant(
    "graph.register-multi-grad-hook.all.example",
    "graph.register-multi-grad-hook.all.with-inputs",
    "graph.register-multi-grad-hook.all.undefined-gradient-none",
)
def missing_gradients_are_zeros(torch: Torch) -> Changed:
    """The gradients that register_multi_grad_hook hands over are zeros for tensors outside the pass."""

    def around(fn: Any, grads: Any) -> Any:
        return fn([torch.zeros(()) if one is None else one for one in grads] if isinstance(grads, list) else grads)

    return _calling(torch, around)


def _registering(torch: Torch, register: Callable[[list[Any], Any], None], mode: str = "all") -> Changed:
    """register_multi_grad_hook in one mode is ``register(tensors, fn)``; the handle removes nothing."""

    def around(real: Any, tensors: Any, fn: Any, **named: Any) -> Any:
        if named.get("mode", "all") != mode or not all(one.requires_grad for one in tensors):
            return real(tensors, fn, **named)
        register(list(tensors), fn)
        return real(tensors, lambda grads: None, **named)

    return wrapped(torch.autograd.graph, NAME, around)


@mutant(
    "graph.register-multi-grad-hook.all.example",
    "graph.register-multi-grad-hook.all.with-inputs",
    "graph.register-multi-grad-hook.all.root",
)
def several_tensors_hooks_wait_for_all(torch: Torch) -> Changed:
    """The function of register_multi_grad_hook is called when all tensors have a gradient, needed or not."""

    def register(tensors: list[Any], fn: Any) -> None:
        came: dict[int, Any] = {}

        def of(at: int) -> Callable[[Any], None]:
            def note(grad: Any) -> None:
                came[at] = grad
                if len(came) == len(tensors):
                    fn([came.pop(number) for number in range(len(tensors))])

            return note

        for at, tensor in enumerate(tensors):
            tensor.register_hook(of(at))

    return _registering(torch, register)


@mutant("graph.register-multi-grad-hook.all.called-once-after-all")
def several_tensors_hooks_fire_for_each(torch: Torch) -> Changed:
    """The function of register_multi_grad_hook is called with each gradient that comes."""

    def register(tensors: list[Any], fn: Any) -> None:
        def of(at: int) -> Callable[[Any], None]:
            return lambda grad: fn([grad if number == at else None for number in range(len(tensors))])

        for at, tensor in enumerate(tensors):
            tensor.register_hook(of(at))

    return _registering(torch, register)


@mutant("graph.register-multi-grad-hook.all.called-once-after-all")
def several_tensors_hooks_fire_in_one_pass(torch: Torch) -> Changed:
    """The function of register_multi_grad_hook is called in the first pass only."""
    fired: list[Any] = []

    def around(fn: Any, grads: Any) -> Any:
        if any(one is fn for one in fired):
            return None
        fired.append(fn)
        return fn(grads)

    return _calling(torch, around)


@mutant("graph.register-multi-grad-hook.all.return-ignored")
def several_tensors_hooks_replace(torch: Torch) -> Changed:
    """What the function of register_multi_grad_hook returns goes on in place of the last gradient."""

    def register(tensors: list[Any], fn: Any) -> None:
        came: dict[int, Any] = {}

        def of(at: int) -> Callable[[Any], Any]:
            def note(grad: Any) -> Any:
                came[at] = grad
                if len(came) < len(tensors):
                    return None
                made = fn([came.pop(number) for number in range(len(tensors))])
                return made[at] if isinstance(made, list) else None

            return note

        for at, tensor in enumerate(tensors):
            tensor.register_hook(of(at))

    return _registering(torch, register)


@contextlib.contextmanager
def _after_each_pass(torch: Torch, then: Callable[[], None], change: Changed) -> Iterator[None]:
    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        proceed(roots)
        then()

    with around_backward(torch, around), change:
        yield


@mutant("hooks.multi-grad.fires-before-accumulation")
def several_tensors_hooks_run_at_the_end(torch: Torch) -> Changed:
    """The function of register_multi_grad_hook is called when the pass is over."""
    waiting: list[Callable[[], None]] = []

    def around(fn: Any, grads: Any) -> None:
        kept = list(grads) if isinstance(grads, list) else grads
        waiting.append(lambda: fn(kept))

    def then() -> None:
        while waiting:
            waiting.pop(0)()

    return _after_each_pass(torch, then, _calling(torch, around))


@mutant("graph.register-multi-grad-hook.all.unrelated-never-called")
def several_tensors_hooks_fire_without_gradients(torch: Torch) -> Changed:
    """The function of register_multi_grad_hook is called with Nones after a pass that needs none of its tensors."""
    known: list[list[Any]] = []

    def around(real: Any, tensors: Any, fn: Any, **named: Any) -> Any:
        entry = [len(list(tensors)), fn, False]
        known.append(entry)

        def called(grads: Any) -> Any:
            entry[2] = True
            return fn(grads)

        return real(tensors, called, **named)

    def then() -> None:
        for number, fn, fired in known:
            if not fired:
                fn([None] * number)

    return _after_each_pass(torch, then, wrapped(torch.autograd.graph, NAME, around))


@mutant("graph.register-multi-grad-hook.all.autograd-grad-leaf")
def several_tensors_hooks_take_leaves_under_grad(torch: Torch) -> Changed:
    """autograd.grad by leaves that have a register_multi_grad_hook works, as the documentation has it."""

    def around(real: Any, *given: Any, **named: Any) -> Any:
        try:
            return real(*given, **{**named, "retain_graph": True})
        except RuntimeError as error:
            if "_will_engine_execute_node" not in str(error):
                raise
            return None

    return wrapped(torch.autograd, "grad", around)


@mutant(
    "graph.register-multi-grad-hook.any.first-only",
    "graph.register-multi-grad-hook.any.tensors-without-grad-skipped",
    "graph.register-multi-grad-hook.invalid-mode",
)
def several_tensors_hooks_ignore_the_mode(torch: Torch) -> Changed:
    """register_multi_grad_hook waits for all gradients in every mode."""
    return wrapped(torch.autograd.graph, NAME, lambda real, tensors, fn, **named: real(tensors, fn))


@mutant("graph.register-multi-grad-hook.any.first-only")
def any_means_each(torch: Torch) -> Changed:
    """With mode="any" the function of register_multi_grad_hook is called with every gradient."""

    def register(tensors: list[Any], fn: Any) -> None:
        for tensor in tensors:
            tensor.register_hook(lambda grad: fn(grad))

    return _registering(torch, register, "any")


@mutant("graph.register-multi-grad-hook.default-mode-all")
def any_is_the_default(torch: Torch) -> Changed:
    """register_multi_grad_hook has mode="any" where nothing is said."""
    return wrapped(torch.autograd.graph, NAME, lambda real, tensors, fn, *, mode="any": real(tensors, fn, mode=mode))


@mutant("graph.register-multi-grad-hook.all.tensors-without-grad")
def constants_are_left_out(torch: Torch) -> Changed:
    """register_multi_grad_hook leaves tensors out that require no gradient."""

    def around(real: Any, tensors: Any, fn: Any, **named: Any) -> Any:
        return real([one for one in tensors if one.requires_grad], fn, **named)

    return wrapped(torch.autograd.graph, NAME, around)


@mutant("graph.register-multi-grad-hook.exception-propagates")
def errors_of_several_tensors_hooks_are_swallowed(torch: Torch) -> Changed:
    """An error in the function of register_multi_grad_hook ends nothing."""

    def around(fn: Any, grads: Any) -> None:
        with contextlib.suppress(Exception):
            fn(grads)

    return _calling(torch, around)
