"""Covariance, correlation, quantiles: what torch composes of other operators.

HOWTO. Functions on Tensors; the graph is that of the operators they call.
"""

from __future__ import annotations

import warnings

import numpy as np

from ..dtypes import LEGACY
from ..tensor import Tensor, wrap
from .arithmetic import mul_number
from .comparison import clamp
from .complex_ import complex, conj_, imag, is_complex, real
from .dims import wrap_dim
from .expanding import expand
from .exponential import sqrt
from .form import composite
from .logic import isnan
from .masks import masked_fill_number
from .reduce import sum
from .shape import t, transpose, unsqueeze, view_
from .shaping import flatten
from .writes import zero

# -- covariance


@composite()
def cov(input, *, correction: int = 1, fweights=None, aweights=None):
    """The covariance of the rows (source: torch.cov)."""
    check_cov(input, fweights, aweights)
    x = input if input.ndim > 1 else view_(input, (1, input.numel()))
    w = None
    for weights in (fweights, aweights):
        if weights is not None:
            w = weights if w is None else w * weights
    n = x.shape[1]
    total = n if w is None else sum(w)
    if w is not None and total.detach() == 0:
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")
    off = x - unsqueeze(sum(x if w is None else x * w, 1) / total, 1)
    if correction == 0:
        norm = total
    elif aweights is None:
        norm = total - correction
    else:
        norm = total - mul_number(sum(w * aweights), correction) / total
    if norm.detach() <= 0 if isinstance(norm, Tensor) else norm <= 0:
        warnings.warn(FREEDOM, UserWarning, stacklevel=3)
        norm = norm.clone().zero_() if isinstance(norm, Tensor) else 0
    found = off @ conj_(t(off if w is None else off * w))
    if is_complex(found) and len(off) == 1:  # a variance is real
        size = real(found)
        found = complex(size, zero(size.detach()))
    return (found / norm).squeeze()


FREEDOM = "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations."


def check_cov(x, fweights, aweights):
    if x.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {x.ndim} dimensions"
        )
    if x.dtype.np.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    count = x.shape[-1] if x.ndim else 1
    for name, w, kind in (("fweights", fweights, "integral"), ("aweights", aweights, "floating point")):
        if w is None:
            continue
        if w.ndim > 1:
            raise RuntimeError(
                f"cov(): expected {name} to have one or fewer dimensions but got {name} with {w.ndim} dimensions"
            )
        if w.dtype.np.kind not in ("iu" if kind == "integral" else "fV"):
            raise RuntimeError(
                f"cov(): expected {name} to have {kind} dtype but got {name} with {LEGACY[w.dtype]} dtype"
            )
        if w.numel() != count:
            raise RuntimeError(
                f"cov(): expected {name} to have the same numel as there are observations in the input but got "
                f"{w.numel()} != {count}"
            )
        if count and w._array.min() < 0:
            raise RuntimeError(f"cov(): {name} cannot be negative")


@composite()
def corrcoef(input):
    """The correlation of the rows (source: torch.corrcoef)."""
    c = cov(input)
    if not c.ndim:
        return c / c
    size = sqrt(real(c.diagonal()))
    c = c / view_(size, (-1, 1)) / view_(size, (1, -1))
    if is_complex(c):
        return complex(clamp(real(c), -1, 1), clamp(imag(c), -1, 1))
    return clamp(c, -1, 1)


# -- quantiles: between two entries of the sorted values


def between(x, rank, interpolation):
    """The entry of x, sorted along its last dimension, at a rank, or what lies between two."""
    low, high = np.floor(rank._array).astype(np.int64), np.ceil(rank._array).astype(np.int64)
    if interpolation == "nearest":
        low = np.round(rank._array).astype(np.int64)
    if interpolation in ("lower", "nearest"):
        return x.gather(-1, wrap(low))
    if interpolation == "higher":
        return x.gather(-1, wrap(high))
    weight = rank - wrap(low) if interpolation == "linear" else wrap(np.full(low.shape, 0.5, x.dtype.np))
    return x.gather(-1, wrap(low)).lerp(x.gather(-1, wrap(high)), weight)


def check_quantiles(input, q, interpolation):
    if input.dtype.np not in (np.float32, np.float64):
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if isinstance(q, Tensor):
        if q.ndim > 1:
            raise RuntimeError("quantile() q must be a scalar or 1D tensor")
        if q.dtype is not input.dtype:
            raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            + interpolation
        )
    levels = np.asarray(q._array if isinstance(q, Tensor) else q)
    if ((levels < 0) | (levels > 1)).any():
        found = f" but got {q:g}" if not isinstance(q, Tensor) else ""
        raise RuntimeError(f"quantile() q {'must' if found else 'values must'} be in the range [0, 1]{found}")


def sorted_last(input, dim, keepdim):
    """The values that are compared, sorted, as the last dimension; before it those that the result has."""
    if dim is None:
        return view_(flatten(input).sort(-1).values, (*(1,) * (input.ndim * keepdim), input.numel()))
    d = wrap_dim(dim, input.ndim)
    moved = input if d == input.ndim - 1 else transpose(unsqueeze(input, -1), d, -1)
    kept = [1] * keepdim * (input.ndim > 0)
    size = (*input.shape[:d], *kept, *input.shape[d + 1 :], *(input.shape[d : d + 1] or (1,)))
    return view_(moved.sort(-1).values, size)


def quantiles(input, q, dim, keepdim, interpolation, ignore_nan):
    check_quantiles(input, q, interpolation)
    if not input.numel():
        raise RuntimeError("quantile() input tensor must be non-empty")
    x = sorted_last(input, dim, keepdim)
    many = isinstance(q, Tensor) and q.ndim == 1
    q = q if isinstance(q, Tensor) else wrap(np.asarray(q, x.dtype.np)[()])
    found = between(x, (ranks_among_numbers if ignore_nan else ranks)(isnan(x)._array, q), interpolation)
    return found.unsqueeze_(0).transpose_(0, -1).squeeze_(-1) if many else found.squeeze_(-1)


def ranks(nans, q):
    """Where the quantiles stand among the sorted values: a nan, which is last, is the answer."""
    last = nans.shape[-1] - 1
    places, size = mul_number(q, last), (*nans.shape[:-1], q.numel())
    places = places if places.shape == size else expand(places, size)
    return masked_fill_number(places, wrap(np.broadcast_to(nans.any(-1, keepdims=True), size)), last)


def ranks_among_numbers(nans, q):
    last = np.add.reduce(~nans, -1, keepdims=True) - 1
    places = q * wrap(last)
    return masked_fill_number(places, places < 0, 0)


@composite(out=True)
def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The q-th quantile, of everything or along dim (source: torch.quantile)."""
    return quantiles(input, q, dim, keepdim, interpolation, False)


@composite(out=True)
def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The quantile of what is not nan (source: torch.nanquantile)."""
    return quantiles(input, q, dim, keepdim, interpolation, True)
