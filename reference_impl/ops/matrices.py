"""Linear algebra as torch spells it: functions over the rows of linalg.py, solving.py and decomposition.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autocasting import cast, wanted
from ..compiler.runtime import cannot_broadcast, result_class
from ..dtypes import FLOAT, LEGACY, int32
from ..errors import type_name
from ..graph.modes import AUTOCAST, mode
from ..tensor import Tensor, wrap
from . import (
    contraction,
    decomposition,
    determinants,
    expanding,
    factorisation,
    linalg,
    lu,
    products,
    shape,
    solving,
    substitution,
)
from .decomposition import singular_values
from .dims import wrap_dim
from .form import Row, composite
from .structure import where
from .systems import check_same_dtype


def several(op: str, names: str, *results: Tensor) -> Any:
    """Results by name, as torch.return_types has them."""
    return result_class(op, *names.split())(results)


# -- systems


def is_vector(A: Tensor, B: Tensor) -> bool:
    return B.ndim == 1 or (A.ndim - 1 == B.ndim and A.shape[:-1] == B.shape)


@composite("linalg_solve", modules="linalg", out=True)
def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """X with A X = B, or X A = B (source: torch.linalg.solve)."""
    return solution(A, B, left, solving.solve_matrix, solving.solve_vector)


def solution(A: Tensor, B: Tensor, left: bool, for_matrix: Row, for_vector: Row) -> Tensor:
    check_same_dtype(A, B, "linalg.solve")
    if is_vector(A, B):
        if not left and (n := A.shape[-1]) != 1:
            raise RuntimeError(
                f"linalg.solve: Incompatible shapes of A and B for the equation XA = B ({n}x{n} and {B.shape[-1]}x1)"
            )
        return for_vector(A, B)
    if not left:
        if A.shape[-2] == A.shape[-1] != B.shape[-1]:
            raise RuntimeError(
                f"linalg.solve: Incompatible shapes of A and B for the equation XA = B ({A.shape[-2]}x{A.shape[-1]} and "
                f"{B.shape[-2]}x{B.shape[-1]})"
            )
        return products.transpose(for_matrix(products.transpose(A, -2, -1), products.transpose(B, -2, -1)), -2, -1)
    return for_matrix(A, B)


@composite("inverse", out=True)
def inverse(input: Tensor) -> Tensor:
    return linalg.inverse(input)


@composite("linalg_solve_triangular", modules="linalg", out=True)
def solve_triangular(
    input: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """X with A X = B, or X A = B, in the dtype of A, the input (source: torch.linalg.solve_triangular)."""
    return substitution.triangular(input, B.to(input.dtype), upper, left, unitriangular)


@composite("linalg_lu_solve", modules="linalg", out=True)
def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """X with A X = B, or X A = B, for the A (or its adjoint) that was factored (source: torch.linalg.lu_solve)."""
    check_same_dtype(LU, B, "linalg.lu_solve", "LU B")
    if pivots.dtype is not int32:
        raise RuntimeError("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32")
    return lu.lu_solve(LU, pivots, B, left, adjoint)


@composite("linalg_qr", modules="linalg", out=True)
def qr(A: Tensor, mode: str = "reduced") -> Any:
    """A = Q R (source: torch.linalg.qr)."""
    return factorisation.qr_rows(A, mode)


@composite(out=True)
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    U, S, Vh = decomposition.linalg_svd(input, not some)
    return several("svd", "U S V", U, S, Vh.mH)


@composite("linalg_svdvals", modules="linalg", out=True)
def svdvals(A: Tensor, *, driver: Any = None) -> Tensor:
    return decomposition.linalg_svd(A, False, driver=driver)[1]


@composite("linalg_eigvalsh", modules="linalg", out=True)
def eigvalsh(input: Tensor, UPLO: str = "L") -> Tensor:
    return decomposition.linalg_eigh(input, UPLO)[0]


@composite("linalg_eigvals", modules="linalg", out=True)
def eigvals(input: Tensor) -> Tensor:
    return decomposition.linalg_eig(input)[0]


@composite()
def logdet(input: Tensor) -> Tensor:
    """log det A; nan (and gradient 0) where the determinant is negative (source: torch.logdet)."""
    solving.square(input._array, "logdet")
    if input.dtype.itemsize == 2:
        raise RuntimeError(f"logdet: Low precision dtypes not supported. Got {LEGACY[input.dtype]}")
    sign, logabsdet = determinants.slogdet(input)
    if input.is_complex():
        return sign.log() + logabsdet
    return where(sign == -1.0, float("nan"), logabsdet)


# -- pseudo-inverse, least squares


@composite("linalg_pinv", modules="linalg", out=True)
def pinv(input: Tensor, *, atol: Any = None, rtol: Any = None, hermitian: bool = False, rcond: Any = None) -> Tensor:
    """The Moore-Penrose inverse (source: torch.linalg.pinv)."""
    if input.dtype.category < FLOAT or input.dtype.itemsize == 2 or input.ndim < 2:
        raise RuntimeError(
            f"linalg.pinv({LEGACY[input.dtype]}{{{list(input.shape)}}}): expected a tensor with 2 or more dimensions of float, "
            "double, cfloat or cdouble types"
        )
    if hermitian:
        solving.square(input._array, "linalg.eigh")
    largest = singular_values(input._array).max(-1, initial=0)
    cut = cut_off("linalg.pinv", input, largest, atol, rcond if rtol is None else rtol)
    ratio = np.divide(cut, largest, out=np.zeros(np.shape(cut)), where=largest > 0)
    if ratio.ndim > input.ndim - 2:
        input = expanding.expand(input, (*ratio.shape, *input.shape[-2:]))
    found = linalg.pseudo_inverse(input, ratio, hermitian)
    if mode() & AUTOCAST:  # torch's last step is a product of matrices
        return cast(found, wanted("lower", ()))
    return found


@composite()
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    return pinv(input, rcond=rcond)


@composite("linalg_lstsq", modules="linalg", out=True)
def lstsq(input: Tensor, b: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """Least squares; solution and residuals carry gradients (source: torch.linalg.lstsq)."""
    A, B = input, b
    check_least_squares(A, B, driver)
    vector = is_vector(A, B)
    right = shape.unsqueeze(B, -1) if vector else B
    m, n = A.shape[-2:]
    S = singular_values(A._array)
    least = max(m, n) * float(np.finfo(S.dtype).eps)
    rank = (S.max(-1, initial=0, keepdims=True) * least < S).sum(-1)
    full = m > n and (driver == "gels" or (driver not in (None, "gelsy") and bool(np.all(rank == n))))
    X, residuals = linalg.least_squares(A, right, least, full)
    values = np.zeros((0,), A._array.real.dtype)
    if driver in ("gelss", "gelsd"):
        values = S
    known = (
        wrap(np.asarray(rank, np.int64)[()])
        if driver in ("gelsy", "gelss", "gelsd", None)
        else wrap(np.zeros(0, np.int64))
    )
    return several(
        "linalg_lstsq",
        "solution residuals rank singular_values",
        shape.squeeze(X, -1) if vector else X,
        residuals,
        known,
        wrap(values),
    )


def check_least_squares(A: Tensor, B: Tensor, driver: str | None) -> None:
    if A.ndim < 2:
        raise RuntimeError("torch.linalg.lstsq: input must have at least 2 dimensions.")
    if B.ndim < 1:
        raise RuntimeError("torch.linalg.lstsq: other must have at least 1 dimension.")
    if not 0 <= A.ndim - B.ndim <= 1:
        raise RuntimeError(
            "torch.linalg.lstsq: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1"
        )
    if A.dtype is not B.dtype:
        raise RuntimeError(
            "torch.linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype "
            f"{A.dtype.legacy} and other's dtype {B.dtype.legacy}"
        )
    if A.dtype.category < FLOAT or A.dtype.itemsize == 2:
        raise RuntimeError("This function doesn't handle types other than float and double")
    vector = is_vector(A, B)
    if A.shape[-2] != B.shape[-1 if vector else -2]:
        raise RuntimeError(f"torch.linalg.lstsq: input.size(-2) should match other.size(-{1 if vector else 2})")
    if A.ndim > B.ndim:  # then B's last dimension is counted for one of vectors
        try:
            np.broadcast_shapes(A.shape[:-2], B.shape[:-1])
        except ValueError:
            raise cannot_broadcast(A.shape[:-2], B.shape[:-1]) from None
    if driver is not None and not isinstance(driver, str):
        raise TypeError(f"linalg_lstsq(): argument 'driver' must be str, not {type_name(driver)}")
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError("torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")


@composite("linalg_matrix_rank", modules="linalg", out=True)
def matrix_rank(
    input: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """How many singular values exceed the tolerance (source: torch.linalg.matrix_rank)."""
    if input.dtype.category < FLOAT or input.dtype.itemsize == 2:
        raise RuntimeError("This function doesn't handle types other than float and double")
    if input.ndim < 2:
        raise RuntimeError("torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions.")
    if not input.numel():
        return wrap(np.zeros(input.shape[:-2], np.int64)[()])
    S = np.abs(decomposition.linalg_eigh(input.detach(), "L")[0]._array) if hermitian else singular_values(input._array)
    return wrap(
        (cut_off("linalg.matrix_rank", input, S.max(-1), tol if tol is not None else atol, rtol)[..., None] < S).sum(-1)
    )


def cut_off(function: str, A: Tensor, largest: Any, atol: Any, rtol: Any) -> Any:
    """The size below which a singular value counts as 0."""
    if rtol is None:
        rtol = max(A.shape[-2:]) * float(np.finfo(A.dtype.np).eps) if atol is None else 0.0
    for which, t in (("atol", atol), ("rtol", rtol)):
        if isinstance(t, Tensor) and t.is_complex():
            raise RuntimeError(
                f"torch.{function}: {which} tensor of complex type is not supported. Got {t.dtype.legacy}"
            )
    rtol, atol = (np.asarray(t._array if isinstance(t, Tensor) else t) for t in (rtol, 0.0 if atol is None else atol))
    return np.maximum(atol, rtol * largest)


@composite("linalg_matmul", modules="linalg", method=False, out=True)
def matmul(input: Tensor, other: Tensor) -> Tensor:
    return products.matmul(input, other)


@composite("linalg_diagonal", modules="linalg")
def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    return shape.diagonal(A, offset, dim1, dim2)


@composite("linalg_cross", modules="linalg", out=True)
def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    if input.ndim != other.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    d = wrap_dim(dim, input.ndim)
    if input.shape[d] != 3 or other.shape[d] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input.shape[d]} and {other.shape[d]}"
        )
    return contraction.cross(input, other, dim)
