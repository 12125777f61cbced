"""Joining, splitting, repeating, padding: changes of shape that copy.

HOWTO. `tensors*` takes a sequence and its formula returns a list; `-> results*` returns a tuple and the formula's `g` is
a list with None where an output was not used (`filled` puts zeros there). What copies is `linear`.
"""

from __future__ import annotations

from operator import index as integer

import numpy as np

from .. import dtypes
from .form import SIZES, general, linear, view
from .memory_format import channels_last, following, laid_out
from .memory_order import laid_like
from .reduce import sum
from .shape import at, basic, diagonal, diagonal_kernel, put, reshaped, row_by_row, selected, wrap_dim, wrap_dims
from .structure import cast
from .writes import zeros_of

# -- cat, stack


def common(xs):
    """Arrays in torch's common dtype."""
    if all(x.dtype is xs[0].dtype for x in xs):
        return xs
    np_dtype = dtypes.result_type(tuple(xs)).np
    return [x.astype(np_dtype) for x in xs]


def is_nothing(shape):
    """torch's cat skips 1-dim tensors without elements."""
    return shape == (0,)


def cat_kernel(xs, dim):
    if not xs:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for i, x in enumerate(xs):
        if not x.ndim:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
    kept = [i for i, x in enumerate(xs) if not is_nothing(x.shape)] or [0]
    xs, first = common(xs), kept[0]
    d = 0 if is_nothing(xs[first].shape) else wrap_dim(dim, xs[first].ndim)
    for i in kept:
        a, b = xs[first].shape, xs[i].shape
        if len(a) != len(b):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(a)} and {len(b)}")
        for k in range(len(a)):
            if k != d and a[k] != b[k]:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {d}. Expected size {a[k]} but got size {b[k]} "
                    f"for tensor number {i} in the list."
                )
    found = np.concatenate([xs[i] for i in kept], d)
    return laid_out(found, True) if all(channels_last(xs[i]) for i in kept) else row_by_row(found)


def in_dtype(piece, dtype):
    return piece if dtype.kind in "biu" else cast(piece, dtype)  # there it leads nowhere


def cat_vjp(g, tensors_shape, tensors_dtype, dim):
    pieces, start = [], 0
    rank = max(len(shape) for shape in tensors_shape)
    for shape, dtype in zip(tensors_shape, tensors_dtype, strict=True):
        length = 0 if is_nothing(shape) else shape[dim]
        piece = basic(g, at(dim % rank, slice(start, start + length))) if shape != (0,) else zeros_of(g, shape)
        start += length
        pieces.append(in_dtype(piece, dtype))
    return pieces


def stack_kernel(xs, dim):
    for i, x in enumerate(xs):
        if x.shape != xs[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(xs[0].shape)} at entry 0 and "
                f"{list(x.shape)} at entry {i}"
            )
    if not xs:
        raise RuntimeError("stack expects a non-empty TensorList")
    return row_by_row(np.stack(common(xs), wrap_dim(dim, xs[0].ndim + 1)))


def stack_vjp(g, tensors_shape, tensors_dtype, dim):
    d = dim % (len(tensors_shape[0]) + 1)
    return [in_dtype(selected(g, at(d, i)), dtype) for i, dtype in enumerate(tensors_dtype)]


cat = linear("cat(tensors*, dim=0)", cat_kernel, tensors=cat_vjp, aliases=("concat", "concatenate"), method=False)
stack = linear("stack(tensors*, dim=0)", stack_kernel, tensors=stack_vjp, method=False)


# -- split, unbind: several views at once


def filled(gs, shapes):
    """The cotangents, zeros where an output was not used."""
    like = next(g for g in gs if g is not None)
    return [zeros_of(like, shape) if g is None else g for g, shape in zip(gs, shapes, strict=True)]


def parts(shape, sizes, dim):
    """The shapes of the pieces."""
    d = dim % len(shape)
    return [(*shape[:d], n, *shape[d + 1 :]) for n in sizes]


def cut(x, sizes, dim):
    d, ends = wrap_dim(dim, x.ndim), np.cumsum(sizes).tolist()
    return [x[at(d, slice(end - n, end))] for n, end in zip(sizes, ends, strict=True)]


def even_sizes(n, size):
    """n elements in pieces of `size`, the last one smaller."""
    return [size] * (n // size) + ([n % size] if n % size else []) if n else [0]


def split_kernel(x, split_size, dim):
    if not x.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = wrap_dim(dim, x.ndim)
    if not split_size and x.shape[d]:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {x.shape[d]}")
    if split_size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={split_size}")
    return cut(x, even_sizes(x.shape[d], split_size), d)


def split_sizes_kernel(x, split_sizes, dim):
    if not x.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = wrap_dim(dim, x.ndim)
    if np.sum(split_sizes) != x.shape[d]:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {x.shape[d]} (input tensor's size at dimension "
            f"{d}), but got split_sizes={list(split_sizes)}"
        )
    return cut(x, split_sizes, d)


def split_vjp(g, self_shape, split_size, dim):
    return cat(filled(g, parts(self_shape, even_sizes(self_shape[dim], split_size), dim)), dim)


split_evenly = view(
    "split(self, split_size, dim=0) -> results*", split_kernel, self=split_vjp, public=False, saved_as=SIZES
)
split_with_sizes = view(
    "split_with_sizes(self, split_sizes, dim=0) -> results*",
    split_sizes_kernel,
    self=lambda g, self_shape, split_sizes, dim: cat(filled(g, parts(self_shape, split_sizes, dim)), dim),
    saved_as=SIZES,
)


def unbind_kernel(x, dim):
    if not x.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    d = wrap_dim(dim, x.ndim)
    return [x[at(d, i)] for i in range(x.shape[d])]


def unbind_vjp(g, self_shape, dim):
    d = dim % len(self_shape)
    return stack(filled(g, [self_shape[:d] + self_shape[d + 1 :]] * len(g)), d)


unbind = view("unbind(self, dim=0) -> results*", unbind_kernel, self=unbind_vjp)


# -- elements in other places

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
