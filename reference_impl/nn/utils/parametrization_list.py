"""The modules that compute a parametrized tensor, and what they compute it from. See parametrize.py."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor
from ..modules.containers import ModuleList
from ..modules.module import Module
from ..parameter import Parameter


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
