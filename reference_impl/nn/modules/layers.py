"""Small layers: dropout, PReLU, shapes, padding, resizing, and what else has options of its own."""

from __future__ import annotations

from typing import Any

from ... import factories
from ...tensor import Tensor
from .. import functional as F
from ..init import constant_
from ..parameter import Parameter
from .bases import _DropoutNd, _Loss
from .functions import MODULES
from .module import Module


class Dropout(_DropoutNd):
    """Zero elements with probability p while training (source: torch.nn.Dropout)."""

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)


class PReLU(Module):
    """x, below 0 times a weight that is learned (source: torch.nn.PReLU)."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(factories.empty((num_parameters,), dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class Softmax2d(Module):
    """Softmax over the channels of each place (source: torch.nn.Softmax2d)."""

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)


class Flatten(Module):
    """Several dimensions in one (source: torch.nn.Flatten)."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One dimension as several (source: torch.nn.Unflatten)."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        for place, size in enumerate(unflattened_size):
            if not isinstance(size, int):
                raise TypeError(
                    f"unflattened_size must be tuple of ints, but found element of type {type(size).__name__} at pos {place}"
                )
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class _Pad(Module):
    """F.pad in one mode; padding is one number for all sides, or one for each."""

    dims, mode = 0, "constant"

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = (padding,) * (2 * self.dims) if isinstance(padding, int) else tuple(padding)
        if len(self.padding) != 2 * self.dims:
            raise ValueError(f"padding must have {2 * self.dims} elements, but got {len(self.padding)}")

    def forward(self, input: Tensor) -> Tensor:
        ranks = (self.dims + 1, self.dims + 2)
        if self.mode == "circular" and input.ndim not in ranks:
            raise ValueError(f"expected {ranks[0]}D or {ranks[1]}D input (got {input.ndim}D input)")
        return F.pad(
            input, self.padding, self.mode, *(() if self.mode != "constant" else (getattr(self, "value", 0.0),))
        )

    def extra_repr(self) -> str:
        return str(self.padding)


class _ConstantPad(_Pad):
    """F.pad with a value."""

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


def padding_layers() -> dict[str, type[Module]]:
    """ReflectionPad1d and its like, for one to three dimensions."""
    found: dict[str, type[Module]] = {}
    kinds = {"Zero": "constant", "Reflection": "reflect", "Replication": "replicate", "Circular": "circular"}
    for dims in (1, 2, 3):
        for word, mode in kinds.items():
            body = {
                "dims": dims,
                "mode": mode,
                "__doc__": f"Source: torch.nn.{word}Pad{dims}d.",
                "__module__": __name__,
            }
            found[f"{word}Pad{dims}d"] = type(f"{word}Pad{dims}d", (_Pad,), body)
        body = {"dims": dims, "__doc__": f"Source: torch.nn.ConstantPad{dims}d.", "__module__": __name__}
        found[f"ConstantPad{dims}d"] = type(f"ConstantPad{dims}d", (_ConstantPad,), body)
    return found


PADS = padding_layers()
globals().update(PADS)


class _FractionalMaxPool(Module):
    """Maxima of windows at random distances; the size of the output is given, or its ratio to the input's."""

    dims = 0

    def __init__(
        self, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.output_size, self.output_ratio = map(self.each, (kernel_size, output_size, output_ratio))
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        if output_size is None and output_ratio is None:
            raise ValueError(f"{type(self).__name__} requires specifying either an output size, or a pooling ratio")
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if self.output_ratio is not None and not all(0 < r < 1 for r in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def each(self, value: Any) -> tuple | None:
        return (value,) * self.dims if isinstance(value, int | float) else value

    def forward(self, input: Tensor) -> Any:
        pool = getattr(F, f"fractional_max_pool{self.dims}d")
        return pool(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    """For inputs of shape (N, C, H, W) (source: torch.nn.FractionalMaxPool2d). Graham (2014)."""

    dims = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """For inputs of shape (N, C, D, H, W) (source: torch.nn.FractionalMaxPool3d)."""

    dims = 3


class Upsample(Module):
    """Resizing to a size or by a factor (source: torch.nn.Upsample)."""

    def __init__(
        self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.scale_factor = tuple(map(float, scale_factor)) if isinstance(scale_factor, tuple) else (
            float(scale_factor) if scale_factor else None
        )  # fmt: skip
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        size = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{size}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Deprecated name (source: torch.nn.UpsamplingNearest2d)."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Deprecated name (source: torch.nn.UpsamplingBilinear2d)."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class TripletMarginWithDistanceLoss(_Loss):
    """The triplet loss for any distance (source: torch.nn.TripletMarginWithDistanceLoss)."""

    def __init__(
        self, *, distance_function: Any = None, margin: float = 1.0, swap: bool = False, reduction: str = "mean"
    ) -> None:
        super().__init__()
        if margin <= 0:
            raise ValueError(
                f"TripletMarginWithDistanceLoss: expected margin to be greater than 0, got {margin} instead"
            )
        self.distance_function = MODULES["PairwiseDistance"]() if distance_function is None else distance_function
        self.margin, self.swap, self.reduction = margin, swap, reduction

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_with_distance_loss(
            anchor, positive, negative, distance_function=self.distance_function, margin=self.margin, swap=self.swap,
            reduction=self.reduction,
        )  # fmt: skip


__all__ = [
    "Dropout", "Flatten", "FractionalMaxPool2d", "FractionalMaxPool3d", "PReLU", "Softmax2d",
    "TripletMarginWithDistanceLoss", "Unflatten", "Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d", *PADS,
]  # fmt: skip
