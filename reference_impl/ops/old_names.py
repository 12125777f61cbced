"""Linear algebra under older names: torch keeps it, and warns of most.

HOWTO. A composite of what replaces it; `once` says torch's words.
"""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from ..warn import once
from . import factorisation, infos, matrices
from .contraction import multi_dot
from .form import composite

REMOVED = "torch.{old} is deprecated{now} and will be removed in a future PyTorch release.{advice}"
QR = """
The boolean parameter 'some' has been replaced with a string parameter 'mode'.
Q, R = torch.qr(A, some)
should be replaced with
Q, R = torch.linalg.qr(A, 'reduced' if some else 'complete')"""
CHOLESKY = """
L = torch.cholesky(A)
should be replaced with
L = torch.linalg.cholesky(A)
and
U = torch.cholesky(A, upper=True)
should be replaced with
U = torch.linalg.cholesky(A).mH
This transform will produce equivalent results for all valid (symmetric positive definite) inputs."""
LU_FACTOR = """
LU, pivots = torch.lu(A, compute_pivots)
should be replaced with
LU, pivots = torch.linalg.lu_factor(A, compute_pivots)
and
LU, pivots, info = torch.lu(A, compute_pivots, get_infos=True)
should be replaced with
LU, pivots, info = torch.linalg.lu_factor_ex(A, compute_pivots)"""
CHAIN = (
    " Use torch.linalg.multi_dot instead, which accepts a list of two or more tensors rather than multiple parameters."
)


def deprecated(old: str, now: str, advice: str) -> None:
    once(REMOVED.format(old=old, now=now and f" in favor of {now}", advice=advice))


@composite(out=True)
def qr(input: Tensor, some: bool = True) -> Any:
    """A = Q R (source: torch.qr)."""
    deprecated("qr", "torch.linalg.qr", QR)
    return matrices.several("qr", "Q R", *factorisation.qr_rows(input, "reduced" if some else "complete"))


@composite(out=True)
def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """A = L L' or U' U (source: torch.cholesky)."""
    deprecated("cholesky", "torch.linalg.cholesky", CHOLESKY)
    return factorisation.old_cholesky(input, upper)


@composite(out=True)
def lu(A: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    """The packed LU factors and the row exchanges (source: torch.lu)."""
    deprecated("lu", "torch.linalg.lu_factor / torch.linalg.lu_factor_ex", LU_FACTOR)
    LU, pivots, info = infos.lu_factor_ex(A, pivot=pivot)
    return matrices.several("_lu_with_info", "LU pivots info", LU, pivots, info) if get_infos else (LU, pivots)


@composite(out=True)
def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """The solution from packed LU factors (source: torch.lu_solve)."""
    return matrices.lu_solve(LU_data, LU_pivots, b)


@composite(method=False)
def chain_matmul(*matrices: Any) -> Tensor:
    """A chain of products (source: torch.chain_matmul)."""
    deprecated("chain_matmul", "", CHAIN)
    return multi_dot(matrices if len(matrices) != 1 or isinstance(matrices[0], Tensor) else matrices[0])
