"""The methods of pruning: how a parameter is chosen from, alone and after others (see prune.py)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from ...tensor import Tensor
from ..modules.module import Module
from .pre_hooks import hook_of


class BasePruningMethod(ABC):
    """A way to choose what becomes zero. Subclasses say in PRUNING_TYPE what one after another method looks at: only the
    elements that are left (unstructured), only the channels (structured), or all (global)."""

    PRUNING_TYPE: str | None = None
    _tensor_name: str

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The mask for a tensor t, or for importance scores in its place, on top of the mask that it has."""

    def apply_mask(self, module: Module) -> Tensor:
        """The pruned tensor, in the graph."""
        mask, orig = module._buffers[f"{self._tensor_name}_mask"], module._parameters[f"{self._tensor_name}_orig"]
        return mask.to(orig.dtype) * orig

    @classmethod
    def apply(
        cls, module: Module, name: str, *args: Any, importance_scores: Tensor | None = None, **kwargs: Any
    ) -> Any:
        """Prune a parameter of a module, from now on before each call; args are those of the method."""
        method, orig = cls.after_others(module, name, *args, **kwargs), getattr(module, name)
        if importance_scores is not None and importance_scores.shape != orig.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as parameter {name} of {module}, got "
                f"{importance_scores.shape} vs {orig.shape}"
            )
        first = not isinstance(method, PruningContainer)
        if first:
            module.register_parameter(f"{name}_orig", orig)
            del module._parameters[name]
            default_mask = orig.new_ones(orig.shape)
        else:
            default_mask = getattr(module, f"{name}_mask").detach().clone()
        try:
            mask = method.compute_mask(orig if importance_scores is None else importance_scores, default_mask)
            module.register_buffer(f"{name}_mask", mask)
            method(module, None)
        except Exception:
            if first:
                module.register_parameter(name, module._parameters.pop(f"{name}_orig"))
            raise
        module.register_forward_pre_hook(method)
        return method

    @classmethod
    def after_others(cls, module: Module, name: str, *args: Any, **kwargs: Any) -> BasePruningMethod:
        """The method alone, or in a container after those that pruned the parameter before."""
        number = hook_of(module, BasePruningMethod, _tensor_name=name)
        former = None if number is None else module._forward_pre_hooks.pop(number)
        method = cls(*args, **kwargs)
        method._tensor_name = name
        if former is None:
            return method
        container = former if isinstance(former, PruningContainer) else PruningContainer(former)
        container.add_pruning_method(method)
        return container

    def prune(self, t: Tensor, default_mask: Tensor | None = None, importance_scores: Tensor | None = None) -> Tensor:
        """The pruned version of a tensor that is in no module."""
        if importance_scores is not None and importance_scores.shape != t.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as tensor t, got {importance_scores.shape} vs {t.shape}"
            )
        mask = t.new_ones(t.shape) if default_mask is None else default_mask
        return t * self.compute_mask(t if importance_scores is None else importance_scores, mask)

    def remove(self, module: Module) -> None:
        """Make the pruned values the parameter again."""
        name = self._tensor_name
        pruned, orig = self.apply_mask(module), module._parameters.pop(f"{name}_orig")
        delattr(module, name)
        del module._buffers[f"{name}_mask"]
        orig.data = pruned.data
        setattr(module, name, orig)


class PruningContainer(BasePruningMethod):
    """Methods that prune one parameter, one after the other."""

    def __init__(self, *args: BasePruningMethod) -> None:
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        if args:
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: BasePruningMethod | None) -> None:
        if not isinstance(method, BasePruningMethod) and method is not None:
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method is not None and self._tensor_name != method._tensor_name:
            raise ValueError(
                f"Can only add pruning methods acting on the parameter named '{self._tensor_name}' to PruningContainer "
                f"{self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)  # type: ignore[operator]

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._pruning_methods)

    def __getitem__(self, i: int) -> BasePruningMethod:
        return self._pruning_methods[i]

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The last method's mask within what the mask so far leaves."""
        method, default_mask = self._pruning_methods[-1], default_mask.to(t.dtype)
        if method.PRUNING_TYPE == "unstructured":
            left: Any = default_mask == 1
        elif method.PRUNING_TYPE == "structured":
            dim = method.dim % t.ndim  # type: ignore[attr-defined]
            kept = default_mask.sum([d for d in range(t.ndim) if d != dim]) != 0
            left = (slice(None),) * dim + (kept,)
        elif method.PRUNING_TYPE == "global":
            left = slice(None)
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        mask = default_mask.clone()
        mask[left] = method.compute_mask(t[left], default_mask[left]).to(mask.dtype)
        return mask


class Identity(BasePruningMethod):
    """Prune nothing."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        return default_mask


class WithAmount(BasePruningMethod):
    """How much is pruned: a share, or a number of elements or channels."""

    def __init__(self, amount: float) -> None:
        if not isinstance(amount, int | float):
            raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
        if amount < 0 or (isinstance(amount, float) and amount > 1.0):
            raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")
        self.amount = amount

    def number(self, size: int) -> int:
        if isinstance(self.amount, float):
            return round(self.amount * size)
        if self.amount > size:
            raise ValueError(f"amount={self.amount} should be smaller than the number of parameters to prune={size}")
        return self.amount


class Unstructured(WithAmount):
    """The elements with the least scores."""

    PRUNING_TYPE = "unstructured"

    def scores(self, t: Tensor) -> Tensor:
        raise NotImplementedError

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        mask, number = default_mask.clone(), self.number(t.numel())
        if number:
            pruned = self.scores(t).reshape(-1).topk(number, largest=False).indices
            mask.view(-1)[pruned] = 0
        return mask


class RandomUnstructured(Unstructured):
    """Elements at random."""

    def scores(self, t: Tensor) -> Tensor:
        from ... import rand_like

        return -rand_like(t)


class L1Unstructured(Unstructured):
    """The elements of the least absolute value."""

    def scores(self, t: Tensor) -> Tensor:
        return t.abs()


class Structured(WithAmount):
    """The channels, along dim, with the least scores."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def kept(self, t: Tensor, number: int) -> Tensor:
        """The numbers of the channels that stay, when number of them are pruned."""
        raise NotImplementedError

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        if t.ndim < 2:
            raise ValueError(
                "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape "
                f"{t.shape} with {t.ndim} dims"
            )
        if not -t.ndim <= self.dim < t.ndim:
            raise IndexError(f"Invalid index {self.dim} for tensor of size {t.shape}")
        number = self.number(t.shape[self.dim])
        if not number:
            return default_mask
        return default_mask.new_zeros(t.shape).index_fill(self.dim, self.kept(t, number), 1) * default_mask


class RandomStructured(Structured):
    """Channels at random."""

    def kept(self, t: Tensor, number: int) -> Tensor:
        from ... import rand

        return rand(t.shape[self.dim]).argsort()[number:]


class LnStructured(Structured):
    """The channels of the least norm."""

    def __init__(self, amount: float, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def kept(self, t: Tensor, number: int) -> Tensor:
        others = [d for d in range(t.ndim) if d != self.dim % t.ndim]
        return t.norm(p=self.n, dim=others).topk(t.shape[self.dim] - number).indices


class CustomFromMask(BasePruningMethod):
    """What a mask says."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape {self.mask.shape}"
            )
        return default_mask * self.mask.to(default_mask.dtype)
