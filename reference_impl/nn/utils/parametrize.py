"""Tensors of a module that are computed from others whenever they are asked for (source: torch.nn.utils.parametrize).

A parametrized module is of a class of its own, in which the tensor's name is a property. What it is computed from is
in `module.parametrizations.<name>`, a list of the modules that compute it.
"""

from __future__ import annotations

import copyreg
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from typing import Any

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor
from ..modules.containers import ModuleDict, ModuleList
from ..modules.module import Module
from ..parameter import Parameter

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


def keep(module: Module, name: str, tensor: Tensor) -> None:
    (module.register_parameter if isinstance(tensor, Parameter) else module.register_buffer)(name, tensor)


def check_alike(before: Tensor, after: Any, start: str, first: str, second: str) -> None:
    """A ValueError where dtype or shape changed. first, second: how the message calls the tensors."""
    for what in ("dtype", "shape"):
        old, new = getattr(before, what), getattr(after, what)
        if old != new:
            raise ValueError(f"{start.format(what)}\n{first.format(what)}: {old}\n{second.format(what)}: {new}")


def check_tensor(value: Any, words: str, end: str = "") -> None:
    if not isinstance(value, Tensor):
        raise ValueError(f"{words} {type(value).__name__}{end}")


class ParametrizationList(ModuleList):
    """The modules that compute a tensor, one after the other, and what they start from: `original`, or `original0`,
    `original1` ... where the inverse of the first gives several."""

    original: Tensor

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        before = original.detach()
        new = self.start(original)
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            if new.dtype != original.dtype:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype.\n"
                    f"original.dtype: {original.dtype}\nright_inverse(original).dtype: {new.dtype}"
                )
            with no_grad():
                original.set_(new)
            keep(self, "original", original)
        else:
            self.keep_several(new, original)
        if not unsafe:
            found = self()
            check_tensor(found, "A parametrization must return a tensor. Got", ".")
            start = (
                "Registering a parametrization may not change the {} of the tensor, unless `unsafe` flag is enabled."
            )
            check_alike(before, found, start, "unparametrized {}", "parametrized {}")

    @no_grad()
    def start(self, original: Tensor) -> Any:
        """What the modules would make the tensor of, as far as they have an inverse."""
        new: Any = original
        for module in reversed(list(self)):
            if hasattr(module, "right_inverse"):
                with suppress(NotImplementedError):
                    new = module.right_inverse(new)
        if not isinstance(new, Tensor | Sequence):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got "
                f"{type(new).__name__}"
            )
        return new

    def keep_several(self, tensors: Sequence[Any], original: Tensor) -> None:
        for i, t in enumerate(tensors):
            if not isinstance(t, Tensor):
                raise ValueError(
                    "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got element "
                    f"{i} of the sequence with type {type(t).__name__}."
                )
            t = Parameter(t, original.requires_grad) if isinstance(original, Parameter) else t
            keep(self, f"original{i}", t.requires_grad_(original.requires_grad))

    def originals(self) -> list[Tensor]:
        return [self.original] if self.is_tensor else [getattr(self, f"original{i}") for i in range(self.ntensors)]

    @no_grad()
    def right_inverse(self, value: Tensor) -> None:
        """Change the originals so that they give value."""
        for module in reversed(list(self)):
            if not hasattr(module, "right_inverse"):
                raise RuntimeError(f"parametrization {type(module).__name__} does not implement right_inverse.")
            value = module.right_inverse(value)
        if self.is_tensor:
            check_tensor(value, "`right_inverse` should return a tensor. Got")
            if value.dtype != self.original.dtype:
                raise ValueError(
                    f"The tensor returned by `right_inverse` has dtype {value.dtype} while `original` has dtype "
                    f"{self.original.dtype}"
                )
            self.original.set_(value)
            return
        if not isinstance(value, Sequence):
            raise ValueError(f"'right_inverse' must return a sequence of tensors. Got {type(value).__name__}.")
        if len(value) != self.ntensors:
            raise ValueError(
                f"'right_inverse' must return a sequence of tensors of length {self.ntensors}. Got a sequence of length "
                f"{len(value)}."
            )
        for i, (own, t) in enumerate(zip(self.originals(), value, strict=True)):
            if own.dtype != t.dtype:
                raise ValueError(
                    f"Tensor {i} returned by `right_inverse` has dtype {t.dtype} while `original{i}` has dtype {own.dtype}"
                )
            own.set_(t)

    def forward(self) -> Tensor:
        first, *rest = self
        x = first(*self.originals())
        for module in rest:
            x = module(x)
        return x


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
