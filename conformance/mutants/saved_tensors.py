"""Saved tensors: the hooks around them, and what may be done to what was saved."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("graph.saved-tensors-hooks.*", "savedhooks.*", "function-ctx.save-for-backward.hooks-apply")
def saved_tensors_hooks_do_nothing(torch: Torch) -> Changed:
    """saved_tensors_hooks is entered, and no hook is called."""
    hooks = torch.autograd.graph.saved_tensors_hooks
    return patched_all((hooks, "__enter__", lambda self: None), (hooks, "__exit__", lambda self, *_: None))


@mutant("graph.saved-tensors-hooks.*", "savedhooks.*")
def unpack_hooks_are_not_called(torch: Torch) -> Changed:
    """What pack returns is not kept: the tensor itself is, and unpack is never called."""

    def around(real: Any, self: Any, pack: Any, unpack: Any) -> Any:
        def packed(tensor: Any) -> Any:
            pack(tensor)
            return tensor

        return real(self, packed, lambda tensor: tensor)

    return wrapped(torch.autograd.graph.saved_tensors_hooks, "__init__", around)


@mutant("graph.saved-tensors-hooks.*", "savedhooks.unpack.*")
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
