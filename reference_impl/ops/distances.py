"""The distances of all pairs of rows.

HOWTO. As in norms.py, of the differences of the rows; where two rows are equal their distance has gradient 0.
"""

from __future__ import annotations

from math import inf, prod

import numpy as np

from ..compiler.bind import bind
from ..compiler.runtime import cannot_broadcast
from ..dtypes import LEGACY
from .complex_ import abs, sgn
from .expanding import expand
from .form import composite, general
from .logic import isnan
from .norms import vector_norm_kernel, vector_norm_vjp
from .places import index_select, index_selected_back
from .reduce import sum
from .shape import transpose, unsqueeze, view_
from .structure import no_tangent, not_implemented, sum_to, where
from .writes import zeros_of


def lengths(d, p):
    """The p-norm along the last dimension; of p = 0 the number of what is not 0, nan where there is a nan."""
    if not d.shape[-1]:
        return np.zeros(d.shape[:-1], d.dtype)
    n = vector_norm_kernel(d, p, -1, False)
    return np.where(np.isnan(d).any(-1), d.dtype.type(np.nan), n) if p == 0 else n


def slopes(g, d, n, p):
    if p == 0 or not d.shape[-1]:
        return zeros_of(g, d.shape)
    if p == 1:  # sgn is 0 at nan
        return unsqueeze(g, -1) * where(isnan(d), d, sgn(d))
    if p == inf:  # what ties for the largest takes all, as often as it is there
        return unsqueeze(g, -1) * where(abs(d) == unsqueeze(n, -1), sgn(d), 0.0)
    return vector_norm_vjp(g, d, n, d.shape, d.dtype, p, -1, False)


def undifferentiated(name, *inputs):
    """The formulas of torch's operator for a gradient of distances, which it does not differentiate again."""
    return dict.fromkeys(inputs, not_implemented(name)) | {"jvp": no_tangent(name), "public": False}


def cdist_slopes(g, a, b, result, p):
    return sum(slopes(g, unsqueeze(a, -2) - unsqueeze(b, -3), result, p), -2)


cdist_backward = general(
    "_cdist_backward(grad_output, a, b, cdist, p)",
    bind(cdist_slopes, "raw"),
    **undifferentiated("_cdist_backward", "grad_output", "a", "b", "cdist"),
)
cdist_forward = general(
    "_cdist_forward(a, b, p)",
    lambda a, b, p: lengths(a[..., :, None, :] - b[..., None, :, :], p),
    a=lambda g, a, b, result, a_shape, p: sum_to(cdist_backward(g, a, b, result, p), a_shape),
    b=lambda g, a, b, result, b_shape, p: sum_to(
        cdist_backward(transpose(g, -2, -1), b, a, transpose(result, -2, -1), p), b_shape
    ),
    jvp=no_tangent("_cdist_forward"),
    public=False,
    grad_fn="CdistBackward0",
    saved_as={"a": "x1", "b": "x2"},
)


def with_square(x, left):
    """What turns the squared distance into one product: [-2 a, |a|^2, 1] . [b, 1, |b|^2]."""
    square, one = np.add.reduce(x * x, -1, keepdims=True), np.ones((*x.shape[:-1], 1), x.dtype)
    return np.concatenate([-2 * x, square, one] if left else [x, one, square], -1)


def euclidean_kernel(a, b):
    squares = with_square(a, True) @ with_square(b, False).swapaxes(-2, -1)
    return np.sqrt(np.maximum(squares, 0))


def per_distance(g, result):
    return where(result == 0, 0.0, g / result)


euclidean = general(  # torch computes it by a product of matrices, and so less exactly
    "_euclidean_dist(a, b)",
    euclidean_kernel,
    a=lambda g, a, b, result, a_shape: sum_to(
        a * sum(per_distance(g, result), -1, True) - per_distance(g, result) @ b, a_shape
    ),
    b=lambda g, a, b, result, b_shape: sum_to(
        b * unsqueeze(sum(per_distance(g, result), -2), -1) - transpose(per_distance(g, result), -2, -1) @ a, b_shape
    ),
    jvp=no_tangent("_euclidean_dist"),
    refuses="complex",
    public=False,
    saved_as={"a": "x1", "b": "x2"},
)


MODES = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist")


@composite()
def cdist(x1, x2, p: float = 2.0, compute_mode=None):
    """The p-norm of the difference of every pair of rows; its gradient is 0 at 0 (source: torch.cdist)."""
    for who, x in (("X1", x1), ("X2", x2)):
        if x.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {who} got: {x.ndim}D")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}")
    for who, x in (("X1", x1), ("X2", x2)):
        if not x.dtype.is_floating_point:
            raise RuntimeError(f"cdist only supports floating-point dtypes, {who} got: {LEGACY[x.dtype]}")
        if x.dtype.itemsize == 2:
            raise NotImplementedError(f"\"cdist\" not implemented for '{LEGACY[x.dtype]}'")
    if compute_mode not in (None, *MODES):
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if x1.dtype is not x2.dtype:
        raise RuntimeError(f"expected scalar type {x1.dtype.legacy} but found {x2.dtype.legacy}")
    try:
        batch = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    except ValueError:
        raise cannot_broadcast(x1.shape[:-2], x2.shape[:-2]) from None
    (rows, width), others = x1.shape[-2:], x2.shape[-2]
    by_mm = compute_mode == MODES[1] or (compute_mode in (None, MODES[0]) and max(rows, others) > 25)
    if p != 2 or not by_mm or 0 in (*batch, rows, others, width):
        return cdist_forward(x1, x2, float(p))
    if prod(batch) > 1:
        x1, x2 = (
            view_(expand(x, (*batch, n, width)).contiguous(), (prod(batch), n, width))
            for x, n in ((x1, rows), (x2, others))
        )
    return view_(euclidean(x1, x2), (*batch, rows, others))


def pdist_kernel(x, p):
    i, j = np.triu_indices(len(x), 1)
    return lengths(x[i] - x[j], p), i, j


def pdist_slopes(g, self, result, i, j, p):
    s = slopes(g, index_select(self, 0, i) - index_select(self, 0, j), result, p)
    return index_selected_back(s, self.shape, 0, i) - index_selected_back(s, self.shape, 0, j)


pdist_backward = general(
    "_pdist_backward(grad_output, self, pdist, i: nondiff, j: nondiff, p)",
    bind(pdist_slopes, "raw"),
    **undifferentiated("_pdist_backward", "grad_output", "self", "pdist"),
)
pdist_forward = general(
    "_pdist_forward(self, p) -> (result, i: aux, j: aux)",
    pdist_kernel,
    self=lambda g, self, result, i, j, p: pdist_backward(g, self, result, i, j, p),
    jvp=no_tangent("_pdist_forward"),
    public=False,
    grad_fn="PdistBackward0",
)


@composite(modules="torch nn.functional", method=False)
def pdist(input, p: float = 2.0):
    """The distances of all pairs of rows (source: torch.nn.functional.pdist)."""
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if not input.dtype.is_floating_point:
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    if input.dtype.itemsize == 2 and len(input) > 1:
        raise NotImplementedError(f"\"pdist\" not implemented for '{LEGACY[input.dtype]}'")
    return pdist_forward(input, float(p))
