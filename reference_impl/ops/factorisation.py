"""Factorisations of matrices: qr, cholesky, lu.

HOWTO. The gradient of a triangular factor is cut to its triangle; solutions with that factor bring it back to the matrix.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..compiler.runtime import wide
from ..errors import LinAlgError
from .decomposition import columns, hollow, plus
from .form import general, linear
from .joining import cat, diag_embed, tril, triu
from .products import matmul, mH
from .shape import basic, diagonal
from .solving import first_failure, floating, solve_matrix, square
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
        return np.zeros((0,), A.dtype), np.linalg.qr(A, "r")
    return tuple(np.linalg.qr(A, how))


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
    return mH(solve_matrix(R, mH(g)))


def halved(x):
    s = x + mH(x)
    return s - (s - hollow(s)) / 2


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
    moved = mH(solve_matrix(mH(R), mH(A_t)))  # dA R^-1
    c = matmul(mH(Q), moved)
    s = triu(c + mH(c), 0)
    up = s - (s - hollow(s)) / 2
    return moved - matmul(Q, up), matmul(up, R)


qr_rows = general("linalg_qr(A, how) -> (Q, R)", qr_kernel, A=qr_vjp, jvp=qr_jvp, public=False, refuses="half")


# -- cholesky


NOT_DEFINITE = (
    "{who}: {at}The factorization could not be completed because the input is not positive-definite (the leading minor of "
    "order {k} is not positive-definite)."
)


def cholesky_kernel(A, upper):
    square(A, "linalg.cholesky")
    try:
        L = np.linalg.cholesky(A.swapaxes(-2, -1).conj() if upper else A)
    except np.linalg.LinAlgError:
        L = None
    if L is None or np.isnan(L).any():
        at, k = first_failure(leading_minors(A))
        raise LinAlgError(NOT_DEFINITE.format(who="linalg.cholesky", at=at, k=k))
    return L.swapaxes(-2, -1).conj() if upper else L


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


def lower_half(x):
    x = tril(x, 0)
    return x - (x - hollow(x)) / 2


def cholesky_vjp(g, result, upper):
    """L^-H phi L^-1; phi takes half of the lower triangle of L' gL, and its reflection."""
    L, g = (mH(result), mH(g)) if upper else (result, g)
    Lh = mH(L)
    part = matmul(Lh, g)
    phi = (tril(part, 0) + mH(tril(part, -1))) / 2
    return mH(solve_matrix(Lh, mH(solve_matrix(Lh, phi))))


def cholesky_jvp(result, upper, A_t):
    L = mH(result) if upper else result
    left = solve_matrix(L, A_t)
    t = matmul(L, lower_half(mH(solve_matrix(L, mH(left)))))
    return mH(t) if upper else t


linalg_cholesky = general(
    "linalg_cholesky(A, *, upper=False)",
    cholesky_kernel,
    A=lambda g, result, upper: cholesky_vjp(g, result, upper),
    jvp=cholesky_jvp,
    modules="linalg",
    grad_fn="LinalgCholeskyExBackward0",
    refuses="half filled",
)


old_cholesky = general(
    "cholesky(A, upper=False)",
    cholesky_kernel,
    A=lambda g, result, upper: cholesky_vjp(g, result, upper),
    jvp=cholesky_jvp,
    refuses="half",
    public=False,
)


# -- lu


def lu_kernel(A, pivot):
    """LU in one matrix and the row exchanges, counted from 1 as LAPACK does."""
    from scipy.linalg import lapack

    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    getrf = lapack.get_lapack_funcs(("getrf",), (A,))[0]
    k = min(A.shape[-2:])
    if not A.size:
        return A.copy(), np.zeros((*A.shape[:-2], k), np.int32)
    found = [getrf(a)[:2] for a in A.reshape(prod(A.shape[:-2]), *A.shape[-2:])]
    LU = np.array([f[0] for f in found], A.dtype).reshape(A.shape)
    return LU, (np.array([f[1] for f in found], np.int32) + 1).reshape(*A.shape[:-2], k).astype(np.int32)


def permutation_kernel(pivots, m, like):
    """The matrix P of A = P L U."""
    flat = pivots.reshape(prod(pivots.shape[:-1]), pivots.shape[-1])
    r = np.zeros((len(flat), m, m), like.dtype)
    for p, swaps in zip(r, flat, strict=True):
        order = np.arange(m)
        for i, j in enumerate(swaps):
            order[[i, j - 1]] = order[[j - 1, i]]
        p[order, np.arange(m)] = 1
    return r.reshape(*pivots.shape[:-1], m, m)


permutation = linear("permutation(pivots: nondiff, rows, like: nondiff)", permutation_kernel, public=False)


def lu_parts(LU, k):
    """L1 and U1, the square triangles; L2 under them (of a tall matrix) and U2 beside them (of a wide one)."""
    corner = basic(LU, (..., slice(0, k), slice(0, k)))
    L1 = tril(corner, -1) + diag_embed(diagonal(corner, 0, -2, -1) * 0 + 1, 0, -2, -1)
    return L1, triu(corner, 0), basic(LU, (..., slice(k, None), slice(None))), basic(LU, (..., slice(k, None)))


def lu_vjp(g, LU, pivots, A_shape):
    """P L1^-H [tril(L1' gL1 - gU2 U2', -1) + triu(gU1 U1' - L2' gL2)] U1^-H, and the parts for U2 and L2."""
    m, n = A_shape[-2:]
    k = min(m, n)
    L1, U1, L2, U2 = lu_parts(LU, k)
    corner, gL2, gU2 = basic(g, (..., slice(0, k), slice(0, k))), basic(g, (..., slice(k, None), slice(None))), None
    low, up = matmul(mH(L1), tril(corner, -1)), matmul(triu(corner, 0), mH(U1))
    if n > k:
        gU2 = basic(g, (..., slice(k, None)))
        low = low - matmul(gU2, mH(U2))
    if m > k:
        up = up - matmul(mH(L2), gL2)
    inner = solve_matrix(mH(L1), tril(low, -1) + triu(up, 0))
    found = mH(solve_matrix(U1, mH(inner)))
    if n > k:
        found = cat([found, solve_matrix(mH(L1), gU2)], -1)
    if m > k:
        found = cat([found, mH(solve_matrix(U1, mH(gL2)))], -2)
    return matmul(permutation(pivots, m, LU), found)


def lu_jvp(LU, pivots, A_t):
    """F = L1^-1 P' dA U1^-1; dL1 = L1 tril(F, -1), dU1 = triu(F) U1, and the rest from A = P L U."""
    m, n = A_t.shape[-2:]
    k = min(m, n)
    L1, U1, L2, U2 = lu_parts(LU, k)
    moved = matmul(mH(permutation(pivots, m, LU)), A_t)
    left = solve_matrix(L1, basic(moved, (..., slice(0, k), slice(0, k))))
    both = mH(solve_matrix(mH(U1), mH(left)))
    L_t, U_t = matmul(L1, tril(both, -1)), matmul(triu(both, 0), U1)
    found = L_t + U_t
    if n > k:
        found = cat([found, solve_matrix(L1, basic(moved, (..., slice(k, None))) - matmul(L_t, U2))], -1)
    if m > k:
        rest = basic(moved, (..., slice(k, None), slice(None))) - matmul(L2, U_t)
        found = cat([found, mH(solve_matrix(mH(U1), mH(rest)))], -2)
    return found


lu_factor = general(
    "linalg_lu_factor(A, *, pivot=True) -> (LU, pivots: nondiff)",
    lu_kernel,
    A=lu_vjp,
    jvp=lu_jvp,
    modules="linalg",
    grad_fn="LinalgLuFactorExBackward0",
    refuses="integers half",
)
