"""Random numbers in place: Tensor.normal_, uniform_, random_ and their like.

HOWTO. A row with `inplace=True, public=False` is only `x.<name>_()`. Its old values do not matter: they get zeros for a
gradient.
"""

from __future__ import annotations

import numpy as np

from ..factories.whole_numbers import bounds, check_range
from ..tensor import Tensor
from .form import composite, general
from .sampling import as_it_lies, bernoulli_numbers, check_chance, drawn, need, normals, running_vmaps, source_of
from .writes import zero


def filling_source(generator):
    """Where a tensor that the samples of a vmap share cannot be filled otherwise for each, this refuses."""
    if batching := running_vmaps():
        batching.calls.refuse_to_differ()
    return source_of(generator)


def filling(signature, draw, grad_fn, refuses, half_ready=False):
    """x.<name>_(): numbers that `draw` makes of a stream, a shape, a dtype and the parameters."""

    def kernel(x, *given):
        *params, generator = given
        source, x = filling_source(generator), np.asarray(x)
        params += [x.flags.c_contiguous] if draw is normal_numbers else []
        return drawn(x, as_it_lies(x.shape, x.strides, lambda shape: draw(source, shape, x.dtype, *params)))

    return general(
        signature,
        kernel,
        self=lambda g: zero(g),
        public=False,
        inplace=True,
        grad_fn=grad_fn,
        refuses=refuses,
        half_ready=half_ready,
    )


def normal_numbers(source, shape, d, mean, std, dense):
    need(std >= 0, f"normal expects std >= 0.0, but found std {std}")
    return normals(source, shape, d, mean, std, dense)


def cauchy_numbers(source, shape, d, median, sigma):
    need(sigma > 0, f"cauchy_ expects sigma > 0.0, but found sigma={sigma}")
    return median + sigma * np.tan(np.pi * (source.doubles(shape) - 0.5))


def log_normal_numbers(source, shape, d, mean, std):
    need(std > 0, f"log_normal_ expects std > 0.0, but found std={std}")
    return np.exp(source.normals_one_by_one(shape, np.dtype(np.float64), mean, std))


def geometric_numbers(source, shape, d, p):
    need(0 < p < 1, f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    return np.ceil(np.log(source.doubles(shape)) / np.log1p(-p))


def exponential_numbers(source, shape, d, lambd):
    need(lambd > 0, f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    return source.exponential(shape, lambd)


def whole_numbers(source, shape, d, low, high):
    if low is None:
        return source.any_integers(shape, d)
    return source.integers(shape, *bounds(d, low, high))


def uniform_numbers(source, shape, d, low, high):
    return source.in_parts(source.uniform, shape, d, low, high)


normal_in_place = filling(
    "normal(self, mean=0.0, std=1.0, *, generator=None)", normal_numbers, "NormalBackward0", "integers"
)
cauchy = filling(
    "cauchy(self, median=0.0, sigma=1.0, *, generator=None)", cauchy_numbers, "CauchyBackward0", "integers complex"
)
log_normal = filling(
    "log_normal(self, mean=1.0, std=2.0, *, generator=None)",
    log_normal_numbers,
    "LogNormalBackward0",
    "integers complex",
)
geometric = filling("geometric(self, p, *, generator=None)", geometric_numbers, "GeometricBackward0", "bool complex")
exponential = filling(
    "exponential(self, lambd=1.0, *, generator=None)", exponential_numbers, "ExponentialBackward0", "integers complex"
)
uniform_ = filling("uniform(self, low, high, *, generator=None)", uniform_numbers, "UniformBackward0", "integers")
random_ = filling("random(self, low, high, *, generator=None)", whole_numbers, "RandomBackward2", "complex", True)
bernoulli_by_number = filling(
    "bernoulli(self, p, *, generator=None)", bernoulli_numbers, "BernoulliBackward2", "complex"
)


def bernoulli_in_place_kernel(x, p, generator):
    x, chance = np.asarray(x), np.broadcast_to(p, np.shape(x))
    check_chance(chance)
    source = filling_source(generator)
    return drawn(x, as_it_lies(x.shape, x.strides, lambda shape: source.uniform(shape, chance.dtype)) < chance)


bernoulli_by_tensor = general(
    "bernoulli(self, p, *, generator=None)",
    bernoulli_in_place_kernel,
    self=lambda g: zero(g),
    p=lambda p: zero(p),
    public=False,
    grad_fn="BernoulliBackward1",
    refuses="complex",
)


@composite("uniform", modules="", method=False, inplace=True)
def uniform(self, low: float = 0.0, high: float = 1.0, *, generator=None, **bounds):
    """Uniform numbers; torch calls the bounds `from` and `to` (source: torch.Tensor.uniform_)."""
    low, high = bounds.pop("from", low), bounds.pop("to", high)
    if bounds:
        raise TypeError(f"uniform_() got an unexpected keyword argument '{min(bounds)}'")
    check_range(self.dtype, float(low), float(high))
    return uniform_(self, low, high, generator=generator)


@composite("random", modules="", method=False, inplace=True)
def random(self, *given, generator=None, **named):
    """Whole numbers from `from` up to, and without, `to`: (), (to), (from, to) (source: torch.Tensor.random_)."""
    low, high = named.get("from"), named.get("to")
    if len(given) == 1 and low is None:
        low, high = 0, given[0]
    elif given:
        low, high = (*given, high)[:2]
    elif low is None and high is not None:
        low = 0
    return random_(self, low, high, generator=generator)


@composite("bernoulli", modules="", method=False, inplace=True)
def bernoulli_in_place(self, p=0.5, *, generator=None):
    """1 with a probability, one for all or one for each (source: torch.Tensor.bernoulli_)."""
    if (batching := running_vmaps()) and isinstance(p, batching.BatchedTensor):
        batching.calls.refuse_shared_numbers(p)
    return (bernoulli_by_tensor if isinstance(p, Tensor) else bernoulli_by_number)(self, p, generator=generator)
