"""Parameter: a Tensor that a Module takes for one of its parameters when it is assigned as an attribute."""

from __future__ import annotations

from typing import Any

from ..missing import getter
from ..tensor import Tensor, new, storage_of

__getattr__ = getter("nn.parameter")


class Parameter(Tensor):
    """A leaf that shares the data it is made of (source: torch.nn.Parameter)."""

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            from ..factories import empty

            data = empty(0)
        if not isinstance(requires_grad, bool):
            kind = type(requires_grad).__name__
            raise TypeError(f"_make_subclass(): argument 'require_grad' (position 3) must be bool, not {kind}")
        p, detached = new(cls), data.detach()
        p._array, p._inference = detached._array, detached._inference
        p._storage = storage_of(data) if data._array.ndim else None
        if requires_grad:
            if data._array.dtype.kind not in "fcV":
                raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
            p.requires_grad = True
        return p

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __deepcopy__(self, memo: dict) -> Parameter:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self) -> str:
        return "Parameter containing:\n" + Tensor.__repr__(self)


class Buffer(Tensor):
    """A Tensor that a Module takes for a buffer when it is assigned (source: torch.nn.Buffer)."""

    def __new__(cls, data: Tensor, *, persistent: bool = True) -> Buffer:
        b = new(cls)
        b._array, b._storage, b.persistent = data._array, storage_of(data), persistent
        b._inference = data._inference
        return b

    def __init__(self, *_: Any, **__: Any) -> None:
        pass
