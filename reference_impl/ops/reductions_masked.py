"""torch.masked: reductions and normalisations that see only what a mask keeps.

HOWTO. What is masked out takes the value that does not count (`NEUTRAL`), and the operator without a mask does the rest.
The mask broadcasts with the input.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np

from ..compiler.runtime import BOOLEAN
from ..dtypes import bool_
from ..tensor import Tensor, wrap
from . import comparison, cumulative, exponential, extremum, factors, norms, reduce, searching, softmax
from .dims import wrap_dim, wrap_dims
from .expanding import expand
from .exponential import sqrt
from .form import composite
from .structure import cast, where

NEUTRAL = {
    "sum": 0,
    "prod": 1,
    "cumsum": 0,
    "cumprod": 1,
    "amax": -inf,
    "amin": inf,
    "logsumexp": -inf,
    "logaddexp": -inf,
    "softmax": -inf,
}
NEUTRAL |= {
    "argmax": -inf,
    "argmin": inf,
    "log_softmax": -inf,
    "softmin": inf,
    "norm": 0,
    "normalize": 0,
    "median": nan,
}


def masked(f: Callable[..., Any]) -> Callable[..., Any]:
    return composite(f.__name__.strip("_"), modules="masked", method=False)(f)


def kept(x: Tensor, mask: Tensor | None, name: str) -> Tensor:
    """x, with what does not count where the mask is off."""
    if mask is None:
        return x
    if mask.ndim > x.ndim:
        raise IndexError("_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)")
    value, d = NEUTRAL[name], x.dtype.np
    if abs(value) == inf and (d.kind == "b" or (d.kind == "c" and name != "logsumexp")):
        if d.kind == "b":
            raise NotImplementedError(f"identity of {name} on torch.bool input")
        raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
    if d.kind in "iu" and abs(value) == inf:
        value = np.iinfo(d).min if value < 0 else np.iinfo(d).max
    mask = mask if mask.dtype.np.kind == "b" else mask.bool()
    return where(expand(mask, tuple(x.shape)), x, value)


def in_dtype(x: Tensor, dtype: Any, counts: bool = False) -> Tensor:
    """x in the dtype asked for; integers are summed as int64."""
    if dtype is None:
        return x.long() if counts and x.dtype.np.kind in "biu" else x
    return x if dtype.np == x.dtype.np else cast(x, dtype.np)


def floating(x: Tensor, dtype: Any, name: str) -> Tensor:
    x = in_dtype(x, dtype)
    if x.dtype.np.kind in "biu":
        raise ValueError(
            f"{name}(): Could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
            f"{x.dtype}"
        )
    return x


def all_dims(x: Tensor, dim: Any) -> Any:
    return tuple(range(x.ndim)) if dim is None or dim == () else wrap_dims(dim, x.ndim)


def reduction(name: str, run: Callable[..., Tensor], counts: bool = False) -> Any:
    def function(input, dim=None, *, keepdim=False, dtype=None, mask=None):
        x = kept(in_dtype(input, dtype, counts), mask, name)
        return run(x, all_dims(x, dim), bool(keepdim))

    function.__name__ = name
    function.__doc__ = f"torch.{name} of what the mask keeps (source: torch.masked.{name})."
    return masked(function)


def along(name: str, run: Callable[..., Tensor]) -> Any:
    def function(input, dim: Any, *, dtype=None, mask=None):
        if name in ("cumsum", "cumprod") and (dtype or input.dtype) is bool_:
            raise NotImplementedError(f"\"{name}_out_cpu\" not implemented for 'Bool'")
        x = kept(in_dtype(input, dtype), mask, name)
        return in_dtype(run(x, 0 if dim is None else wrap_dim(dim, x.ndim)), x.dtype)

    function.__name__ = name
    function.__doc__ = f"torch.{name} of what the mask keeps (source: torch.masked.{name})."
    return masked(function)


def place(name: str, run: Callable[..., Tensor]) -> Any:
    def function(input, dim=None, *, keepdim=False, dtype=None, mask=None):
        x = kept(in_dtype(input, dtype), mask, name)
        return in_dtype(run(x, dim, bool(keepdim)), x.dtype)  # torch gives places in the dtype of the values

    function.__name__ = name
    function.__doc__ = f"torch.{name} of what the mask keeps (source: torch.masked.{name})."
    return masked(function)


masked_argmax, masked_argmin = place("argmax", searching.argmax), place("argmin", searching.argmin)


def prod_over(x: Tensor, dims: Any, keepdim: bool) -> Tensor:
    for d in sorted(wrap_dims(dims, x.ndim), reverse=True):
        x = factors.prod(x, d, keepdim)
    return x


masked_sum = reduction("sum", reduce.sum, counts=True)
masked_prod = reduction("prod", prod_over, counts=True)
masked_amax, masked_amin = reduction("amax", extremum.amax), reduction("amin", extremum.amin)
masked_logsumexp = reduction(
    "logsumexp", lambda x, dims, keepdim: in_dtype(softmax.logsumexp(x, dims, keepdim), x.dtype)
)
masked_cumsum, masked_cumprod = along("cumsum", cumulative.cumsum), along("cumprod", factors.cumprod)
masked_softmax, masked_log_softmax = along("softmax", softmax.softmax), along("log_softmax", softmax.log_softmax)
masked_softmin = along("softmin", lambda x, dim: softmax.softmax(-x, dim))


def count(x: Tensor, dim: Any, keepdim: bool, mask: Tensor | None) -> Tensor:
    """How many elements the mask keeps."""
    ones = wrap(np.int64(1)) if mask is None else cast(mask, np.dtype(np.int64))
    return reduce.sum(expand(ones, tuple(x.shape)), dim, keepdim)


@masked
def mean(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The mean of what the mask keeps (source: torch.masked.mean)."""
    x = floating(input, dtype, "mean")
    dims = all_dims(x, dim)
    return reduce.sum(kept(x, mask, "sum"), dims, keepdim) / count(x, dims, keepdim, mask)


def spread_measure(input, dim, unbiased, correction, keepdim, dtype, mask):
    x = in_dtype(input, dtype)
    if x.dtype is bool_:
        raise RuntimeError(BOOLEAN["sub"].replace("two bool tensors", "a bool tensor"))
    x = x.float() if x.dtype.np.kind in "biu" else x
    dims = all_dims(x, dim)
    free = int(True if unbiased is None else unbiased) if correction is None else correction
    n = count(x, dims, True, mask)
    off = x - reduce.sum(kept(x, mask, "sum"), dims, True) / n
    squares = reduce.sum(kept(off * off.conj(), mask, "sum"), dims, keepdim)
    if free:
        n = cast(where(n <= free, 0, n - free), x._array.real.dtype)
    return squares / n.reshape(squares.shape)


@masked
def var(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """The variance of what the mask keeps (source: torch.masked.var)."""
    return spread_measure(input, dim, unbiased, correction, keepdim, dtype, mask)


@masked
def std(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """The standard deviation of what the mask keeps (source: torch.masked.std)."""
    return sqrt(spread_measure(input, dim, unbiased, correction, keepdim, dtype, mask))


@masked
def norm(input, ord=2.0, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The norm of what the mask keeps (source: torch.masked.norm)."""
    x = kept(in_dtype(input, dtype), mask, "norm" if ord != -inf else "amin")
    return norms.vector_norm(x, ord, all_dims(x, dim), keepdim)


@masked
def normalize(input, ord, dim: Any, *, eps=1e-12, dtype=None, mask=None):
    """What the mask keeps, divided by its norm (source: torch.masked.normalize)."""
    x = kept(in_dtype(input, dtype), mask, "normalize")
    length = norm(x, ord, dim, keepdim=True, mask=mask)
    return x / comparison.maximum(length, wrap(length.dtype.np.type(eps)))


@masked
def median(input, dim: Any = -1, *, keepdim=False, dtype=None, mask=None):
    """The lower median of what the mask keeps (source: torch.masked.median)."""
    x = in_dtype(input, dtype)
    real = x if x.dtype.is_floating_point else x.float()
    found = extremum.nanmedian(kept(real, mask, "median"), 0 if dim is None else dim, keepdim)[0]
    if real is not x and found.isnan().any():
        raise ValueError("masked median expects no fully masked out rows if dtype is not floating point")
    return found.to(x.dtype)


@masked
def logaddexp(input, other, *, dtype=None, input_mask=None, other_mask=None):
    """log(exp(x) + exp(y)), what is masked out counting as -inf (source: torch.masked.logaddexp)."""
    a, b = kept(in_dtype(input, dtype), input_mask, "logaddexp"), kept(in_dtype(other, dtype), other_mask, "logaddexp")
    return in_dtype(exponential.logaddexp(a, b), dtype or input.dtype)
