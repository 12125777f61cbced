"""Norms of vectors, and the distances made of them.

HOWTO. At 0 a norm's gradient is 0, the subgradient of least norm; entries tied for the largest share it.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from numbers import Number
from typing import Any

import numpy as np

from .. import dtypes
from ..compiler.arguments import check_tensors
from ..compiler.runtime import cannot_broadcast, promoted
from ..dtypes import LEGACY, promote_types
from ..errors import type_name
from ..placement import sparse_coo
from ..tensor import Tensor
from .arithmetic import add_number, mul_number, no_bool
from .comparison import clamp_min
from .complex_ import abs, sgn
from .dims import wrap_dim
from .expanding import expand
from .exponential import reciprocal
from .form import composite, general
from .masks import without
from .reduce import ALL, axes, beside, sum
from .shaping import broadcast_tensors
from .structure import cast, conj, real_part, sum_to, where


def vector_norm_kernel(x, ord, dim, keepdim):
    if x.dtype.kind != "c" and ord == 2 and dim is None and not keepdim:
        return np.sqrt(np.vdot(x, x))
    a, ax = np.abs(x), axes(x, dim)
    if not x.size and (ord < 0 or ord == inf):
        check_identity(x.shape, ord, dim)
    if ord == inf:
        return np.max(a, ax, keepdims=keepdim)
    if ord == -inf:
        return np.min(a, ax, keepdims=keepdim)
    if ord == 0:
        return np.add.reduce((a != 0).astype(a.dtype), ax, keepdims=keepdim)
    if ord == 1:
        return np.add.reduce(a, ax, keepdims=keepdim)
    return np.add.reduce(a**ord, ax, keepdims=keepdim) ** (1 / ord)


def check_identity(shape, ord, dim):
    """Of no elements there is neither a largest nor a smallest."""
    where, empty = "an empty tensor because", dim in ALL
    if not empty:
        gone = next((d for d in ((dim,) if isinstance(dim, int) else dim) if not shape[d]), None)
        where, empty = f"the dimension {gone}because this dimension is empty and", gone is not None
    if empty:
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {ord:g} norm on {where} the operation does not have an identity"
        )


def vector_norm_vjp(g, self, result, self_shape, self_dtype, ord, dim, keepdim):
    """At 0 the gradient is 0, the subgradient of least norm; its own derivative is nan there, where torch's is."""
    n, g = (beside(x, self_shape, dim, keepdim) for x in (result, g))
    size = abs(self)
    if ord in (0, 1, inf, -inf):
        return None if ord == 0 else direction(self, n, self_dtype, ord, dim) * g
    if ord == 2:
        return g * without(self / n, n == 0)
    if ord < 1:  # where an entry is 0 the slope would be infinite
        return sgn(self) * without(size ** (ord - 1), self == 0) * g * n ** (1 - ord)
    scaled = sgn(self) * size ** (ord - 1) if ord < 2 else self * size ** (ord - 2)
    return scaled * without(g / n ** (ord - 1), n == 0)


def direction(self, n, self_dtype, ord, dim):
    """The gradient of the norm n, nowhere nan."""
    if ord == 1:
        return sgn(self)
    if ord in (inf, -inf):
        hit = abs(self) == n
        return where(hit, sgn(self) / cast(sum(hit, dim, True), real_dtype(self_dtype)), 0.0)
    size, length = (where(x == 0, 1.0, x) for x in (abs(self), n))
    return where((self == 0) | (n == 0), 0.0, sgn(self) * (size / length) ** (ord - 1))


def vector_norm_jvp(self, self_t, result, self_shape, self_dtype, ord, dim, keepdim):
    if ord == 0:
        return None
    steepest = direction(self, beside(result, self_shape, dim, keepdim), self_dtype, ord, dim)
    return sum(real_part(conj(steepest) * self_t), dim, keepdim)


linalg_vector_norm = general(
    "linalg_vector_norm(self, ord=2, dim=None, keepdim=False)",
    vector_norm_kernel,
    self=vector_norm_vjp,
    jvp=vector_norm_jvp,
    public=False,
    refuses="integers",
)


norm_ = replace(linalg_vector_norm, grad_fn="NormBackward1", saved_as={"ord": "p"})


def real_dtype(d):
    return d.type(0).real.dtype


@composite("linalg_vector_norm", modules="linalg", method=False, out=True)
def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """(sum |x|^ord)^(1/ord) over `dim` (source: torch.linalg.vector_norm)."""
    found = x.dtype.np.kind
    if found in "biu":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            + dtypes.LEGACY[dtypes.from_numpy(x.dtype.np)]
        )
    if dtype is not None:
        x = cast(x, dtypes.wanted(dtype, x.dtype).np)
    if isinstance(ord, Tensor) and ord.ndim:
        raise TypeError("linalg_vector_norm(): argument 'ord' (position 2) must be Number, not Tensor")
    return linalg_vector_norm(x, ord if type(ord) is int else float(ord), dim, keepdim)


@composite(method=False, out=True)
def frobenius_norm(input, dim=(), keepdim=False):
    """The 2-norm over dim (source: torch.frobenius_norm)."""
    return norm_(input, 2.0, tuple(dim) if not isinstance(dim, int) else dim, keepdim)


@composite(method=False)
def norm_except_dim(v, pow=2, dim=0):
    """The norm over all dimensions but one (source: torch.norm_except_dim)."""
    if dim == -1:
        return vector_norm(v, pow)
    return vector_norm(v, pow, tuple(d for d in range(v.ndim) if d != dim), True)


@composite(out=True)
def norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """The norm of all elements, or along `dim` (source: torch.norm)."""
    if input.layout is sparse_coo and dim is None:
        input = input.coalesce().values()
    if isinstance(p, str) and p != "fro":
        from .matrix_norms import matrix_norm

        return matrix_norm(
            input if dtype is None else cast(input, dtypes.wanted(dtype, input.dtype).np),
            p,
            dim or tuple(range(input.ndim)),
            keepdim,
        )
    return vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


def dist_vjp(
    g, self, other, result, self_shape, other_shape, self_dtype, other_dtype, needs_self, needs_other, p
):  # fmt: skip
    d = self - other
    g = vector_norm_vjp(g, d, result, d.shape, self_dtype, p, None, False)
    if g is None:
        return None, None
    return (
        cast(sum_to(g, self_shape), self_dtype) if needs_self else None,
        cast(sum_to(-g, other_shape), other_dtype) if needs_other else None,
    )


def dist_jvp(self, other, self_t, other_t, result, self_dtype, p):
    d = self - other
    d_t = (d * 0 if self_t is None else self_t) - (0 if other_t is None else other_t)
    return vector_norm_jvp(d, d_t, result, d.shape, self_dtype, p, None, False)


def dist_kernel(x, y, p):
    if not isinstance(p, int | float):
        raise TypeError(f"dist(): argument 'p' (position 2) must be Number, not {type_name(p)}")
    no_bool(x, y)
    x, y = promoted(x, y)
    if x.dtype.kind in "iu":
        raise RuntimeError(
            f"norm(): input dtype should be either floating point or complex. Got {LEGACY[dtypes.from_numpy(x.dtype)]} instead."
        )
    try:
        difference = np.asarray(x - y)
    except ValueError:
        raise cannot_broadcast(x.shape, y.shape) from None
    return vector_norm_kernel(difference, float(p), None, False)


dist = general(
    "dist(self, other, p=2)",
    dist_kernel,
    wrt="self other",
    vjp=dist_vjp,
    jvp=dist_jvp,
)


# torch clamps what it divides by where the graph does not see it, and forward mode does
raised = general(
    "raised(self, least)",
    np.maximum,
    self=lambda g: g,
    jvp=lambda self, self_t, least: where(self >= least, self_t, 0.0),
    public=False,
    grad_fn="CloneBackward0",
    refuses="complex",
)


def length(x, p, dim, keepdim=False):
    return linalg_vector_norm(x, float(p), dim, keepdim)


@composite(modules="nn.functional torch", method=False)
def pairwise_distance(x1, x2, p=2.0, eps=1e-06, keepdim=False):
    """|x1 - x2 + eps| along the last dimension (source: torch.nn.functional.pairwise_distance)."""
    check_tensors("pairwise_distance", x1=x1, x2=x2)
    apart = add_number(x1 - x2, eps)
    return norm_(apart, float(p), apart.ndim - 1, keepdim)


@composite(modules="nn.functional torch", method=False)
def cosine_similarity(x1, x2, dim=1, eps=1e-08):
    """x1 . x2 / (max(|x1|, eps) max(|x2|, eps)) (source: torch.nn.functional.cosine_similarity)."""
    common = promote_types(x1.dtype, x2.dtype)
    if not common.is_floating_point:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {LEGACY[common]}")
    if eps < 0:
        raise RuntimeError(f"eps must be non-negative, got: {eps}")
    x1, x2 = x1.to(common), x2.to(common)
    try:
        x1, x2 = (x1, x2) if x1.shape == x2.shape else broadcast_tensors(x1, x2)
    except RuntimeError:
        raise cannot_broadcast(x1.shape, x2.shape) from None
    a, b = (x / raised(linalg_vector_norm(x, 2, dim, True), eps) for x in (x1, x2))
    return sum(a * b, dim)


@composite(modules="nn.functional", method=False, out=True)
def normalize(input, p: Any = 2.0, dim: Any = 1, eps=1e-12):
    """input / max(|input|, eps) along dim (source: torch.nn.functional.normalize)."""
    return input / expand(clamp_min(length(input, 2.0 if p is None else p, dim, True), eps), tuple(input.shape))


def all_but(dim, ndim):
    return tuple([d for d in range(ndim) if d != dim % ndim])


def renorm_kernel(x, p, dim, maxnorm):
    n = vector_norm_kernel(x, p, all_but(dim, x.ndim), True)
    return x * np.where(n > maxnorm, maxnorm / (n + 1e-07), 1.0).astype(n.dtype)


def renorm_vjp(g, self, self_shape, self_dtype, p, dim, maxnorm):
    over = all_but(dim, len(self_shape))
    n = linalg_vector_norm(self, p, over, True)
    inverse = reciprocal(add_number(n, 1e-07))
    along = real_part(sum(conj(self) * g, over, True))
    tangential = g - inverse * vector_norm_vjp(along, self, n, self_shape, self_dtype, p, over, True)
    return where(n > maxnorm, mul_number(inverse, maxnorm) * tangential, g)


renorm_ = general("renorm(self, p, dim, maxnorm)", renorm_kernel, self=renorm_vjp, public=False)


@composite(inplace=True, out=True)
def renorm(input: Tensor, p: Number, dim: int, maxnorm: Number) -> Tensor:
    """Each slice along `dim` scaled down to norm `maxnorm` where it is longer (source: torch.renorm)."""
    if not input.dtype.is_floating_point and not input.dtype.is_complex:
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {LEGACY[input.dtype]}"
        )
    if input.ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {input.ndim} dimensions")
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    wrap_dim(dim, input.ndim)
    return renorm_(input, p, dim, maxnorm)
