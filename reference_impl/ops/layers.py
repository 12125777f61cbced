"""Normalisation and convolution: operators with a joint vjp.

HOWTO. `vjp=` with `wrt="input weight bias"` returns the gradients together; `needs_weight` says whether one is wanted.
An `aux` output is computed once in the kernel, kept for backward and never returned.
"""
from __future__ import annotations

import numpy as np

from .form import general
from .reduce import mean, sum
from .structure import sum_to
from .shape import reshape_copy


def layer_norm_kernel(x, normalized_shape, weight, bias, eps):
    dims = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    centre = x.mean(dims, keepdims=True)
    rstd = 1 / np.sqrt(((x - centre) ** 2).mean(dims, keepdims=True) + x.dtype.type(eps))
    y = (x - centre) * rstd
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def normalised(input, dims, eps):
    """(x - mean) * rstd, and rstd."""
    centred = input - mean(input, dims, True)
    rstd = (mean(centred * centred, dims, True) + eps) ** -0.5
    return centred * rstd, rstd


def layer_norm_vjp(g, input, weight, normalized_shape, eps, needs_input, needs_weight, needs_bias):
    dims = tuple(range(-len(normalized_shape), 0))
    hat, rstd = normalised(input, dims, eps)
    gx = None
    if needs_input:
        h = g if weight is None else g * weight
        gx = rstd * (h - mean(h, dims, True) - hat * mean(h * hat, dims, True))
    return (gx, sum_to(g * hat, tuple(normalized_shape)) if needs_weight else None,
            sum_to(g, tuple(normalized_shape)) if needs_bias else None)


def layer_norm_jvp(input, weight, normalized_shape, eps, input_t, weight_t, bias_t):
    dims = tuple(range(-len(normalized_shape), 0))
    hat, rstd = normalised(input, dims, eps)
    terms = [bias_t, None if weight_t is None else hat * weight_t]
    if input_t is not None:
        h = rstd * (input_t - mean(input_t, dims, True) - hat * mean(input_t * hat, dims, True))
        terms.append(h if weight is None else h * weight)
    return add_up(terms)


def add_up(terms):
    first, *others = [t for t in terms if t is not None]
    for other in others:
        first = first + other
    return first


layer_norm = general(
    "layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05)",
    layer_norm_kernel, vjp=layer_norm_vjp, jvp=layer_norm_jvp, wrt="input weight bias",
    grad_fn="NativeLayerNormBackward0", method=False, modules="torch nn.functional")


# -- convolution as a product with the unfolded input

def conv2d_kernel(x, w, bias, stride, padding):
    stride, padding = pair(stride), pair(padding)
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2)) if any(padding) else x
    columns, height, width = unfold_kernel(x, w.shape[2:], stride)
    y = w.reshape(len(w), -1).dot(columns.T).reshape(len(w), len(x), height, width).transpose(1, 0, 2, 3)
    return y if bias is None else y + bias[:, None, None]


def pair(n):
    return (n, n) if isinstance(n, int) else tuple(n)


def unfold_kernel(x, size, stride):
    n, c, h, w = x.shape
    height, width = (h - size[0]) // stride[0] + 1, (w - size[1]) // stride[1] + 1
    s0, s1, s2, s3 = x.strides
    v = np.lib.stride_tricks.as_strided(x, (n, height, width, c, *size),
                                        (s0, s2 * stride[0], s3 * stride[1], s1, s2, s3), writeable=False)
    return v.reshape(n * height * width, -1), height, width


def conv2d_input(g, weight, shape, stride, padding):
    stride, padding = pair(stride), pair(padding)
    r = np.zeros((*shape[:2], shape[2] + 2 * padding[0], shape[3] + 2 * padding[1]), g.dtype)
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            part = np.tensordot(g, weight[:, :, i, j], (1, 0)).transpose(0, 3, 1, 2)
            r[:, :, i:i + stride[0] * g.shape[2]:stride[0], j:j + stride[1] * g.shape[3]:stride[1]] += part
    return r[:, :, padding[0]:padding[0] + shape[2], padding[1]:padding[1] + shape[3]]


def conv2d_weight(g, x, shape, stride, padding):
    stride, padding = pair(stride), pair(padding)
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2)) if any(padding) else x
    columns, height, width = unfold_kernel(x, shape[2:], stride)
    g = g.transpose(1, 0, 2, 3).reshape(shape[0], -1)
    return g.dot(columns).reshape(shape)


# each of the three is bilinear, and the others are its adjoints
conv_input = general(
    "conv_input(y, weight, shape, stride, padding)", conv2d_input, public=False, grad_fn="ConvolutionBackwardBackward0",
    y=lambda g, weight, stride, padding: conv2d(g, weight, None, stride, padding),
    weight=lambda g, y, weight_shape, stride, padding: conv_weight(y, g, weight_shape, stride, padding))
conv_weight = general(
    "conv_weight(y, x, shape, stride, padding)", conv2d_weight, public=False, grad_fn="ConvolutionBackwardBackward0",
    y=lambda g, x, stride, padding: conv2d(x, g, None, stride, padding),
    x=lambda g, y, x_shape, stride, padding: conv_input(y, g, x_shape, stride, padding))


def conv2d_vjp(g, input, weight, stride, padding, needs_input, needs_weight, needs_bias):
    return (conv_input(g, weight, input.shape, stride, padding) if needs_input else None,
            conv_weight(g, input, weight.shape, stride, padding) if needs_weight else None,
            sum(g, (0, 2, 3)) if needs_bias else None)


def conv2d_jvp(input, weight, stride, padding, input_t, weight_t, bias_t):
    return add_up([None if input_t is None else conv2d(input_t, weight, None, stride, padding),
                   None if weight_t is None else conv2d(input, weight_t, None, stride, padding),
                   None if bias_t is None else reshape_copy(bias_t, (-1, 1, 1)) + 0 * conv2d(input, weight, None, stride, padding)])


conv2d = general("conv2d(input, weight, bias=None, stride=1, padding=0)", conv2d_kernel, vjp=conv2d_vjp, jvp=conv2d_jvp,
                 wrt="input weight bias", grad_fn="ConvolutionBackward0", method=False, modules="torch nn.functional")
