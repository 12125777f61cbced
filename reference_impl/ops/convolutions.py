"""Convolutions as torch spells them, over the rows of conv.py."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .arithmetic import mul_number
from .complex_ import view_as_real
from .conv import convolution, per_dimension
from .form import composite
from .shape import permute, select, squeeze, unsqueeze


def convolve(rank: int, transposed: bool) -> Any:
    name = f"conv{'_transpose' * transposed}{rank}d"

    def run(
        input: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, dilation: Any, extra: Any, groups: int
    ):
        if input.ndim not in (rank + 1, rank + 2):
            if bias is not None and bias.dtype is not input.dtype and not transposed:
                kinds = input.dtype.cpp, bias.dtype.cpp
                raise RuntimeError("Input type ({}) and bias type ({}) should be the same".format(*kinds))
            raise RuntimeError(
                f"Expected {rank + 1}D (unbatched) or {rank + 2}D (batched) input to {name}, but got input of size: "
                f"{list(input.shape)}"
            )
        single = input.ndim == rank + 1
        x = unsqueeze(input, 0) if single else input
        stride, dilation = per_dimension(stride, rank, "stride"), per_dimension(dilation, rank, "dilation")
        if not isinstance(padding, str):
            padding = per_dimension(padding, rank, "padding")
        args = (stride, padding, dilation, transposed, per_dimension(extra, rank, "output_padding"), groups)
        y = (complex_convolution if x.dtype.is_complex else padded_convolution)(x, weight, bias, *args)
        return squeeze(y, 0) if single else y

    if transposed:

        def function(
            input,
            weight,
            bias=None,
            stride=1,
            padding: tuple[int, ...] | int = 0,
            output_padding=0,
            groups=1,
            dilation=1,
        ):
            return run(input, weight, bias, stride, padding, dilation, output_padding, groups)

    else:

        def function(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
            return run(input, weight, bias, stride, padding, dilation, 0, groups)

    function.__name__ = name
    return composite(name, modules="torch nn.functional", method=False)(function)


@composite(modules="torch nn.functional", method=False)
def conv_tbc(input, weight, bias, pad=0):
    """conv1d of (time, batch, channels), the weight as (width, in, out) (source: torch.conv_tbc)."""
    y = conv1d(permute(input, (1, 2, 0)), permute(weight, (2, 1, 0)), bias, 1, pad)
    return permute(y, (2, 0, 1))


def complex_convolution(x, weight, bias, *args):
    """By three real convolutions."""
    if not weight.dtype.is_complex or not (bias is None or bias.dtype.is_complex):
        return padded_convolution(x, weight, bias, *args)
    (x, xi), (w, wi), (b, bi) = map(parts, (x, weight, bias))
    real, imag = padded_convolution(x, w, b, *args), padded_convolution(xi, wi, None, *args)
    both = padded_convolution(x + xi, w + wi, None if b is None else b + bi, *args)
    return real - imag + mul_number(both - real - imag, 1j)


def parts(x):
    if x is None:
        return None, None
    pairs = view_as_real(x)
    return select(pairs, x.ndim, 0), select(pairs, x.ndim, 1)


def padded_convolution(x, weight, bias, stride, padding, dilation, *others):
    if isinstance(padding, str):
        x, padding = by_word(x, weight, padding, stride, dilation)
    return convolution(x, weight, bias, stride, padding, dilation, *others)


def by_word(x, weight, padding, stride, dilation):
    """padding="valid" or "same"; an odd amount is padded on the right first."""
    from .rearranging import constant_pad_nd

    rank = len(stride)
    if padding == "valid":
        return x, (0,) * rank
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    if weight.ndim != rank + 2:
        raise RuntimeError(
            f"Expected {weight.ndim}-dimensional input for {weight.ndim}-dimensional weight{list(weight.shape)}, but got "
            f"{x.ndim}-dimensional input of size {list(x.shape)} instead"
        )
    if any(s != 1 for s in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    total = [d * (k - 1) for k, d in zip(weight.shape[2:], dilation, strict=True)]
    if any(n % 2 for n in total):
        x = constant_pad_nd(x, tuple(k for n in reversed(total) for k in (0, n % 2)))
    return x, tuple(n // 2 for n in total)


conv1d, conv2d, conv3d = (convolve(rank, False) for rank in (1, 2, 3))


conv_transpose1d, conv_transpose2d, conv_transpose3d = (convolve(rank, True) for rank in (1, 2, 3))
