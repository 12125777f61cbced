"""Linear algebra that reports in `info` what failed, where its namesake without _ex raises; and lu_factor, which checks.

info is, for each matrix, 0 or the number of the first pivot, or leading minor, that failed. The result of a matrix that failed
is nan: torch's is whatever LAPACK had got to.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

import numpy as np

from ..errors import LinAlgError
from ..tensor import Tensor, wrap
from . import factorisation, linalg, lu, matrices
from .form import composite
from .matrices import several
from .solving import first_failure, zero_pivots
from .structure import where

SINGULAR_INVERSE = (
    "{who}: {at}The diagonal element {k} is zero, the inversion could not be completed because the input matrix is "
    "singular."
)
SINGULAR = "torch.{who}: {at}The solver failed because the input matrix is singular."
ZERO_PIVOT = (
    "torch.{who}: {at}U[{k},{k}] is zero and using it on lu_solve would result in a division by zero. If you still want to "
    "perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
)


def sparing(f: Callable[[Tensor], Tensor], A: Tensor, info: np.ndarray, rank: int = 2) -> Tensor:
    """f of the matrices, whose results have `rank` dimensions; nan for those that failed."""
    bad = info > 0
    if not bad.any():
        return f(A)
    whole = where(wrap(bad[..., None, None]), wrap(np.eye(A.shape[-1], dtype=A.dtype.np)), A)
    return where(wrap(bad[(..., *(None,) * rank)]), nan, f(whole))


def check(info: np.ndarray, wanted: bool, who: str, text: str, error: type[Exception] = LinAlgError) -> None:
    if wanted and info.any():
        at, k = first_failure(info)
        raise error(text.format(who=who, at=at, k=k))


@composite("linalg_inv_ex", modules="linalg", out=True)
def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """The inverse, and which pivot is 0 (source: torch.linalg.inv_ex)."""
    info = zero_pivots(A._array, "linalg.inv")
    check(info, check_errors, "linalg.inv_ex", SINGULAR_INVERSE)
    return several("linalg_inv_ex", "inverse info", sparing(linalg.inverse, A, info), wrap(info[()]))


@composite("linalg_solve_ex", modules="linalg", out=True)
def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """The solution, and which pivot is 0 (source: torch.linalg.solve_ex)."""
    info = zero_pivots(A._array, "linalg.solve")
    check(info, check_errors, "linalg.solve_ex", SINGULAR)
    rank = 1 if matrices.is_vector(A, B) else 2
    result = sparing(lambda whole: matrices.solve(whole, B, left=left), A, info, rank)
    return several("linalg_solve_ex", "result info", result, wrap(info[()]))


@composite("linalg_cholesky_ex", modules="linalg", out=True)
def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """The factor, and which leading minor is not positive (source: torch.linalg.cholesky_ex)."""
    info = factorisation.leading_minors(A._array)
    check(info, check_errors, "linalg.cholesky_ex", factorisation.NOT_DEFINITE)
    L = sparing(lambda whole: factorisation.linalg_cholesky(whole, upper=upper), A, info)
    return several("linalg_cholesky_ex", "L info", L, wrap(info[()]))


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
