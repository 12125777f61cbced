"""The gradients of convolutions, as functions (source: torch.nn.grad)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops.complex_ import conj
from ..ops.conv import Where, correlate_input, correlate_weight, per_dimension
from ..tensor import Tensor


def of_input(rank: int) -> Callable[..., Tensor]:
    def gradient(
        input_size: Any, weight: Tensor, grad_output: Tensor, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:  # fmt: skip
        """The gradient of a convolution with respect to its input, which has input_size."""
        where = Where(*(per_dimension(n, rank) for n in (stride, padding, dilation)), groups)
        return correlate_input(grad_output, conj(weight), tuple(input_size), where)

    return gradient


def of_weight(rank: int) -> Callable[..., Tensor]:
    def gradient(
        input: Tensor, weight_size: Any, grad_output: Tensor, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:  # fmt: skip
        """The gradient of a convolution with respect to its weight, which has weight_size."""
        where = Where(*(per_dimension(n, rank) for n in (stride, padding, dilation)), groups)
        return correlate_weight(grad_output, conj(input), tuple(weight_size), where)

    return gradient


conv1d_input, conv2d_input, conv3d_input = map(of_input, (1, 2, 3))
conv1d_weight, conv2d_weight, conv3d_weight = map(of_weight, (1, 2, 3))
