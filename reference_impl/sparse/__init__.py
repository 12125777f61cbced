"""torch.sparse: products, sums and softmax of sparse tensors, and making them (Note [Sparse tensors] in tensor.py)."""

from __future__ import annotations

from typing import Any

from ..errors import Unsupported
from ..missing import getter
from ..ops.dims import wrap_dims
from ..tensor import Tensor
from . import methods, operators  # noqa: F401
from .invariants import check_sparse_tensor_invariants  # noqa: F401
from .making import sparse_coo_tensor  # noqa: F401
from .tensor import SparseTensor

__all__ = ["addmm", "as_sparse_gradcheck", "log_softmax", "mm", "softmax", "sum"]


def mm(mat1: Tensor, mat2: Tensor, reduce: str | None = None) -> Tensor:
    """The product of a sparse matrix with a matrix; the gradient of mat1 has mat1's own places (source: torch.sparse.mm)."""
    if reduce is not None:
        raise Unsupported(f"sparse.mm: reduce={reduce!r}")
    if isinstance(mat1, SparseTensor) and isinstance(mat2, SparseTensor):
        return operators.sparse_sparse_mm(mat1, mat2)
    from .. import zeros

    if not isinstance(mat1, SparseTensor):
        return mm(mat2.t(), mat1.t()).t() if isinstance(mat2, SparseTensor) else mat1.mm(mat2)
    return operators.sparse_addmm(zeros(mat1.shape[0], mat2.shape[1], dtype=mat1.dtype), mat1, mat2, 0, 1)


def addmm(mat: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * mat + alpha * mat1 @ mat2 with mat1 sparse (source: torch.sparse.addmm)."""
    if not isinstance(mat1, SparseTensor) and not isinstance(mat2, SparseTensor):
        return mat.addmm(mat1, mat2, beta=beta, alpha=alpha)
    return operators.sparse_addmm(mat, mat1, mat2, beta, alpha)


def sum(input: Tensor, dim: Any = None, dtype: Any = None) -> Tensor:
    """The sum of a sparse tensor, sparse as long as a sparse dimension is left (source: torch.sparse.sum)."""
    if not isinstance(input, SparseTensor):
        raise RuntimeError("coalesce expected sparse coordinate tensor layout but got Strided")
    input = input if dtype is None else input.to(dtype)
    if dim is None:
        return input.coalesce().values().sum()
    return operators.sparse_sum(input, wrap_dims(dim, input.ndim))


def softmax(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """softmax, for which what is not specified is minus infinity (source: torch.sparse.softmax)."""
    return operators.sparse_softmax(input if dtype is None else input.to(dtype), dim, False)


def log_softmax(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The logarithm of softmax (source: torch.sparse.log_softmax)."""
    return operators.sparse_softmax(input if dtype is None else input.to(dtype), dim, True)


def spsolve(input: Tensor, other: Tensor, *, left: bool = True) -> Tensor:
    """torch solves sparse systems on CUDA alone (source: torch.sparse.spsolve)."""
    raise NotImplementedError(
        "Could not run 'aten::_spsolve' with arguments from the 'SparseCsrCPU' backend: it is there on CUDA alone"
    )


def as_sparse_gradcheck(gradcheck: Any) -> Any:
    """gradcheck for functions of sparse tensors (source: torch.sparse.as_sparse_gradcheck)."""
    from .checking import as_sparse_gradcheck

    return as_sparse_gradcheck(gradcheck)


__getattr__ = getter("sparse")
