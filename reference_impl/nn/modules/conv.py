"""Convolutions and their transposes."""

from __future__ import annotations

import math
from typing import Any

from ...tensor import Tensor
from .. import functional as F
from .. import init
from .linear import empty
from .module import Module


class _ConvNd(Module):
    """What convolutions of all ranks share (source: torch.nn.Conv1d, ConvTranspose1d ...)."""

    dims, transposed = 0, False

    def make(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any, padding: Any, dilation: Any,
        output_padding: Any, groups: int, bias: bool, padding_mode: str, dtype: Any,
    ) -> None:  # fmt: skip
        Module.__init__(self)
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name} must be divisible by groups")
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}")
        if padding == "same" and any(n != 1 for n in self.each(stride)):
            raise ValueError("padding='same' is not supported for strided convolutions")
        modes = ("zeros", "reflect", "replicate", "circular")
        if padding_mode not in modes:
            raise ValueError(f"padding_mode must be one of {list(modes)}, but got padding_mode='{padding_mode}'")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation, self.output_padding = map(
            self.each, (kernel_size, stride, dilation, output_padding)
        )
        self.padding = padding if isinstance(padding, str) else self.each(padding)
        self.padding_mode = padding_mode
        self.weight = empty(*self.shape_of_weight(), dtype=dtype)
        self.register_parameter("bias", empty(out_channels, dtype=dtype) if bias else None)
        self.reset_parameters()

    def each(self, value: Any) -> tuple:
        return (value,) * self.dims if isinstance(value, int) else tuple(value)

    def shape_of_weight(self) -> tuple[int, ...]:
        channels = self.out_channels, self.in_channels
        first, second = reversed(channels) if self.transposed else channels
        return first, second // self.groups, *self.kernel_size

    def reset_parameters(self) -> None:
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = init.fans(self.weight)[0]
            if fan_in:
                init.uniform_(self.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def sides(self) -> list[int]:
        """The padding as F.pad takes it: from the last dimension to the first, each in front and behind."""
        if self.padding == "valid":
            return [0] * 2 * self.dims
        if self.padding == "same":
            whole = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            return [p for n in reversed(whole) for p in (n // 2, n - n // 2)]
        return [p for n in reversed(self.padding) for p in (n, n)]

    def extra_repr(self) -> str:
        usual: dict[str, Any] = {"padding": (0,) * self.dims, "dilation": (1,) * self.dims,
                                 "output_padding": (0,) * self.dims, "groups": 1}  # fmt: skip
        shown = [f"{n}={getattr(self, n)}" for n, d in usual.items() if getattr(self, n) != d]
        shown += [] if self.bias is not None else ["bias=False"]
        shown += [] if self.padding_mode == "zeros" else [f"padding_mode={self.padding_mode}"]
        start = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        return ", ".join([start, *shown])


class Convolution(_ConvNd):
    """Cross-correlation."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        self.make(
            in_channels, out_channels, kernel_size, stride, padding, dilation, 0, groups, bias, padding_mode, dtype
        )

    def forward(self, input: Tensor) -> Tensor:
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self.sides(), mode=self.padding_mode), 0
        run = getattr(F, f"conv{self.dims}d")
        return run(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Transposed(_ConvNd):
    """The gradient of a convolution with respect to its input, as a layer."""

    transposed = True

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0, groups: int = 1, bias: bool = True, dilation: Any = 1, padding_mode: str = "zeros",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        self.make(
            in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups, bias,
            padding_mode, dtype,
        )  # fmt: skip

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        extra = self.output_padding if output_size is None else self.missing(input, list(output_size))
        run = getattr(F, f"conv_transpose{self.dims}d")
        return run(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def missing(self, input: Tensor, wanted: list[int]) -> tuple[int, ...]:
        """The output padding that gives this output size."""
        wanted = wanted[-self.dims :]
        sizes = zip(input.shape[-self.dims :], self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in sizes]
        most = [m + s - 1 for m, s in zip(least, self.stride, strict=True)]
        if any(not a <= w <= b for w, a, b in zip(wanted, least, most, strict=True)):
            raise ValueError(
                f"requested an output size of {wanted}, but valid sizes range from {least} to {most} "
                f"(for an input of {input.shape[2:]})"
            )
        return tuple(w - m for w, m in zip(wanted, least, strict=True))


class Conv1d(Convolution):
    """For inputs of shape (N, C, L)."""

    dims = 1


class Conv2d(Convolution):
    """For inputs of shape (N, C, H, W)."""

    dims = 2


class Conv3d(Convolution):
    """For inputs of shape (N, C, D, H, W)."""

    dims = 3


class ConvTranspose1d(Transposed):
    """For inputs of shape (N, C, L)."""

    dims = 1


class ConvTranspose2d(Transposed):
    """For inputs of shape (N, C, H, W)."""

    dims = 2


class ConvTranspose3d(Transposed):
    """For inputs of shape (N, C, D, H, W)."""

    dims = 3
