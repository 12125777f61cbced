"""Linear algebra: inverses, least squares, the exponential.

HOWTO. A derivative of an inverse or a solution is again a solution with the adjoint matrix. Decompositions are in
decomposition.py, determinants in determinants.py, what torch makes of all these in matrices.py.
"""

from __future__ import annotations

import numpy as np

from ..errors import LinAlgError, Unsupported
from .decomposition import plus, without_inf
from .form import general
from .joining import cat
from .products import matmul, mH
from .shape import basic, unsqueeze
from .solving import column_by_column, first_singular, found_by, square
from .structure import real_part, sum_to
from .writes import zeros_of

# -- inverse


def inverse_kernel(A):
    found = found_by(np.linalg.inv, square(A, "linalg.inv"))
    if found is None:
        where, k = first_singular(A)
        raise LinAlgError(
            f"linalg.inv: {where}The diagonal element {k} is zero, the inversion could not be completed because the "
            "input matrix is singular."
        )
    return column_by_column(found)


inverse = general(
    "linalg_inv(A)",
    inverse_kernel,
    A=lambda g, result: -matmul(mH(result), matmul(g, mH(result))),
    jvp=lambda result, A_t: -matmul(result, matmul(A_t, result)),
    modules="linalg",
    grad_fn="LinalgInvExBackward0",
    saved_as={"result": "inverse"},
    refuses="half",
)


def imag(x):
    return real_part(x * -1j)


# -- pseudo-inverse: Golub and Pereyra (1973), for matrices of constant rank


def pinv_vjp(g, A, result, A_shape):
    """The adjoint of pinv_jvp, with the products grouped so that those in between are small."""
    P, Ph, Gh = result, mH(result), mH(g)
    if A_shape[-2] <= A_shape[-1]:
        K = matmul(Gh, P)
        KPh = matmul(K, Ph)
        return -mH(matmul(P, K)) + KPh - matmul(matmul(A, P), KPh) + matmul(matmul(Ph, P), Gh - matmul(K, A))
    K = matmul(P, Gh)
    PhK = matmul(Ph, K)
    return -mH(matmul(K, P)) + matmul(matmul(Gh - matmul(A, K), P), Ph) + PhK - matmul(matmul(PhK, P), A)


def pinv_jvp(A, result, A_t):
    """dP = -P dA P + P P' dA' (I - A P) + (I - P A) dA' P' P."""
    P, D = result, mH(A_t)
    right = matmul(P, matmul(mH(P), D - matmul(matmul(D, A), P)))
    left = matmul(D - matmul(matmul(P, A), D), matmul(mH(P), P))
    return -matmul(P, matmul(A_t, P)) + right + left


pseudo_inverse = general(
    "linalg_pinv(A, rcond, hermitian)",
    lambda A, rcond, hermitian: np.linalg.pinv(without_inf(A)[0], rcond, hermitian),
    A=pinv_vjp,
    jvp=pinv_jvp,
    public=False,
    grad_fn="LinalgPinvBackward0",
    saved_as={"A": "self"},
)


# -- least squares, by the pseudo-inverse


def lstsq_kernel(A, B, rcond, full):
    X = np.linalg.pinv(A, rcond) @ B
    columns = np.zeros((*X.shape[:-2], X.shape[-1], max(A.shape[-2:])), X.dtype)  # LAPACK's: of B, or longer
    columns[..., : X.shape[-2]] = X.swapaxes(-2, -1)
    X = columns[..., : X.shape[-2]].swapaxes(-2, -1)
    return X, np.add.reduce(np.abs(A @ X - B) ** 2, -2) if full else np.zeros(0, A.real.dtype)


def lstsq_vjp(g_solution, g_residuals, A, B, solution, A_shape, B_shape, rcond, full, needs_A):
    gA = gB = None
    if g_solution is not None:
        P = pseudo_inverse(A, rcond, False)
        gB = matmul(mH(P), g_solution)
        gA = pinv_vjp(matmul(g_solution, mH(B)), A, P, A.shape) if needs_A else None
    if full and g_residuals is not None:
        r = 2 * unsqueeze(g_residuals, -2) * (matmul(A, solution) - B)
        gA, gB = plus(gA, matmul(r, mH(solution))), plus(gB, -r)
    return None if gA is None else sum_to(gA, A_shape), None if gB is None else sum_to(gB, B_shape)


least_squares = general(
    "linalg_lstsq(A, B, rcond, full) -> (solution, residuals)",
    lstsq_kernel,
    vjp=lstsq_vjp,
    wrt="A B",
    saved_as={"A": "self", "B": "b", "rcond": "", "full": ""},
    public=False,
)


# -- exponential: the derivative is the upper right block of exp([[A', g], [0, A']])


def matrix_exp_kernel(A):
    """Scaling and squaring around a Taylor polynomial, single precision in double."""
    square(A, "linalg.matrix_exp")
    if A.dtype.itemsize == 2:
        raise Unsupported("linalg.matrix_exp: half precision (where torch gives nan)")
    if A.dtype in (np.float32, np.complex64):
        return matrix_exp_kernel(A.astype(np.result_type(A, np.float64))).astype(A.dtype)
    norms = np.abs(A).sum(-2).max(-1, initial=0)
    norm = norms[np.isfinite(norms)].max(initial=0)
    s = max(0, int(np.ceil(np.log2(norm))) + 4) if norm > 0 else 0
    X = A / A.dtype.type(2**s)
    r = term = np.broadcast_to(np.eye(A.shape[-1], dtype=A.dtype), A.shape)
    for k in range(1, 14):
        term = term @ X / A.dtype.type(k)
        r = r + term
    for _ in range(s):
        r = r @ r
    return r


def frechet(A, g):
    n = A.shape[-1]
    block = cat([cat([A, g], -1), cat([zeros_of(g, A.shape), A], -1)], -2)
    return basic(matrix_exp(block), (..., slice(0, n), slice(n, 2 * n)))


matrix_exp = general(
    "linalg_matrix_exp(self)",
    matrix_exp_kernel,
    self=lambda g, self: frechet(mH(self), g),
    jvp=lambda self, self_t: frechet(self, self_t),
    modules="linalg torch",
    aliases=("matrix_exp",),
    half_ready=True,
)
