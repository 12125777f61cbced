"""Layers: a few modules around torch.nn.functional."""

from __future__ import annotations

import math
from typing import Any

from ... import factories
from ...errors import Unsupported
from ...random import source_of
from ...tensor import Tensor, wrap
from .. import functional as F
from ..parameter import Parameter
from .module import Module


def uniform(shape: tuple[int, ...], bound: float, dtype: Any) -> Parameter:
    d = (dtype or factories.dtypes.get_default_dtype()).np
    return Parameter(wrap(source_of().uniform(shape, d, -bound, bound)))


class Linear(Module):
    """x W' + b (source: torch.nn.Linear); W of shape (out_features, in_features)."""

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features) if in_features else 0.0
        self.weight = uniform((out_features, in_features), bound, dtype)
        self.register_parameter("bias", uniform((out_features,), bound, dtype) if bias else None)

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Convolution(Module):
    """Cross-correlation (source: torch.nn.Conv1d, Conv2d, Conv3d)."""

    dims = 0

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if padding_mode != "zeros":
            raise Unsupported(f"nn.{type(self).__name__}: padding_mode={padding_mode!r}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = map(self.each, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else self.each(padding)
        bound = 1 / math.sqrt(in_channels // groups * math.prod(self.kernel_size))
        self.weight = uniform((out_channels, in_channels // groups, *self.kernel_size), bound, dtype)
        self.register_parameter("bias", uniform((out_channels,), bound, dtype) if bias else None)

    def each(self, value: Any) -> tuple:
        return (value,) * self.dims if isinstance(value, int) else tuple(value)

    def forward(self, input: Tensor) -> Tensor:
        run = getattr(F, f"conv{self.dims}d")
        return run(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        usual = {"padding": (0,) * self.dims, "dilation": (1,) * self.dims, "groups": 1}
        shown = [f"{n}={getattr(self, n)}" for n, d in usual.items() if getattr(self, n) != d]
        shown += [] if self.bias is not None else ["bias=False"]
        start = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        return ", ".join([start, *shown])


class Conv1d(Convolution):
    """For inputs of shape (N, C, L)."""

    dims = 1


class Conv2d(Convolution):
    """For inputs of shape (N, C, H, W)."""

    dims = 2


class Conv3d(Convolution):
    """For inputs of shape (N, C, D, H, W)."""

    dims = 3


class Embedding(Module):
    """Rows of a table by index (source: torch.nn.Embedding)."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim, self.padding_idx = num_embeddings, embedding_dim, padding_idx
        d = (dtype or factories.dtypes.get_default_dtype()).np
        self.weight = Parameter(wrap(source_of().normal((num_embeddings, embedding_dim), d)))

    def forward(self, input: Tensor) -> Tensor:
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"


class BatchNorm(Module):
    """Normalisation over the batch, with running statistics for evaluation (source: torch.nn.BatchNorm1d)."""

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum, self.affine = num_features, eps, momentum, affine
        self.track_running_stats = track_running_stats
        self.register_parameter("weight", Parameter(factories.ones(num_features, dtype=dtype)) if affine else None)
        self.register_parameter("bias", Parameter(factories.zeros(num_features, dtype=dtype)) if affine else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", factories.zeros(num_features, dtype=dtype) if tracked else None)
        self.register_buffer("running_var", factories.ones(num_features, dtype=dtype) if tracked else None)
        self.register_buffer(
            "num_batches_tracked", factories.zeros((), dtype=factories.dtypes.int64) if tracked else None
        )

    def forward(self, input: Tensor) -> Tensor:
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
        by_batch = self.training or self.running_mean is None
        return F.batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, by_batch, self.momentum, self.eps
        )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(BatchNorm):
    """For inputs of shape (N, C) or (N, C, L)."""


class BatchNorm2d(BatchNorm):
    """For inputs of shape (N, C, H, W)."""


class BatchNorm3d(BatchNorm):
    """For inputs of shape (N, C, D, H, W)."""


class GroupNorm(Module):
    """Normalisation of groups of channels (source: torch.nn.GroupNorm)."""

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.register_parameter("weight", Parameter(factories.ones(num_channels, dtype=dtype)) if affine else None)
        self.register_parameter("bias", Parameter(factories.zeros(num_channels, dtype=dtype)) if affine else None)

    def forward(self, input: Tensor) -> Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class LayerNorm(Module):
    """Normalisation over the last dimensions (source: torch.nn.LayerNorm)."""

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, dtype: Any = None
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        on = elementwise_affine
        self.register_parameter("weight", Parameter(factories.ones(self.normalized_shape, dtype=dtype)) if on else None)
        self.register_parameter("bias", Parameter(factories.zeros(self.normalized_shape, dtype=dtype)) if on else None)

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.weight is not None}"


class Dropout(Module):
    """Zero elements with probability p while training (source: torch.nn.Dropout)."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p, self.inplace = p, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Bilinear(Module):
    """x1' A x2 + b (source: torch.nn.Bilinear)."""

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        bound = 1 / math.sqrt(in1_features)
        self.weight = uniform((out_features, in1_features, in2_features), bound, dtype)
        self.register_parameter("bias", uniform((out_features,), bound, dtype) if bias else None)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class PReLU(Module):
    """x, below 0 times a weight that is learned (source: torch.nn.PReLU)."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter(factories.MADE["full"]((num_parameters,), init, dtype=dtype))

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class Flatten(Module):
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input
