"""Products of matrices and vectors.

HOWTO. `bilinear`: one adjoint for each factor; the tangent follows from the product rule. Sums with a product
(addmm) are in affine.py, what torch makes of these in contraction.py.
"""

from __future__ import annotations

import numpy as np

from .. import dtypes
from ..tensor import wrap
from .form import SIZES, bilinear, general, view
from .shape import squeeze, t, transpose
from .structure import conj, sum_to


def mm_kernel(x, y):
    if x.ndim == 2 == y.ndim and x.dtype is y.dtype:
        try:
            return x.dot(y)
        except ValueError:  # sizes
            pass
    check_matrices(x, y)
    return np.matmul(x, y)


def check_matrices(x, y):
    if x.ndim != 2:
        raise RuntimeError("self must be a matrix")
    if y.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    dtypes.same("expected m1 and m2 to have the same dtype, but got: {0.cpp} != {1.cpp}", x, y)
    if x.shape[1] != y.shape[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]})"
        )


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
    dtypes.same("expected scalar type {0.legacy} but found {1.legacy}", x, y)
    if x.shape[0] != y.shape[0] or x.shape[2] != y.shape[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{x.shape[0]}, {x.shape[2]}] but got: "
            f"[{y.shape[0]}, {y.shape[1]}]."
        )
    return np.matmul(x, y)


def mH(x):
    return conj(transpose(x, -2, -1))


def tH(x):
    return conj(t(x))


# -- what torch's nodes keep of the sizes and strides of their factors: told from those that were saved


def strides(x, other):
    """Those of a factor whose gradient is wanted: then the other one was saved."""
    return () if other is None else wrap(x).stride()


SIZES_OF_FACTORS = {
    "self_sym_sizes": lambda self: self.shape,
    "self_sym_strides": lambda self, mat2: strides(self, mat2),
    "mat2_sym_sizes": lambda mat2: mat2.shape,
    "mat2_sym_strides": lambda mat2, self: strides(mat2, self),
}


mm = bilinear(
    "mm(self, mat2)",
    mm_kernel,
    self=lambda g, mat2: mm(g, tH(mat2)),
    mat2=lambda g, self: mm(tH(self), g),
    shows=SIZES_OF_FACTORS,
    refuses="bool filled",
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
    public=False,
)
bmm = bilinear(
    "bmm(self, mat2)",
    bmm_kernel,
    self=lambda g, mat2: bmm(g, mH(mat2)),
    mat2=lambda g, self: bmm(mH(self), g),
    refuses="bool filled",
)
batched = bilinear(
    "matmul_batched(self, other)",
    np.matmul,
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
    keeps="dim",
    saved_as=SIZES,
    public=False,
    grad_fn="SqueezeBackward4",
)


def add_up(terms):
    """The sum of the tangents that there are."""
    first, *others = [t for t in terms if t is not None]
    for other in others:
        first = first + other
    return first


def matmul(x, y):
    """The product of matrices, or of batches of them, in a formula; matmul.py has what users call."""
    return mm(x, y) if x.ndim == 2 == y.ndim else batched(x, y)
