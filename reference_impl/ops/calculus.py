"""Differences, integrals, quantiles, covariance: what torch composes of other operators.

HOWTO. Functions on Tensors; the graph is that of the operators they call.
"""

from __future__ import annotations

import warnings

import numpy as np

from ..dtypes import FLOAT, LEGACY, get_default_dtype
from ..tensor import Tensor, wrap
from .comparison import clamp
from .complex_ import complex, conj_, imag, is_complex, real
from .cumulative import cumsum
from .form import composite
from .joining import cat, stack
from .logic import isnan
from .reduce import sum
from .shape import at, slice_, t, unsqueeze, wrap_dim, wrap_dims


def part(x, dim, start, stop):
    """x[start:stop] along dim."""
    return slice_(x, at(dim % x.ndim, slice(start, stop)))


@composite(out=True)
def diff(input, n=1, dim=-1, prepend=None, append=None):
    """The n-th difference along dim (source: torch.diff)."""
    if not input.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    if n == 0:
        return input.clone()
    for x in (prepend, append):
        if x is not None:
            check_joined(x, input, wrap_dim(dim, input.ndim))
    pieces = [x for x in (prepend, input, append) if x is not None]
    input = cat(pieces, dim) if len(pieces) > 1 else input
    for _ in range(min(n, input.shape[dim])):
        later, earlier = part(input, dim, 1, None), part(input, dim, None, -1)
        input = later != earlier if input.dtype.np.kind == "b" else later - earlier
    return input


def check_joined(x, input, d):
    if x.ndim != input.ndim:
        raise RuntimeError("diff expects prepend or append to be the same dimension as input")
    for k in range(input.ndim):
        if k != d and x.shape[k] != input.shape[k]:
            raise RuntimeError(
                "diff expects the shape of tensor to prepend or append to match that of input except along the differencing "
                f"dimension; input.size({k}) = {input.shape[k]}, but got tensor.size({k}) = {x.shape[k]}"
            )


def widths(y, x, dim):
    """The steps between the points, shaped to go with y's intervals."""
    gaps = diff(x, 1, -1 if x.ndim == 1 else dim)
    if x.ndim == 1 and y.ndim > 1:
        gaps = gaps.reshape([-1 if d == dim % y.ndim else 1 for d in range(y.ndim)])
    return gaps


def check_points(name, y, x, dim):
    wrap_dim(dim, y.ndim)
    if x is not None and x.ndim == 1 and x.shape[0] != y.shape[dim]:
        raise RuntimeError(f"{name}: There must be one `x` value for each sample point")


def refuse_bool(name, y, x):
    if any(t is not None and t.dtype.np.kind == "b" for t in (y, x)):
        raise RuntimeError(f"{name}: received a bool input for `x` or `y`, but bool is not supported")


def areas(y, x, dx, dim):
    """Twice the area under each interval."""
    heights = part(y, dim, 1, None) + part(y, dim, None, -1)
    return heights * dx if x is None else heights * widths(y, x, dim)


@composite(aliases=("trapz",), method=False)
def trapezoid(y, x=None, *, dx=1.0, dim=-1):
    """The integral by the trapezoidal rule (source: torch.trapezoid)."""
    refuse_bool("trapezoid", y, x)
    check_points("trapezoid", y, x, dim)
    return sum(areas(y, x, dx, dim), dim) / 2.0


@composite(method=False)
def cumulative_trapezoid(y, x=None, *, dx=1.0, dim=-1):
    """The running integral by the trapezoidal rule (source: torch.cumulative_trapezoid)."""
    refuse_bool("cumulative_trapezoid", y, x)
    check_points("cumulative_trapezoid", y, x, dim)
    return cumsum(areas(y, x, dx, dim) / 2.0, dim)


# -- torch.gradient: central differences inside, one-sided ones of the given order at the edges


def slope(f, dim, steps, edge_order):
    """steps: the distance between the points, or the n - 1 distances."""
    n = f.shape[dim]
    if n < edge_order + 1:
        raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    points = [part(f, dim, i, i + 1) for i in (0, 1, n - 2, n - 1)]
    if not isinstance(steps, np.ndarray):
        middle = (part(f, dim, 2, None) - part(f, dim, 0, -2)) / (2 * steps)
        h = [steps] * 4
    else:
        a, b = steps[:-1], steps[1:]
        weights = (-b / (a * (a + b)), (b - a) / (a * b), a / (b * (a + b)))
        left, centre, right = (along(w, f, dim) for w in weights)
        middle = part(f, dim, 0, -2) * left + part(f, dim, 1, -1) * centre + part(f, dim, 2, None) * right
        h = [steps[i] for i in (0, min(1, n - 2), max(-2, 1 - n), -1)]
    if edge_order == 1:
        first, last = (points[1] - points[0]) / number(h[0]), (points[3] - points[2]) / number(h[3])
    else:
        first = edge(points[0], points[1], part(f, dim, 2, 3), h[0], h[1])
        last = -edge(points[3], points[2], part(f, dim, n - 3, n - 2), h[3], h[2])
    return cat([first, middle, last], dim)


def number(x):
    x = x.item() if hasattr(x, "item") else x
    return float(x) if isinstance(x, int) else x


def edge(a, b, c, h1, h2):
    """The slope at a of the parabola through three points."""
    weights = -(2 * h1 + h2) / (h1 * (h1 + h2)), (h1 + h2) / (h1 * h2), -h1 / (h2 * (h1 + h2))
    return a * number(weights[0]) + b * number(weights[1]) + c * number(weights[2])


def along(weights, f, dim):
    d = f.dtype.np if f.dtype.category >= FLOAT else get_default_dtype().np
    return wrap(weights.astype(d).reshape([-1 if d == dim % f.ndim else 1 for d in range(f.ndim)]))


@composite(method=False)
def gradient(input, *, spacing=1, dim=None, edge_order=1):
    """The slope along each dimension by second-order differences (source: torch.gradient)."""
    if input.dtype.np == np.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    dims = list(range(input.ndim)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    wrap_dims(dims, input.ndim)
    spacing = 1 if spacing is None else spacing
    given = spacing if isinstance(spacing, list | tuple) else [spacing] * len(dims)
    if len(given) != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same "
            f"length, but got a spacing argument of length {len(given)} and a dim argument of length {len(dims)}."
            if dim is not None
            else "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = "
            f"{input.ndim}', since dim argument was not given, but got a list of length {len(given)}"
        )
    steps = [np.diff(s._array.astype(np.float64)) if isinstance(s, Tensor) and s.ndim else number(s) for s in given]
    return tuple(slope(input, d, s, edge_order) for d, s in zip(dims, steps, strict=True))


# -- covariance


@composite()
def cov(input, *, correction=1, fweights=None, aweights=None):
    """The covariance of the rows (source: torch.cov)."""
    check_cov(input, fweights, aweights)
    x = input if input.ndim > 1 else unsqueeze(input if input.ndim else unsqueeze(input, 0), 0)
    w = None
    for weights in (fweights, aweights):
        if weights is not None:
            w = weights if w is None else w * weights
    n = x.shape[1]
    total = n if w is None else sum(w)
    centre = (sum(x, 1, True) if w is None else unsqueeze(sum(x * w, 1), 1)) / total
    off = x - centre
    if w is None or correction == 0 or aweights is None:
        norm = total - correction
    else:
        norm = total - correction * sum(w * aweights) / total
    if not isinstance(norm, Tensor) and norm <= 0:
        warnings.warn(FREEDOM, UserWarning, stacklevel=3)
    norm = clamp(norm, 0) if isinstance(norm, Tensor) else max(norm, 0)
    product = (off if w is None else off * w) @ conj_(t(off)) / norm
    return product.squeeze()


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
    size = real(c.diagonal()) ** 0.5
    c = c / unsqueeze(size, 1) / unsqueeze(size, 0)
    if is_complex(c):
        return complex(clamp(real(c), -1, 1), clamp(imag(c), -1, 1))
    return clamp(c, -1, 1)


# -- quantiles: between two entries of the sorted values


def between(x, axis, rank, interpolation):
    """The entry of sorted x at a rank, or what lies between two."""
    low, high = np.floor(rank._array).astype(np.int64), np.ceil(rank._array).astype(np.int64)
    if interpolation == "nearest":
        low = np.round(rank._array).astype(np.int64)
    if interpolation in ("lower", "nearest"):
        return x.gather(axis, wrap(low))
    if interpolation == "higher":
        return x.gather(axis, wrap(high))
    weight = rank - wrap(low) if interpolation == "linear" else 0.5
    return x.gather(axis, wrap(low)).lerp(x.gather(axis, wrap(high)), weight)


def quantiles(input, q, dim, keepdim, interpolation, ignore_nan):
    many, levels = isinstance(q, Tensor) and q.ndim == 1, np.atleast_1d(q._array if isinstance(q, Tensor) else q)
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
    if ((levels < 0) | (levels > 1)).any():
        found = f" but got {q:g}" if not isinstance(q, Tensor) else ""
        raise RuntimeError(f"quantile() q {'must' if found else 'values must'} be in the range [0, 1]{found}")
    x, ndim = (input.reshape(-1), input.ndim) if dim is None else (input, input.ndim)
    axis = 0 if dim is None else wrap_dim(dim, x.ndim)
    x = x if x.ndim else x.reshape(1)
    if not x.numel():
        raise RuntimeError("quantile() input tensor must be non-empty")
    x = x.sort(axis).values
    nans, last = isnan(x)._array, x.shape[axis] - 1
    if ignore_nan:
        span, start = (np.add.reduce(~nans, axis, keepdims=True) - 1).clip(0), np.zeros(1)
    else:  # a nan, sorted last, is the answer
        spoiled = nans.any(axis, keepdims=True)
        span, start = np.where(spoiled, 0, last), np.where(spoiled, last, 0)
    dtype = x.dtype.np
    levels = [q[i] for i in range(q.numel())] if many else [q]
    found = [between(x, axis, wrap(start.astype(dtype)) + wrap(span.astype(dtype)) * q, interpolation) for q in levels]
    results = [one if keepdim and dim is not None else one.squeeze(axis) for one in found]
    if keepdim and dim is None:
        results = [one.reshape((1,) * ndim) for one in results]
    if keepdim and dim is not None and not input.ndim:
        results = [one.reshape(()) for one in results]
    return stack(results) if many else results[0]


@composite(out=True)
def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The q-th quantile, of everything or along dim (source: torch.quantile)."""
    return quantiles(input, q, dim, keepdim, interpolation, False)


@composite(out=True)
def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The quantile of what is not nan (source: torch.nanquantile)."""
    return quantiles(input, q, dim, keepdim, interpolation, True)
