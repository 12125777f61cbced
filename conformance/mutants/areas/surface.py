"""The surface of torch.autograd: its public names and modules, and what wraps operators: modes, subclasses, nested tensors."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.mutants.around import around_backward
from conformance.mutants.mutant import Mutant, Torch, mutant, patched, patched_all, register, wrapped

Changed = contextlib.AbstractContextManager[None]
TORCH = "torch"

LISTED = {
    "": "surface.autograd.all",
    "graph": "surface.graph.all",
    "function": "surface.function.all",
    "forward_ad": "surface.forward-ad.all",
    "grad_mode": "surface.grad-mode.all",
    "functional": "surface.functional.all",
    "anomaly_mode": "surface.anomaly-mode.all",
    "profiler": "surface.profiler.all",
}
"""The modules of torch.autograd that say what is public in them, by their names; and the claims on that."""


def _module(torch: Torch, name: str) -> Any:
    return getattr(torch.autograd, name) if name else torch.autograd


def lists_one_more(torch: Torch, name: str) -> Changed:
    """It lists one more public name."""
    module = _module(torch, name)
    return patched(module, "__all__", [*module.__all__, "more"])


def lists_one_less(torch: Torch, name: str) -> Changed:
    """It does not list the last of its public names."""
    module = _module(torch, name)
    return patched(module, "__all__", list(module.__all__)[:-1])


for _name, _claim in LISTED.items():
    for _change in (lists_one_more, lists_one_less):
        _place = f"autograd.{_name}".rstrip(".")
        _made = partial(_change, name=_name)
        _about = f"{_place}: {_change.__doc__}"
        register(Mutant(f"{_place}:{_change.__name__}", _about, (_claim,), None, _made, made=True))


@mutant("surface.autograd.all-misses-documented-submodules")
def documented_modules_are_listed(torch: Torch) -> Changed:
    """torch.autograd lists functional among its public names."""
    return patched(torch.autograd, "__all__", [*torch.autograd.__all__, "functional"])


@mutant("graph.node-creation-hook.absent")
def the_creation_of_nodes_can_be_hooked(torch: Torch) -> Changed:
    """torch.autograd.graph lists node_creation_hook, as the documentation of the coming version has it."""
    graph = torch.autograd.graph
    return patched(graph, "__all__", [*graph.__all__, "node_creation_hook"])


# -- what wraps operators


@mutant("subclass.ops-return-subclass-and-keep-autograd", only=TORCH)
def subclasses_are_forgotten(torch: Torch) -> Changed:
    """Operators on a subclass return plain tensors."""

    def plain(cls: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **(kwargs or {}))

    return patched(torch.Tensor, "__torch_function__", classmethod(plain))


@mutant("dispatch.mode-sees-backward-ops", only=TORCH)
def backward_hides_from_modes(torch: Torch) -> Changed:
    """No TorchDispatchMode sees what backward computes."""
    from torch.utils._python_dispatch import _disable_current_modes

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        with _disable_current_modes():
            proceed(roots)

    return around_backward(torch, around)


@mutant("dispatch.below-autograd", only=TORCH)
def dispatch_lies_above_autograd(torch: Torch) -> Changed:
    """A TorchDispatchMode sees operators before autograd does."""
    mode = torch.utils._python_dispatch.TorchDispatchMode

    class Above(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __init__(self, below: Any) -> None:
            super().__init__()
            self.below = below

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return self.below.__torch_dispatch__(func, types, args, kwargs)

    def enter(self: Any) -> Any:
        self.above = Above(self)
        self.above.__enter__()
        return self

    return patched_all(
        (mode, "__enter__", enter), (mode, "__exit__", lambda self, *raised: self.above.__exit__(*raised))
    )


# -- nested and named tensors


@mutant("nested.as-nested-tensor-passes-gradient", only=TORCH)
def nested_tensors_are_detached(torch: Torch) -> Changed:
    """as_nested_tensor passes no gradient."""
    return wrapped(
        torch.nested, "as_nested_tensor", lambda real, data, *how, **named: real(data, *how, **named).detach()
    )


@mutant("nested.nested-tensor-constructor-is-leaf", only=TORCH)
def the_constructor_of_nested_tensors_passes_gradients(torch: Torch) -> Changed:
    """nested_tensor is as_nested_tensor of tensors that require grad."""

    def make(real: Any, data: Any, **named: Any) -> Any:
        if not named.get("requires_grad"):
            return real(data, **named)
        return torch.nested.as_nested_tensor([one.requires_grad_() for one in data])

    return wrapped(torch.nested, "nested_tensor", make)


@mutant("nested.dim-mismatch.errors", only=TORCH)
def components_may_have_any_dimensions(torch: Torch) -> Changed:
    """as_nested_tensor and nested_tensor flatten components of different dimensionality."""

    def flattening(real: Any) -> Any:
        def make(data: Any, *how: Any, **named: Any) -> Any:
            differ = len({one.dim() for one in data}) > 1
            return real([one.flatten() for one in data] if differ else data, *how, **named)

        return make

    names = ("as_nested_tensor", "nested_tensor")
    return patched_all(*((torch.nested, name, flattening(getattr(torch.nested, name))) for name in names))


@mutant("named.gradient-correct-but-unnamed", "named.api-present")
def factories_take_names(torch: Torch) -> Changed:
    """ones and zeros take names for dimensions, as the documentation has it, and forget them."""

    def forgetting(real: Any) -> Any:
        def make(*given: Any, names: Any = None, **named: Any) -> Any:
            return real(*given, **named)

        return make

    return patched_all(*((torch, name, forgetting(getattr(torch, name))) for name in ("ones", "zeros")))
