"""Dropout, and other functions that draw random numbers.

HOWTO. The numbers drawn are constants: `noise` draws a tensor of 0 and 1, the operator multiplies. They are reproducible by
manual_seed, and differ from torch's.
"""

from __future__ import annotations

import math

import numpy as np

from ..tensor import wrap
from .activation import leaky_kernel
from .form import composite, general
from .shape import zero
from .softmax import softmax
from .structure import where


def kept(input, p, shape):
    """1 where an element stays, which happens with probability 1 - p."""
    from ..random import source_of

    return (source_of().random(shape) >= p).astype(input.dtype.np)


def check(p):
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def every(input):
    return input.shape


def channels(input):
    """One draw for each sample and channel."""
    return (*input.shape[:2], *(1,) * (input.ndim - 2))


def dropped(input, p, shape):
    if p == 0 or not input.numel():
        return input
    scale = 0.0 if p == 1 else 1 / (1 - p)
    return input * wrap(np.asarray(kept(input, p, shape) * input.dtype.np.type(scale)))


def alpha_dropped(input, p, shape):
    """What is dropped takes the value that keeps mean and variance after selu."""
    if p == 0 or not input.numel():
        return input
    if p == 1:
        return input * 0
    alpha = 1.7580993408473766
    a = 1 / math.sqrt((alpha * alpha * p + 1) * (1 - p))
    mask = kept(input, p, shape)
    return input * wrap(np.asarray(mask * a, mask.dtype)) + wrap(
        np.asarray((mask - 1) * (alpha * a) + alpha * a * p, mask.dtype)
    )


def offer(name, drop, shape, training=True, modules="nn.functional"):
    def function(input, p=0.5, training=training, inplace=False):
        check(p)
        if not training:
            return input
        found = drop(input, p, shape(input))
        if not inplace:
            return found
        from ..graph.inplace import store

        return store(input, found)

    function.__name__ = name
    function.__doc__ = f"Zero elements with probability p while training (source: torch.nn.functional.{name})."
    return composite(name, modules=modules, method=False)(function)


dropout = offer("dropout", dropped, every, modules="nn.functional torch")
dropout1d = offer("dropout1d", dropped, channels)
dropout2d = offer("dropout2d", dropped, channels)
dropout3d = offer("dropout3d", dropped, channels)
feature_dropout = offer("feature_dropout", dropped, channels, modules="torch")
alpha_dropout = offer("alpha_dropout", alpha_dropped, every, False, "nn.functional torch")
feature_alpha_dropout = offer("feature_alpha_dropout", alpha_dropped, channels, False, "nn.functional torch")


# -- rrelu: a random slope below 0 while training, else the mean slope

rrelu_with_noise = general(
    "rrelu_with_noise(self, noise: nondiff)",
    lambda x, noise: leaky_kernel(x, noise),
    self=lambda g, self, noise: where(self > 0, g, g * noise),
    public=False,
    refuses="complex integers",
)


@composite(modules="nn.functional torch", method=False)
def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """x above 0, a slope between lower and upper below (source: torch.nn.functional.rrelu)."""
    from ..random import source_of

    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    a = input._array
    slopes = source_of().uniform(lower, upper, a.shape) if training else np.full(a.shape, (lower + upper) / 2)
    found = rrelu_with_noise(input, wrap(slopes.astype(a.dtype)))
    if not inplace:
        return found
    from ..graph.inplace import store

    return store(input, found)


@composite(modules="nn.functional", method=False)
def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """softmax of logits with Gumbel noise; hard gives one-hot values and the soft gradient.

    Source: torch.nn.functional.gumbel_softmax.
    """
    from ..random import source_of

    a = logits._array
    noise = source_of().gumbel(size=a.shape).astype(a.dtype)
    soft = softmax((logits + wrap(noise)) / tau, dim)
    if not hard:
        return soft
    best = np.expand_dims(np.argmax(soft._array, dim), dim)
    one_hot = np.zeros_like(a)
    np.put_along_axis(one_hot, best, 1, dim)
    return wrap(one_hot) - soft.detach() + soft


# -- draws whose gradient is 0


def native_kernel(x, p, train):
    from ..random import source_of

    if not train or not p:
        return x.copy(), np.ones(x.shape, bool)
    mask = source_of().random(x.shape) >= p
    return x * mask * x.dtype.type(0.0 if p == 1 else 1 / (1 - p)), mask


native_dropout = general(
    "native_dropout(self, p, train) -> (result, mask: nondiff)",
    native_kernel,
    self=lambda g, mask, p, train: where(mask, g / (1 - p) if train and p < 1 else g, 0.0),
    method=False,
)


def poisson_kernel(x):
    from ..random import source_of

    return source_of().poisson(x).astype(x.dtype)


poisson = general("poisson(self)", poisson_kernel, self=lambda g: zero(g), method=False)
