"""Triangular systems, solved row by row; and what a Cholesky factor solves.

HOWTO. As in solving.py; of a triangular matrix only the part that is read gets a gradient.
"""

from __future__ import annotations

import numpy as np

from ..errors import LinAlgError
from ..warn import once
from .form import general
from .products import add_up, matmul, mH, transpose
from .rearranging import tril, triu
from .solving import column_by_column, first_failure, square
from .structure import sum_to
from .systems import check_of_old, check_sizes


def triangle_of(A, upper, unit):
    T = np.triu(A) if upper else np.tril(A)
    if unit:
        T = T.copy()
        n = np.arange(A.shape[-1])
        T[..., n, n] = 1
    return T


def triangular_kernel(A, B, upper, left, unitriangular):
    check_sizes(A, B, left, "linalg.solve_triangular")
    if not left:
        A, B, upper = A.swapaxes(-2, -1), B.swapaxes(-2, -1), not upper
    X = substituted(triangle_of(A, upper, unitriangular), B, upper)
    return column_by_column(X if left else X.swapaxes(-2, -1))


def substituted(T, B, upper):
    """T^-1 B. An upper triangle needs no pivots, so that LAPACK does nothing but substitute; a lower one is that, turned
    round. Where it would refuse, row by row."""
    if np.isfinite(T).all() and np.diagonal(T, 0, -2, -1).all():
        return np.linalg.solve(T, B) if upper else np.linalg.solve(turned(T), B[..., ::-1, :])[..., ::-1, :]
    n = T.shape[-1]
    X = np.empty(np.broadcast_shapes(T.shape[:-2], B.shape[:-2]) + B.shape[-2:], np.result_type(T, B))
    for i in reversed(range(n)) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(0, i)
        done = np.matmul(T[..., i : i + 1, known], X[..., known, :])[..., 0, :]
        X[..., i, :] = (B[..., i, :] - done) / T[..., i, i, None]
    return X


def turned(T):
    return T[..., ::-1, ::-1]


def masked_to(x, upper, unitriangular):
    """The part of A that is read."""
    return triu(x, int(unitriangular)) if upper else tril(x, -int(unitriangular))


def triangular_vjp(g, A, result, A_shape, B_shape, upper, left, unitriangular, needs_A, needs_B):
    gB = triangular(mH(A), g, not upper, left, unitriangular)
    gA = None
    if needs_A:
        product = matmul(gB, mH(result)) if left else matmul(mH(result), gB)
        gA = sum_to(masked_to(-product, upper, unitriangular), A_shape)
    return gA, sum_to(gB, B_shape) if needs_B else None


def triangular_jvp(A, result, upper, left, unitriangular, A_t, B_t):
    right = B_t
    if A_t is not None:
        moved = masked_to(A_t, upper, unitriangular)
        right = add_up([B_t, -(matmul(moved, result) if left else matmul(result, moved))])
    return triangular(A, right, upper, left, unitriangular)


triangular = general(
    "triangular(A, B, upper, left, unitriangular)",
    triangular_kernel,
    vjp=triangular_vjp,
    jvp=triangular_jvp,
    wrt="A B",
    public=False,
    grad_fn="LinalgSolveTriangularBackward0",
    refuses="integers half",
    saved_as={"A": "self"},
)


# -- under its old name: with a copy of A


def swapped(A, transposed):
    return transpose(A, -2, -1) if transposed else A


DEPRECATED = (
    "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be removed in a future PyTorch "
    "release.\ntorch.linalg.solve_triangular has its arguments reversed and does not return a copy of one of the inputs.\n"
    "X = torch.triangular_solve(B, A).solution\nshould be replaced with\nX = torch.linalg.solve_triangular(A, B)."
)


FLAT = "torch.triangular_solve: Expected {} to have at least 2 dimensions, but it has {} dimensions instead"


def old_kernel(b, A, upper, transpose, unitriangular):
    for name, x in (("b", b), ("A", A)):
        if x.ndim < 2:
            raise RuntimeError(FLAT.format(name, x.ndim))
    check_of_old(b, A, "triangular_solve")
    once(DEPRECATED)
    T = A.swapaxes(-2, -1) if transpose else A
    X = triangular_kernel(T, b, upper != transpose, True, unitriangular)
    return X, column_by_column(np.broadcast_to(A, (*X.shape[:-2], *A.shape[-2:])).copy())


def old_vjp(
    g_solution, g_cloned_coefficient, A, solution, self_shape, A_shape, upper, transpose, unitriangular,
    needs_self, needs_A,
):  # fmt: skip
    g_cloned_coefficient = None if g_cloned_coefficient is None else sum_to(g_cloned_coefficient, A_shape)
    if g_solution is None:
        return None, g_cloned_coefficient
    T = swapped(A, transpose)
    gA, gb = triangular_vjp(
        g_solution, T, solution, A_shape, self_shape, upper != transpose, True, unitriangular, needs_A, needs_self
    )
    if gA is None:
        return gb, None
    return gb, swapped(gA, transpose) if g_cloned_coefficient is None else swapped(gA, transpose) + g_cloned_coefficient


def old_jvp(A, solution, cloned_coefficient, upper, transpose, unitriangular, self_t, A_t):
    """torch takes the whole of A's tangent."""
    T_t = None if A_t is None else swapped(A_t, transpose)
    right = add_up([self_t, None if T_t is None else -matmul(T_t, solution)])
    moved = triangular(swapped(A, transpose), right, upper != transpose, True, unitriangular)
    return moved, cloned_coefficient * 0 if A_t is None else A_t


triangular_solve = general(
    "triangular_solve(self, A, upper=True, transpose=False, unitriangular=False) -> (solution, cloned_coefficient)",
    old_kernel,
    vjp=old_vjp,
    keeps="self",
    jvp=old_jvp,
    wrt="self A",
    refuses="integers half",
)


# -- with a Cholesky factor; torch's gradient of the factor is not cut to the triangle that is read


def cholesky_solve_kernel(B, L, upper):
    for name, x in (("b", B), ("u", L)):
        if x.ndim < 2:
            raise RuntimeError(f"{name} should have at least 2 dimensions, but has {x.ndim} dimensions instead")
    check_of_old(B, L, "cholesky_solve")
    T = np.triu(L) if upper else np.tril(L)
    Th = T.conj().swapaxes(-2, -1)
    first, second = (Th, T) if upper else (T, Th)
    return column_by_column(substituted(second, substituted(first, B, False), True))


def cholesky_solve_vjp(g, input2, result, self_shape, input2_shape, upper, needs_input2):
    L = input2
    gB = cholesky_solve(g, L, upper)
    gL = None
    if needs_input2:
        common = matmul(gB, mH(result))
        common = common + mH(common)
        gL = sum_to(-(matmul(L, common) if upper else matmul(common, L)), input2_shape)
    return sum_to(gB, self_shape), gL


def cholesky_solve_jvp(input2, result, upper, self_t, input2_t):
    L, L_t, right = input2, input2_t, self_t
    if L_t is not None:
        product = matmul(mH(L_t), L) if upper else matmul(L_t, mH(L))
        right = add_up([right, -matmul(product + mH(product), result)])
    return cholesky_solve(right, L, upper)


cholesky_solve = general(
    "cholesky_solve(self, input2, upper=False)",
    cholesky_solve_kernel,
    vjp=cholesky_solve_vjp,
    keeps="self",
    jvp=cholesky_solve_jvp,
    wrt="self input2",
    refuses="integers half",
)


def cholesky_inverse_kernel(L, upper):
    square(L, "cholesky_inverse")
    T = np.triu(L).conj().swapaxes(-2, -1) if upper else np.tril(L)
    eye = np.broadcast_to(np.eye(L.shape[-1], dtype=L.dtype), L.shape)
    if (zeros := np.diagonal(T, axis1=-2, axis2=-1) == 0).any():
        at, k = first_failure(np.where(zeros.any(-1), zeros.argmax(-1) + 1, 0))
        raise LinAlgError(
            f"cholesky_inverse: {at}The diagonal element {k} is zero, the inversion could not be completed because the input "
            "matrix is singular."
        )
    inverse = substituted(T, eye, False)
    return column_by_column(inverse.conj().swapaxes(-2, -1) @ inverse)


def cholesky_inverse_vjp(g, L, result, upper):
    common = matmul(result, matmul(g + mH(g), result))
    return -(matmul(L, common) if upper else matmul(common, L))


def cholesky_inverse_jvp(L, result, upper, L_t):
    L, L_t = (mH(L), mH(L_t)) if upper else (L, L_t)
    half = -matmul(matmul(result, L_t), mH(matmul(result, L)))
    return half + mH(half)


cholesky_inverse = general(
    "cholesky_inverse(L, upper=False)",
    cholesky_inverse_kernel,
    L=cholesky_inverse_vjp,
    jvp=cholesky_inverse_jvp,
    refuses="integers half",
    saved_as={"L": "self"},
)
