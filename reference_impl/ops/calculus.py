"""Differences, integrals, slopes: what torch composes of other operators.

HOWTO. Functions on Tensors; the graph is that of the operators they call.
"""

from __future__ import annotations

from operator import index

import numpy as np

from ..compiler.arguments import check_tensors
from ..tensor import Tensor, wrap
from .arithmetic import div_scalar, mul_number
from .cumulative import cumsum
from .dims import at, wrap_dim, wrap_dims
from .form import composite
from .joining import cat
from .reduce import sum
from .shape import select, slice_, view_
from .writes import copy


def part(x, dim, start, stop):
    """x[start:stop] along dim."""
    return slice_(x, at(dim, slice(start, stop)))


@composite(out=True)
def diff(input, n=1, dim=-1, prepend=None, append=None):
    """The n-th difference along dim (source: torch.diff)."""
    if not input.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    dim = wrap_dim(dim, input.ndim) if n else index(dim)
    for x in (prepend, append):
        if x is not None:
            check_joined(x, input, dim)
    if n == 0:
        return copy(input.detach(), input)
    pieces = [x for x in (prepend, input, append) if x is not None]
    input = cat(pieces, dim) if len(pieces) > 1 else input
    for _ in range(min(n, input.shape[dim])):
        count = input.shape[dim]
        later, earlier = part(input, dim, 1, count), part(input, dim, 0, count - 1)
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
    if x.ndim == 1:
        x = view_(x, tuple(-1 if k == dim else 1 for k in range(y.ndim)))
    elif x.ndim < y.ndim:
        x = view_(x, (1,) * (y.ndim - x.ndim) + tuple(x.shape))
    return part(x, dim, 1, None) - part(x, dim, None, -1)


def check_points(name, y, x, dim):
    if x is not None and x.ndim == 1 and x.shape[0] != y.shape[dim]:
        raise RuntimeError(f"{name}: There must be one `x` value for each sample point")


def points(name, y, x):
    """The points x of the values y; None where none are given."""
    check_tensors(name, y=y, x=y if x is ... else x)
    x = None if x is ... else x
    if any(t is not None and t.dtype.np.kind == "b" for t in (y, x)):
        raise RuntimeError(f"{name}: received a bool input for `x` or `y`, but bool is not supported")
    return x


def check_step(name, dx):
    if isinstance(dx, bool | complex):
        raise RuntimeError(f"{name}: Currently, we only support dx as a real number.")


def heights(y, dim):
    """Twice the mean height of each interval."""
    return part(y, dim, None, -1) + part(y, dim, 1, None)


@composite(aliases=("trapz",), method=False)
def trapezoid(y, x=..., *, dx=1.0, dim=-1):
    """The integral by the trapezoidal rule (source: torch.trapezoid)."""
    x = points("trapezoid", y, x)
    d = wrap_dim(dim, y.ndim)
    if not y.shape[d]:
        return wrap(np.zeros((*y.shape[:d], *y.shape[d + 1 :]), y._array.dtype)[()])
    check_points("trapezoid", y, x, d)
    if x is not None:
        return div_scalar(sum(heights(y, d) * widths(y, x, d), d), 2.0)
    check_step("trapezoid", dx)
    ends = mul_number(select(y, dim, 0) + select(y, dim, -1), 0.5)
    return mul_number(sum(y, dim) - ends, dx)


@composite(method=False)
def cumulative_trapezoid(y, x=..., *, dx=1.0, dim=-1):
    """The running integral by the trapezoidal rule (source: torch.cumulative_trapezoid)."""
    x = points("cumulative_trapezoid", y, x)
    d = wrap_dim(dim, y.ndim)
    check_points("cumulative_trapezoid", y, x, d)
    if x is None:
        check_step("cumulative_trapezoid", dx)
        return cumsum(mul_number(heights(y, dim), dx / 2.0), dim)
    return div_scalar(cumsum(heights(y, d) * widths(y, x, d), d), 2.0)


# -- torch.gradient: central differences inside, one-sided ones of the given order at the edges


def slope(f, dim, step, edge_order):
    """Along points of one distance."""
    rise = part(f, dim, 2, None) - part(f, dim, 0, -2)
    if edge_order == 1:
        first, last = part(f, dim, 1, 2) - part(f, dim, 0, 1), part(f, dim, -1, None) - part(f, dim, -2, -1)
    else:
        first = times(-1.5, f, dim, 0, 1) + times(2, f, dim, 1, 2) - times(0.5, f, dim, 2, 3)
        last = times(0.5, f, dim, -3, -2) - times(2, f, dim, -2, -1) + times(1.5, f, dim, -1, None)
    return cat([div_scalar(first, step), div_scalar(div_scalar(rise, step), 2), div_scalar(last, step)], dim)


def times(factor, x, dim, start, stop):
    return mul_number(part(x, dim, start, stop), factor)


def slope_at(f, dim, points, edge_order):
    """Along points of any distances."""
    steps = diff(points, 1, 0)
    left, right = (view_(h, [-1 if k == dim else 1 for k in range(f.ndim)]) for h in (steps[:-1], steps[1:]))
    middle = parabola(f, dim, (0, -2), (1, -1), (2, None), slopes_between(left, right))
    if edge_order == 1:
        first = (part(f, dim, 1, 2) - part(f, dim, 0, 1)) / steps[0]
        last = (part(f, dim, -1, None) - part(f, dim, -2, -1)) / steps[-1]
    else:
        first = parabola(f, dim, (0, 1), (1, 2), (2, 3), slopes_before(steps[0], steps[1]))
        weights = [-w for w in slopes_before(steps[-1], steps[-2])]
        last = parabola(f, dim, (-3, -2), (-2, -1), (-1, None), weights[::-1])
    return cat([first, middle, last], dim)


def parabola(f, dim, before, here, after, weights):
    a, b, c = (w * part(f, dim, *where) for w, where in zip(weights, (before, here, after), strict=True))
    return a + b + c


def slopes_between(h1, h2):
    """What three values weigh in the slope of their parabola at the middle point."""
    return -h2 / (h1 * (h1 + h2)), (h2 - h1) / (h1 * h2), h1 / (h2 * (h1 + h2))


def slopes_before(h1, h2):
    """The same at the first point."""
    return -(2.0 * h1 + h2) / (h1 * (h1 + h2)), (h1 + h2) / (h1 * h2), -h1 / (h2 * (h1 + h2))


def number(x):
    x = x.item() if hasattr(x, "item") else x
    return float(x) if isinstance(x, int) else x


@composite(method=False)
def gradient(input, *, spacing=1, dim=None, edge_order: int = 1):
    """The slope along each dimension by second-order differences (source: torch.gradient)."""
    if input.dtype.np == np.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    dims = list(range(input.ndim)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    dims = wrap_dims(dims, input.ndim)
    spacing = 1 if spacing is None else spacing
    if isinstance(spacing, Tensor) and spacing.ndim:
        raise TypeError("gradient(): argument 'spacing' must be Number or tuple of Tensors, not Tensor")
    given = spacing if isinstance(spacing, list | tuple) else [spacing] * len(dims)
    if len(given) != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same "
            f"length, but got a spacing argument of length {len(given)} and a dim argument of length {len(dims)}."
            if dim is not None
            else "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = "
            f"{input.ndim}', since dim argument was not given, but got a list of length {len(given)}"
        )
    for points in given if any(isinstance(s, Tensor) and s.ndim for s in given) else ():
        if points.ndim != 1:
            raise RuntimeError(
                "torch.gradient expected each element of spacing to have one dimension, but got an element with "
                f"{points.ndim} dimensions!"
            )
    return tuple(along_dimension(input, d, s, edge_order) for d, s in zip(dims, given, strict=True))


def along_dimension(f, dim, spacing, edge_order):
    """spacing: a distance, or the coordinates of the points."""
    if f.shape[dim] < edge_order + 1:
        raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    if isinstance(spacing, Tensor) and spacing.ndim:
        return slope_at(f, dim, spacing, edge_order)
    return slope(f, dim, number(spacing), edge_order)
