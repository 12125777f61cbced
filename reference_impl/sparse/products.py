"""Products of a sparse with a strided matrix whose result is sparse, and which torch does not differentiate."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.products import mm
from ..ops.structure import no_derivative
from ..tensor import Tensor, wrap
from . import kernels, matmul
from .operators import sparse_operator
from .tensor import SparseTensor, coalesced, made


def full(t: Tensor) -> SparseTensor:
    """A strided matrix as a sparse one of all elements."""
    places = np.stack([x.reshape(-1) for x in np.indices(t.shape)])
    return made(places, t.reshape(-1), t.shape, True)


@sparse_operator(
    "sspaddmm(self, mat1, mat2, beta, alpha)",
    **dict.fromkeys(("self", "mat1", "mat2"), no_derivative("sspaddmm")),
    grad_fn="NotImplementedBackward0",
)
def sspaddmm_(self: SparseTensor, mat1: SparseTensor, mat2: Tensor, beta: Any, alpha: Any) -> Tensor:
    product, own = full(matmul.mm(mat1, mat2) * alpha), self._values_tensor * beta
    values = kernels.joined(own, product._values_tensor)
    return made(np.concatenate([self._indices_array, product._indices_array], 1), values, self._size)


def sspaddmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * input + alpha * mat1 @ mat2 of sparse input and mat1 (source: torch.sspaddmm)."""
    return sspaddmm_(input, mat1, mat2, beta, alpha)


def smm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of a sparse with a strided matrix, sparse (source: torch.smm)."""
    nothing = made(np.zeros((2, 0), np.int64), input._values_tensor.new_zeros(0), (input.shape[0], mat2.shape[1]), True)
    return sspaddmm_(nothing, input, mat2, 0, 1)


@sparse_operator(
    "hspmm(mat1, mat2)",
    **dict.fromkeys(("mat1", "mat2"), no_derivative("hspmm")),
    grad_fn="NotImplementedBackward0",
)
def hspmm(mat1: SparseTensor, mat2: Tensor) -> Tensor:
    """The same, of the rows that have elements (source: torch.hspmm)."""
    rows = np.unique(coalesced(mat1)._indices_array[0])
    product = matmul.mm(mat1, mat2)
    return made(rows[None], product[wrap(rows)], product.shape)


spmm = dsmm = mm  # their older names
saddmm = sspaddmm
