"""Views: operators whose result shares the memory of their input.

HOWTO. `view(signature, kernel, self=adjoint)`: the kernel must return an array that shares the memory of its input (a
0-dim result as a 0-dim array, so index with `...`); what copies is `linear` and lives in rearranging.py. `-> results*`
returns a tuple of Tensors and the formula's `g` is a list (None where undefined).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .dims import at, whole, wrap_dim, wrap_dims
from .form import SIZES, linear, view

# -- the same elements under another shape


def view_kernel(x, size):
    if size and min(size) < -1:  # which numpy takes for -1
        whole(x.shape, size)
    try:
        return x.reshape(size, copy=False)
    except ValueError:
        whole(x.shape, size)
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension "
            "spans across two contiguous subspaces). Use .reshape(...) instead."
        ) from None


def unsqueeze_kernel(x, dim):
    d, shape = wrap_dim(dim, x.ndim + 1), x.shape
    return x.reshape((*shape[:d], 1, *shape[d:]))  # never a copy


def squeeze_kernel(x, dim):
    dims = range(x.ndim) if dim is ... else wrap_dims(dim, x.ndim)
    return x.squeeze(tuple(d for d in dims if x.ndim and x.shape[d] == 1))


reshape_copy = linear(
    "reshape_copy(self, size)",
    lambda x, size: x.reshape(size),
    self=lambda g, self_shape: reshaped(g, self_shape),
    public=False,
    grad_fn="UnsafeViewBackward0",
    saved_as=SIZES,
)


def reshape_in_steps(g, size):
    from .shaping import reshape

    return reshape(g, tuple(size))


reshaped = replace(reshape_copy, signature="reshaped(self, size)", steps=reshape_in_steps)
view_ = view(
    "view(self, size)",
    view_kernel,
    self=lambda g, self_shape: reshaped(g, self_shape),
    saved_as=SIZES,
)
reshape_alias = view(
    "_reshape_alias(self, size)",
    view_kernel,
    self=lambda g, self_shape: reshaped(g, self_shape),
    saved_as=SIZES,
    public=False,
)
unsqueeze = view(
    "unsqueeze(self, dim)",
    unsqueeze_kernel,
    self=lambda g, dim: squeezed(g, dim),
)
squeezed = linear(
    "squeezed(self, dim)",
    lambda x, dim: x.squeeze(dim),
    self=lambda g, dim: unsqueeze(g, dim),
    public=False,
    grad_fn="SqueezeBackward1",
)
squeeze = view(
    "squeeze(self, dim=...)",
    squeeze_kernel,
    self=lambda g, self_shape, dim: unsqueezed(g, self_shape, dim),
    grad_fn="SqueezeBackward0 if dim is ... else SqueezeBackward1 if type(dim) is int else SqueezeBackward2",
    saved_as=SIZES,
)


def unsqueeze_in_steps(g, shape, dim):
    """One dimension after the other, of those that `dim` named and that were of size 1."""
    for d in sorted(wrap_dims(range(len(shape)) if dim is ... else dim, len(shape))):
        if shape and shape[d] == 1:
            g = unsqueeze.function(g, d)
    return g


unsqueezed = linear(
    "unsqueezed(self, shape, dim)",
    lambda g, shape, dim: g.reshape(shape),
    steps=unsqueeze_in_steps,
    self=lambda g, dim: squeeze(g, dim),
    public=False,
    grad_fn="UnsqueezeBackward0",
)
alias = view("alias(self)", lambda x: x[...], self=lambda g: g)


# -- dimensions in another order


def transpose_kernel(x, dim0, dim1):
    a, b = wrap_dim(dim0, x.ndim), wrap_dim(dim1, x.ndim)
    return x.swapaxes(a, b) if np.ndim(x) else np.asarray(x)[...]


def t_kernel(x):
    if x.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {x.ndim}D")
    return x.T


def permute_kernel(x, dims):
    if len(dims) != x.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {x.ndim} is not equal to len(dims) = {len(dims)}"
        )
    dims = [wrap_dim(d, x.ndim) for d in dims]
    if len(set(dims)) < len(dims):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return x.transpose(dims)


def inverse(dims):
    return tuple(sorted(range(len(dims)), key=[d % len(dims) for d in dims].__getitem__))


transpose = view(
    "transpose(self, dim0, dim1)",
    transpose_kernel,
    self=lambda g, dim0, dim1: transpose(g, dim0, dim1),
    aliases=("swapdims",),
)
t = view("t(self)", t_kernel, self=lambda g: t(g))
permute = view("permute(self, dims)", permute_kernel, self=lambda g, dims: permute(g, inverse(dims)))


# -- a part: select, slice, diagonal


def put(x, part, cut):
    cut(x)[...] = part
    return x


END = (1 << 63) - 1  # "to the end" where a subscript says so


def sliced(index):
    """The dimension that is narrowed, and how."""
    first = -len(index) if index[0] is ... else 0
    found = [(d, i) for d, i in enumerate(index, first) if type(i) is slice]
    return next(((d, i) for d, i in found if i != slice(None)), found[-1])


def selected_dim(x, dim, index):
    """The dimension of which select takes one place, if it has that."""
    if not x.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    d = wrap_dim(dim, x.ndim)
    if not -x.shape[d] <= index < x.shape[d]:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(x.shape)} at dimension {d}")
    return d


def select_kernel(x, dim, index):
    d = selected_dim(x, dim, index)
    return x[at(d, index)]


select = view(
    "select(self, dim, index)",
    select_kernel,
    self=lambda g, self_shape, dim, index: select_adjoint(g, self_shape, at(dim % len(self_shape), index)),
    saved_as=SIZES,
)
slice_ = view(
    "slice(self, index)",
    lambda x, index: x[index],
    self=lambda g, self_shape, index: basic_adjoint(g, self_shape, index),
    public=False,
    saved_as=SIZES | {"index": ""},
    shows={
        "dim": lambda index: sliced(index)[0],
        "start": lambda index: sliced(index)[1].start or 0,
        "end": lambda index: sliced(index)[1].stop,
        "step": lambda index: sliced(index)[1].step or 1,
    },
)
basic_adjoint = linear(
    "basic_adjoint(self, shape, index)",
    lambda g, shape, index: put(np.zeros(shape, g.dtype), g, lambda r: r[index]),
    self=lambda g, index: basic(g, index),
    public=False,
    grad_fn="SliceBackwardBackward0",
)
select_adjoint = replace(
    basic_adjoint, formulas={"self": lambda g, index: selected(g, index)}, grad_fn="SelectBackwardBackward0"
)
basic = linear(
    "basic(self, index)",
    lambda x, index: x[index],
    self=lambda g, self_shape, index: basic_adjoint(g, self_shape, index),
    public=False,
    grad_fn="SliceBackward0",
    saved_as=SIZES,
)
selected = replace(
    basic,
    formulas={"self": lambda g, self_shape, index: select_adjoint(g, self_shape, index)},
    grad_fn="SelectBackward0",
)


def diagonal_kernel(x, offset, dim1, dim2):
    a, b = wrap_dim(dim1, x.ndim), wrap_dim(dim2, x.ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    d = x.diagonal(offset, a, b)
    d.flags.writeable = x.flags.writeable
    return d


diagonal = view(
    "diagonal(self, offset=0, dim1=0, dim2=1)",
    diagonal_kernel,
    self=lambda g, self_shape, offset, dim1, dim2: diagonal_adjoint(g, self_shape, offset, dim1, dim2),
    saved_as=SIZES,
)
diagonal_adjoint = linear(
    "diagonal_adjoint(self, shape, offset, dim1, dim2)",
    lambda g, shape, offset, dim1, dim2: put(
        np.zeros(shape, g.dtype), g, lambda r: diagonal_kernel(r, offset, dim1, dim2)
    ),
    self=lambda g, offset, dim1, dim2: diagonal(g, offset, dim1, dim2),
    public=False,
    grad_fn="DiagonalBackwardBackward0",
)
