"""Dropout, and other functions that draw random numbers.

HOWTO. The numbers drawn are constants: `kept` draws a tensor of 0 and 1, the operator multiplies.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from ..compiler.runtime import not_a_tensor
from ..dtypes import FLOAT, float16
from ..graph.inplace import inplace_form
from ..tensor import Tensor, wrap
from .activation import leaky_kernel
from .form import composite, general
from .sampling import as_it_lies, for_each_sample, running_vmaps, source_of
from .softmax import softmax
from .structure import where
from .writes import zero


def noise(shape, draw):
    """A tensor of what draw(stream, shape) draws, inside vmap once or for each sample."""
    from ..factories.drawing import per_sample

    source = source_of(None)
    found = per_sample(lambda sizes: draw(source, sizes), shape)
    return wrap(np.asarray(draw(source, shape))) if found is None else found


def kept(input, p, shape):
    """1 where an element stays, which happens with probability 1 - p."""
    if input.dtype.category < FLOAT:
        raise RuntimeError(f"result type Float can't be cast to the desired output type {input.dtype.legacy}")
    if input.dtype.is_complex:
        raise NotImplementedError(f"\"bernoulli_scalar_cpu_\" not implemented for '{input.dtype.legacy}'")
    from .. import empty_like

    d, own = input.dtype.np, shape == input.shape and not input.is_contiguous()

    def draw(source, sizes):
        as_input = own and len(sizes) == len(shape)
        strides = empty_like(input).stride() if as_input else range(len(sizes), 0, -1)
        return as_it_lies(sizes, strides, lambda s: source.less_than(1 - p, s)).astype(d)

    return noise(shape, draw)


def check(p):
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def every(input):
    return input.shape


def channels(input):
    """One draw for each sample and channel."""
    if input.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return (*input.shape[:2], *(1,) * (input.ndim - 2))


def dropped(input, p, shape, multiply):
    if p == 0 or not input.numel():
        return input
    if p == 1:
        return multiply(0.0 if input.dtype.category >= FLOAT else False)
    return multiply(kept(input, p, shape(input)) * (1 / (1 - p)))


def alpha_dropped(input, p, shape, multiply):
    """What is dropped takes the value that keeps mean and variance after selu."""
    if p == 0 or not input.numel():
        return input
    if p == 1:
        return multiply(0.0 if input.dtype.category >= FLOAT else False)
    alpha = 1.7580993408473766
    a = 1 / math.sqrt((alpha * alpha * p + 1) * (1 - p))
    mask = kept(input, p, shape(input))
    return multiply(mask * a).add_((mask - 1) * (alpha * a) + alpha * a * p)


def offer(name, drop, shape, training=True, modules="nn.functional"):
    def function(input, p=0.5, training=training, inplace=False):
        check(p)
        if training:
            return drop(input, p, shape, input.mul_ if inplace else input.mul)
        if not isinstance(input, Tensor):
            raise not_a_tensor(name, input, "input", 1)
        return input

    function.__name__ = name
    function.__doc__ = f"Zero elements with probability p while training (source: torch.nn.functional.{name})."
    return composite(name, modules=modules, method=False)(function)


def of_torch(function):
    """The function of torch itself, to which everything must be said."""

    def called(input, p, train):
        return function(input, p, train)

    called.__name__ = function.__name__
    return composite(function.__name__, modules="torch", method=False)(called)


dropout = offer("dropout", dropped, every)
feature_dropout = offer("feature_dropout", dropped, channels, modules="")
alpha_dropout = offer("alpha_dropout", alpha_dropped, every, False)
feature_alpha_dropout = offer("feature_alpha_dropout", alpha_dropped, channels, False)
torch_dropout, torch_feature_dropout, torch_alpha_dropout, torch_feature_alpha_dropout = map(
    of_torch, (dropout, feature_dropout, alpha_dropout, feature_alpha_dropout)
)

SPATIAL = {1: "1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).",
           2: "2 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).",
           3: "3 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 4D or 5D inputs)."}  # fmt: skip
NO_BATCH = (
    "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is "
    "interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret "
    "the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, "
    "please switch to using dropout1d instead."
)


def check_rank(name, dims, ndim):
    if ndim in (dims + 1, dims + 2):
        if name == "dropout2d" and ndim == 3:
            warnings.warn(NO_BATCH, stacklevel=4)
        return
    exists = f"Note that {name} exists to provide channel-wise dropout on inputs with {SPATIAL[dims]}"
    if name == "dropout1d":
        raise RuntimeError(f"dropout1d: Expected 2D or 3D input, but received a {ndim}D input. {exists}")
    warnings.warn(
        f"{name}: Received a {ndim}-D input to {name}, which is deprecated and will result in an error in a future release. "
        f"To retain the behavior and silence this warning, please use dropout instead. {exists}",
        stacklevel=4,
    )


def channelwise(dims):
    """feature_dropout for one rank. dropout2d alone takes three dimensions for a batch of sequences, as torch's does."""
    name = f"dropout{dims}d"

    def function(input, p=0.5, training=True, inplace=False):
        check(p)
        check_rank(name, dims, input.ndim)
        if dims == 2 or input.ndim == dims + 2:
            return feature_dropout(input, p, training, inplace)
        if inplace:
            return feature_dropout(input.unsqueeze_(0), p, training, True).squeeze_(0)
        return feature_dropout(input.unsqueeze(0), p, training).squeeze(0)

    function.__name__ = name
    function.__doc__ = f"Zero channels with probability p while training (source: torch.nn.functional.{name})."
    return composite(name, modules="nn.functional", method=False)(function)


dropout1d, dropout2d, dropout3d = map(channelwise, (1, 2, 3))


# -- rrelu: a random slope below 0 while training, else the mean slope

rrelu_with_noise = general(
    "rrelu_with_noise(self, noise: nondiff, lower, upper, training)",
    lambda x, noise, *_: leaky_kernel(x, noise),
    self=lambda g, self, noise: where(self > 0, g, g * noise),
    keeps="lower upper training",
    linked="self",
    public=False,
    refuses="complex integers",
)
write_rrelu = inplace_form(rrelu_with_noise)


@composite(modules="nn.functional torch", method=False)
def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """x above 0, a slope between lower and upper below (source: torch.nn.functional.rrelu)."""
    if running_vmaps():
        raise RuntimeError("vmap: we do not yet support aten::rrelu. Please file an issue")
    for name, bound in (("lower", lower), ("upper", upper)):
        if not math.isfinite(bound):
            raise RuntimeError(f"rrelu: {name} bound must be finite, got {bound}")
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    if training and input.dtype is float16:
        raise NotImplementedError("\"rrelu_with_noise_out_cpu\" not implemented for 'Half'")
    a = input._array
    slopes = np.full(np.shape(a), 1.0 if training else (lower + upper) / 2)
    if training:  # a draw for each negative element alone
        slopes[a <= 0] = source_of(None).doubles((np.count_nonzero(a <= 0),)) * (upper - lower) + lower
    return (write_rrelu if inplace else rrelu_with_noise)(input, wrap(slopes.astype(a.dtype)), lower, upper, training)


@composite("rrelu_", modules="nn.functional torch", method=False)
def rrelu_(input, lower=1.0 / 8, upper=1.0 / 3, training=False):
    """rrelu, written into its input."""
    return rrelu(input, lower, upper, training, True)


@composite(modules="nn.functional", method=False)
def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """softmax of logits with Gumbel noise; hard gives one-hot values and the soft gradient.

    Source: torch.nn.functional.gumbel_softmax.
    """
    from .. import contiguous_format, empty_like

    gumbels = -empty_like(logits, memory_format=contiguous_format).exponential_().log()
    soft = softmax((logits + gumbels) / tau, dim)
    if not hard:
        return soft
    one_hot = (soft.detach() * 0).scatter(dim, soft.detach().argmax(dim, True), 1.0)
    return one_hot - soft.detach() + soft


# -- draws whose gradient is 0


def native_kernel(x, p, train):
    if not train or not p:
        return x.copy(), np.ones(x.shape, bool)
    mask = source_of(None).less_than(1 - p, x.shape)
    return x * mask * x.dtype.type(0.0 if p == 1 else 1 / (1 - p)), mask


native_dropout = general(
    "native_dropout(self, p, train) -> (result, mask: nondiff)",
    native_kernel,
    self=lambda g, mask, p, train: where(mask, g / (1 - p) if train and p < 1 else g, 0.0),
    saved_as={"mask": "result1", "train": ""},
    method=False,
)


def poisson_kernel(x, generator):
    if not np.all(x >= 0):
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    return source_of(generator).numpy.poisson(x).astype(x.dtype)


poisson_ = general(
    "poisson(self, generator=None)",
    poisson_kernel,
    self=lambda g: zero(g),
    public=False,
    refuses="integers complex",
)


@composite(method=False)
def poisson(input, generator=None):
    """Numbers of events, where input is expected (source: torch.poisson)."""
    return poisson_(for_each_sample(input), generator)
