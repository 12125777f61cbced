"""Pruning: weights that a mask sets to zero, computed before each call by a hook (source: torch.nn.utils.prune).

A pruned parameter `weight` becomes the parameter `weight_orig`, the buffer `weight_mask`, and an attribute, their product.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...tensor import Tensor
from ..modules.module import Module
from .pre_hooks import hook_of
from .pruning import (
    BasePruningMethod,
    CustomFromMask,
    Identity,
    L1Unstructured,
    LnStructured,
    PruningContainer,
    RandomStructured,
    RandomUnstructured,
)

METHODS = (
    BasePruningMethod, PruningContainer, Identity, RandomUnstructured, L1Unstructured, RandomStructured, LnStructured,
    CustomFromMask,
)  # fmt: skip
for _method in METHODS:
    _method.__module__ = __name__  # where torch has them


def identity(module: Module, name: str) -> Module:
    """Make a parameter a pruned one of which nothing is pruned."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Module, name: str, amount: float) -> Module:
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Module, name: str, amount: float, importance_scores: Tensor | None = None) -> Module:
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: Module, name: str, amount: float, dim: int) -> Module:
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(
    module: Module, name: str, amount: float, n: Any, dim: int, importance_scores: Tensor | None = None
) -> Module:
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Module, name: str, mask: Tensor) -> Module:
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]], pruning_method: type[BasePruningMethod], importance_scores: Any = None,
    **kwargs: Any,
) -> None:  # fmt: skip
    """Prune several parameters as if they were one vector: the least of all. importance_scores: by (module, name)."""
    from ... import cat

    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    if not isinstance(importance_scores, dict | None):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    places, scores = list(parameters), importance_scores or {}
    tensors = [getattr(module, name) for module, name in places]
    t = cat([scores.get(place, own).reshape(-1) for place, own in zip(places, tensors, strict=True)])
    masks = [getattr(module, f"{name}_mask", None) for module, name in places]
    masks = [own.new_ones(own.shape) if m is None else m for m, own in zip(masks, tensors, strict=True)]
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    method._tensor_name = "temp"
    mask = PruningContainer(method).compute_mask(t, cat([m.reshape(-1) for m in masks]))
    for (module, name), own, part in zip(places, tensors, mask.split([own.numel() for own in tensors]), strict=True):
        custom_from_mask(module, name, part.view(own.shape))


def remove(module: Module, name: str) -> Module:
    """Make what is pruned an ordinary parameter again, with the values that it has."""
    number = hook_of(module, BasePruningMethod, _tensor_name=name)
    if number is None:
        raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")
    module._forward_pre_hooks[number].remove(module)
    del module._forward_pre_hooks[number]
    return module


def is_pruned(module: Module) -> bool:
    """Whether a parameter of the module, or of one in it, is pruned."""
    return any(isinstance(hook, BasePruningMethod) for m in module.modules() for hook in m._forward_pre_hooks.values())
