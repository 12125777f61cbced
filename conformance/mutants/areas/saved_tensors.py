"""Saved tensors: the hooks around a block, save_on_cpu, and what may be done to what was saved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.around import both
from conformance.mutants.mutant import Torch, mutant, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "graph.saved-tensors-hooks.not-outside",
    "graph.saved-tensors-hooks.pack-called-on-save",
    "graph.saved-tensors-hooks.custom-function",
    "graph.saved-tensors-hooks.example-output",
    "savedhooks.context.applies-to-all-saved-in-block",
    "savedhooks.context.disables-same-object-optimisation",
    "function-ctx.save-for-backward.hooks-apply",
    "tut.savedhooks.module-*",
)
def saved_tensors_hooks_do_nothing(torch: Torch) -> Changed:
    """saved_tensors_hooks is entered, and no hook is called."""
    hooks = torch.autograd.graph.saved_tensors_hooks
    return patched_all((hooks, "__enter__", lambda self: None), (hooks, "__exit__", lambda self, *_: None))


@mutant(
    "graph.saved-tensors-hooks.unpacked-value-used",
    "graph.saved-tensors-hooks.any-packed-object",
    "savedhooks.unpack.gets-pack-result-and-returns-tensor",
    "savedhooks.context.size-threshold-example",
    "savedhooks.example.*",
    "tut.savedhooks.pack-to-repr-string",
)
def unpack_hooks_are_not_called(torch: Torch) -> Changed:
    """What pack returns is not kept: the tensor itself is, and unpack is never called."""

    def around(real: Any, self: Any, pack: Any, unpack: Any) -> Any:
        def packed(tensor: Any) -> Any:
            pack(tensor)
            return tensor

        return real(self, packed, lambda tensor: tensor)

    return wrapped(torch.autograd.graph.saved_tensors_hooks, "__init__", around)


@mutant(
    "graph.saved-tensors-hooks.unpack-called-on-use",
    "graph.saved-tensors-hooks.retain-graph-unpacks-again",
    "graph.saved-tensors-hooks.inplace-in-unpack",
    "graph.saved-tensors-hooks.innermost-only",
    "savedhooks.unpack.called-each-access",
)
def unpack_hooks_are_called_twice(torch: Torch) -> Changed:
    """saved_tensors_hooks calls unpack twice."""

    def around(real: Any, self: Any, pack: Any, unpack: Any) -> Any:
        def twice(packed: Any) -> Any:
            unpack(packed)
            return unpack(packed)

        return real(self, pack, twice)

    return wrapped(torch.autograd.graph.saved_tensors_hooks, "__init__", around)


@mutant("graph.disable-saved-tensors-hooks.*")
def disabled_saved_hooks_are_accepted(torch: Torch) -> Changed:
    """disable_saved_tensors_hooks does nothing."""
    return patched(torch.autograd.graph, "disable_saved_tensors_hooks", lambda message: contextlib.nullcontext())


@mutant("graph.save-on-cpu.*")
def save_on_cpu_does_nothing(torch: Torch) -> Changed:
    """save_on_cpu is entered, and nothing is moved."""
    return patched(torch.autograd.graph, "save_on_cpu", lambda *_, **__: contextlib.nullcontext())


@mutant("graph.allow-mutation.*")
def mutation_of_saved_is_refused(torch: Torch) -> Changed:
    """allow_mutation_on_saved_tensors allows nothing."""
    return patched(torch.autograd.graph, "allow_mutation_on_saved_tensors", lambda: contextlib.nullcontext())


@mutant("graph.disable-saved-tensors-hooks.ops-work")
def nothing_is_recorded_where_hooks_are_forbidden(torch: Torch) -> Changed:
    """Within disable_saved_tensors_hooks grad mode is off."""

    @contextlib.contextmanager
    def around(real: Any, message: str) -> Iterator[None]:
        with real(message), torch.no_grad():
            yield

    return wrapped(torch.autograd.graph, "disable_saved_tensors_hooks", around)


@mutant("graph.disable-saved-tensors-hooks.restores")
def hooks_are_forbidden_ever_after(torch: Torch) -> Changed:
    """After disable_saved_tensors_hooks no pair of hooks can be entered any more."""
    forbidden: list[str] = []

    def forbidding(real: Any, message: str) -> Any:
        forbidden.append(message)
        return real(message)

    def entering(real: Any, self: Any) -> Any:
        if forbidden:
            raise RuntimeError(forbidden[-1])
        return real(self)

    graph = torch.autograd.graph
    return both(
        wrapped(graph, "disable_saved_tensors_hooks", forbidding),
        wrapped(graph.saved_tensors_hooks, "__enter__", entering),
    )


def _saving_on_cpu(torch: Torch, then: Callable[[Any], None]) -> Changed:
    """``then(manager)`` for each save_on_cpu that is made."""

    def around(real: Any, self: Any, *options: Any, **named: Any) -> None:
        real(self, *options, **named)
        then(self)

    return wrapped(torch.autograd.graph.save_on_cpu, "__init__", around)


@mutant("graph.save-on-cpu.gradients-unchanged")
def what_comes_back_from_the_cpu_is_scaled(torch: Torch) -> Changed:
    """What save_on_cpu brings back is half as much again."""

    def then(manager: Any) -> None:
        own = manager.unpack_hook
        manager.unpack_hook = lambda packed: own(packed) * 1.5

    return _saving_on_cpu(torch, then)


@mutant("graph.save-on-cpu.no-copy-on-cpu", "graph.save-on-cpu.is-saved-tensors-hooks")
def save_on_cpu_copies_what_is_there(torch: Torch) -> Changed:
    """save_on_cpu copies tensors that are on the CPU already."""

    def then(manager: Any) -> None:
        own = manager.pack_hook
        manager.pack_hook = lambda tensor: own(tensor.detach().clone())

    return _saving_on_cpu(torch, then)


@mutant("graph.save-on-cpu.device-type-parameter")
def save_on_cpu_takes_no_device_type(torch: Torch) -> Changed:
    """save_on_cpu has the one parameter that is described."""
    return wrapped(
        torch.autograd.graph.save_on_cpu, "__init__", lambda real, self, pin_memory=False: real(self, pin_memory)
    )


@mutant("tut.savedhooks.deleting-file-in-unpack-breaks-second-access")
def unpack_hooks_are_called_once(torch: Torch) -> Changed:
    """What an unpack hook returned is kept for the next time."""

    def around(real: Any, self: Any, pack: Any, unpack: Any) -> None:
        kept: dict[int, Any] = {}

        def once(packed: Any) -> Any:
            if id(packed) not in kept:
                kept[id(packed)] = unpack(packed)
            return kept[id(packed)]

        real(self, pack, once)

    return wrapped(torch.autograd.graph.saved_tensors_hooks, "__init__", around)


@mutant("tut.savedhooks.graph-keeps-intermediates-alive")
def unrecorded_products_live_on(torch: Torch) -> Changed:
    """What x * y returns under no_grad is kept alive."""
    kept: list[Any] = []

    def around(real: Any, self: Any, other: Any) -> Any:
        made = real(self, other)
        if not torch.is_grad_enabled():
            kept.append(made)
        return made

    return wrapped(torch.Tensor, "__mul__", around)
