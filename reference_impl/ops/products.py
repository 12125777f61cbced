"""Products of matrices and vectors.

HOWTO. `bilinear`: one adjoint for each factor; the tangent follows from the product rule. Sums with a product
(addmm) are in affine.py, what torch makes of these in contraction.py.
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes
from ..compiler.runtime import cannot_broadcast
from .form import bilinear, composite, general, view
from .shape import reshape_copy, squeeze, t, transpose, unsqueeze
from .structure import conj, sum_to

MISMATCH = "expected m1 and m2 to have the same dtype, but got: {0.cpp} != {1.cpp}"


def product(x, y):
    if x.dtype is not y.dtype:
        dtypes.same(MISMATCH, x, y)
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
    dtypes.same("addmv input tensors must have the same dtype, but got {1.legacy}, {0.legacy}, and {1.legacy}", x, y)
    if x.shape[1] != y.shape[0]:
        raise RuntimeError(
            f"size mismatch, got input ({x.shape[0]}), mat ({x.shape[0]}x{x.shape[1]}), vec ({y.shape[0]})"
        )
    return x.dot(y)


def check_vectors(x, y):
    if x.ndim != 1 or y.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {x.ndim}D and {y.ndim}D tensors")
    dtypes.same("dot : expected both vectors to have same dtype, but found {0.legacy} and {1.legacy}", x, y)
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
    dtypes.same(MISMATCH, x, y)
    if x.shape[0] != y.shape[0] or x.shape[2] != y.shape[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{x.shape[0]}, {x.shape[2]}] but got: "
            f"[{y.shape[0]}, {y.shape[1]}]."
        )
    return np.matmul(x, y)


def batched_kernel(x, y):
    dtypes.same("expected scalar type {0.legacy} but found {1.legacy}", x, y)
    if x.shape[-1] != y.shape[-2] and x.ndim <= 3 and y.ndim == 2:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({math.prod(x.shape[:-1])}x{x.shape[-1]} and "
            f"{y.shape[0]}x{y.shape[1]})"
        )
    if x.shape[-1] != y.shape[-2]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: "
            f"[{math.prod(x.shape[:-2])}, {x.shape[-1]}] but got: [{math.prod(y.shape[:-2])}, {y.shape[-2]}]."
        )
    try:
        return np.matmul(x, y)
    except ValueError:
        raise cannot_broadcast(x.shape[:-2], y.shape[:-2]) from None


def mH(x):
    return conj(transpose(x, -2, -1))


def tH(x):
    return conj(t(x))


mm = bilinear(
    "mm(self, mat2)",
    mm_kernel,
    self=lambda g, mat2: mm(g, tH(mat2)),
    mat2=lambda g, self: mm(tH(self), g),
    refuses="bool",
)
mv = bilinear(
    "mv(self, vec)",
    mv_kernel,
    self=lambda g, vec: outer(g, conj(vec)),
    vec=lambda g, self: mv(tH(self), g),
    refuses="bool",
)
dot = bilinear(
    "dot(self, tensor)",
    dot_kernel,
    self=lambda g, tensor: g * conj(tensor),
    tensor=lambda g, self: g * conj(self),
    refuses="bool",
)
vdot = general(
    "vdot(self, other)",
    vdot_kernel,
    self=lambda g, other: conj(g) * other,
    other=lambda g, self: g * self,
    jvp=lambda self, other, self_t, other_t: (
        vdot(self, other_t) if self_t is None else vdot(self_t, other) + (0 if other_t is None else vdot(self, other_t))
    ),
    refuses="bool",
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
    "bmm(self, mat2)",
    bmm_kernel,
    self=lambda g, mat2: bmm(g, mH(mat2)),
    mat2=lambda g, self: bmm(mH(self), g),
    refuses="bool",
)
batched = bilinear(
    "matmul_batched(self, other)",
    batched_kernel,
    self=lambda g, other, self_shape: sum_to(batched(g, mH(other)), self_shape),
    other=lambda g, self, other_shape: sum_to(batched(mH(self), g), other_shape),
    public=False,
    grad_fn="UnsafeViewBackward0",
    refuses="bool",
)


# torch squeezes this product in place
squeezed = view(
    "squeeze(self, dim)",
    squeeze.kernel,
    self=squeeze.formulas["self"],
    public=False,
    grad_fn="SqueezeBackward4",
)


def add_up(terms):
    """The sum of the tangents that there are."""
    first, *others = [t for t in terms if t is not None]
    for other in others:
        first = first + other
    return first


@composite(dunder="__matmul__", out=True)
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
        if self.shape[0] != other.shape[0]:
            raise RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied (1x{self.shape[0]} and {other.shape[0]}x{other.shape[1]})"
            )
        return squeezed(mm(unsqueeze(self, 0), other), 0)
    if a == 1:
        return squeeze(batched(unsqueeze(self, 0), other), -2)
    if b == 1:
        rows = reshape_copy(self, (math.prod(self.shape[:-1]), self.shape[-1]))
        return reshape_copy(mv(rows, other), tuple(self.shape[:-1]))
    return batched(self, other)


@composite(modules="", dunder="__rmatmul__")
def reflected_matmul(self, other):
    return matmul(other, self)
