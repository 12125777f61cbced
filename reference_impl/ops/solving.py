"""Linear systems.

HOWTO. The gradient of a solution is the solution with the adjoint matrix; of a triangular matrix only the part that is
read gets one.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..dtypes import LEGACY, from_numpy
from ..errors import LinAlgError
from .form import general
from .joining import tril, triu
from .products import add_up, matmul, mH, transpose
from .shape import squeeze, unsqueeze
from .structure import sum_to


def square(A, who):
    if A.ndim < 2:
        raise RuntimeError(f"{who}: The input tensor A must have at least 2 dimensions.")
    if A.shape[-1] != A.shape[-2]:
        raise RuntimeError(
            f"{who}: A must be batches of square matrices, but they are {A.shape[-2]} by {A.shape[-1]} matrices"
        )
    return floating(A, who)


def floating(A, who):
    if A.dtype.kind in "biu":
        raise RuntimeError(
            f"{who}: Expected a floating point or complex tensor as input. Got {LEGACY[from_numpy(A.dtype)]}"
        )
    return A


def zero_pivots(A, who):
    """For each matrix which pivot of its LU factors is 0, counted from 1; 0 where none is."""
    from scipy.linalg import lapack

    square(A, who)
    getrf = lapack.get_lapack_funcs(("getrf",), (A,))[0]
    found = [getrf(a)[2] for a in A.reshape(prod(A.shape[:-2]), *A.shape[-2:])] if A.size else 0
    return np.zeros(A.shape[:-2], np.int32) + np.array(found, np.int32).reshape(A.shape[:-2] if A.size else ())


def first_failure(info):
    """Where the first is that failed, in torch's words, and its number."""
    failed = np.flatnonzero(info)
    number = int(failed[0]) if len(failed) else 0
    return f"(Batch element {number}): " if info.ndim else "", int(info.reshape(-1)[number])


def found_by(f, A, *others):
    """f of matrices, an inverse or a solution, or None if one is singular. Of those with a nan, which LAPACK may take for
    singular or use in part, it is all nan."""
    try:
        found = f(A, *others)
    except np.linalg.LinAlgError:
        found = None
    if found is not None and not np.isnan(found).any():
        return found
    spoiled = np.isnan(A).any((-2, -1))[..., None, None]
    if not spoiled.any():
        return found
    found = found_by(f, np.where(spoiled, np.eye(A.shape[-1], dtype=A.dtype), A), *others)
    return None if found is None else np.where(spoiled, found.dtype.type(np.nan), found)


def first_singular(A):
    return first_failure(zero_pivots(A, ""))


def solve_kernel(A, B):
    square(A, "linalg.solve")
    if A.shape[-1] != B.shape[-2]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B ({A.shape[-2]}x{A.shape[-1]} and "
            f"{B.shape[-2]}x{B.shape[-1]})"
        )
    if A.dtype != B.dtype and not {A.dtype.kind, B.dtype.kind} <= {"f", "c"}:
        raise RuntimeError(f"linalg.solve: Expected A and B to have the same dtype, but found A of type {A.dtype}")
    found = found_by(np.linalg.solve, A, B)
    if found is None:
        where, _ = first_singular(A)
        raise LinAlgError(f"torch.linalg.solve: {where}The solver failed because the input matrix is singular.")
    return found


def solve_vjp(g, A, result, A_shape, B_shape, needs_A, needs_B):
    gB = solve_matrix(mH(A), g)
    gA = -matmul(gB, mH(result)) if needs_A else None
    return None if gA is None else sum_to(gA, A_shape), sum_to(gB, B_shape) if needs_B else None


def solve_jvp(A, result, A_t, B_t):
    right = add_up([B_t, None if A_t is None else -matmul(A_t, result)])
    return solve_matrix(A, right)


solve_matrix = general(
    "solve_matrix(A, B)",
    solve_kernel,
    vjp=solve_vjp,
    jvp=solve_jvp,
    wrt="A B",
    public=False,
    grad_fn="LinalgSolveExBackward0",
    refuses="half filled",
)


def vector_kernel(A, B):
    return solve_kernel(A, B[..., None])[..., 0]


def vector_vjp(g, A, result, A_shape, B_shape, needs_A, needs_B):
    gA, gB = solve_vjp(unsqueeze(g, -1), A, unsqueeze(result, -1), A_shape, (*B_shape, 1), needs_A, needs_B)
    return gA, None if gB is None else squeeze(gB, -1)


def vector_jvp(A, result, A_t, B_t):
    return squeeze(solve_jvp(A, unsqueeze(result, -1), A_t, None if B_t is None else unsqueeze(B_t, -1)), -1)


solve_vector = general(
    "solve_vector(A, B)",
    vector_kernel,
    vjp=vector_vjp,
    jvp=vector_jvp,
    wrt="A B",
    public=False,
    grad_fn="LinalgSolveExBackward0",
    refuses="half filled",
)


def triangle_of(A, upper, unit):
    T = np.triu(A) if upper else np.tril(A)
    if unit:
        T = T.copy()
        n = np.arange(A.shape[-1])
        T[..., n, n] = 1
    return T


def triangular_kernel(A, B, upper, left, unitriangular):
    square(A, "linalg.solve_triangular")
    if not left:
        A, B, upper = A.swapaxes(-2, -1), B.swapaxes(-2, -1), not upper
    X = substituted(triangle_of(A, upper, unitriangular), B, upper)
    return X if left else X.swapaxes(-2, -1)


def substituted(T, B, upper):
    """T^-1 B, row by row."""
    n = T.shape[-1]
    X = np.empty(np.broadcast_shapes(T.shape[:-2], B.shape[:-2]) + B.shape[-2:], np.result_type(T, B))
    for i in reversed(range(n)) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(0, i)
        done = np.matmul(T[..., i : i + 1, known], X[..., known, :])[..., 0, :]
        X[..., i, :] = (B[..., i, :] - done) / T[..., i, i, None]
    return X


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


def old_kernel(b, A, upper, transpose, unitriangular):
    T = A.swapaxes(-2, -1) if transpose else A
    return triangular_kernel(T, b, upper != transpose, True, unitriangular), A.copy()


def old_vjp(
    g_solution, g_cloned_coefficient, A, solution, self_shape, A_shape, upper, transpose, unitriangular,
    needs_self, needs_A,
):  # fmt: skip
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
    jvp=old_jvp,
    wrt="self A",
    refuses="integers half",
)


# -- with a Cholesky factor; torch's gradient of the factor is not cut to the triangle that is read


def cholesky_solve_kernel(B, L, upper):
    T = np.triu(L) if upper else np.tril(L)
    Th = T.conj().swapaxes(-2, -1)
    first, second = (Th, T) if upper else (T, Th)
    return substituted(second, substituted(first, B, False), True)


def cholesky_solve_vjp(g, L, result, B_shape, L_shape, upper, needs_B, needs_L):
    gB = cholesky_solve(g, L, upper)
    gL = None
    if needs_L:
        common = matmul(gB, mH(result))
        common = common + mH(common)
        gL = sum_to(-(matmul(L, common) if upper else matmul(common, L)), L_shape)
    return sum_to(gB, B_shape), gL


def cholesky_solve_jvp(L, result, upper, B_t, L_t):
    right = B_t
    if L_t is not None:
        product = matmul(mH(L_t), L) if upper else matmul(L_t, mH(L))
        right = add_up([right, -matmul(product + mH(product), result)])
    return cholesky_solve(right, L, upper)


cholesky_solve = general(
    "cholesky_solve(B, L, upper=False)",
    cholesky_solve_kernel,
    vjp=cholesky_solve_vjp,
    jvp=cholesky_solve_jvp,
    wrt="B L",
    refuses="integers half",
    saved_as={"L": "input2"},
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
    return inverse.conj().swapaxes(-2, -1) @ inverse


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
