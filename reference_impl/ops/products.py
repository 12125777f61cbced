"""Products of matrices.

HOWTO. `bilinear`: one adjoint for each factor; the tangent follows from the product rule. torch builds `matmul` from mm,
mv, dot, bmm and names the nodes after them; the Python function at the bottom does the same.
"""

from __future__ import annotations

import numpy as np

from .form import bilinear, composite, general
from .shape import reshape_copy, squeeze, t, transpose, unsqueeze
from .structure import conj, sum_to


def product(x, y):
    if x.dtype is not y.dtype and x.dtype != y.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {NAMES[x.dtype.name]} != {NAMES[y.dtype.name]}"
        )
    if x.ndim == 2 == y.ndim:
        if x.shape[1] != y.shape[0]:
            raise RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]})"
            )
        return x.dot(y)
    return np.matmul(x, y)


NAMES = {
    "float32": "float",
    "float64": "double",
    "float16": "c10::Half",
    "int64": "long",
    "int32": "int",
    "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>",
    "bool": "bool",
}


def mH(x):
    return conj(transpose(x, -2, -1))


mm = bilinear("mm(self, mat2)", product, self=lambda g, mat2: mm(g, mH(mat2)), mat2=lambda g, self: mm(mH(self), g))
mv = bilinear("mv(self, vec)", product, self=lambda g, vec: outer(g, conj(vec)), vec=lambda g, self: mv(mH(self), g))
dot = bilinear(
    "dot(self, tensor)", np.dot, self=lambda g, tensor: g * conj(tensor), tensor=lambda g, self: g * conj(self)
)
outer = bilinear(
    "outer(self, vec2)",
    lambda x, y: x[:, None] * y,
    self=lambda g, vec2: mv(g, conj(vec2)),
    vec2=lambda g, self: mv(transpose(g, 0, 1), conj(self)),
    grad_fn="MulBackward0",
)
bmm = bilinear(
    "bmm(self, mat2)", np.matmul, self=lambda g, mat2: bmm(g, mH(mat2)), mat2=lambda g, self: bmm(mH(self), g)
)
batched = bilinear(
    "batched(self, other)",
    np.matmul,
    public=False,
    grad_fn="UnsafeViewBackward0",
    self=lambda g, other, self_shape: sum_to(batched(g, mH(other)), self_shape),
    other=lambda g, self, other_shape: sum_to(batched(mH(self), g), other_shape),
)


# -- linear: one node, so that the weight's gradient comes in the weight's own layout


def affine(x, weight, bias):
    y = x.dot(weight.T) if x.ndim < 3 else x @ weight.T
    return y if bias is None else y + bias


def affine_vjp(g, input, weight, needs_input, needs_weight, needs_bias):
    flat_g = rows(g)
    return (
        matmul(g, weight) if needs_input else None,
        mm(transpose(flat_g, 0, 1), rows(input)) if needs_weight else None,
        sum_to(flat_g, weight.shape[:1]) if needs_bias else None,
    )


def affine_jvp(input, weight, input_t, weight_t, bias_t):
    terms = [
        None if input_t is None else matmul(input_t, t(weight)),
        None if weight_t is None else matmul(input, t(weight_t)),
        bias_t,
    ]
    first, *others = [term for term in terms if term is not None]
    for other in others:
        first = first + other
    return first


def rows(x):
    return x if x.ndim == 2 else reshape_copy(x, (-1, x.shape[-1]))


linear_ = general(
    "linear(input, weight, bias=None)",
    affine,
    vjp=affine_vjp,
    wrt="input weight bias",
    jvp=affine_jvp,
    grad_fn="AddmmBackward0",
    method=False,
    modules="nn.functional",
)


@composite(dunder="__matmul__")
def matmul(self, other):
    """The product of matrices, vectors or batches (source: torch.matmul)."""
    a, b = self.ndim, other.ndim
    if a == 2 == b:
        return mm(self, other)
    if a == 1 == b:
        return dot(self, other)
    if a == 2 and b == 1:
        return mv(self, other)
    if a == 1:
        return squeeze(matmul(unsqueeze(self, 0), other), -2)
    if b == 1:
        return squeeze(batched(self, unsqueeze(other, -1)), -1)
    return batched(self, other)


@composite(modules="", dunder="__rmatmul__")
def reflected_matmul(self, other):
    return matmul(other, self)
