"""Linear algebra that reports in `info` what failed, where its namesake without _ex raises; and lu_factor, which checks.

HOWTO. info is, for each matrix, 0 or the number of the first pivot, or leading minor, that failed. The result of a matrix
that failed is what LAPACK had got to, or what substitution makes of a pivot of 0; so is its derivative.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import LinAlgError
from ..tensor import Tensor, wrap
from . import factorisation, linalg, lu, matrices
from .form import composite
from .matrices import several
from .solving import (
    column_by_column,
    eliminated,
    first_failure,
    found_by,
    solve_matrix_ex,
    solve_vector_ex,
    zero_pivots,
)

SINGULAR_INVERSE = (
    "{who}: {at}The diagonal element {k} is zero, the inversion could not be completed because the input matrix is "
    "singular."
)
SINGULAR = "torch.{who}: {at}The solver failed because the input matrix is singular."
ZERO_PIVOT = (
    "torch.{who}: {at}U[{k},{k}] is zero and using it on lu_solve would result in a division by zero. If you still want to "
    "perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
)


def inverse_kernel(A):
    found = found_by(np.linalg.inv, A)
    identity = np.broadcast_to(np.eye(A.shape[-1], dtype=A.dtype), A.shape)
    return column_by_column(eliminated(A, identity) if found is None else found)


def cholesky_kernel(A, upper):
    """The factors as far as LAPACK gets."""
    from scipy.linalg import lapack

    potrf = lapack.get_lapack_funcs(("potrf",), (A,))[0]
    A = A.swapaxes(-2, -1).conj() if upper else A
    L = np.empty(A.shape, A.dtype)
    for at in np.ndindex(A.shape[:-2]):
        L[at] = np.tril(potrf(A[at], lower=1)[0])
    return L.swapaxes(-2, -1).conj() if upper else column_by_column(L)


inverse_ex = replace(linalg.inverse, kernel=inverse_kernel, public=False)
cholesky_row_ex = replace(factorisation.linalg_cholesky, kernel=cholesky_kernel, public=False)


def check(info: np.ndarray, wanted: bool, who: str, text: str, error: type[Exception] = LinAlgError) -> None:
    if wanted and info.any():
        at, k = first_failure(info)
        raise error(text.format(who=who, at=at, k=k))


@composite("linalg_inv_ex", modules="linalg", out=True)
def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """The inverse, and which pivot is 0 (source: torch.linalg.inv_ex)."""
    info = zero_pivots(A._array, "linalg.inv")
    check(info, check_errors, "linalg.inv_ex", SINGULAR_INVERSE)
    return several("linalg_inv_ex", "inverse info", inverse_ex(A), wrap(info[()]))


@composite("linalg_solve_ex", modules="linalg", out=True)
def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """The solution, and which pivot is 0 (source: torch.linalg.solve_ex)."""
    info = zero_pivots(A._array, "linalg.solve")
    check(info, check_errors, "linalg.solve_ex", SINGULAR)
    result = matrices.solution(A, B, left, solve_matrix_ex, solve_vector_ex)
    return several("linalg_solve_ex", "result info", result, wrap(info[()]))


@composite("linalg_cholesky_ex", modules="linalg", out=True)
def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """The factor, and which leading minor is not positive (source: torch.linalg.cholesky_ex)."""
    info = factorisation.leading_minors(A._array)
    check(info, check_errors, "linalg.cholesky_ex", factorisation.NOT_DEFINITE)
    return several("linalg_cholesky_ex", "L info", cholesky_row_ex(A, upper=upper), wrap(info[()]))


@composite("linalg_lu_factor_ex", modules="linalg", out=True)
def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """The packed factors, and which pivot is 0 (source: torch.linalg.lu_factor_ex)."""
    LU, pivots = lu.lu_factor(A, pivot=pivot)
    diagonal = np.diagonal(LU._array, axis1=-2, axis2=-1) == 0
    info = np.where(diagonal.any(-1), diagonal.argmax(-1) + 1, 0) if diagonal.shape[-1] else np.zeros(A.shape[:-2])
    info = np.asarray(info, np.int32)
    check(info, check_errors, "linalg.lu_factor_ex", ZERO_PIVOT, RuntimeError)
    return several("linalg_lu_factor_ex", "LU pivots info", LU, pivots, wrap(info[()]))


@composite("linalg_lu_factor", modules="linalg", out=True)
def lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """The packed factors of A = P L U and the row exchanges (source: torch.linalg.lu_factor)."""
    LU, pivots, info = lu_factor_ex(A, pivot=pivot)
    check(np.asarray(info._array), True, "linalg.lu_factor", ZERO_PIVOT, RuntimeError)
    return several("linalg_lu_factor", "LU pivots", LU, pivots)
