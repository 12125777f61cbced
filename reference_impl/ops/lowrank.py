"""Decompositions of low rank from products with random vectors (Halko, Martinsson, Tropp, 2009, algorithms 4.4 and 5.1)."""

from __future__ import annotations

from ..dtypes import FLOAT
from ..factories import MADE, zeros_like
from ..placement import strided
from ..tensor import Tensor
from .decomposition import linalg_svd
from .factorisation import qr_rows
from .form import composite
from .joining import stack
from .matmul import matmul
from .reduce import mean


def basis(A: Tensor, M: Tensor | None, q: int, niter: int) -> Tensor:
    """q orthonormal columns that nearly span what A - M maps to: power iterations from random vectors."""
    Q = MADE["randn"](A.shape[-1], q, dtype=A.dtype if A.dtype.category >= FLOAT else None)
    Q = qr_rows(product(A, M, Q), "reduced")[0]
    for _ in range(niter):
        Q = qr_rows(product(A.mH, None if M is None else M.mH, Q), "reduced")[0]
        Q = qr_rows(product(A, M, Q), "reduced")[0]
    return Q


def product(A: Tensor, M: Tensor | None, X: Tensor) -> Tensor:
    """(A - M) X; A may be sparse."""
    return matmul(A, X) if M is None else matmul(A, X) - matmul(M, X)


@composite(method=False)
def svd_lowrank(A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None) -> tuple[Tensor, ...]:
    """(U, S, V) with A - M = U diag(S) V', nearly, of rank q (source: torch.svd_lowrank). A: (*, m, n)."""
    M = None if M is None else M.broadcast_to(A.shape)
    wide = A.shape[-2] < A.shape[-1]
    if wide:
        A, M = A.mH, None if M is None else M.mH
    Q = basis(A, M, 6 if q is None else q, 2 if niter is None else niter)
    B = matmul(Q.mH, A)
    U, S, Vh = linalg_svd(B if M is None else B - matmul(Q.mH, M), False)
    U, V = matmul(Q, U), Vh.mH
    return (V, S, U) if wide else (U, S, V)


@composite(method=False)
def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> tuple[Tensor, ...]:
    """svd_lowrank of A, less the mean of its rows (source: torch.pca_lowrank). A: (*, m, n)."""
    smaller = min(A.shape[-2:])
    if q is None:
        q = min(6, smaller)
    elif not 0 <= q <= smaller:
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={smaller}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    if center and A.layout is not strided:
        return svd_lowrank(A, q, niter, means_of_sparse(A))
    return svd_lowrank(A - mean(A, (-2,), True) if center else A, q, niter)


def means_of_sparse(A: Tensor) -> Tensor:
    """The mean of the rows of A, in each row; strided."""
    from ..sparse import mm, sum
    from ..sparse.making import sparse_coo_tensor

    m, n = A.shape
    means = sum(A, (-2,)) / m
    column = stack([means.indices()[0], zeros_like(means.indices()[0])])
    return mm(sparse_coo_tensor(column, means.values(), (n, 1)), MADE["ones"](1, m, dtype=A.dtype)).mT
