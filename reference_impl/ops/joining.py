"""Joining and splitting.

HOWTO. `tensors*` takes a sequence and its formula returns a list; `-> results*` returns a tuple and the formula's `g` is
a list with None where an output was not used (`filled` puts zeros there). What joins is `linear`, what
splits a `view`.
"""

from __future__ import annotations

import numpy as np

from .. import dtypes
from .dims import at, row_by_row, wrap_dim
from .form import SIZES, linear, view
from .memory_format import channels_last, laid_out
from .shape import basic, selected
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
