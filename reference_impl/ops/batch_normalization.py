"""Batch norm and instance norm: statistics of every channel, over all other dimensions.

HOWTO. As in normalization.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtypes import FLOAT
from ..graph.dual import all_tangents
from ..graph.modes import is_grad_enabled
from ..tensor import NoArray, Tensor, storage_array
from .exponential import rsqrt
from .form import composite, general
from .memory_format import following, lies_last
from .normalization import (
    all_but_channels,
    channelwise,
    mixed,
    normalised,
    normalised_vjp,
    standardise,
    statistics,
    whole,
)
from .products import add_up
from .reduce import mean, sum
from .shaping import reshape
from .writes import laid_out_as


def batch_norm_kernel(x, weight, bias, running_mean, running_var, training, eps):
    def channels(v):
        return v.astype(x.dtype, copy=False).reshape(1, -1, *(1,) * (x.ndim - 2))

    if training:
        y, _ = standardise(x, all_but_channels(x.ndim), eps)
    else:
        y = (x - channels(running_mean)) / np.sqrt(channels(running_var) + x.dtype.type(eps))
    y = y if weight is None else y * channels(weight)
    return y if bias is None else y + channels(bias)


def batch_norm_vjp(g, input, weight, running_mean, running_var, training, eps, needs_input, needs_weight, needs_bias):
    rank = len(input.shape)
    dims = all_but_channels(rank)
    h = g if weight is None else g * channelwise(weight, rank)
    if training:
        hat, rstd = normalised(input, dims, eps)
        gx = normalised_vjp(h, hat, rstd, dims) if needs_input else None
    else:
        rstd = rsqrt(channelwise(running_var, rank) + eps)
        hat = (input - channelwise(running_mean, rank)) * rstd
        gx = h * rstd if needs_input else None
    gx = laid_out_as(gx, input) if needs_input else None
    return gx, sum(g * hat, dims) if needs_weight else None, sum(g, dims) if needs_bias else None


def batch_norm_jvp(input, weight, result, running_mean, running_var, training, eps, input_t, weight_t, bias_t):
    rank = len(input.shape)
    dims = all_but_channels(rank)
    if training:
        hat, rstd = normalised(input, dims, eps)
        h = None if input_t is None else normalised_vjp(input_t, hat, rstd, dims)
    else:
        rstd = rsqrt(channelwise(running_var, rank) + eps)
        hat = (input - channelwise(running_mean, rank)) * rstd
        h = None if input_t is None else input_t * rstd
    terms = [
        None if h is None else h if weight is None else h * channelwise(weight, rank),
        None if weight_t is None else hat * channelwise(weight_t, rank),
        None if bias_t is None else channelwise(bias_t, rank),
    ]
    return whole(add_up(terms), result)


def statistics_of_batch(x, training, eps):
    found = statistics(x, all_but_channels(x.ndim), eps)
    return [s.reshape(-1) if training else np.zeros(0, s.dtype) for s in found]


batch_norm_ = general(
    "batch_norm(input, weight=None, bias=None, running_mean: nondiff=None, running_var: nondiff=None, training=False, "
    "eps=1e-05)",
    following(batch_norm_kernel, test=lies_last),
    vjp=batch_norm_vjp,
    jvp=batch_norm_jvp,
    wrt="input weight bias",
    linked="input weight",
    shows={
        "result1": lambda input, training, eps: statistics_of_batch(input, training, eps)[0],
        "result2": lambda input, training, eps: statistics_of_batch(input, training, eps)[1],
    },
    refuses="complex integers",
    grad_fn="NativeBatchNormBackward0",
    public=False,
)


@composite(modules="nn.functional", method=False)
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise every channel; in training, note the batch's statistics (source: torch.nn.functional.batch_norm)."""
    if training and (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    if training and eps <= 0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    return normalised_batch(input, running_mean, running_var, weight, bias, training, momentum, eps)


@composite("batch_norm", method=False)
def batch_norm_of_torch(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """The same, all of it said (source: torch.batch_norm)."""
    return batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def normalised_batch(
    input: Tensor,
    running_mean: Any,
    running_var: Any,
    weight: Any,
    bias: Any,
    training: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    size = input.shape
    for name, t in (("running_mean", running_mean), ("running_var", running_var)):
        if t is not None and t.requires_grad and is_grad_enabled():
            raise RuntimeError(
                f"The function 'native_batch_norm' is not differentiable with respect to argument '{name}'. This input cannot "
                "have requires_grad True."
            )
        if not training and all_tangents(t) and all_tangents(input):
            raise RuntimeError(
                "batch_norm is not differentiable wrt running_mean and running_var, they cannot have forward grad defined"
            )
    channels = size[1] if len(size) > 1 else 0
    if not input.numel():
        y = input * 1
        y = y if weight is None else y * weight[0]
        return y if bias is None else y + bias[0]
    count = math.prod(size) // max(channels, 1)
    if training and count == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    if not training and (running_mean is None or running_var is None):
        raise RuntimeError(f"running_{'mean' if running_mean is None else 'var'} must be defined in evaluation mode")
    for name, t in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
        if t is not None and t.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {t.numel()}")
    if input.dtype.category == FLOAT and mixed(input, weight, bias, running_mean, running_var):
        y = batch_norm_(input.float(), weight, bias, running_mean, running_var, training, eps).to(input.dtype)
    else:
        y = batch_norm_(input, weight, bias, running_mean, running_var, training, eps)
    if training and (running_mean is not None or running_var is not None):
        note_statistics(input, running_mean, running_var, momentum, count)
    return y


NOT_BATCHED = (
    "Batch norm got a batched tensor as input while the running_mean or running_var, which will be updated in place, were "
    "not batched.\nIf you are using a module and do not need eval mode, please set `track_running_stats` to be False.If you "
    "are using a prebuilt module and do not need eval mode, please see the functorch website for resources on how to patch "
    "your module to work with vmap"
)


def note_statistics(input: Tensor, running_mean: Any, running_var: Any, momentum: float, count: int) -> None:
    """The running statistics are buffers: written, never differentiated, and no version counts it, as in torch; the variance
    is the unbiased one."""
    try:
        x = input._array
    except NoArray:
        note_batched_statistics(input.detach(), (running_mean, running_var), momentum)
        return
    dims = all_but_channels(x.ndim)
    with np.errstate(all="ignore"):
        found = x.mean(dims), x.var(dims) * (count / max(count - 1, 1))
    for buffer, now in zip((running_mean, running_var), found, strict=True):
        if buffer is not None:
            old = storage_array(buffer)
            old[...] = (1 - momentum) * old + momentum * now


def note_batched_statistics(input: Tensor, buffers: tuple, momentum: float) -> None:
    """The same under vmap, where every sample needs buffers of its own."""
    from ..autograd.grad_mode import no_grad
    from ..batching import BatchedTensor

    if not all(b is None or isinstance(b, BatchedTensor) for b in buffers):
        raise RuntimeError(NOT_BATCHED)
    dims = all_but_channels(input.ndim)
    with no_grad():
        for buffer, now in zip(buffers, (input.mean(dims), input.var(dims)), strict=True):
            if buffer is not None:
                buffer.mul_(1 - momentum).add_(now, alpha=momentum)


@composite(modules="nn.functional", method=False)
def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """Batch norm in which every sample is a batch of its own (source: torch.nn.functional.instance_norm)."""
    if (running_mean is None) is not (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    rest = input.shape[2:]
    if use_input_stats and math.prod(rest) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    n, c = input.shape[:2]
    flat = reshape(input, (1, n * c, *rest))

    def repeated(v: Tensor | None) -> Tensor | None:
        return None if v is None else v.repeat(n)

    means, variances = repeated(running_mean), repeated(running_var)
    y = normalised_batch(flat, means, variances, repeated(weight), repeated(bias), use_input_stats, momentum, eps)
    if use_input_stats:
        for buffer, many in ((running_mean, means), (running_var, variances)):
            if buffer is not None:
                buffer.copy_(mean(reshape(many, (n, c)), 0))
    return reshape(y, (n, c, *rest))
