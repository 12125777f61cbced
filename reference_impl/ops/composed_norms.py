"""Normalisations that torch composes of other operators.

HOWTO. As torch has them, operator for operator, so that their graphs are torch's.
"""

from __future__ import annotations

from typing import Any

from ..dtypes import FLOAT
from ..tensor import Tensor
from .arithmetic import add_number
from .exponential import rsqrt
from .form import composite
from .normalization import check_normalized
from .reduce import mean
from .shape import unsqueeze
from .shaping import reshape

# the distance from 1 to the next number
EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}


@composite(modules="torch nn.functional", method=False)
def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None) -> Tensor:
    """x / rms(x) * weight (source: torch.nn.functional.rms_norm)."""
    if input.ndim < len(normalized_shape) and (weight is None or weight.shape == tuple(normalized_shape)):
        raise ValueError(f"Input tensor must have at least {len(normalized_shape)} dimensions, but got {input.ndim}")
    check_normalized(input.shape, tuple(normalized_shape), weight, comma="")  # so torch words it here
    dims = tuple(input.ndim - 1 - k for k in range(len(normalized_shape)))
    if input.dtype.category < FLOAT:
        raise NotImplementedError(f"\"rms_norm\" not implemented for '{input.dtype.legacy}'")
    x = input.float() if input.dtype.itemsize == 2 else input  # squares of half precision overflow
    eps = EPSILON[x.real.dtype.name if x.is_complex() else x.dtype.name] if eps is None else eps
    hat = x * rsqrt(add_number(mean(x**2, dims, True), eps))
    return (hat if weight is None else hat * weight).to(input.dtype)


@composite(modules="nn.functional", method=False)
def local_response_norm(input: Tensor, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """x / (k + alpha * mean of x^2 over neighbouring channels) ** beta (source: torch.nn.functional)."""
    from .pooling import avg_pool2d, avg_pool3d
    from .rearranging import constant_pad_nd

    if input.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {input.ndim} dimensions)")
    if not input.numel():
        return input
    div = unsqueeze(input * input, 1)
    half = (size // 2, (size - 1) // 2)
    if input.ndim == 3:
        div = avg_pool2d(constant_pad_nd(div, (0, 0, *half)), (size, 1), stride=1).squeeze(1)
    else:
        sizes = input.shape
        div = reshape(div, (sizes[0], 1, sizes[1], sizes[2], -1))
        div = avg_pool3d(constant_pad_nd(div, (0, 0, 0, 0, *half)), (size, 1, 1), stride=1).squeeze(1)
        div = reshape(div, sizes)
    return input / (div * alpha + k) ** beta
