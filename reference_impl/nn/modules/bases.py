"""The classes that losses and dropouts of torch.nn share, of which the user's own inherit too."""

from __future__ import annotations

from typing import Any

from ...ops.dropout import check as check_probability
from ...ops.losses import one_reduction
from ...tensor import Tensor
from .module import Module


class _Loss(Module):
    """A loss with a reduction (source: torch.nn.modules.loss)."""

    def __init__(self, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = one_reduction(size_average, reduce, reduction)


class _WeightedLoss(_Loss):
    """A loss with a weight for each class, which is a buffer."""

    def __init__(
        self, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class _DropoutNd(Module):
    """What makes zeros with probability p (source: torch.nn.modules.dropout)."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability(p)
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


def base_of(name: str, options: Any) -> type[Module]:
    """That of a layer of torch.nn, by its name and options."""
    if "Dropout" in name:
        return _DropoutNd
    if not name.endswith("Loss"):
        return Module
    return _WeightedLoss if "weight" in options and name != "BCEWithLogitsLoss" else _Loss
