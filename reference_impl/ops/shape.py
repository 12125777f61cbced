"""Views and other changes of shape; joining and splitting.

HOWTO. `view(signature, kernel, self=adjoint)`: the kernel must return an array that shares the memory of its input (a
0-dim result as a 0-dim array, so index with `...`); what copies is `linear`. `tensors*` takes a sequence and its
formula returns a list; `-> results*` returns a tuple of Tensors and the formula's `g` is a list (None where undefined).
"""
from __future__ import annotations

import numpy as np


from .form import general, linear, view
from .structure import cast, sum_to


def whole(shape, size):
    """`size` with -1 worked out, or torch's error."""
    total, known, free = int(np.prod(shape)), 1, None
    for i, n in enumerate(size):
        if n == -1:
            if free is not None:
                raise RuntimeError("only one dimension can be inferred")
            free = i
        else:
            known *= n
    if free is not None and known and not total % known:
        size = (*size[:free], total // known, *size[free + 1:])
    elif free is not None or known != total:
        raise RuntimeError(f"shape '{list(size)}' is invalid for input of size {total}")
    return tuple(size)


def view_kernel(x, size):
    size = whole(x.shape, size)
    try:
        return np.reshape(x, size, copy=False)
    except ValueError:
        raise RuntimeError("view size is not compatible with input tensor's size and stride (at least one dimension "
                           "spans across two contiguous subspaces). Use .reshape(...) instead.") from None


def wrap_dim(d, n):
    n = n or 1
    if not -n <= d < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {d})")
    return d % n


def contiguous_kernel(g, size):
    return g.reshape(size)


view_ = view("view(self, size)", view_kernel, self=lambda g, self_shape: reshape_copy(g, self_shape),
             saved_as={"self_shape": "self_sym_sizes"})
reshape_copy = linear("reshape_copy(self, size)", contiguous_kernel, public=False, grad_fn="UnsafeViewBackward0",
                      self=lambda g, self_shape: reshape_copy(g, self_shape))
clone = linear("clone(self, *, memory_format=None)", lambda x, memory_format=None: x.copy(order="K"),
               self=lambda g: g, inplace=False)
alias = view("alias(self)", lambda x: x[...], self=lambda g: g)
transpose = view("transpose(self, dim0, dim1)",
                 lambda x, a, b: x[...] if not x.ndim else x.swapaxes(wrap_dim(a, x.ndim), wrap_dim(b, x.ndim)),
                 self=lambda g, dim0, dim1: transpose(g, dim0, dim1))
t = view("t(self)", lambda x: x.T, self=lambda g: t(g))
permute = view("permute(self, dims)", lambda x, dims: x.transpose(dims), self=lambda g, dims: permute(g, inverse(dims)))
expand = view("expand(self, size)", lambda x, size: np.broadcast_to(
              x, tuple(x.shape[i - len(size)] if n == -1 else n for i, n in enumerate(size))),
              self=lambda g, self_shape: sum_to(g, self_shape))
unsqueeze = view("unsqueeze(self, dim)", lambda x, dim: np.expand_dims(x, wrap_dim(dim, x.ndim + 1)),
                 self=lambda g, self_shape: reshape_copy(g, self_shape))
squeeze = view("squeeze(self, dim=None)", lambda x, dim: squeeze_kernel(x, dim),
               self=lambda g, self_shape: reshape_copy(g, self_shape),
               grad_fn="SqueezeBackward0 if dim is None else SqueezeBackward1")
diagonal = view("diagonal(self, offset=0, dim1=0, dim2=1)", lambda x, offset, dim1, dim2: writable_diagonal(
                x, offset, dim1, dim2), self=lambda g, self_shape, offset, dim1, dim2: diagonal_adjoint(
                g, self_shape, offset, dim1, dim2))
diagonal_adjoint = linear("diagonal_adjoint(self, shape, offset, dim1, dim2)", public=False,
                          kernel=lambda g, shape, offset, dim1, dim2: put(np.zeros(shape, g.dtype), g,
                                                                         lambda r: writable_diagonal(r, offset, dim1, dim2)),
                          self=lambda g, offset, dim1, dim2: diagonal(g, offset, dim1, dim2))


def inverse(dims):
    return tuple(int(i) for i in np.argsort([d % len(dims) for d in dims]))


def squeeze_kernel(x, dim):
    dims = range(x.ndim) if dim is None else [wrap_dim(d, x.ndim) for d in ((dim,) if isinstance(dim, int) else dim)]
    return x.squeeze(tuple(d for d in dims if x.ndim and x.shape[d] == 1))


def writable_diagonal(x, offset, dim1, dim2):
    d = x.diagonal(offset, dim1, dim2)
    d.flags.writeable = x.flags.writeable
    return d


def put(whole_array, part, cut):
    cut(whole_array)[...] = part
    return whole_array


def strided(x, size, stride, storage_offset):
    step = x.itemsize
    return np.ndarray(size, x.dtype, x, storage_offset * step, tuple(s * step for s in stride))


def strided_adjoint(g, shape, size, stride, storage_offset):
    r = np.zeros(shape, g.dtype)
    places = strided(np.arange(r.size).reshape(shape), size, stride, storage_offset)
    np.add.at(r.reshape(-1), places, g)
    return r


as_strided = view("as_strided(self, size, stride, storage_offset=0)", strided,
                  self=lambda g, self_shape, size, stride, storage_offset: as_strided_adjoint(
                      g, self_shape, size, stride, storage_offset))
as_strided_adjoint = linear("as_strided_adjoint(self, shape, size, stride, storage_offset)", strided_adjoint, public=False,
                            self=lambda g, size, stride, storage_offset: as_strided(g, size, stride, storage_offset))


# -- basic indexing: select, slice

select = view("select(self, dim, index)", lambda x, dim, index: x[(*(slice(None),) * (dim % x.ndim), index, ...)],
              self=lambda g, self_shape, dim, index: basic_adjoint(g, self_shape, (*(slice(None),) * (dim % len(self_shape)), index, ...)))
slice_ = view("slice(self, index)", lambda x, index: x[index], self=lambda g, self_shape, index: basic_adjoint(g, self_shape, index))
basic_adjoint = linear("basic_adjoint(self, shape, index)", public=False, grad_fn="SliceBackward0",
                       kernel=lambda g, shape, index: put(np.zeros(shape, g.dtype), g, lambda r: r[index]),
                       self=lambda g, index: slice_(g, index))


# -- joining and splitting

def cat_kernel(xs, dim):
    return np.concatenate(xs, dim)


def cat_vjp(g, tensors_shape, dim):
    pieces, at = [], 0
    for shape in tensors_shape:
        pieces.append(slice_(g, (*(slice(None),) * (dim % len(shape)), slice(at, at + shape[dim]))))
        at += shape[dim]
    return pieces


cat = linear("cat(tensors*, dim=0)", cat_kernel, tensors=cat_vjp, aliases=("concat", "concatenate"), method=False)
stack = linear("stack(tensors*, dim=0)", lambda xs, dim: np.stack(xs, dim), method=False,
               tensors=lambda g, dim: list(unbind(g, dim)))
unbind = view("unbind(self, dim=0) -> results*", lambda x, dim: [x[(*(slice(None),) * (dim % x.ndim), i, ...)]
                                                               for i in range(x.shape[dim])],
              self=lambda g, self_shape, dim: stack(filled(g, self_shape, dim), dim))


def filled(gs, shape, dim):
    """Zeros for the outputs that nobody used."""
    like = next(g for g in gs if g is not None)
    return [like * 0 if g is None else g for g in gs]


# -- writes

copy = general("copy(self, src)", lambda x, src: np.broadcast_to(src, x.shape).astype(x.dtype), wrt="self src",
               vjp=lambda g, src_shape, src_dtype: (None, cast(sum_to(g, src_shape), src_dtype)), public=False,
               jvp=lambda src_t: src_t, grad_fn="CopyBackwards", inplace=True)
fill = linear("fill(self, value: nondiff)", lambda x, value: np.full(x.shape, value, x.dtype), self=lambda g: g * 0,
              public=False, inplace=True)
zero = linear("zero(self)", lambda x: np.zeros(x.shape, x.dtype), self=lambda g: g * 0, public=False, inplace=True)
