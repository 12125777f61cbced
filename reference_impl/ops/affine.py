"""beta * self + alpha * product: addmm and its kin, and linear.

HOWTO. One node in torch, so one row: a formula for each of the three, scaled.
"""

from __future__ import annotations

import math
from functools import reduce

import numpy as np

from ..dtypes import LEGACY, from_numpy, number, promote_types, same
from .arithmetic import check_factor, times_number
from .form import bilinear, composite, general
from .matmul import matmul
from .products import (
    add_up,
    bmm,
    bmm_kernel,
    mH,
    mm,
    mm_kernel,
    mv,
    mv_kernel,
    outer,
    outer_kernel,
    squeezed,
    strides,
    tH,
)
from .reduce import sum
from .shape import reshape_copy, t, unsqueeze, view_
from .shaping import reshape
from .structure import broadcast, cast, conj, sum_to
from .writes import zeros_of

# -- beta * self + alpha * product, rounded once


def of_one_dtype(self, a, b):
    same("self and mat2 must have the same dtype, but got {0.legacy} and {1.legacy}", self, b)
    same("mat1 and mat2 must have the same dtype, but got {0.legacy} and {1.legacy}", a, b)


def batches_of_one_dtype(self, a, b):
    if self.dtype != a.dtype:
        names = [from_numpy(x.dtype).cpp for x in (self, a, b)]
        raise RuntimeError("Input dtypes must be the same, got: input {}, batch1: {}, batch2: {}".format(*names))
    same("expected scalar type {0.legacy} but found {1.legacy}", a, b)


def vectors_of_one_dtype(self, a, b):
    if not self.dtype == a.dtype == b.dtype:
        names = [from_numpy(x.dtype).legacy for x in (self, a, b)]
        raise RuntimeError("addmv input tensors must have the same dtype, but got {}, {}, and {}".format(*names))


def added(multiply, check=of_one_dtype):
    def kernel(self, a, b, beta, alpha):
        try:
            r = multiply(a, b)
        except RuntimeError:
            check(self, a, b)
            raise
        if alpha == 1 == beta and r.shape[-1:] == self.shape and r.dtype is self.dtype and r.dtype.char in "fd":
            r += self
            return r
        check(self, a, b)
        check_sum(self.shape, r.shape, multiply, a, b)
        r = r if alpha == 1 else r * r.dtype.type(number(alpha, r.dtype))
        if r.dtype.kind == "b":
            r = r.astype(np.bool_)
        if beta == 0:  # nan in self does not count then
            return np.array(np.broadcast_to(r, np.broadcast_shapes(r.shape, self.shape)))
        s = self if beta == 1 else self * self.dtype.type(number(beta, self.dtype))
        return (s + r).astype(r.dtype)

    return kernel


def check_sum(have, want, multiply, a, b):
    """Whether the addend expands to the product."""
    lead = len(want) - len(have)
    for d in reversed(range(len(have))):
        if lead < 0 or have[d] not in (1, want[d + lead]):
            if multiply is mv_kernel:
                raise RuntimeError(
                    f"size mismatch, got input ({have[-1]}), mat ({a.shape[0]}x{a.shape[1]}), vec ({b.shape[0]})"
                )
            if lead < 0:
                raise RuntimeError(
                    f"expand(torch.{LEGACY[from_numpy(a.dtype)]}Tensor{{{list(have)}}}, size={list(want)}): the number of "
                    f"sizes provided ({len(want)}) must be greater or equal to the number of dimensions in the tensor "
                    f"({len(have)})"
                )
            raise RuntimeError(
                f"The expanded size of the tensor ({want[d + lead]}) must match the existing size ({have[d]}) at "
                f"non-singleton dimension {d + lead}.  Target sizes: {list(want)}.  Tensor sizes: {list(have)}"
            )


def scaled(x, factor):
    return x if factor == 1 else x * factor


SIZES_OF_FACTORS = {
    "mat1_sym_sizes": lambda mat1: mat1.shape,
    "mat1_sym_strides": lambda mat1, mat2: strides(mat1, mat2),
    "mat2_sym_sizes": lambda mat2: mat2.shape,
    "mat2_sym_strides": lambda mat2, mat1: strides(mat2, mat1),
}
addmm = general(
    "addmm(self, mat1, mat2, *, beta=1, alpha=1)",
    added(mm_kernel),
    self=lambda g, self_shape, beta: sum_to(times_number(g, beta), self_shape),
    mat1=lambda g, mat2, alpha: times_number(mm(g, tH(mat2)), alpha),
    mat2=lambda g, mat1, alpha: times_number(mm(tH(mat1), g), alpha),
    jvp=lambda mat1, mat2, beta, alpha, result, self_t, mat1_t, mat2_t: product_rule(
        mm, mat1, mat2, beta, alpha, result, self_t, mat1_t, mat2_t
    ),
    shows=SIZES_OF_FACTORS,
    inplace=True,
    former=True,
    refuses="bool filled",
)
addmv = general(
    "addmv(self, mat, vec, *, beta=1, alpha=1)",
    added(mv_kernel, vectors_of_one_dtype),
    self=lambda g, self_shape, beta: sum_to(times_number(g, beta), self_shape),
    mat=lambda g, vec, alpha: times_number(outer(g, conj(vec)), alpha),
    vec=lambda g, mat, alpha: times_number(mv(tH(mat), g), alpha),
    jvp=lambda mat, vec, beta, alpha, result, self_t, mat_t, vec_t: product_rule(
        mv, mat, vec, beta, alpha, result, self_t, mat_t, vec_t
    ),
    inplace=True,
    former=True,
    refuses="bool",
)


def addr_kernel(self, a, b, beta, alpha):
    """Unlike the others, this one promotes, 0-dim tensors as any, and scales the first vector, not the product."""
    check_factor("beta", beta, self, a, b)
    check_factor("alpha", alpha, self, a, b)
    d = reduce(promote_types, [from_numpy(x.dtype) for x in (self, a, b)]).np
    a = a.astype(d)
    return added(outer_kernel)(self.astype(d), a * d.type(number(alpha, d)), b.astype(d), beta, 1)


addr = general(
    "addr(self, vec1, vec2, *, beta=1, alpha=1)",
    addr_kernel,
    self=lambda g, self_shape, self_dtype, beta: sum_to(cast(times_number(g, beta), self_dtype), self_shape),
    vec1=lambda g, vec2, vec1_dtype, alpha: cast(times_number(mv(g, conj(vec2)), alpha), vec1_dtype),
    vec2=lambda g, vec1, vec2_dtype, alpha: cast(times_number(mv(t(g), conj(vec1)), alpha), vec2_dtype),
    jvp=lambda vec1, vec2, beta, alpha, result, self_t, vec1_t, vec2_t: product_rule(
        outer, vec1, vec2, beta, alpha, result, self_t, vec1_t, vec2_t
    ),
    half_ready=True,  # torch rounds at every step here
    inplace=True,
    former=True,
)
baddbmm = general(
    "baddbmm(self, batch1, batch2, *, beta=1, alpha=1)",
    added(bmm_kernel, batches_of_one_dtype),
    self=lambda g, self_shape, beta: sum_to(times_number(g, beta), self_shape),
    batch1=lambda g, batch2, alpha: times_number(bmm(g, mH(batch2)), alpha),
    batch2=lambda g, batch1, alpha: times_number(bmm(mH(batch1), g), alpha),
    jvp=lambda batch1, batch2, beta, alpha, result, self_t, batch1_t, batch2_t: product_rule(
        bmm, batch1, batch2, beta, alpha, result, self_t, batch1_t, batch2_t
    ),
    inplace=True,
    former=True,
    refuses="bool",
)


def summed_products(x, y):
    return np.add.reduce(bmm_kernel(x, y), 0, dtype=x.dtype)


def for_each(g, batch):
    """The one cotangent of a sum of products, for each of these."""
    return broadcast(unsqueeze(g, 0), (batch.shape[0], *g.shape))


addbmm = general(
    "addbmm(self, batch1, batch2, *, beta=1, alpha=1)",
    added(summed_products),
    self=lambda g, self_shape, beta: sum_to(times_number(g, beta), self_shape),
    batch1=lambda g, batch2, alpha: times_number(bmm(for_each(g, batch2), mH(batch2)), alpha),
    batch2=lambda g, batch1, alpha: times_number(bmm(mH(batch1), for_each(g, batch1)), alpha),
    jvp=lambda batch1, batch2, beta, alpha, result, self_t, batch1_t, batch2_t: product_rule(
        sum_of_bmm, batch1, batch2, beta, alpha, result, self_t, batch1_t, batch2_t
    ),
    keeps="batch1_shape batch2_shape",
    shows={
        "batch1_sym_argsize_0": lambda batch1_shape: batch1_shape[0],
        "batch1_sym_argsize_1": lambda batch1_shape: batch1_shape[1],
        "batch2_sym_argsize_2": lambda batch2_shape: batch2_shape[2],
    },
    inplace=True,
    former=True,
    refuses="bool",
)


def sum_of_bmm(x, y):
    return sum(bmm(x, y), 0)


def product_rule(multiply, a, b, beta, alpha, result, self_t, a_t, b_t):
    terms = [
        None if self_t is None else scaled(self_t, beta),
        None if a_t is None else scaled(multiply(a_t, b), alpha),
        None if b_t is None else scaled(multiply(a, b_t), alpha),
    ]
    total = add_up(terms)
    return total if total.shape == result.shape else total + zeros_of(result, result.shape)


# -- linear: the products of a matrix that is a weight's transpose. Their gradient is computed the other way round, so
# that it comes back through that transpose in the weight's own layout

mm_turned = bilinear(
    "mm(self, mat2)",
    mm.kernel,
    self=lambda g, mat2: mm(g, tH(mat2)),
    mat2=lambda g, self: t(mm(t(g), conj(self))),
    shows=mm.shows,
    public=False,
    refuses="bool filled",
)
addmm_turned = general(
    "addmm(self, mat1, mat2, *, beta=1, alpha=1)",
    addmm.kernel,
    self=lambda g, self_shape, beta: sum_to(g, self_shape),  # beta and alpha are 1 here, and only kept to be looked at
    mat1=lambda g, mat2, alpha: mm(g, tH(mat2)),
    mat2=lambda g, mat1: t(mm(t(g), conj(mat1))),
    jvp=addmm.jvp,
    shows=addmm.shows,
    public=False,
    refuses="bool filled",
)


@composite("linear", modules="nn.functional", method=False, out=True)
def linear_(input, weight, bias=None):
    """input @ weight.T + bias (source: torch.nn.functional.linear)."""
    if input.ndim == 2 == weight.ndim and bias is not None:
        return addmm_turned.function(bias, input, t.function(weight))
    shape = input.shape
    if not shape or not weight.ndim:
        raise RuntimeError(
            f"both arguments to linear need to be at least 1D, but they are {len(shape)}D and {weight.ndim}D"
        )
    if weight.ndim != 2:
        if weight.ndim == 1 and bias is not None and (bias.ndim or len(shape) == 2):
            raise RuntimeError("mat2 must be a matrix, got 1-D tensor")
        product = matmul(input, t(weight))
        return product if bias is None else product + bias
    if shape[-1] != weight.shape[1]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({math.prod(shape[:-1])}x{shape[-1]} and "
            f"{weight.shape[1]}x{weight.shape[0]})"
        )
    if len(shape) == 1 and bias is None:
        return squeezed(mm_turned(unsqueeze(input, 0), t(weight)), 0)
    if len(shape) == 2:
        return mm_turned(input, t(weight)) if bias is None else addmm_turned(bias, input, t(weight))
    rows, size = (math.prod(shape[:-1]), shape[-1]), (*shape[:-1], weight.shape[0])
    together = input.is_contiguous()
    flat = view_(input, rows) if together else reshape(input, rows)
    if together and bias is not None:
        return view_(addmm_turned(bias, flat, t(weight)), size)
    out = reshape_copy(mm_turned(flat, t(weight)), size)
    return out if bias is None else out + bias
