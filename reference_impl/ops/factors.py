"""Products of all elements along a dimension, and running products.

HOWTO. Where no factor is 0, a product of all the others is the product divided by the factor: as in torch, whose nan and
inf follow from it. Only where there are zeros the others are multiplied.

Note [Two gradients of a product]
Whether there are zeros is no question for a formula. So `product_of_others` and `cumprod_adjoint` are rows of two
meanings: kernels that look, and functions of Tensors that look where they can (vmap does not let them), and whose results
may be differentiated again.
"""

from __future__ import annotations

import numpy as np

from ..compiler.runtime import raw
from ..tensor import NoArray
from .cumulative import cumsum, cumsum_from_the_end, delay, running, several, sums_from_the_end
from .dims import row_by_row, wrap_dim
from .form import general
from .joining import cat
from .logic import logical_and
from .rearranging import flip
from .reduce import spread, sum
from .shape import basic, reshape_copy
from .structure import cast, conj, conj_if_complex, where


def without_zeros(x):
    """Whether no element of a Tensor is 0; of a batched one that is not known."""
    try:
        return bool(np.all(raw(x)))
    except NoArray:
        return False


# -- the product of all


def prod_kernel(x, dim, keepdim, dtype):
    if dtype is not None:
        x = x.astype(dtype.np)
    elif x.dtype.kind in "biu":
        x = x.astype(np.int64)
    axis = None if dim is ... else wrap_dim(dim, x.ndim)
    return row_by_row(np.multiply.reduce(x, axis if x.ndim else None, dtype=x.dtype, keepdims=keepdim))


def prod_vjp(g, self, result, self_shape, self_dtype, dim, keepdim, dtype):
    dim = None if dim is ... else dim
    if dtype is not None:
        self = cast(self, dtype.np)
    if self_shape:
        g = spread(g, self_shape, dim, keepdim) * conj(
            product_of_others(self, spread(result, self_shape, dim, keepdim), dim)
        )
    return g if dtype is None else cast(g, self_dtype)


def others_kernel(x, product, dim):
    """At each place the product of all the others."""
    zeros = x == 0
    if not zeros.any():
        return product / x
    if dim is None:
        several = np.count_nonzero(zeros) > 1
        return np.zeros_like(x) if several else others_kernel(x.reshape(-1), product, 0).reshape(x.shape)
    return products_before(x, dim) * np.flip(products_before(np.flip(x, dim), dim), dim)


def products_before(x, dim):
    r = np.ones_like(x)
    np.multiply.accumulate(x[rows_of(dim, slice(-1))], dim, out=r[rows_of(dim, slice(1, None))])
    return r


def others_of_tensors(x, product, dim):
    if without_zeros(x):
        return product / x
    if dim is None:
        return reshape_copy(others_of_tensors(reshape_copy(x, (-1,)), product, 0), x.shape)
    return before(x, dim) * flip(before(flip(x, (dim,)), dim), (dim,))


def before(x, dim):
    """The product of all that comes before each place."""
    return cumprod(delay(x, dim, 1), dim)


product_of_others = general("product_of_others(self: nondiff, product: nondiff, dim)", others_kernel, public=False)
product_of_others.__dict__["function"] = others_of_tensors  # see Note [Two gradients of a product]
prod = general(
    "prod(self, dim=..., keepdim=False, *, dtype=None)",
    prod_kernel,
    grad_fn="ProdBackward0 if dim is ... else ProdBackward1",
    self=prod_vjp,
)


# -- running products


def cumprod_vjp(g, self, result, dim, dtype, self_dtype):
    if dtype is not None:
        self = cast(self, dtype.np)
    return cast(cumprod_adjoint(g, self, result, dim), self_dtype)


def adjoint_kernel(g, x, result, dim):
    """The sum of all later g by the products of all the others: nothing that comes after a second zero."""
    if not several(x.shape, dim):
        return g
    x, result = x.conj(), result.conj()
    zeros = x == 0
    if not zeros.any():
        return sums_from_the_end(g * result, dim) / x
    seen = np.add.accumulate(zeros, dim, dtype=np.int64)
    early, first = seen == 0, zeros & (seen == 1)
    between = (seen == 1) & ~first
    factor = np.multiply.reduce(np.where(early, x, 1), dim, keepdims=True)
    rest = np.where(seen == 1, g, 0) * np.multiply.accumulate(np.where(between, x, 1), dim)
    before_first = sums_from_the_end(np.where(early, g * result, 0), dim) / x
    at_first = np.add.reduce(rest, dim, keepdims=True) * factor
    return np.where(early, before_first, np.where(first, at_first, 0)).astype(g.dtype)


def adjoint_of_tensors(g, x, result, dim):
    if not several(x.shape, dim):
        return g
    x, result = conj_if_complex(x), conj_if_complex(result)
    if without_zeros(x):
        return cumsum_from_the_end(g * result, dim) / x
    return cat([sum(of_others(x, dim, k) * later(g, dim, k), dim, True) for k in range(x.shape[dim])], dim)


def of_others(x, dim, k):
    """The running products from k on, without factor k."""
    until = prod(basic(x, rows_of(dim, slice(k))), dim, True)
    return cat([until, until * cumprod(later(x, dim, k + 1), dim)], dim)


def later(x, dim, k):
    return basic(x, rows_of(dim, slice(k, None)))


def rows_of(dim, part):
    return (slice(None),) * dim + (part,) if dim >= 0 else (..., part, *(slice(None),) * (-1 - dim))


def cumprod_jvp(self, self_t, result, dim, dtype, self_shape):
    """The quotient rule; from the first zero on, the products with its tangent in its place."""
    if dtype is not None:
        self, self_t = cast(self, dtype.np), cast(self_t, dtype.np)
    smooth, zeros = cumsum(self_t / self, dim) * result, self == 0
    if not self_shape:
        return where(zeros, self_t, smooth)
    first = logical_and(zeros, cumsum(zeros, dim) == 1)
    return where(cumsum(first, dim) > 0, cumprod(where(first, self_t, self), dim), smooth)


cumprod_adjoint = general(
    "cumprod_adjoint(grad: nondiff, self: nondiff, result: nondiff, dim)", adjoint_kernel, public=False
)
cumprod_adjoint.__dict__["function"] = adjoint_of_tensors
cumprod = general(
    "cumprod(self, dim, *, dtype=None)",
    running(np.multiply.accumulate),
    self=cumprod_vjp,
    jvp=cumprod_jvp,
    inplace=True,
)
