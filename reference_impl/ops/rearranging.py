"""Elements in other places, repeated, or among zeros: changes of shape that copy.

HOWTO. As in shape.py, but what copies is `linear`.
"""

from __future__ import annotations

from operator import index as integer

import numpy as np

from .. import dtypes
from .dims import row_by_row, wrap_dim, wrap_dims
from .form import SIZES, general, linear
from .memory_format import following
from .memory_order import laid_like
from .reduce import sum
from .shape import diagonal, diagonal_kernel, put, reshaped
from .writes import zeros_of

# -- flipped, rolled, turned, cut to triangles

flip = linear(
    "flip(self, dims)",
    lambda x, dims: laid_like(np.flip(x, wrap_dims(dims, x.ndim)).copy(), x) if x.ndim else x.copy(),
    self=lambda g, dims: flip(g, dims),
    public=False,
)


def roll_kernel(x, shifts, dims):
    if dims and len(dims) != len(shifts):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}")
    if not np.ndim(x) or not x.size:
        return x.copy()
    return np.roll(x, shifts, tuple([wrap_dim(d, x.ndim) for d in dims]) or None)


roll = linear(
    "roll(self, shifts, dims)",
    following(roll_kernel),
    self=lambda g, shifts, dims: roll(g, tuple([-n for n in shifts]), dims),
    public=False,
)


def rot90_kernel(x, k, dims):
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if x.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {x.ndim}")
    if wrap_dim(dims[0], x.ndim) == wrap_dim(dims[1], x.ndim):
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    return np.rot90(x, k, dims).copy()


rot90 = linear("rot90(self, k, dims)", rot90_kernel, self=lambda g, k, dims: rot90(g, -k, dims), public=False)


def triangle(f):
    def kernel(x, diagonal):
        if x.ndim < 2:
            raise RuntimeError(f"{f.__name__}: input tensor must have at least 2 dimensions")
        return row_by_row(f(x, integer(diagonal)))

    return kernel


tril = linear("tril(self, diagonal=0)", triangle(np.tril), self=lambda g, diagonal: tril(g, diagonal), inplace=True)
triu = linear("triu(self, diagonal=0)", triangle(np.triu), self=lambda g, diagonal: triu(g, diagonal), inplace=True)


def diag_embed_kernel(x, offset, dim1, dim2):
    rank = x.ndim + 1
    a, b = wrap_dim(dim1, rank), wrap_dim(dim2, rank)
    n = x.shape[-1] + abs(offset)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    shape = list(x.shape[:-1])
    for d in sorted((a, b)):
        shape.insert(d, n)
    return put(np.zeros(shape, x.dtype), x, lambda r: diagonal_kernel(r, offset, a, b))


diag_embed = linear(
    "diag_embed(self, offset=0, dim1=-2, dim2=-1)",
    diag_embed_kernel,
    self=lambda g, offset, dim1, dim2: diagonal(g, offset, dim1, dim2),
)


# -- repeating, padding


def repeat_kernel(x, repeats):
    if len(repeats) < x.ndim:
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    found = [n * m for n, m in zip((*(1,) * (len(repeats) - x.ndim), *x.shape), repeats, strict=True)]
    if min(found, default=0) < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(found)}: {found}")
    return row_by_row(np.tile(x, [max(n, 0) for n in repeats]))


def repeat_adjoint(g, self_shape, repeats):
    """Number the repetitions in dimensions of their own, and sum those."""
    if 0 in repeats:
        return zeros_of(g, self_shape)
    lead, numbered, both = len(repeats) - len(self_shape), [], []
    for _ in range(lead):
        g = sum(g, 0)
    for n, m in zip(repeats[lead:], self_shape, strict=True):
        if n != 1:
            numbered.append(len(both))
            both.append(n)
        both.append(m)
    return sum(reshaped(g, tuple(both)), tuple(numbered)) if numbered else g


repeat = linear("repeat(self, repeats)", repeat_kernel, self=repeat_adjoint, public=False, saved_as=SIZES)


def pad_kernel(x, pad, value):
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise RuntimeError(
            f"Length of pad must be even but instead it equals {len(pad)}"
            if len(pad) % 2
            else f"Length of pad should be no more than twice the number of dimensions of the input. Pad length is "
            f"{len(pad)}while the input has {x.ndim}dimensions."
        )
    width = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    for d, (a, b) in enumerate(width):
        if x.shape[d] + min(a, 0) + min(b, 0) < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
    inside = x[tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, width, strict=True))]
    before, after = zip(*[(max(a, 0), max(b, 0)) for a, b in width], strict=True) if width else ((), ())
    shape = [a + n + b for a, n, b in zip(before, inside.shape, after, strict=True)]
    r = np.empty(shape, x.dtype, "F" if inside.flags.fnc else "C")
    r.fill(dtypes.number(value, x.dtype))
    r[tuple(slice(a, a + n) for a, n in zip(before, inside.shape, strict=True))] = inside
    return r


constant_pad_nd = general(
    "constant_pad_nd(self, pad, value=0)",
    following(pad_kernel),
    self=lambda g, pad: constant_pad_nd(g, tuple([-n for n in pad]), 0),
    jvp=lambda self_t, pad: constant_pad_nd(self_t, pad, 0),
    method=False,
)
