"""torch.nn.init: fill parameters in place, outside the graph."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

from ..autograd.grad_mode import no_grad
from ..missing import getter
from ..tensor import Tensor

GAINS = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
LINEAR = ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid"]
NOTHING = "Initializing zero-element tensors is a no-op"
FAR = "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect."


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much to scale the weights in front of a nonlinearity (source: torch.nn.init.calculate_gain)."""
    if nonlinearity in LINEAR:
        return 1
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return GAINS[nonlinearity]


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    return tensor.normal_(mean, std, generator=generator)


@no_grad()
def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Tensor:
    """Normal, within [a, b]: draws are refused until all are inside (source: torch.nn.init.trunc_normal_)."""
    from .. import empty_like, where

    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(FAR, stacklevel=2)
    below, above = (math.erf((x - mean) / std / math.sqrt(2.0)) for x in (a, b))
    often = (above - below) / 2 > 0.3  # else draws are uniform, and refused by how far the density is from its peak
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2

    def drawn() -> Tensor:
        x = empty_like(tensor)
        return x.normal_(mean, std, generator=generator) if often else x.uniform_(a, b, generator=generator)

    def refused(x: Tensor) -> Tensor:
        if often:
            return (x < a) | (x > b)
        density = ((x - mean) / std) ** 2 * -0.5 - peak
        return empty_like(tensor).uniform_(generator=generator).log_() > density

    found = drawn()
    wrong = refused(found)
    while wrong.any():
        again = drawn()
        found, wrong = where(wrong, again, found), wrong & refused(again)
    return tensor.copy_(found)


@no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    return constant_(tensor, 0.0)


@no_grad()
def eye_(tensor: Tensor) -> Tensor:
    from ..factories import eye

    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return tensor.copy_(eye(*tensor.shape, dtype=tensor.dtype))


@no_grad()
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """The weights of a convolution that keeps as many channels as it can, in each group."""
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    out, channels, *field = tensor.shape
    if out % groups:
        raise ValueError("dim 0 must be divisible by groups")
    tensor.zero_()
    middle = tuple(n // 2 for n in field)
    for start in range(0, out, out // groups):
        for channel in range(min(out // groups, channels)):
            tensor[(start + channel, channel, *middle)] = 1
    return tensor


def fans(tensor: Tensor) -> tuple[int, int]:
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Glorot and Bengio (2010) (source: torch.nn.init.xavier_uniform_)."""
    bound = math.sqrt(3.0) * gain * math.sqrt(2.0 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Glorot and Bengio (2010) (source: torch.nn.init.xavier_normal_)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor))), generator)


def kaiming_deviation(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(tensor)[mode == "fan_out"])


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Tensor:
    """He et al. (2015) (source: torch.nn.init.kaiming_uniform_)."""
    if 0 in tensor.shape:
        warnings.warn(NOTHING, stacklevel=2)
        return tensor
    bound = math.sqrt(3.0) * kaiming_deviation(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Tensor:
    """He et al. (2015) (source: torch.nn.init.kaiming_normal_)."""
    if 0 in tensor.shape:
        warnings.warn(NOTHING, stacklevel=2)
        return tensor
    return normal_(tensor, 0.0, kaiming_deviation(tensor, a, mode, nonlinearity), generator)


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Saxe, McClelland and Ganguli (2013) (source: torch.nn.init.orthogonal_)."""
    from ..linalg import qr

    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if not tensor.numel():
        return tensor
    rows, columns = tensor.shape[0], tensor.numel() // tensor.shape[0]
    drawn = tensor.new_empty((rows, columns)).normal_(0, 1, generator=generator)
    q, r = qr(drawn.t() if rows < columns else drawn)
    q = q * r.diagonal().sign()  # so that Q is uniform
    return tensor.copy_((q.t() if rows < columns else q).reshape(tensor.shape)).mul_(gain)


@no_grad()
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Normal, with a fraction of each column set to zero (source: torch.nn.init.sparse_)."""
    from .. import randperm

    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    tensor.normal_(0, std, generator=generator)
    for column in range(columns):
        tensor[randperm(rows)[: math.ceil(sparsity * rows)], column] = 0
    return tensor


def deprecated(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function under its name from before it had an underscore."""
    new = function.__name__
    old = new[:-1]

    @functools.wraps(function)
    def named(*args: Any, **kwargs: Any) -> Tensor:
        message = f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`."
        warnings.warn(message, FutureWarning, stacklevel=2)
        return function(*args, **kwargs)

    named.__name__, named.__doc__ = old, f"The former name of {new}."
    return named


uniform, normal, constant, eye, dirac = map(deprecated, (uniform_, normal_, constant_, eye_, dirac_))
xavier_uniform, xavier_normal = map(deprecated, (xavier_uniform_, xavier_normal_))
kaiming_uniform, kaiming_normal = map(deprecated, (kaiming_uniform_, kaiming_normal_))
orthogonal, sparse = map(deprecated, (orthogonal_, sparse_))

__getattr__ = getter("nn.init")
