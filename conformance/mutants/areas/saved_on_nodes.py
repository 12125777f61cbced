"""Saved tensors as their nodes show them, and the hooks of a single one."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def _showing(torch: Torch, show: Callable[[str, Any], Any]) -> Changed:
    """What an attribute ``_saved_...`` of a grad_fn shows is ``show(its name, it)``."""

    class Shown:
        def __init__(self, node: Any) -> None:
            self.node = node

        def __getattr__(self, name: str) -> Any:
            value = getattr(self.node, name)
            return show(name, value) if name.startswith("_saved_") else value

        def __dir__(self) -> list[str]:
            return dir(self.node)

    nodes: dict[int, Shown] = {}
    own = next(vars(kind)["grad_fn"] for kind in torch.Tensor.__mro__ if "grad_fn" in vars(kind))

    def grad_fn(self: Any) -> Any:
        node = own.__get__(self)
        saves = node is not None and any(name.startswith("_saved_") for name in dir(node))
        return nodes.setdefault(id(node), Shown(node)) if saves else node

    return patched(torch.Tensor, "grad_fn", property(grad_fn))


def _each(torch: Torch, change: Callable[[Any], Any]) -> Callable[[str, Any], Any]:
    return lambda name, value: change(value) if isinstance(value, torch.Tensor) else value


@mutant("saved.pow.saves-input-as-saved-self", "saved.attributes.have-saved-prefix")
def nodes_show_scaled_tensors(torch: Torch) -> Changed:
    """What a node shows of what it saved is half as much again."""
    return _showing(torch, _each(torch, lambda tensor: tensor * 1.5))


@mutant("saved.input.unpacks-to-same-object", "saved.output.unpacks-to-different-object-same-storage")
def nodes_show_copies(torch: Torch) -> Changed:
    """What a node shows of what it saved is a copy, with the same history."""
    return _showing(torch, _each(torch, lambda tensor: tensor.clone()))


@mutant("saved.output.unpacked-tensor-keeps-grad-fn", "savedhooks.unpack.autograd-metadata-ignored")
def nodes_show_detached_tensors(torch: Torch) -> Changed:
    """What a node shows of what it saved has no history."""
    return _showing(torch, _each(torch, lambda tensor: tensor.detach()))


@mutant("saved.only-needed-values-saved")
def nodes_show_what_they_did_not_need(torch: Torch) -> Changed:
    """In place of what a node did not save it shows a zero."""
    return _showing(torch, lambda name, value: torch.zeros(()) if value is None else value)


# -- hooks of one saved tensor


@mutant("graph.saved-tensor.class")
def saved_tensors_show_no_data(torch: Torch) -> Changed:
    """data of a SavedTensor is None."""
    return patched(torch.autograd.SavedTensor, "data", property(lambda self: None))


def _registering(torch: Torch, around: Callable[..., Any]) -> Changed:
    return wrapped(torch.autograd.SavedTensor, "register_hooks", around)


@mutant("savedhooks.register.on-raw-saved")
def hooks_of_one_tensor_do_nothing(torch: Torch) -> Changed:
    """register_hooks of a saved tensor registers nothing."""
    return _registering(torch, lambda real, self, pack, unpack: None)


@mutant("savedhooks.register.pack-runs-immediately")
def packing_waits_for_unpacking(torch: Torch) -> Changed:
    """The pack hook of one saved tensor runs when the tensor is read, just before the unpack hook."""
    return _registering(
        torch, lambda real, self, pack, unpack: real(self, lambda tensor: tensor, lambda tensor: unpack(pack(tensor)))
    )


@mutant("savedhooks.register.pack-input-is-detached")
def one_pack_hook_sees_the_live_tensor(torch: Torch) -> Changed:
    """The pack hook of one saved tensor is handed the tensor with its history."""

    def around(real: Any, self: Any, pack: Any, unpack: Any) -> None:
        live = self.unpack()
        real(self, lambda tensor: pack(live), unpack)

    return _registering(torch, around)


@mutant("savedhooks.register.unpack-on-saved-read-and-backward")
def one_unpack_hook_runs_once(torch: Torch) -> Changed:
    """The unpack hook of one saved tensor runs once; what it returned is kept."""
    return _registering(torch, lambda real, self, pack, unpack: real(self, pack, functools.cache(unpack)))


def _forgiving(torch: Torch, text: str) -> Changed:
    """Where register_hooks would raise this text it does nothing."""

    def around(real: Any, self: Any, pack: Any, unpack: Any) -> None:
        try:
            real(self, pack, unpack)
        except (RuntimeError, TypeError) as error:
            if text not in str(error):
                raise

    return _registering(torch, around)


@mutant("savedhooks.register.not-callable.errors")
def hooks_need_not_be_callable(torch: Torch) -> Changed:
    """register_hooks takes what can not be called, and does nothing."""
    return _forgiving(torch, "incompatible function arguments")


@mutant("savedhooks.register.on-non-tensor-slot.errors")
def hooks_may_be_registered_on_nothing(torch: Torch) -> Changed:
    """register_hooks where no tensor was saved does nothing."""
    return _forgiving(torch, "with value None")


@mutant("graph.saved-tensor.register-hooks-once")
def a_second_pair_of_hooks_is_dropped(torch: Torch) -> Changed:
    """A second register_hooks does nothing."""
    return _forgiving(torch, "whose hooks have already been set")


@mutant("savedhooks.register.after-release.errors")
def hooks_may_be_registered_on_what_is_freed(torch: Torch) -> Changed:
    """register_hooks on a saved tensor that was freed does nothing."""
    return _forgiving(torch, "after it has been freed")


@mutant("savedhooks.register.pack-inplace.errors")
def one_pack_hook_may_write(torch: Torch) -> Changed:
    """A pack hook of one saved tensor that writes to it raises nothing."""
    return _forgiving(torch, "modifying its input in place")
