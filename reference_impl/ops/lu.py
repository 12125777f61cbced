"""Gaussian elimination: A = P L U, packed in one matrix with its row exchanges or unpacked, and solutions by it.

HOWTO. The gradient of a triangular factor is cut to its triangle; solutions with that factor bring it back to the matrix.
"""

from __future__ import annotations

from math import prod

import numpy as np

from .decomposition import columns, lines, plus
from .form import general
from .joining import cat
from .products import matmul, mH
from .rearranging import tril, triu
from .shape import basic, basic_adjoint
from .solving import column_by_column, solve_matrix_ex
from .structure import sum_to
from .substitution import substituted
from .systems import check_sizes
from .writes import zeros_of


def at_least_a_matrix(A, who):
    if A.ndim < 2:
        raise RuntimeError(f"{who}: Expected tensor with 2 or more dimensions. Got size: {list(A.shape)} instead")


def lu_kernel(A, pivot, who="torch.lu_factor"):
    """LU in one matrix and the row exchanges, counted from 1 as LAPACK does."""
    from scipy.linalg import lapack

    at_least_a_matrix(A, who)
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    getrf = lapack.get_lapack_funcs(("getrf",), (A,))[0]
    k = min(A.shape[-2:])
    if not A.size:
        return A.copy(), np.zeros((*A.shape[:-2], k), np.int32)
    found = [getrf(a)[:2] for a in A.reshape(prod(A.shape[:-2]), *A.shape[-2:])]
    LU = np.array([f[0] for f in found], A.dtype).reshape(A.shape)
    return column_by_column(LU), (np.array([f[1] for f in found], np.int32) + 1).reshape(*A.shape[:-2], k).astype(
        np.int32
    )


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


# -- the factors in one matrix, and taken apart


def unpack_kernel(LU, pivots, unpack_data, unpack_pivots):
    at_least_a_matrix(LU, "torch.lu_unpack")
    if unpack_pivots and pivots.dtype != np.int32:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
            "Note: this function is intended to be used with the output produced by torch.linalg.lu_factor"
        )
    m, k = LU.shape[-2], min(LU.shape[-2:])
    nothing = np.zeros(0, LU.dtype)
    P = permutation_kernel(pivots, m, LU) if unpack_pivots else nothing
    if not unpack_data:
        return P, nothing, nothing
    return P, np.tril(LU[..., :k], -1) + np.eye(m, k, dtype=LU.dtype), np.triu(LU[..., :k, :])


def packed(g_L, g_U, shape):
    """What L and U have of the packed matrix, added up."""
    k = min(shape[-2:])
    low = None if g_L is None else basic_adjoint(tril(g_L, -1), shape, (..., slice(0, k)))
    return plus(low, None if g_U is None else basic_adjoint(triu(g_U, 0), shape, (..., slice(0, k), slice(None))))


def unpack_jvp(LU_data_t, LU_data_shape):
    k = min(LU_data_shape[-2:])
    return tril(columns(LU_data_t, k), -1), triu(lines(LU_data_t, k), 0)


lu_unpack = general(
    "lu_unpack(LU_data, LU_pivots: nondiff, unpack_data=True, unpack_pivots=True) -> (P: nondiff, L, U)",
    unpack_kernel,
    LU_data=lambda g_L, g_U, LU_data_shape: packed(g_L, g_U, LU_data_shape),
    shows={
        "LU_data_sym_argsize_minus_2": lambda LU_data_shape: LU_data_shape[-2],
        "LU_data_sym_argsize_minus_1": lambda LU_data_shape: LU_data_shape[-1],
    },
    jvp=unpack_jvp,
    method=False,
)


def lu_vjp(g_L, g_U, P, L, U):
    """P L1^-H [tril(L1' gL1 - gU2 U2', -1) + triu(gU1 U1' - L2' gL2)] U1^-H, and the parts for U2 and L2.

    L1 and U1 are square; L2 is what is under L1 (of a tall matrix), U2 what is beside U1 (of a wide one).
    """
    k, m, n = L.shape[-1], L.shape[-2], U.shape[-1]
    g_L, g_U = (zeros_of(x, x.shape) if g is None else g for g, x in ((g_L, L), (g_U, U)))
    L1, U1 = lines(L, k), columns(U, k)
    low, up = matmul(mH(L1), tril(lines(g_L, k), -1)), matmul(triu(columns(g_U, k), 0), mH(U1))
    if n > k:
        gU2 = basic(g_U, (..., slice(k, None)))
        low = low - matmul(gU2, mH(basic(U, (..., slice(k, None)))))
    if m > k:
        gL2 = basic(g_L, (..., slice(k, None), slice(None)))
        up = up - matmul(mH(basic(L, (..., slice(k, None), slice(None)))), gL2)
    inner = solve_matrix_ex(mH(L1), tril(low, -1) + triu(up, 0))
    found = mH(solve_matrix_ex(U1, mH(inner)))
    if n > k:
        found = cat([found, solve_matrix_ex(mH(L1), gU2)], -1)
    if m > k:
        found = cat([found, mH(solve_matrix_ex(U1, mH(gL2)))], -2)
    return matmul(P, found)


def lu_jvp(P, L, U, A_t):
    """F = L1^-1 P' dA U1^-1; dL1 = L1 tril(F, -1), dU1 = triu(F) U1, and the rest from A = P L U."""
    k, m, n = L.shape[-1], L.shape[-2], U.shape[-1]
    L1, U1 = lines(L, k), columns(U, k)
    moved = matmul(mH(P), A_t)
    left = solve_matrix_ex(L1, basic(moved, (..., slice(0, k), slice(0, k))))
    both = mH(solve_matrix_ex(mH(U1), mH(left)))
    L_t, U_t = matmul(L1, tril(both, -1)), matmul(triu(both, 0), U1)
    if n > k:
        right = basic(moved, (..., slice(k, None))) - matmul(L_t, basic(U, (..., slice(k, None))))
        return L_t, cat([U_t, solve_matrix_ex(L1, right)], -1)
    if m > k:
        rest = basic(moved, (..., slice(k, None), slice(None))) - matmul(
            basic(L, (..., slice(k, None), slice(None))), U_t
        )
        return cat([L_t, mH(solve_matrix_ex(mH(U1), mH(rest)))], -2), U_t
    return L_t, U_t


linalg_lu = general(
    "linalg_lu(A, *, pivot=True) -> (P: nondiff, L, U)",
    lambda A, pivot: unpack_kernel(*lu_kernel(A, pivot, "linalg.lu"), True, True),
    A=lu_vjp,
    keeps="pivot",
    jvp=lu_jvp,
    modules="linalg",
    refuses="integers half",
)


def factor_vjp(g, LU, pivots):
    P, L, U = lu_unpack(LU, pivots, True, True)
    k = L.shape[-1]
    return lu_vjp(columns(g, k), lines(g, k), P, L, U)


def factor_jvp(LU, pivots, A_t):
    P, L, U = lu_unpack(LU, pivots, True, True)
    L_t, U_t = lu_jvp(P, L, U, A_t)
    return packed(L_t, U_t, LU.shape)


lu_factor = general(
    "linalg_lu_factor(A, *, pivot=True) -> (LU, pivots: nondiff)",
    lu_kernel,
    A=factor_vjp,
    keeps="pivot",
    jvp=factor_jvp,
    modules="linalg",
    grad_fn="LinalgLuFactorExBackward0",
    refuses="integers half",
)


# -- solutions


def lu_solve_kernel(LU, pivots, B, left, adjoint):
    check_sizes(LU, B, left, "linalg.lu_solve")
    if LU.shape[:-1] != pivots.shape:
        raise RuntimeError(
            "linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots.shape)} instead"
        )
    P, L, U = unpack_kernel(LU.conj() if adjoint else LU, pivots, True, True)
    B, (L_T, P_T, U_T) = B if left else B.swapaxes(-2, -1), (x.swapaxes(-2, -1) for x in (L, P, U))
    if adjoint == left:
        X = P @ substituted(L_T, substituted(U_T, B, False), True)
    else:
        X = substituted(U, substituted(L, P_T @ B, False), True)
    return column_by_column(X) if left else column_by_column(X).swapaxes(-2, -1)


def lu_solve_vjp(g, LU, pivots, result, left, adjoint, LU_shape, B_shape, needs_LU, needs_B):
    gB = lu_solve(LU, pivots, g, left, not adjoint)
    g_LU = None
    if needs_LU:
        gA = -(matmul(gB, mH(result)) if left else matmul(mH(result), gB))
        P, L, U = lu_unpack(LU, pivots, True, True)
        moved = matmul(mH(P), sum_to(mH(gA) if adjoint else gA, LU_shape))
        g_LU = packed(matmul(moved, mH(U)), matmul(mH(L), moved), LU_shape)
    return g_LU, sum_to(gB, B_shape) if needs_B else None


lu_solve = general(
    "linalg_lu_solve(LU, pivots: nondiff, B, left=True, adjoint=False)",
    lu_solve_kernel,
    vjp=lu_solve_vjp,
    wrt="LU B",
    public=False,
    refuses="integers half",
)
