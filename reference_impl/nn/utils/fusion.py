"""A layer and the batch normalization after it as one layer, for evaluation (source: torch.nn.utils.fuse_conv_bn_eval)."""

from __future__ import annotations

import copy
from typing import Any

from ...tensor import Tensor
from ..modules.module import Module
from ..parameter import Parameter


def scaled(
    w: Tensor,
    b: Tensor | None,
    mean: Tensor,
    var: Tensor,
    eps: float,
    scale: Tensor | None,
    shift: Tensor | None,
    dim: int,
) -> tuple[Parameter, Parameter]:
    """Weight and bias times scale / sqrt(var + eps), along dim of the weight, and what the normalization adds."""
    bias = mean.new_zeros(mean.shape) if b is None else b
    factor = (var + eps).rsqrt() if scale is None else scale * (var + eps).rsqrt()
    fused = w * factor.reshape([-1 if d == dim else 1 for d in range(w.ndim)])
    moved = (bias - mean) * factor
    moved = moved if shift is None else moved + shift
    return Parameter(fused.to(w.dtype), w.requires_grad), Parameter(moved.to(bias.dtype), bias.requires_grad)


def fuse_conv_bn_weights(
    conv_w: Tensor, conv_b: Tensor | None, bn_rm: Tensor, bn_rv: Tensor, bn_eps: float, bn_w: Tensor | None,
    bn_b: Tensor | None, transpose: bool = False,
) -> tuple[Parameter, Parameter]:  # fmt: skip
    """Weight and bias of a convolution, which may be transposed, and of the normalization after it."""
    return scaled(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, int(transpose))


def fuse_linear_bn_weights(
    linear_w: Tensor, linear_b: Tensor | None, bn_rm: Tensor, bn_rv: Tensor, bn_eps: float, bn_w: Tensor,
    bn_b: Tensor,
) -> tuple[Parameter, Parameter]:  # fmt: skip
    """Weight and bias of a linear layer and of the normalization after it."""
    return scaled(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, 0)


def fused(layer: Module, bn: Module, dim: int) -> Any:
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("bn.running_mean and bn.running_var must not be None")
    found = copy.deepcopy(layer)
    found.weight, found.bias = scaled(
        found.weight, found.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, dim
    )
    return found


def fuse_conv_bn_eval(conv: Module, bn: Module, transpose: bool = False) -> Any:
    """One convolution that computes what the two layers do."""
    return fused(conv, bn, int(transpose))


def fuse_linear_bn_eval(linear: Module, bn: Module) -> Any:
    """One linear layer that computes what the two layers do."""
    if not (linear.training or bn.training) and bn.num_features not in (1, linear.out_features):
        raise AssertionError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}"
        )
    return fused(linear, bn, 0)
