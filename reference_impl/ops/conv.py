"""Convolution in any number of dimensions, and its transpose.

HOWTO. Three bilinear rows are each other's adjoints: `correlate` (input and weight to output), `correlate_input` (output
and weight to input), `correlate_weight` (output and input to weight). A transposed convolution is the second of them.
`where` carries stride, padding, dilation, groups; the tensors `like` decide the memory format (contiguous if there are
none).

Kernels view the padded input as windows and leave the sums to one product of matrices.
"""

from __future__ import annotations

from math import prod
from operator import index
from typing import Any, NamedTuple

import numpy as np

from .conv_checks import check, check_transposed
from .form import bilinear, general
from .memory_format import channels_last, laid_out, moved_last
from .products import add_up
from .reduce import sum
from .shape import basic, reshape_copy
from .structure import conj
from .writes import zeros_of


class Where(NamedTuple):
    """One number for each spatial dimension, and the number of groups."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int


def windows(x, size, where, out):
    """(batch, groups, channels of a group, *size, *out): every window of x, as a view."""
    n, c, *_ = x.shape
    spatial = x.strides[2:]
    g = where.groups
    shape = (n, g, c // g, *size, *out)
    strides = (
        x.strides[0],
        x.strides[1] * (c // g),
        x.strides[1],
        *(s * d for s, d in zip(spatial, where.dilation, strict=True)),
        *(s * k for s, k in zip(spatial, where.stride, strict=True)),
    )
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)


def padded(x, padding):
    return np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding))) if any(padding) else x


def out_size(size, kernel, where):
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, where.stride, where.padding, where.dilation, strict=True)
    )


def columns(x, size, where, out):
    """(groups, channels of a group * size, batch * out)."""
    v = windows(padded(x, where.padding), size, where, out)
    rank = len(size)
    order = (1, 2, *range(3, 3 + rank), 0, *range(3 + rank, 3 + 2 * rank))
    return v.transpose(order).reshape(where.groups, v.shape[2] * prod(size), x.shape[0] * prod(out))


def by_group(y, groups):
    """(batch, channels, *out) as (groups, channels of a group, batch * out)."""
    n, c, *out = y.shape
    y = y.reshape(n, groups, c // groups, prod(out))
    return y.transpose(1, 2, 0, 3).reshape(groups, c // groups, n * prod(out))


def multiply(a, b):
    return a[0].dot(b[0])[None] if len(a) == 1 else np.matmul(a, b)


def any_last(like):
    """Whether results lie channels last, as one of the tensors that decide does. Volumes of float64 do not, in torch."""
    return any(channels_last(x) and (x.ndim == 4 or x.dtype != np.float64) for x in like)


def correlate_kernel(x, w, where, like=()):
    groups, size = where.groups, w.shape[2:]
    out = out_size(x.shape[2:], size, where)
    y = multiply(w.reshape(groups, w.shape[0] // groups, -1), columns(x, size, where, out))
    y = y.reshape(w.shape[0], x.shape[0], *out)
    return laid_out(y.swapaxes(0, 1), any_last(like))


def correlate_input_kernel(y, w, shape, where, like=()):
    """Every output element spreads over its window."""
    groups, size, out = where.groups, w.shape[2:], y.shape[2:]
    n, c = shape[:2]
    flat = multiply(w.reshape(groups, w.shape[0] // groups, -1).swapaxes(1, 2), by_group(y, groups))
    flat = flat.reshape(c, *size, n, *out)
    r = np.zeros((c, n, *(m + 2 * p for m, p in zip(shape[2:], where.padding, strict=True))), y.dtype)
    for k in np.ndindex(*size):
        at = tuple(
            slice(i * d, i * d + s * m, s) for i, d, s, m in zip(k, where.dilation, where.stride, out, strict=True)
        )
        r[(slice(None), slice(None), *at)] += flat[(slice(None), *k)]
    inside = tuple(slice(p, p + m) for m, p in zip(shape[2:], where.padding, strict=True))
    return laid_out(r[(slice(None), slice(None), *inside)].swapaxes(0, 1), any_last(like))


def correlate_weight_kernel(y, x, shape, where, like=()):
    cols = columns(x, shape[2:], where, y.shape[2:])
    r = multiply(by_group(y, where.groups), cols.swapaxes(1, 2)).reshape(shape)
    last = any_last(like) and not moved_last(r).flags.c_contiguous  # either format serves: contiguous
    return laid_out(r, last)


def trimmed(x, shape):
    """Without the windows that only output_padding made room for."""
    return x if x.shape == shape else basic(x, tuple([slice(n) for n in shape]))


correlate = bilinear(
    "correlate(x, w, where, like: nondiff=())",
    correlate_kernel,
    x=lambda g, w, x_shape, where: correlate_input(g, conj(w), x_shape, where),
    w=lambda g, x, w_shape, where: correlate_weight(g, conj(x), w_shape, where),
    public=False,
    grad_fn="ConvolutionBackward0",
)
correlate_input = bilinear(
    "correlate_input(y, w, shape, where, like: nondiff=())",
    correlate_input_kernel,
    y=lambda g, w, y_shape, where: trimmed(correlate(g, conj(w), where), y_shape),
    w=lambda g, y, w_shape, where: correlate_weight(conj(y), g, w_shape, where),
    public=False,
    grad_fn="ConvolutionBackwardBackward0",
)
correlate_weight = bilinear(
    "correlate_weight(y, x, shape, where, like: nondiff=())",
    correlate_weight_kernel,
    y=lambda g, x, y_shape, where: trimmed(correlate(conj(x), g, where), y_shape),
    x=lambda g, y, x_shape, where: correlate_input(conj(y), g, x_shape, where),
    public=False,
    grad_fn="ConvolutionBackwardBackward0",
)


# -- the node that users see: with bias, either direction


def convolution_kernel(x, w, bias, stride, padding, dilation, transposed, output_padding, groups):
    where = Where(stride, padding, dilation, groups)
    check(x, w, bias, where, transposed, output_padding)
    if transposed:
        shape = transposed_shape(x.shape, w.shape, where, output_padding)
        check_transposed(x.shape, shape)
        y = correlate_input_kernel(x, w, shape, where, (x, w))
    elif not x.shape[1]:  # torch makes no channels of none
        return np.zeros((x.shape[0], 0, *out_size(x.shape[2:], w.shape[2:], where)), x.dtype)
    else:
        y = correlate_kernel(x, w, where, (x, w))
    if bias is not None:
        y += bias.reshape(-1, *(1,) * (y.ndim - 2))
    return y


def transposed_shape(x_shape, w_shape, where, output_padding):
    size = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + o + 1
        for n, k, s, p, d, o in zip(
            x_shape[2:], w_shape[2:], where.stride, where.padding, where.dilation, output_padding, strict=True
        )
    )
    return (x_shape[0], w_shape[1] * where.groups, *size)


def convolution_vjp(
    g,
    input,
    weight,
    stride,
    padding,
    dilation,
    transposed,
    output_padding,
    groups,
    needs_input,
    needs_weight,
    needs_bias,
):
    where, like = Where(stride, padding, dilation, groups), (input, weight)
    gx = gw = None
    if not (input.shape[1] or transposed):
        return zeros_of(g, input.shape), zeros_of(g, weight.shape), zeros_of(g, weight.shape[:1])
    if transposed:
        gx = trimmed(correlate(g, conj(weight), where, like), input.shape) if needs_input else None
        gw = correlate_weight(conj(input), g, weight.shape, where, like) if needs_weight else None
    else:
        gx = correlate_input(g, conj(weight), input.shape, where, like) if needs_input else None
        gw = correlate_weight(g, conj(input), weight.shape, where, like) if needs_weight else None
    return gx, gw, sum(g, (0, *range(2, 2 + len(stride)))) if needs_bias else None


def convolution_jvp(input, weight, result, stride, padding, dilation, transposed, groups, input_t, weight_t, bias_t):
    where, like = Where(stride, padding, dilation, groups), (input, weight)

    if not (input.shape[1] or transposed):
        return zeros_of(next(t for t in (input_t, weight_t, bias_t) if t is not None), result.shape)

    def run(x, w):
        return correlate_input(x, w, result.shape, where, like) if transposed else correlate(x, w, where, like)

    terms = [
        None if input_t is None else run(input_t, weight),
        None if weight_t is None else run(input, weight_t),
        None if bias_t is None else reshape_copy(bias_t, (-1, *(1,) * len(stride))) + zeros_of(bias_t, result.shape),
    ]
    return add_up(terms)


convolution = general(
    "convolution(input, weight, bias=None, stride=None, padding=None, dilation=None, transposed=False, output_padding=None, "
    "groups=1)",
    convolution_kernel,
    vjp=convolution_vjp,
    jvp=convolution_jvp,
    wrt="input weight bias",
    linked="input weight",
    keeps="bias_shape",
    shows={"bias_sym_sizes_opt": lambda bias_shape: (0,) if bias_shape is None else bias_shape},
    method=False,
    refuses="bool",
)


def per_dimension(n: Any, rank: int, name: str = "argument") -> tuple[int, ...]:
    """One number for every dimension."""
    items = (n,) if type(n) is int else tuple(map(index, n)) if isinstance(n, tuple | list) else (index(n),)
    if len(items) not in (1, rank):
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {rank} values to match the convolution "
            f"dimensions, but got {name}={list(items)}"
        )
    return items * rank if len(items) == 1 else items
