"""Differences, integrals, slopes: what torch composes of other operators.

HOWTO. Functions on Tensors; the graph is that of the operators they call.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import FLOAT, get_default_dtype
from ..tensor import Tensor, wrap
from .cumulative import cumsum
from .form import composite
from .joining import cat
from .reduce import sum
from .shape import at, slice_, wrap_dim, wrap_dims


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
