"""Random numbers whose distribution tensors set (random numbers in place: filling.py).

HOWTO. What is drawn does not depend smoothly on what it is drawn with: the gradient is zeros, as in torch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes
from ..compiler.runtime import cannot_broadcast, not_a_tensor
from ..factories import made
from ..factories.sizes import size_of
from ..tensor import Tensor
from .form import composite, general
from .structure import no_derivative
from .writes import zero, zeros_of


def source_of(generator):
    from ..random import source_of  # which has torch's factories, and they have the tables

    return source_of(generator)


def for_each_sample(t):
    from ..random import for_each_sample

    return for_each_sample(t)


def running_vmaps():
    from ..random import running_vmaps

    return running_vmaps()


def normals(source, shape, d, mean=0.0, std=1.0, dense=True):
    """Of a complex dtype, the variance is shared by the two parts."""
    draw = source.normal if dense else source.normals_one_by_one
    if d.kind != "c":
        return draw(shape, d, mean, std)
    return source.in_parts(draw, shape, d, 0.0, std * math.sqrt(0.5)) + d.type(mean)


def drawn(x, numbers):
    return np.asarray(numbers).astype(x.dtype)[()]


def as_it_lies(shape, strides, draw):
    """Numbers drawn in the order in which a tensor lies in memory. draw(shape) draws them in C's order."""
    order = sorted(range(len(shape)), key=lambda i: -abs(strides[i]))
    return np.transpose(draw(tuple(shape[i] for i in order)), np.argsort(order))


def need(condition, message):
    if not condition:
        raise RuntimeError(message)


# -- samples of a distribution that tensors set


def bernoulli_kernel(x, generator):
    chance = np.asarray(x)
    check_chance(chance)
    return drawn(chance, source_of(generator).less_than(chance, chance.shape, chance.dtype))


def check_chance(p):
    inside = not p.size or (p.min() >= 0 and p.max() <= 1)
    need(inside, "Expected p_in >= 0 && p_in <= 1 to be true, but got false.")


bernoulli_ = general(
    "bernoulli(self, generator=None)",
    bernoulli_kernel,
    self=lambda g: zero(g),
    public=False,
    grad_fn="BernoulliBackward0",
    refuses="integers complex filled",
)


def bernoulli_numbers(source, shape, d, p):
    need(0 <= p <= 1, f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    return source.less_than(p, shape)


def bernoulli_like_kernel(x, p, generator):
    return drawn(x, bernoulli_numbers(source_of(generator), x.shape, x.dtype, p))


bernoulli_like = general(
    "bernoulli(self, p, generator=None)",
    bernoulli_like_kernel,
    self=no_derivative("bernoulli"),
    public=False,
    grad_fn="NotImplementedBackward0",
    refuses="complex filled",
)


@composite(out=True)
def bernoulli(input, p=None, *, generator=None):
    """1 with the probability that input holds, or p (source: torch.bernoulli)."""
    input = for_each_sample(input)
    return bernoulli_(input, generator) if p is None else bernoulli_like(input, p, generator)


def binomial_kernel(count, prob, generator):
    if count.dtype.kind != "f":
        kind = dtypes.from_numpy(count.dtype).legacy
        raise ValueError(f"binomial only supports floating-point dtypes for count, got: {kind}")
    need(np.all(count >= 0), "binomial expects count >= 0")
    return drawn(prob, source_of(generator).numpy.binomial(np.asarray(count).astype(np.int64), prob))


binomial_ = general(
    "binomial(count, prob, generator=None)",
    binomial_kernel,
    count=no_derivative("binomial"),
    prob=no_derivative("binomial"),
    public=False,
    grad_fn="NotImplementedBackward0",
    refuses="half",
)


@composite(method=False)
def binomial(count, prob, generator=None):
    """How many of count attempts succeed, each with probability prob (source: torch.binomial)."""
    return binomial_(for_each_sample(count), for_each_sample(prob), generator)


def normal_kernel(mean, std, generator):
    need(np.asarray(std).dtype.kind != "c", "normal expects standard deviation to be non-complex")
    need(np.all(np.asarray(std) >= 0), "normal expects all elements of std >= 0.0")
    try:
        shape = np.broadcast_shapes(np.shape(mean), np.shape(std))
    except ValueError:
        raise cannot_broadcast(np.shape(mean), np.shape(std)) from None
    like = mean if isinstance(mean, np.ndarray | np.generic) else std
    return drawn(like, mean + std * normals(source_of(generator), shape, like.dtype))


normal_of_mean = general(
    "normal(mean, std=1.0, generator=None)",
    normal_kernel,
    mean=lambda g, mean_shape: zeros_of(g, mean_shape),
    public=False,
    saved_as={"mean_shape": "mean_sym_sizes"},
    grad_fn="NormalBackward1",
    refuses="integers",
)
normal_of_std = general(
    "normal(std, mean=0.0, generator=None)",
    lambda std, mean, generator: normal_kernel(mean, std, generator),
    std=lambda g, std_shape: zeros_of(g, std_shape),
    public=False,
    saved_as={"std_shape": "std_sym_sizes"},
    grad_fn="NormalBackward2",
    refuses="integers",
)
normal_of_both = general(
    "normal(mean, std, generator=None)",
    normal_kernel,
    mean=lambda g, mean_shape: zeros_of(g, mean_shape),
    std=lambda g, std_shape: zeros_of(g, std_shape),
    public=False,
    saved_as={"mean_shape": "mean_sym_sizes", "std_shape": "std_sym_sizes"},
    grad_fn="NormalBackward3",
    refuses="integers",
)


@composite(method=False, out=True)
def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False,
):  # fmt: skip
    """Normal numbers of the given mean and deviation, numbers or tensors (source: torch.normal)."""
    if not isinstance(std, Tensor):
        need(std >= 0, f"normal expects std >= 0.0, but found std {std:g}")
    if size is not None:
        if isinstance(size, int):
            raise TypeError("normal(): argument 'size' (position 3) must be tuple of ints, not int")
        d, shape = dtypes.wanted(dtype, dtypes.get_default_dtype()), size_of((size,), "normal")
        if d.category < dtypes.FLOAT and math.prod(shape):
            raise NotImplementedError(f"\"normal_kernel_cpu\" not implemented for '{d.legacy}'")
        from ..factories.drawing import per_sample

        def numbers(sizes):
            return normals(source_of(generator), sizes, d.np, mean, std)

        found = per_sample(numbers, shape)
        return made(numbers(shape)[()], requires_grad, device) if found is None else found
    mean, std = for_each_sample(mean), for_each_sample(std)
    if isinstance(mean, Tensor):
        row = normal_of_both if isinstance(std, Tensor) else normal_of_mean
        return row(mean, std, generator)
    if not isinstance(std, Tensor):
        raise not_a_tensor("normal", mean, "mean", 1)
    return normal_of_std(std, mean, generator)
