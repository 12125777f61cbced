"""Normalisation with running statistics: over the batch, or over each sample."""

from __future__ import annotations

import warnings
from typing import Any

from ... import factories
from ...tensor import Tensor
from .. import functional as F
from .. import init
from .linear import empty
from .module import Module


class _NormBase(Module):
    """Affine parameters and running statistics of features."""

    ranks: tuple[int, ...] = ()
    _version = 2  # since it counts batches

    def make(
        self, num_features: int, eps: float, momentum: float | None, affine: bool, track: bool, dtype: Any, bias: bool
    ) -> None:
        Module.__init__(self)
        self.num_features, self.eps, self.momentum, self.affine = num_features, eps, momentum, affine
        self.track_running_stats = track
        self.register_parameter("weight", empty(num_features, dtype=dtype) if affine else None)
        self.register_parameter("bias", empty(num_features, dtype=dtype) if affine and bias else None)
        self.register_buffer("running_mean", factories.zeros(num_features, dtype=dtype) if track else None)
        self.register_buffer("running_var", factories.ones(num_features, dtype=dtype) if track else None)
        count = factories.zeros((), dtype=factories.dtypes.int64) if track else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, local_metadata: Any, *lists: Any) -> None:
        """A state of before version 2 has no count of batches."""
        if self.track_running_stats and (local_metadata.get("version") or 1) < 2:
            state_dict.setdefault(prefix + "num_batches_tracked", self.num_batches_tracked)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *lists)

    def check(self, input: Tensor) -> None:
        if input.ndim not in self.ranks:
            *others, last = (f"{n}D" for n in self.ranks)
            raise ValueError(f"expected {' or '.join([*others, last])} input (got {input.ndim}D input)")

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_NormBase):
    """Over the batch; in evaluation by the running statistics (source: torch.nn.BatchNorm1d)."""

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        self.make(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        share = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the mean of all batches
                share = 1.0 / float(self.num_batches_tracked)
        by_batch = self.training or self.running_mean is None
        kept = not self.training or self.track_running_stats
        mean, var = (self.running_mean, self.running_var) if kept else (None, None)
        return F.batch_norm(input, mean, var, self.weight, self.bias, by_batch, share, self.eps)


class BatchNorm1d(_BatchNorm):
    """For inputs of shape (N, C) or (N, C, L)."""

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """For inputs of shape (N, C, H, W)."""

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """For inputs of shape (N, C, D, H, W)."""

    ranks = (5,)


class _InstanceNorm(_NormBase):
    """Over each channel of each sample (source: torch.nn.InstanceNorm1d)."""

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        self.make(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        self.check_channels(input, input.ndim - min(self.ranks))
        batch = input if input.ndim == max(self.ranks) else input.unsqueeze(0)
        by_sample = self.training or not self.track_running_stats
        found = F.instance_norm(
            batch,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            by_sample,
            self.momentum or 0.0,
            self.eps,
        )
        return found if batch is input else found.squeeze(0)

    def check_channels(self, input: Tensor, dim: int) -> None:
        if input.shape[dim] == self.num_features:
            return
        if self.affine:
            raise ValueError(
                f"expected input's size at dim={dim} to match num_features ({self.num_features}), but got: {input.shape[dim]}."
            )
        warnings.warn(
            f"input's size at dim={dim} does not match num_features. You can silence this warning by not passing in "
            "num_features, which is not used because affine=False",
            stacklevel=3,
        )


class InstanceNorm1d(_InstanceNorm):
    """For inputs of shape (N, C, L) or (C, L)."""

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """For inputs of shape (N, C, H, W) or (C, H, W)."""

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """For inputs of shape (N, C, D, H, W) or (C, D, H, W)."""

    ranks = (4, 5)
