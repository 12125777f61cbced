"""Tensors of a module that are computed from others whenever they are asked for (source: torch.nn.utils.parametrize).

A parametrized module is of a class of its own, in which the tensor's name is a property. What it is computed from is
in `module.parametrizations.<name>`, a ParametrizationList of the modules that compute it.
"""

from __future__ import annotations

import copyreg
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor
from ..modules.containers import ModuleDict
from ..modules.module import Module
from ..parameter import Parameter
from .parametrization_list import ParametrizationList, check_alike, check_tensor, keep

SAVING = (
    "Serialization of parametrized modules is only supported through state_dict(). See:\n"
    "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
    "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
)


class Cache:
    """What was computed, by module and name, while a block of `cached` runs."""

    blocks = 0
    held: dict[tuple[int, str], Tensor] = {}


@contextmanager
def cached() -> Iterator[None]:
    """A block in which each parametrized tensor is computed once."""
    Cache.blocks += 1
    try:
        yield
    finally:
        Cache.blocks -= 1
        if not Cache.blocks:
            Cache.held.clear()


def give_own_class(module: Module) -> None:
    kind = type(module)

    def copied(self: Module, memo: dict[int, Any]) -> Module:
        if id(self) not in memo:
            found = memo[id(self)] = self.__new__(type(self))
            found.__dict__ = deepcopy(self.__dict__, memo)
            for slot in copyreg._slotnames(type(self)):  # type: ignore[attr-defined]
                if hasattr(self, slot):
                    setattr(found, slot, deepcopy(getattr(self, slot), memo))
        return memo[id(self)]

    def refuse(self: Module) -> Any:
        raise RuntimeError(SAVING)

    body: dict[str, Any] = {"__getstate__": refuse}
    if not hasattr(kind, "__deepcopy__"):
        body["__deepcopy__"] = copied
    module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), body)


def give_property(module: Module, name: str) -> None:
    def computed(self: Module) -> Tensor:
        make = self.parametrizations[name]
        if not Cache.blocks:
            return make()
        key = id(self), name
        if key not in Cache.held:
            Cache.held[key] = make()
        return Cache.held[key]

    def changed(self: Module, value: Tensor) -> None:
        self.parametrizations[name].right_inverse(value)

    setattr(type(module), name, property(computed, changed))


def check_next(module: Module, name: str, parametrization: Module) -> None:
    """One more parametrization keeps dtype and shape, and so does its inverse."""
    before, start = getattr(module, name), "Registering a parametrization may not change the {} of the tensor, unless "
    after = parametrization(before)
    check_tensor(after, "A parametrization must return a tensor. Got", ".")
    check_alike(
        before,
        after,
        start + "the `unsafe` flag is enabled.",
        f"module.{name}.{{}}",
        f"parametrization(module.{name}).{{}}",
    )
    if not hasattr(parametrization, "right_inverse"):
        return
    try:
        back = parametrization.right_inverse(after)
    except NotImplementedError:
        return
    check_tensor(back, "parametrization.right_inverse must return a tensor. Got:")
    words = (
        f"The tensor returned by parametrization.right_inverse must have the same {{}} as module.{name}, unless the "
    )
    check_alike(before, back, words + "`unsafe` flag is enabled.", f"module.{name}.{{}}", "returned {}")


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let a parameter or buffer of a module be what parametrization makes of it."""
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            check_next(module, tensor_name, parametrization)
        made = module.parametrizations[tensor_name]
        made.append(parametrization)
        made.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        made = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            give_own_class(module)
            module.parametrizations = ModuleDict()
        give_property(module, tensor_name)
        module.parametrizations[tensor_name] = made
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name '{tensor_name}'"
        )
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether any tensor, or the one that is named, is computed."""
    made = getattr(module, "parametrizations", None)
    if not isinstance(made, ModuleDict):
        return False
    return bool(len(made)) if tensor_name is None else tensor_name in made


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make a tensor what it was: with the value that it has, or that of its original."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    made = module.parametrizations[tensor_name]
    if made.is_tensor:
        original = made.original
        if leave_parametrized:
            with no_grad():
                original.set_(getattr(module, tensor_name))
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value.detach()) if value.requires_grad else value
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of "
            "tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    keep(module, tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Module) -> type:
    """The class that the module was made of."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(
    from_module: Module, to_module: Module, tensor_name: str | None = None
) -> Module:
    """Parametrize a module as another is, by the same modules and from the same originals."""
    if not is_parametrized(from_module):
        return to_module
    for name in from_module.parametrizations if tensor_name is None else [tensor_name]:
        source = from_module.parametrizations[name]
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name).detach()))
        for parametrization in source:
            register_parametrization(to_module, name, parametrization)
        made = to_module.parametrizations[name]
        for i, t in enumerate(source.originals()):
            setattr(made, "original" if source.is_tensor else f"original{i}", t)
    return to_module
