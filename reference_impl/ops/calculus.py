"""Differences, integrals, slopes: what torch composes of other operators.

HOWTO. Functions on Tensors; the graph is that of the operators they call.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import FLOAT, get_default_dtype, promote_types
from ..tensor import Tensor, wrap
from .arithmetic import div_scalar, mul_number
from .cumulative import cumsum
from .form import composite
from .joining import cat
from .reduce import sum
from .shape import at, select, slice_, view_, wrap_dim, wrap_dims


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
    dim = wrap_dim(dim, input.ndim)
    for x in (prepend, append):
        if x is not None:
            check_joined(x, input, dim)
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
    d = wrap_dim(dim, y.ndim)
    if x.ndim == 1:
        x = view_(x, tuple(-1 if k == d else 1 for k in range(y.ndim)))
    elif x.ndim < y.ndim:
        x = view_(x, (1,) * (y.ndim - x.ndim) + tuple(x.shape))
    return diff(x, 1, d)


def check_points(name, y, x, dim):
    if x is not None and x.ndim == 1 and x.shape[0] != y.shape[dim]:
        raise RuntimeError(f"{name}: There must be one `x` value for each sample point")


def refuse_bool(name, y, x):
    if any(t is not None and t.dtype.np.kind == "b" for t in (y, x)):
        raise RuntimeError(f"{name}: received a bool input for `x` or `y`, but bool is not supported")


def heights(y, dim):
    """Twice the mean height of each interval."""
    return part(y, dim, 1, None) + part(y, dim, None, -1)


@composite(aliases=("trapz",), method=False)
def trapezoid(y, x=None, *, dx=1.0, dim=-1):
    """The integral by the trapezoidal rule (source: torch.trapezoid)."""
    refuse_bool("trapezoid", y, x)
    if not y.shape[wrap_dim(dim, y.ndim)]:
        return sum(y, dim)
    check_points("trapezoid", y, x, dim)
    if x is not None:
        return div_scalar(sum(heights(y, dim) * widths(y, x, dim), dim), 2.0)
    ends = mul_number(select(y, dim, 0) + select(y, dim, -1), 0.5)
    return mul_number(sum(y, dim) - ends, dx)


@composite(method=False)
def cumulative_trapezoid(y, x=None, *, dx=1.0, dim=-1):
    """The running integral by the trapezoidal rule (source: torch.cumulative_trapezoid)."""
    refuse_bool("cumulative_trapezoid", y, x)
    check_points("cumulative_trapezoid", y, x, wrap_dim(dim, y.ndim))
    if x is None:
        return cumsum(mul_number(heights(y, dim), dx / 2.0), dim)
    return div_scalar(cumsum(heights(y, dim) * widths(y, x, dim), dim), 2.0)


# -- torch.gradient: central differences inside, one-sided ones of the given order at the edges


@np.errstate(all="ignore")
def slope(f, dim, steps, edge_order):
    """steps: the distance between the points, or the n - 1 distances."""
    n = f.shape[dim]
    if n < edge_order + 1:
        raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    points = [part(f, dim, i, i + 1) for i in (0, 1, n - 2, n - 1)]
    if not isinstance(steps, np.ndarray):
        middle = div_scalar(part(f, dim, 2, None) - part(f, dim, 0, -2), 2 * steps)
        h = [steps] * 4
    else:
        a, b = steps[:-1], steps[1:]
        weights = (-b / (a * (a + b)), (b - a) / (a * b), a / (b * (a + b)))
        left, centre, right = (along(w, f, dim) for w in weights)
        middle = part(f, dim, 0, -2) * left + part(f, dim, 1, -1) * centre + part(f, dim, 2, None) * right
        h = [steps[i] for i in (0, min(1, n - 2), max(-2, 1 - n), -1)]
    if edge_order == 1:
        first = div_scalar(points[1] - points[0], number(h[0]))
        last = div_scalar(points[3] - points[2], number(h[3]))
    else:
        first = edge(points[0], points[1], part(f, dim, 2, 3), h[0], h[1])
        last = edge(points[3], points[2], part(f, dim, n - 3, n - 2), -h[3], -h[2])
    return cat([first, middle, last], dim)


def number(x):
    x = x.item() if hasattr(x, "item") else x
    return float(x) if isinstance(x, int) else x


def edge(a, b, c, h1, h2):
    """The slope at a of the parabola through three points."""
    weights = -(2 * h1 + h2) / (h1 * (h1 + h2)), (h1 + h2) / (h1 * h2), -h1 / (h2 * (h1 + h2))
    first, second, third = (mul_number(x, number(w)) for x, w in zip((a, b, c), weights, strict=True))
    return first + second + third


def along(weights, f, dim):
    return wrap(weights.astype(f.dtype.np).reshape([-1 if d == dim % f.ndim else 1 for d in range(f.ndim)]))


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
    return tuple(along_coordinates(input, d, s, edge_order) for d, s in zip(dims, given, strict=True))


def along_coordinates(f, dim, spacing, edge_order):
    """spacing: a distance, or the coordinates of the points, with which f is promoted."""
    if not isinstance(spacing, Tensor) or not spacing.ndim:
        return slope(f, dim, number(spacing), edge_order)
    wide = np.complex128 if spacing.dtype.is_complex else np.float64
    d = promote_types(f.dtype, spacing.dtype)
    f = f.to(d if d.category >= FLOAT else get_default_dtype())
    return slope(f, dim, np.diff(spacing._array.astype(wide)), edge_order)
