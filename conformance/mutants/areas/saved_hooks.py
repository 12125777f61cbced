"""The pair of hooks on all saved tensors of a block: what they are handed, how often they run, what may go wrong in them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import both
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]

Hook = Callable[[Any], Any]


def _hooking(torch: Torch, change: Callable[[Hook, Hook], tuple[Hook, Hook]]) -> Changed:
    """The pair of saved_tensors_hooks is ``change(pack, unpack)``; save_on_cpu is such a pair."""

    def around(real: Any, self: Any, pack: Any, unpack: Any) -> None:
        real(self, *(change(pack, unpack) if callable(pack) and callable(unpack) else (pack, unpack)))

    return wrapped(torch.autograd.graph.saved_tensors_hooks, "__init__", around)


# -- what pack is handed


@mutant("savedhooks.context.pack-runs-without-grad")
def pack_hooks_run_with_grad_mode_on(torch: Torch) -> Changed:
    """pack runs with grad mode on, so that what it computes is recorded."""

    def recording(pack: Hook, unpack: Hook) -> tuple[Hook, Hook]:
        def packed(tensor: Any) -> Any:
            with torch.enable_grad():
                return pack(tensor)

        return packed, unpack

    return _hooking(torch, recording)


@mutant(
    "savedhooks.context.pack-input-is-live",
    "savedhooks.context.keeping-live-output-makes-cycle",
    "graph.saved-tensors-hooks.reference-cycle",
)
def pack_hooks_see_detached_tensors(torch: Torch) -> Changed:
    """pack is handed the tensor without its history."""
    return _hooking(torch, lambda pack, unpack: (lambda tensor: pack(tensor.detach()), unpack))


@mutant("savedhooks.pack.inplace-on-input.errors", "graph.saved-tensors-hooks.inplace-in-pack")
def pack_hooks_see_copies(torch: Torch) -> Changed:
    """pack is handed a copy, which it may write to."""
    return _hooking(torch, lambda pack, unpack: (lambda tensor: pack(tensor.detach().clone()), unpack))


@mutant("savedhooks.context.pack-called-per-save-even-same-tensor")
def a_tensor_is_packed_once(torch: Torch) -> Changed:
    """A tensor that is saved twice is packed once."""

    def sparing(pack: Hook, unpack: Hook) -> tuple[Hook, Hook]:
        seen: list[tuple[Any, Any]] = []

        def packed(tensor: Any) -> Any:
            for one, made in seen:
                if one is tensor:
                    return made
            seen.append((tensor, pack(tensor)))
            return seen[-1][1]

        return packed, unpack

    return _hooking(torch, sparing)


@mutant(
    "savedhooks.packed-object-lives-until-backward",
    "savedhooks.disk-example-deletes-file-on-release",
    "savedhooks.context.cycle-broken-by-backward",
)
def what_is_packed_lives_on(torch: Torch) -> Changed:
    """What pack returned is kept after backward."""
    kept: list[Any] = []

    def keeping(pack: Hook, unpack: Hook) -> tuple[Hook, Hook]:
        def packed(tensor: Any) -> Any:
            kept.append(pack(tensor))
            return kept[-1]

        return packed, unpack

    return _hooking(torch, keeping)


# -- what unpack returns


def _unpacking(torch: Torch, check: Callable[[Any, Any], Any]) -> Changed:
    """What unpack returns for a tensor is ``check(it, a copy of the tensor)``."""

    def checking(pack: Hook, unpack: Hook) -> tuple[Hook, Hook]:
        return (lambda tensor: (pack(tensor), tensor.detach().clone())), (
            lambda packed: check(unpack(packed[0]), packed[1])
        )

    return _hooking(torch, checking)


@mutant("graph.saved-tensors-hooks.unpack-mismatch-not-checked")
def unpacked_dtypes_are_checked(torch: Torch) -> Changed:
    """An unpacked tensor of another dtype or shape than the packed one is an error."""

    def check(unpacked: Any, packed: Any) -> Any:
        if unpacked.dtype != packed.dtype or unpacked.shape != packed.shape:
            raise RuntimeError("what was unpacked is not what was packed")
        return unpacked

    return _unpacking(torch, check)


@mutant("savedhooks.unpack.content-must-equal-pack-input")
def unpacked_strides_are_checked(torch: Torch) -> Changed:
    """An unpacked tensor with other strides than the packed one is an error."""

    def check(unpacked: Any, packed: Any) -> Any:
        if unpacked.stride() != packed.stride():
            raise RuntimeError("what was unpacked lies otherwise than what was packed")
        return unpacked

    return _unpacking(torch, check)


@mutant("graph.saved-tensors-hooks.unpack-non-tensor")
def what_is_no_tensor_is_not_unpacked(torch: Torch) -> Changed:
    """Where unpack returns something else than a tensor the packed tensor is used."""
    return _unpacking(torch, lambda unpacked, packed: unpacked if isinstance(unpacked, torch.Tensor) else packed)


# -- errors


@mutant("graph.saved-tensors-hooks.pack-exception")
def errors_of_pack_hooks_are_dropped(torch: Torch) -> Changed:
    """Where pack raises, the tensor is saved as it is."""

    def forgiving(pack: Hook, unpack: Hook) -> tuple[Hook, Hook]:
        def packed(tensor: Any) -> Any:
            try:
                return pack(tensor), None
            except ValueError:
                return None, tensor.detach()

        return packed, lambda pair: unpack(pair[0]) if pair[1] is None else pair[1]

    return _hooking(torch, forgiving)


@mutant("graph.saved-tensors-hooks.unpack-exception")
def errors_of_unpack_hooks_are_hidden(torch: Torch) -> Changed:
    """An error of unpack leaves backward as a RuntimeError of another text."""

    def hiding(pack: Hook, unpack: Hook) -> tuple[Hook, Hook]:
        def unpacked(packed: Any) -> Any:
            try:
                return unpack(packed)
            except Exception as error:
                raise RuntimeError("unpacking failed") from error

        return pack, unpacked

    return _hooking(torch, hiding)


@mutant("graph.saved-tensors-hooks.non-callable")
def what_is_not_callable_is_no_hook(torch: Torch) -> Changed:
    """saved_tensors_hooks of what can not be called is entered, and does nothing."""

    def doing(real: Any, self: Any, *given: Any) -> Any:
        return real(self, *given) if callable(self.pack_hook) and callable(self.unpack_hook) else None

    hooks = torch.autograd.graph.saved_tensors_hooks
    return both(wrapped(hooks, "__enter__", doing), wrapped(hooks, "__exit__", doing))


# -- where they hold


@mutant("graph.saved-tensors-hooks.thread-local")
def hooks_hold_in_new_threads_too(torch: Torch) -> Changed:
    """A thread that is started within the block packs what it saves."""
    hooks, active = torch.autograd.graph.saved_tensors_hooks, list[Any]()

    def entering(real: Any, self: Any) -> Any:
        active.append(self)
        return real(self)

    def leaving(real: Any, self: Any, *given: Any) -> Any:
        active.remove(self)
        return real(self, *given)

    def running(real: Any, thread: Any) -> None:
        with hooks(active[-1].pack_hook, active[-1].unpack_hook) if active else contextlib.nullcontext():
            real(thread)

    return both(
        both(wrapped(hooks, "__enter__", entering), wrapped(hooks, "__exit__", leaving)),
        wrapped(threading.Thread, "run", running),
    )
