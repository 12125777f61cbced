"""Kernels (kernels.py) of products of matrices one of which is sparse."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..placement import sparse_csc, sparse_csr
from ..tensor import Tensor, wrap
from .kernels import add, at, kernel, no_kernel
from .shapes import t, transpose
from .tensor import SparseTensor, dense, in_layout, kind_of, made


@kernel("mm")
def mm(a: Tensor, b: Tensor) -> Tensor:
    if not isinstance(a, SparseTensor):
        return mm(t(b), a.t()).t().contiguous()  # type: ignore[arg-type]
    if a.dense_dim():
        raise RuntimeError(f"addmm: matrices expected, got {a.sparse_dim()}D tensor")
    if b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise RuntimeError(f"addmm: Argument #3 (dense): Expected dim 0 size {a.shape[1]}, got {b.shape[0]}")
    if isinstance(b, SparseTensor):
        return both_sparse(a, b)
    check_dtypes(a, b)
    a = in_layout(a, sparse_csr) if a.layout is sparse_csc else a
    rows, columns = a._indices_array
    terms = a._values_tensor[:, None] * b[wrap(columns)]
    return b.new_zeros(a.shape[0], b.shape[1]).index_add_(0, wrap(rows), terms)


def check_dtypes(a: SparseTensor, b: Tensor) -> None:
    if a.dtype is not b.dtype:
        raise RuntimeError(f"expected scalar type {a.dtype.legacy} but found {b.dtype.legacy}")


def both_sparse(a: SparseTensor, b: SparseTensor) -> Tensor:
    """The product has an element wherever a row and a column have places in common."""
    if a.dtype is not b.dtype:
        raise RuntimeError(f"mat1 dtype {a.dtype.legacy} does not match mat2 dtype {b.dtype.legacy}")
    product = mm(a, wrap(dense(b)))
    specified = [np.zeros(x._size, np.int64) for x in (a, b)]
    for mask, x in zip(specified, (a, b), strict=True):
        mask[tuple(x._indices_array)] = 1
    places = np.stack(np.nonzero(specified[0] @ specified[1]))
    return in_layout(made(places, at(product, places), product.shape, True), a.layout)


@kernel("mv")
def mv(a: Tensor, b: Tensor) -> Tensor:
    if a.ndim != 2 or b.ndim != 1 or a.shape[1] != b.shape[0]:
        raise RuntimeError("mv: expected self.size(-1) == vec.size(-1)")
    return mm(a, b.unsqueeze(1)).squeeze(1)


@kernel("bmm")
def bmm(a: Tensor, b: Tensor) -> Tensor:
    if not isinstance(a, SparseTensor):
        return bmm(transpose(b, 1, 2), a.transpose(1, 2)).transpose(1, 2).contiguous()  # type: ignore[arg-type]
    if isinstance(b, SparseTensor):
        raise no_kernel("bmm", b)
    check_dtypes(a, b)
    batch, rows, columns = a._indices_array
    n, m = a.shape[:2]
    terms = a._values_tensor[:, None] * b[wrap(batch), wrap(columns)]
    return b.new_zeros(n * m, b.shape[2]).index_add_(0, wrap(batch * m + rows), terms).reshape(n, m, b.shape[2])


@kernel("addmm")
def addmm(x: Tensor, a: Tensor, b: Tensor, beta: Any = 1, alpha: Any = 1) -> Tensor:
    if not isinstance(x, SparseTensor) and isinstance(a, SparseTensor) and isinstance(b, SparseTensor) and a.is_sparse:
        raise RuntimeError(
            "addmm_sparse_dense: expected either 'mat1' to have sparse layout and 'mat2' to have strided layout, got 'mat1' with "
            f"layout {kind_of(a)} and 'mat2' with layout {kind_of(b)}"
        )
    product = mm(a, b)
    product = product if alpha == 1 else product * alpha
    if isinstance(x, SparseTensor) or isinstance(product, SparseTensor):
        return add(x if beta == 1 else x * beta, product)
    return (x if beta == 1 else x * beta) + product
