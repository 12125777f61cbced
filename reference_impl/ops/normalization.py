"""Normalisation: statistics over some dimensions, then weight and bias.

HOWTO. All are one formula (`normalised`) over other dimensions: layer norm over the last ones, batch norm over all but
the channels, group norm over the channels of a group. `vjp=` with `wrt="input weight bias"` returns the gradients
together; `needs_weight` says whether one is wanted. The statistics are computed again in backward, for they depend
smoothly on the input.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..dtypes import bfloat16, float16, float32
from ..tensor import Tensor
from .dims import row_by_row
from .exponential import rsqrt
from .form import composite, general
from .memory_format import following
from .products import add_up
from .reduce import count, mean, sum
from .shape import reshape_copy, reshaped
from .structure import sum_to
from .writes import laid_out_as


def standardise(x, dims, eps):
    n = x.dtype.type(count(x.shape, dims))
    centred = x - np.add.reduce(x, dims, keepdims=True) / n
    var = np.add.reduce(centred * centred, dims, keepdims=True) / n
    return centred / np.sqrt(var + x.dtype.type(eps)), var


def normalised(input, dims, eps):
    """(x - mean) / std, and 1 / std."""
    centred = input - mean(input, dims, True)
    rstd = rsqrt(mean(centred * centred, dims, True) + eps)
    return centred * rstd, rstd


def normalised_vjp(h, hat, rstd, dims):
    return rstd * (h - mean(h, dims, True) - hat * mean(h * hat, dims, True))


def statistics(x, dims, eps=0):
    """The mean and 1 / std, which torch's nodes keep."""
    return np.mean(x, dims, keepdims=True), 1 / np.sqrt(np.var(x, dims, keepdims=True) + eps)


# -- over the last dimensions


def last(x, normalized_shape):
    return tuple(range(x.ndim - len(normalized_shape), x.ndim))


def layer_norm_kernel(x, normalized_shape, weight, bias, eps):
    y, _ = standardise(row_by_row(x), last(x, normalized_shape), eps)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def layer_norm_vjp(g, input, weight, normalized_shape, eps, needs_input, needs_weight, needs_bias):
    dims = tuple(range(-len(normalized_shape), 0))
    hat, rstd = normalised(input, dims, eps)
    h = g if weight is None else g * weight
    return (
        normalised_vjp(h, hat, rstd, dims) if needs_input else None,
        sum_to(g * hat, tuple(normalized_shape)) if needs_weight else None,
        sum_to(g, tuple(normalized_shape)) if needs_bias else None,
    )


def layer_norm_jvp(input, weight, result, normalized_shape, eps, input_t, weight_t, bias_t):
    dims = tuple(range(-len(normalized_shape), 0))
    hat, rstd = normalised(input, dims, eps)
    terms = [bias_t, None if weight_t is None else hat * weight_t]
    if input_t is not None:
        h = normalised_vjp(input_t, hat, rstd, dims)
        terms.append(h if weight is None else h * weight)
    return whole(add_up(terms), result)


def whole(tangent, result):
    """A tangent of the bias alone, for the whole result."""
    return tangent if tangent.shape == result.shape else tangent + result * 0


layer_norm_ = general(
    "layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05)",
    layer_norm_kernel,
    vjp=layer_norm_vjp,
    jvp=layer_norm_jvp,
    wrt="input weight bias",
    keeps="bias",
    linked="input weight bias",
    saved_as={"eps": ""},
    shows={
        "normalized_shape": lambda normalized_shape: normalized_shape,
        "result1": lambda input, normalized_shape: statistics(input, last(input, normalized_shape))[0],
        "result2": lambda input, normalized_shape, eps: statistics(input, last(input, normalized_shape), eps)[1],
    },
    refuses="complex integers",
    grad_fn="NativeLayerNormBackward0",
    public=False,
)


@composite(modules="torch nn.functional", method=False)
def layer_norm(input, normalized_shape: tuple[int, ...], weight=None, bias=None, eps=1e-05, cudnn_enable=True):
    shape = tuple(normalized_shape)
    in_float = mixed(input, weight, bias)
    check_normalized(input.shape, shape, weight, bias)
    if in_float:
        return layer_norm_(input.float(), shape, weight, bias, eps).to(input.dtype)
    return layer_norm_(input, shape, weight, bias, eps)


def mixed(input: Tensor, *params: Tensor | None) -> bool:
    """Whether half precision comes with parameters in float32. Any other mixture torch refuses."""
    given = [p.dtype for p in params if p is not None]
    if given and given[0] is not input.dtype:
        if any(d is not float32 for d in given):
            raise RuntimeError("mixed dtype (CPU): expect parameter to have scalar type of Float")
        if input.dtype not in (float16, bfloat16):
            raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")
        return True
    for d in given:
        if d is not input.dtype:
            raise RuntimeError(f"expected scalar type {input.dtype.legacy} but found {d.legacy}")
    return False


def check_normalized(size: Any, normalized: tuple[int, ...], weight: Any, bias: Any = None, comma: str = ", ") -> None:
    if not normalized:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for name, t in (("weight", weight), ("bias", bias)):
        if t is not None and t.shape != normalized:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape {list(t.shape)} and "
                f"normalized_shape = {list(normalized)}"
            )
    if tuple(size[len(size) - len(normalized) :]) != normalized:
        raise RuntimeError(
            f"Given normalized_shape={list(normalized)}, expected input with shape [*{comma}{', '.join(map(str, normalized))}], "
            f"but got input of size{list(size)}"
        )


# -- over all dimensions but the channels (batch norm)


def all_but_channels(rank):
    return (0, *range(2, rank))


def channelwise(x, rank):
    """A vector of channels, so that it broadcasts."""
    return reshape_copy(x, (1, -1, *(1,) * (rank - 2)))


# -- over the channels of a group


def per_group(shape, groups):
    return shape[1] // groups * prod(shape[2:])


def grouped(x, groups):
    return reshape_copy(x, (x.shape[0], groups, per_group(x.shape, groups)))


def check_groups(x, weight, bias, num_groups):
    if x.ndim < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {x.ndim}")
    c = x.shape[1]
    if c % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(x.shape)} and num_groups={num_groups}"
        )
    for name, v in (("weight", weight), ("bias", bias)):
        if v is not None and v.shape != (c,):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of "
                f"shape {list(v.shape)} and input of shape {list(x.shape)}"
            )


def group_norm_kernel(x, weight, bias, num_groups, eps):
    n, c = x.shape[:2]
    y, _ = standardise(x.reshape(n, num_groups, per_group(x.shape, num_groups)), 2, eps)
    y = y.reshape(x.shape)
    shape = (1, c, *(1,) * (x.ndim - 2))
    y = y if weight is None else y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


def group_norm_vjp(g, input, weight, num_groups, eps, needs_input, needs_weight, needs_bias):
    shape = input.shape
    hat, rstd = normalised(grouped(input, num_groups), 2, eps)
    gx = None
    if needs_input:
        h = g if weight is None else g * channelwise(weight, len(shape))
        gx = laid_out_as(reshaped(normalised_vjp(grouped(h, num_groups), hat, rstd, 2), tuple(shape)), input)
    return (
        gx,
        of_channels(grouped(g, num_groups) * hat, shape[1]) if needs_weight else None,
        of_channels(grouped(g, num_groups), shape[1]) if needs_bias else None,
    )


def of_channels(x, channels):
    """For each channel the sum over samples and pixels, of what lies in groups."""
    n, groups, size = x.shape
    each = channels // groups
    return reshaped(sum(reshape_copy(x, (n, groups, each, size // max(each, 1))), (0, 3)), (channels,))


def group_norm_jvp(input, weight, result, num_groups, eps, input_t, weight_t, bias_t):
    shape = tuple(input.shape)
    hat, rstd = normalised(grouped(input, num_groups), 2, eps)
    terms = [
        None if bias_t is None else channelwise(bias_t, len(shape)),
        None if weight_t is None else reshape_copy(hat, shape) * channelwise(weight_t, len(shape)),
    ]
    if input_t is not None:
        h = reshape_copy(normalised_vjp(grouped(input_t, num_groups), hat, rstd, 2), shape)
        terms.append(h if weight is None else h * channelwise(weight, len(shape)))
    return whole(add_up(terms), result)


def statistics_of_groups(x, groups, eps=0):
    return [s[..., 0] for s in statistics(x.reshape(len(x), groups, -1), 2, eps)]


group_norm_ = general(
    "group_norm(input, weight=None, bias=None, num_groups=1, eps=1e-05)",
    following(group_norm_kernel),
    vjp=group_norm_vjp,
    jvp=group_norm_jvp,
    wrt="input weight bias",
    saved_as={"num_groups": "group"},
    shows={
        "N": lambda input: input.shape[0],
        "C": lambda input: input.shape[1],
        "HxW": lambda input: prod(input.shape[2:]),
        "result1": lambda input, num_groups: statistics_of_groups(input, num_groups)[0],
        "result2": lambda input, num_groups, eps: statistics_of_groups(input, num_groups, eps)[1],
    },
    refuses="complex integers",
    grad_fn="NativeGroupNormBackward0",
    public=False,
)


@composite("group_norm", modules="nn.functional", method=False)
def functional_group_norm(
    input: Tensor, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-05
) -> Tensor:
    """Normalise groups of channels of each sample (source: torch.nn.functional.group_norm)."""
    if input.ndim > 1 and input.numel() == num_groups:
        size = [input.shape[0] * input.shape[1] // num_groups, num_groups, *input.shape[2:]]
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {size}")
    return group_norm(input, num_groups, weight, bias, eps)


@composite(modules="torch", method=False)
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-05,
    cudnn_enabled: bool = True,
) -> Tensor:
    check_groups(input, weight, bias, num_groups)
    if mixed(input, weight, bias):
        return group_norm_(input.float(), weight, bias, num_groups, eps).to(input.dtype)
    return group_norm_(input, weight, bias, num_groups, eps)
