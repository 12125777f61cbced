"""Reductions.

HOWTO. `self_shape` keeps only the shape. A reduced gradient goes back by `spread(g, shape, dim, keepdim)`. Operators
with `dim` left out and given are two in torch: name both nodes in `grad_fn=` as an expression over the params.
"""
from __future__ import annotations

import numpy as np

from .. import dtypes
from .exponential import abs, sgn
from .form import general, linear
from .structure import fill, where


def axes(x, dim):
    """numpy's axis for torch's dim, with torch's error."""
    if dim is None or dim == ():
        return None
    n = max(x.ndim, 1)
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    for d in dims:
        if not -n <= d < n:
            raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {d})")
    return None if not x.ndim else tuple(d % n for d in dims) if len(dims) > 1 else dims[0] % n


def sum_kernel(x, dim=None, keepdim=False, dtype=None):
    if dtype is not None:
        x = x.astype(dtype.np)
    if x.dtype.kind in "biu":
        return np.add.reduce(x, axes(x, dim), dtype=np.int64, keepdims=keepdim)
    if type(x) is not np.ndarray:
        axes(x, dim)
        return x
    return np.add.reduce(x, None if dim is None else axes(x, dim), keepdims=keepdim)


def spread_kernel(g, shape, dim, keepdim):
    if dim is None or dim == ():
        return fill(g if type(g) is not np.ndarray or not g.ndim else g.reshape(()), shape)
    if not keepdim and shape:
        dims = sorted(d % len(shape) for d in ((dim,) if isinstance(dim, int) else dim))
        g = np.expand_dims(g, tuple(dims))
    return np.broadcast_to(g, shape)


# the adjoint of spreading is the sum over the same dimensions
spread = linear("spread(self, shape, dim, keepdim)", spread_kernel, public=False, grad_fn="ExpandBackward0",
                self=lambda g, dim, keepdim: sum(g, dim, keepdim))
sum = linear("sum(self, dim=None, keepdim=False, *, dtype=None)", sum_kernel,
             grad_fn="SumBackward0 if dim is None else SumBackward1", saved_as={"self_shape": "self_sym_sizes"},
             self=lambda g, self_shape, dim, keepdim: spread(g, self_shape, dim, keepdim))


def mean_kernel(x, dim=None, keepdim=False, dtype=None):
    if dtype is not None:
        x = x.astype(dtype.np)
    if x.dtype.kind in "biu":
        raise RuntimeError("mean(): could not infer output dtype. Input dtype must be either a floating point or "
                           f"complex dtype. Got: {dtypes.LEGACY[dtypes.from_numpy(x.dtype)]}")
    return sum_kernel(x, dim, keepdim) / x.dtype.type(count(x.shape, dim))


def count(shape, dim):
    """How many elements go into one mean."""
    if dim is None or dim == () or not shape:
        return int(np.prod(shape))
    n = 1
    for d in (dim,) if isinstance(dim, int) else dim:
        n *= shape[d]
    return n


mean = linear("mean(self, dim=None, keepdim=False, *, dtype=None)", mean_kernel,
              grad_fn="MeanBackward0 if dim is None else MeanBackward1", saved_as={"self_shape": "self_sym_sizes"},
              self=lambda g, self_shape, dim, keepdim: spread(g / count(self_shape, dim), self_shape, dim, keepdim))


# -- extrema: without dim, ties share the gradient evenly; with dim, it goes to the index that was returned

def max_all_vjp(g, self, result):
    hit = self == result
    return where(hit, g / sum(hit), 0.0)


max_all = general("max(self)", lambda x: np.max(x), self=max_all_vjp, grad_fn="MaxBackward1", inplace=False)
min_all = general("min(self)", lambda x: np.min(x), self=max_all_vjp, grad_fn="MinBackward1", inplace=False)
amax = general("amax(self, dim=(), keepdim=False)", lambda x, dim, keepdim: np.max(x, axes(x, dim), keepdims=keepdim),
               self=lambda g, self, result, dim, keepdim: amax_vjp(g, self, result, dim, keepdim), inplace=False)
amin = general("amin(self, dim=(), keepdim=False)", lambda x, dim, keepdim: np.min(x, axes(x, dim), keepdims=keepdim),
               self=lambda g, self, result, dim, keepdim: amax_vjp(g, self, result, dim, keepdim), inplace=False)


def amax_vjp(g, self, result, dim, keepdim):
    hit = self == spread(result, self.shape, dim, keepdim)
    return where(hit, spread(g, self.shape, dim, keepdim) / sum(hit, dim, True), 0.0)


def pick(arg):
    def kernel(x, dim, keepdim):
        axes(x, dim)
        if type(x) is not np.ndarray:
            return x, np.int64(0)
        k = np.expand_dims(arg(x, dim), dim)
        v = np.take_along_axis(x, k, dim)
        return (v, k) if keepdim else (v.squeeze(dim)[()], k.squeeze(dim)[()])
    return kernel


def place_kernel(g, index, shape, dim, keepdim):
    r = np.zeros(shape, g.dtype)
    if not shape:
        return g
    if not keepdim:
        g, index = np.expand_dims(g, dim), np.expand_dims(index, dim)
    np.put_along_axis(r, index, g, dim)
    return r


# the adjoint of picking one element along dim
place = linear("place(self, index: nondiff, shape, dim, keepdim)", place_kernel, public=False,
               self=lambda g, index, dim, keepdim: picked(g, index, dim, keepdim), grad_fn="ValueSelectingReductionBackward0")
picked = linear("picked(self, index: nondiff, dim, keepdim)", public=False, grad_fn="GatherBackward0",
                kernel=lambda x, index, dim, keepdim: x if not x.ndim else np.take_along_axis(x, index, dim) if keepdim
                else np.take_along_axis(x, np.expand_dims(index, dim), dim).squeeze(dim)[()],
                self=lambda g, index, self_shape, dim, keepdim: place(g, index, self_shape, dim, keepdim))


def max_dim_vjp(g, indices, self_shape, dim, keepdim):
    return place(g, indices, self_shape, dim, keepdim)


def max_dim_jvp(self_t, indices, dim, keepdim):
    return picked(self_t, indices, dim, keepdim)


max_dim = general("max(self, dim, keepdim=False) -> (values, indices: nondiff)", pick(np.argmax), self=max_dim_vjp,
                  jvp=max_dim_jvp, grad_fn="MaxBackward0", inplace=False)
min_dim = general("min(self, dim, keepdim=False) -> (values, indices: nondiff)", pick(np.argmin), self=max_dim_vjp,
                  jvp=max_dim_jvp, grad_fn="MinBackward0", inplace=False)


# -- norms

def vector_norm(x, ord=2, dim=None, keepdim=False):
    if x.dtype.kind != "c" and ord == 2 and dim is None and not keepdim:
        return np.sqrt(np.vdot(x, x))
    a = np.abs(x)
    ax = axes(x, dim)
    if ord == float("inf"):
        return np.max(a, ax, keepdims=keepdim)
    if ord == float("-inf"):
        return np.min(a, ax, keepdims=keepdim)
    if ord == 0:
        return np.add.reduce((a != 0).astype(a.dtype), ax, keepdims=keepdim)
    return np.add.reduce(a ** ord, ax, keepdims=keepdim) ** (1 / ord)


def vector_norm_vjp(g, self, result, ord, dim, keepdim):
    """At 0 the gradient is 0, the subgradient of least norm."""
    n, g = spread(result, self.shape, dim, keepdim), spread(g, self.shape, dim, keepdim)
    if ord == 0:
        return self * 0
    if ord == 1:
        return g * sgn(self)
    if ord == 2:
        return where(n == 0, 0.0, self * (g / n))
    if ord in (float("inf"), float("-inf")):
        hit = abs(self) == n
        return where(hit, sgn(self) * (g / sum(hit, dim, True)), 0.0)
    return where(n == 0, 0.0, g * sgn(self) * (abs(self) / n) ** (ord - 1))


linalg_vector_norm = general("linalg_vector_norm(self, ord=2, dim=None, keepdim=False)", vector_norm,
                             self=vector_norm_vjp, modules="linalg", inplace=False)
