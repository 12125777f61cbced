"""Products of matrices and vectors.

HOWTO. `bilinear`: one adjoint for each factor; the tangent follows from the product rule. The `add...` forms are one
node in torch: a joint vjp of `beta * self + alpha * product`. What torch makes of these is in contraction.py.
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes
from .form import bilinear, composite, general
from .reduce import sum
from .shape import reshape_copy, squeeze, t, transpose, unsqueeze, view_, zeros_of
from .structure import conj, sum_to

NAMES = {
    "float32": "float",
    "float64": "double",
    "float16": "c10::Half",
    "bfloat16": "c10::BFloat16",
    "int64": "long",
    "int32": "int",
    "int16": "short",
    "int8": "signed char",
    "uint8": "unsigned char",
    "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>",
    "bool": "bool",
}


def same_dtype(x, y):
    if x.dtype is not y.dtype and x.dtype != y.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {NAMES[x.dtype.name]} != {NAMES[y.dtype.name]}"
        )


def product(x, y):
    same_dtype(x, y)
    if x.ndim == 2 == y.ndim:
        if x.shape[1] != y.shape[0]:
            raise RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]})"
            )
        return x.dot(y)
    return np.matmul(x, y)


def mm_kernel(x, y):
    if x.ndim != 2:
        raise RuntimeError("self must be a matrix")
    if y.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    return product(x, y)


def mv_kernel(x, y):
    if x.ndim != 2 or y.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {x.ndim}, {y.ndim}")
    same_dtype(x, y)
    if x.shape[1] != y.shape[0]:
        raise RuntimeError(
            f"size mismatch, got input ({x.shape[0]}), mat ({x.shape[0]}x{x.shape[1]}), vec ({y.shape[0]})"
        )
    return x.dot(y)


def check_vectors(x, y):
    if x.ndim != 1 or y.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {x.ndim}D and {y.ndim}D tensors")
    if x.dtype != y.dtype:
        names = (NAMES[x.dtype.name].capitalize(), NAMES[y.dtype.name].capitalize())
        raise RuntimeError(f"dot : expected both vectors to have same dtype, but found {names[0]} and {names[1]}")
    if x.shape != y.shape:
        raise RuntimeError(
            "inconsistent tensor size, expected tensor "
            f"[{x.size}] and src [{y.size}] to have the same number of elements, but got {x.size} and {y.size} "
            "elements respectively"
        )


def dot_kernel(x, y):
    check_vectors(x, y)
    return np.dot(x, y)


def vdot_kernel(x, y):
    check_vectors(x, y)
    return np.vdot(x, y)


def bmm_kernel(x, y):
    for who, m in (("batch1", x), ("batch2", y)):
        if m.ndim != 3:
            raise RuntimeError(f"{who} must be a 3D tensor")
    same_dtype(x, y)
    if x.shape[0] != y.shape[0] or x.shape[2] != y.shape[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{x.shape[0]}, {x.shape[2]}] but got: "
            f"[{y.shape[0]}, {y.shape[1]}]."
        )
    return np.matmul(x, y)


def batched_kernel(x, y):
    same_dtype(x, y)
    if x.shape[-1] != y.shape[-2]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: "
            f"[{math.prod(x.shape[:-2])}, {x.shape[-1]}] but got: [{math.prod(y.shape[:-2])}, {y.shape[-2]}]."
        )
    return np.matmul(x, y)


def mH(x):
    return conj(transpose(x, -2, -1))


mm = bilinear("mm(self, mat2)", mm_kernel, self=lambda g, mat2: mm(g, mH(mat2)), mat2=lambda g, self: mm(mH(self), g))
mv = bilinear("mv(self, vec)", mv_kernel, self=lambda g, vec: outer(g, conj(vec)), vec=lambda g, self: mv(mH(self), g))
dot = bilinear(
    "dot(self, tensor)",
    dot_kernel,
    self=lambda g, tensor: g * conj(tensor),
    tensor=lambda g, self: g * conj(self),
)
vdot = general(
    "vdot(self, other)",
    vdot_kernel,
    self=lambda g, other: conj(g) * other,
    other=lambda g, self: g * self,
    jvp=lambda self, other, self_t, other_t: (
        vdot(self, other_t) if self_t is None else vdot(self_t, other) + (0 if other_t is None else vdot(self, other_t))
    ),
)


def outer_kernel(x, y):
    if x.ndim != 1 or y.ndim != 1:
        who, rank = ("self", x.ndim) if x.ndim != 1 else ("vec2", y.ndim)
        raise RuntimeError(f"outer: Expected 1-D argument {who}, but got {rank}-D")
    if x.dtype != y.dtype:
        common = dtypes.result_type((x, y)).np
        x, y = x.astype(common), y.astype(common)
    return x[:, None] * y


outer = bilinear(
    "outer(self, vec2)",
    outer_kernel,
    self=lambda g, vec2: mv(g, conj(vec2)),
    vec2=lambda g, self: mv(transpose(g, 0, 1), conj(self)),
    grad_fn="MulBackward0",
    aliases=("ger",),
)
bmm = bilinear(
    "bmm(self, mat2)", bmm_kernel, self=lambda g, mat2: bmm(g, mH(mat2)), mat2=lambda g, self: bmm(mH(self), g)
)
batched = bilinear(
    "batched(self, other)",
    batched_kernel,
    self=lambda g, other, self_shape: sum_to(batched(g, mH(other)), self_shape),
    other=lambda g, self, other_shape: sum_to(batched(mH(self), g), other_shape),
    public=False,
    grad_fn="UnsafeViewBackward0",
)


# -- beta * self + alpha * product, rounded once


def added(multiply):
    def kernel(self, a, b, beta, alpha):
        r = multiply(a, b)
        if alpha == 1 == beta and r.shape[-1:] == self.shape and r.dtype.char in "fd" and r.dtype is self.dtype:
            r += self
            return r
        r = r if alpha == 1 else r * r.dtype.type(alpha)
        if r.dtype.kind == "b":
            r = r.astype(np.bool_)
        if beta == 0:  # nan in self does not count then
            return np.array(np.broadcast_to(r, np.broadcast_shapes(r.shape, self.shape)))
        s = self if beta == 1 else self * self.dtype.type(beta)
        if np.broadcast_shapes(s.shape, r.shape) != r.shape:
            raise RuntimeError(
                f"The expanded size of the tensor ({r.shape[-1]}) must match the existing size ({s.shape[-1]}) at "
                f"non-singleton dimension {r.ndim - 1}.  Target sizes: {list(r.shape)}.  Tensor sizes: {list(s.shape)}"
            )
        return (s + r).astype(r.dtype)

    return kernel


def scaled(x, factor):
    return x if factor == 1 else x * factor


def adjoint_scale(x, factor):
    """The adjoint of multiplying by a number, which may be complex."""
    return x if factor == 1 else x * (factor.conjugate() if isinstance(factor, complex) else factor)


def add_up(terms):
    """The sum of the tangents that there are."""
    first, *others = [t for t in terms if t is not None]
    for other in others:
        first = first + other
    return first


addmm = general(
    "addmm(self, mat1, mat2, *, beta=1, alpha=1)",
    added(mm_kernel),
    self=lambda g, self_shape, beta: adjoint_scale(sum_to(g, self_shape), beta),
    mat1=lambda g, mat2, alpha: adjoint_scale(mm(g, mH(mat2)), alpha),
    mat2=lambda g, mat1, alpha: adjoint_scale(mm(mH(mat1), g), alpha),
    jvp=lambda mat1, mat2, beta, alpha, result, self_t, mat1_t, mat2_t: product_rule(
        mm, mat1, mat2, beta, alpha, result, self_t, mat1_t, mat2_t
    ),
    inplace=True,
)
addmv = general(
    "addmv(self, mat, vec, *, beta=1, alpha=1)",
    added(mv_kernel),
    self=lambda g, self_shape, beta: adjoint_scale(sum_to(g, self_shape), beta),
    mat=lambda g, vec, alpha: adjoint_scale(outer(g, conj(vec)), alpha),
    vec=lambda g, mat, alpha: adjoint_scale(mv(mH(mat), g), alpha),
    jvp=lambda mat, vec, beta, alpha, result, self_t, mat_t, vec_t: product_rule(
        mv, mat, vec, beta, alpha, result, self_t, mat_t, vec_t
    ),
    inplace=True,
)
addr = general(
    "addr(self, vec1, vec2, *, beta=1, alpha=1)",
    added(outer_kernel),
    self=lambda g, self_shape, beta: adjoint_scale(sum_to(g, self_shape), beta),
    vec1=lambda g, vec2, alpha: adjoint_scale(mv(g, conj(vec2)), alpha),
    vec2=lambda g, vec1, alpha: adjoint_scale(mv(t(g), conj(vec1)), alpha),
    jvp=lambda vec1, vec2, beta, alpha, result, self_t, vec1_t, vec2_t: product_rule(
        outer, vec1, vec2, beta, alpha, result, self_t, vec1_t, vec2_t
    ),
    half_ready=True,  # torch rounds at every step here
    inplace=True,
)
baddbmm = general(
    "baddbmm(self, batch1, batch2, *, beta=1, alpha=1)",
    added(bmm_kernel),
    self=lambda g, self_shape, beta: adjoint_scale(sum_to(g, self_shape), beta),
    batch1=lambda g, batch2, alpha: adjoint_scale(bmm(g, mH(batch2)), alpha),
    batch2=lambda g, batch1, alpha: adjoint_scale(bmm(mH(batch1), g), alpha),
    jvp=lambda batch1, batch2, beta, alpha, result, self_t, batch1_t, batch2_t: product_rule(
        bmm, batch1, batch2, beta, alpha, result, self_t, batch1_t, batch2_t
    ),
    inplace=True,
)


def summed_products(x, y):
    return bmm_kernel(x, y).sum(0)


addbmm = general(
    "addbmm(self, batch1, batch2, *, beta=1, alpha=1)",
    added(summed_products),
    self=lambda g, self_shape, beta: adjoint_scale(sum_to(g, self_shape), beta),
    batch1=lambda g, batch2, alpha: adjoint_scale(batched(unsqueeze(g, 0), mH(batch2)), alpha),
    batch2=lambda g, batch1, alpha: adjoint_scale(batched(mH(batch1), unsqueeze(g, 0)), alpha),
    jvp=lambda batch1, batch2, beta, alpha, result, self_t, batch1_t, batch2_t: product_rule(
        sum_of_bmm, batch1, batch2, beta, alpha, result, self_t, batch1_t, batch2_t
    ),
    inplace=True,
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
    self=lambda g, mat2: mm(g, mH(mat2)),
    mat2=lambda g, self: t(mm(t(g), conj(self))),
    public=False,
)
addmm_turned = general(
    "addmm(self, mat1, mat2, *, beta=1, alpha=1)",
    addmm.kernel,
    self=addmm.formulas["self"],
    mat1=addmm.formulas["mat1"],
    mat2=lambda g, mat1: t(mm(t(g), conj(mat1))),
    jvp=addmm.jvp,
    public=False,
)


@composite("linear", modules="nn.functional")
def linear_(input, weight, bias=None):
    """input @ weight.T + bias (source: torch.nn.functional.linear)."""
    if input.ndim == 2 == weight.ndim and bias is not None:
        return addmm_turned(bias, input, t(weight))
    shape = input.shape
    if not shape or weight.ndim != 2:
        out = matmul(input, t(weight))
        return out if bias is None else out + bias
    if shape[-1] != weight.shape[1]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({math.prod(shape[:-1])}x{shape[-1]} and "
            f"{weight.shape[1]}x{weight.shape[0]})"
        )
    if len(shape) == 1 and bias is None:
        return squeeze(mm_turned(unsqueeze(input, 0), t(weight)), 0)
    flat = input if len(shape) == 2 else view_(input.contiguous(), (math.prod(shape[:-1]), shape[-1]))
    out = mm_turned(flat, t(weight)) if bias is None else addmm_turned(bias, flat, t(weight))
    if len(shape) == 2:
        return out
    return (reshape_copy if bias is None else view_)(out, (*shape[:-1], weight.shape[0]))


@composite(dunder="__matmul__")
def matmul(self, other):
    """The product of matrices, vectors or batches (source: torch.matmul)."""
    a, b = self.ndim, other.ndim
    if a == 2 == b:
        return mm(self, other)
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {a}D and {b}D")
    if a == 1 == b:
        return dot(self, other)
    if a == 2 and b == 1:
        return mv(self, other)
    if a == 1 and b == 2:
        return mv(t(other), self)
    if a == 1:
        return squeeze(batched(unsqueeze(self, 0), other), -2)
    if b == 1:
        return squeeze(batched(self, unsqueeze(other, -1)), -1)
    return batched(self, other)


@composite(modules="", dunder="__rmatmul__")
def reflected_matmul(self, other):
    return matmul(other, self)
