"""Factorisations of matrices: qr, cholesky. (Those by elimination: lu.py.)

HOWTO. The gradient of a triangular factor is cut to its triangle; solutions with that factor bring it back to the matrix.
"""

from __future__ import annotations

import numpy as np

from ..compiler.runtime import wide
from ..errors import LinAlgError
from .arithmetic import mul_number
from .decomposition import columns, hollow, plus
from .form import general
from .joining import cat
from .products import matmul, mH
from .rearranging import tril, triu
from .shape import basic
from .solving import column_by_column, first_failure, floating, solve_matrix_ex, square
from .substitution import triangular
from .writes import zeros_of

# -- qr


def qr_kernel(A, how):
    if how not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{how}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    if A.ndim < 2:
        raise RuntimeError("linalg.qr: The input tensor A must have at least 2 dimensions.")
    floating(A, "linalg.qr")
    if how == "r":
        return np.zeros((0,), A.dtype), column_by_column(np.linalg.qr(A, "r"))
    Q, R = np.linalg.qr(A, how)
    return column_by_column(Q), column_by_column(R)


def qr_vjp(g_Q, g_R, Q, R, how, A_shape):
    m, n = A_shape[-2:]
    if how == "r":
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, "
            "mode='reduced') if you are going to differentiate through linalg.qr."
        )
    if how == "complete" and m > n:
        raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.")
    if m >= n:
        return tall_qr_vjp(g_Q, g_R, Q, R)
    # A = (X | Y) with X = Q U and V = Q' Y: the gradient of V goes to Y and, through Q, to X
    U, V = columns(R, m), basic(R, (..., slice(m, n)))
    if g_R is None:
        return cat([tall_qr_vjp(g_Q, None, Q, U), zeros_of(Q, V.shape)], -1)
    g_U, g_V = columns(g_R, m), basic(g_R, (..., slice(m, n)))
    g_Q = plus(g_Q, matmul(matmul(Q, V), mH(g_V)))
    return cat([tall_qr_vjp(g_Q, g_U, Q, U), matmul(Q, g_V)], -1)


def tall_qr_vjp(g_Q, g_R, Q, R):
    """[gQ + Q sym(triu(gR R' - Q' gQ))] R^-H, sym(X) = X + X' with its diagonal halved."""
    inner = None if g_R is None else matmul(g_R, mH(R))
    if g_Q is not None:
        inner = plus(inner, -matmul(mH(Q), g_Q))
    g = plus(g_Q, matmul(Q, halved(triu(inner, 0))))
    return triangular(mH(R), g, False, False, False)


def halved(x):
    return with_half_diagonal(x + mH(x))


def with_half_diagonal(x):
    return x - (x - hollow(x)) / 2


def qr_jvp(Q, R, how, A_t):
    m, n = A_t.shape[-2:]
    if how == "complete" and m > n:
        raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.")
    k = min(m, n)
    Q_t, U_t = tall_qr_jvp(Q, columns(R, k), columns(A_t, k))
    if m >= n:
        return Q_t, U_t
    V, Y_t = basic(R, (..., slice(m, n))), basic(A_t, (..., slice(m, n)))
    return Q_t, cat([U_t, matmul(mH(Q_t), matmul(Q, V)) + matmul(mH(Q), Y_t)], -1)


def tall_qr_jvp(Q, R, A_t):
    """With C = Q' dA R^-1: dR = W R and dQ = dA R^-1 - Q W, where W is triu(C + C') with its diagonal halved."""
    moved = mH(solve_matrix_ex(mH(R), mH(A_t)))  # dA R^-1
    c = matmul(mH(Q), moved)
    up = with_half_diagonal(triu(c + mH(c), 0))
    return moved - matmul(Q, up), matmul(up, R)


qr_rows = general(
    "linalg_qr(A, how) -> (Q, R)",
    qr_kernel,
    A=qr_vjp,
    jvp=qr_jvp,
    public=False,
    refuses="half",
    saved_as={"how": "mode"},
)


# -- cholesky


NOT_DEFINITE = (
    "{who}: {at}The factorization could not be completed because the input is not positive-definite (the leading minor of "
    "order {k} is not positive-definite)."
)


def old_cholesky_kernel(A, upper):
    """torch.cholesky asks nothing of what has no elements."""
    return cholesky_kernel(A, upper) if A.size else A


def cholesky_kernel(A, upper):
    square(A, "linalg.cholesky")
    try:
        L = np.linalg.cholesky(A.swapaxes(-2, -1).conj() if upper else A)
    except np.linalg.LinAlgError:
        L = None
    if L is None or np.isnan(L).any():
        at, k = first_failure(leading_minors(A))
        raise LinAlgError(NOT_DEFINITE.format(who="linalg.cholesky", at=at, k=k))
    return L.swapaxes(-2, -1).conj() if upper else column_by_column(L)


def leading_minors(A):
    """For each matrix the order of the first leading minor that is not positive; 0 where all are."""
    square(A, "linalg.cholesky")
    A = wide(A)
    info = np.zeros(A.shape[:-2], np.int32)
    for at in np.ndindex(info.shape):
        info[at] = next((k for k in range(1, A.shape[-1] + 1) if not definite(A[at][:k, :k])), 0)
    return info


def definite(a):
    try:
        return not np.isnan(np.linalg.cholesky(a)).any()
    except np.linalg.LinAlgError:
        return False


def cholesky_vjp(g, result, upper):
    """L^-H phi L^-1; phi takes half of the lower triangle of L' gL, and its reflection."""
    L, g = (mH(result), mH(g)) if upper else (result, g)
    Lh = mH(L)
    part = matmul(Lh, g)
    phi = mul_number(tril(part, 0) + mH(tril(part, -1)), 0.5)
    return triangular(L, triangular(Lh, phi, True, True, False), False, False, False)


def cholesky_jvp(result, upper, self_t):
    """dL = L phi(L^-1 dA L^-H); phi takes the lower triangle with its diagonal halved."""
    L = mH(result) if upper else result
    left = solve_matrix_ex(L, self_t)
    t = matmul(L, with_half_diagonal(tril(mH(solve_matrix_ex(L, mH(left))), 0)))
    return mH(t) if upper else t


linalg_cholesky = general(
    "linalg_cholesky(self, *, upper=False)",
    cholesky_kernel,
    self=cholesky_vjp,
    jvp=cholesky_jvp,
    modules="linalg",
    grad_fn="LinalgCholeskyExBackward0",
    saved_as={"result": "L"},
    refuses="half filled",
)


old_cholesky = general(
    "cholesky(self, upper=False)",
    old_cholesky_kernel,
    self=cholesky_vjp,
    jvp=cholesky_jvp,
    refuses="half",
    public=False,
)
