"""Linear systems. (Those of triangular matrices: substitution.py.)

HOWTO. The gradient of a solution is the solution with the adjoint matrix. What ends in _ex solves singular systems, too, and
divides by 0.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from ..dtypes import LEGACY, from_numpy
from ..errors import LinAlgError
from .form import general
from .products import add_up, matmul, mH
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


def column_by_column(x):
    """x with the columns of its matrices side by side: so LAPACK leaves them, and torch."""
    return np.ascontiguousarray(x.swapaxes(-2, -1)).swapaxes(-2, -1)


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


def eliminated(A, B):
    """X with A X = B by elimination and substitution, which divides also by pivots of 0."""
    from scipy.linalg import lapack

    getrf, getrs = lapack.get_lapack_funcs(("getrf", "getrs"), (A, B))
    batch = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    A, B = (np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (A, B))
    X = np.empty(B.shape, np.result_type(A, B))
    for at in np.ndindex(batch):
        LU, pivots, _ = getrf(A[at])
        X[at] = getrs(LU, pivots, B[at])[0]
    return X


def first_singular(A):
    return first_failure(zero_pivots(A, ""))


def check_system(A, B):
    square(A, "linalg.solve")
    if B.ndim < 2:
        raise RuntimeError("linalg.solve: The input tensor B must have at least 2 dimensions.")
    if A.shape[-1] != B.shape[-2]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B ({A.shape[-2]}x{A.shape[-1]} and "
            f"{B.shape[-2]}x{B.shape[-1]})"
        )
    if A.dtype != B.dtype and not {A.dtype.kind, B.dtype.kind} <= {"f", "c"}:
        raise RuntimeError(f"linalg.solve: Expected A and B to have the same dtype, but found A of type {A.dtype}")


def solve_kernel(A, B):
    check_system(A, B)
    found = found_by(np.linalg.solve, A, B)
    if found is None:
        where, _ = first_singular(A)
        raise LinAlgError(f"torch.linalg.solve: {where}The solver failed because the input matrix is singular.")
    return column_by_column(found)


def solve_ex_kernel(A, B):
    check_system(A, B)
    found = found_by(np.linalg.solve, A, B)
    return column_by_column(eliminated(A, B) if found is None else found)


def solve_vjp(g, A, result, A_shape, B_shape, needs_A, needs_B):
    gB = solve_matrix_ex(mH(A), g)
    gA = -matmul(gB, mH(result)) if needs_A else None
    return None if gA is None else sum_to(gA, A_shape), sum_to(gB, B_shape) if needs_B else None


def solve_jvp(A, result, A_t, B_t):
    right = add_up([B_t, None if A_t is None else -matmul(A_t, result)])
    return solve_matrix_ex(A, right)


def lu_of(A):
    from .lu import lu_kernel

    return lu_kernel(A, True)


def lu_of_rows(A):
    """Of A' where its rows lie side by side, which LAPACK takes for columns."""
    return lu_of(A.swapaxes(-2, -1) if A.dtype.kind == "f" and A.flags.c_contiguous else A)


# what torch's nodes of solutions and of determinants show, though here they factorise again
FACTORS = {"LU": lambda A: lu_of(A)[0], "pivots": lambda A: lu_of(A)[1]}
FACTORS_OF_ROWS = {"LU": lambda A: lu_of_rows(A)[0], "pivots": lambda A: lu_of_rows(A)[1]}


solve_matrix = general(
    "solve_matrix(A, B)",
    solve_kernel,
    vjp=solve_vjp,
    jvp=solve_jvp,
    wrt="A B",
    public=False,
    grad_fn="LinalgSolveExBackward0",
    shows=FACTORS | {"left": lambda: True},
    refuses="half filled",
)


solve_matrix_ex = replace(solve_matrix, kernel=solve_ex_kernel)


def of_a_vector(solve):
    def kernel(A, B):
        X = solve(A, B[..., None])[..., 0]
        return column_by_column(X) if X.ndim > 1 else X  # torch takes several vectors for a matrix

    return kernel


def vector_vjp(g, A, result, A_shape, B_shape, needs_A, needs_B):
    gA, gB = solve_vjp(unsqueeze(g, -1), A, unsqueeze(result, -1), A_shape, (*B_shape, 1), needs_A, needs_B)
    return gA, None if gB is None else squeeze(gB, -1)


def vector_jvp(A, result, A_t, B_t):
    return squeeze(solve_jvp(A, unsqueeze(result, -1), A_t, None if B_t is None else unsqueeze(B_t, -1)), -1)


solve_vector = general(
    "solve_vector(A, B)",
    of_a_vector(solve_kernel),
    vjp=vector_vjp,
    jvp=vector_jvp,
    wrt="A B",
    public=False,
    grad_fn="LinalgSolveExBackward0",
    shows=FACTORS | {"left": lambda: True},
    refuses="half filled",
)
solve_vector_ex = replace(solve_vector, kernel=of_a_vector(solve_ex_kernel))
