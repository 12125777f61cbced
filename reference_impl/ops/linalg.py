"""Linear algebra: determinants, inverses, least squares, the exponential.

HOWTO. A derivative of an inverse or a solution is again a solution with the adjoint matrix. Decompositions are in
decomposition.py, what torch makes of all these in matrices.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import LinAlgError, Unsupported
from .decomposition import converged, plus, without_inf
from .form import general, linear
from .joining import cat
from .products import matmul, mH
from .reduce import sum
from .shape import basic, diagonal, unsqueeze
from .solving import FACTORS_OF_ROWS, column_by_column, first_singular, found_by, square
from .structure import conj, real_part, sum_to, where
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


# -- determinants
#
# Note [Two gradients of det]. At a singular matrix torch's plain backward and forward mode give 0 (det times a perturbed
# inverse), but the cofactors, which are the derivative, where the gradient is itself recorded. So `plain_rule` has two
# meanings: as a kernel it clears the gradient there, as an operator it lets it pass.


@np.errstate(all="ignore")
def det_kernel(A):
    found = np.linalg.det(square(A, "linalg.det"))
    return found if np.all(found) else np.where(np.isnan(A).any((-2, -1)), np.nan, found)[()]


def cofactors_kernel(A):
    """det(A) inv(A)': by the inverse, or where there is none by the svd."""
    r = np.empty_like(A)
    for at in np.ndindex(A.shape[:-2]):
        a = A[at]
        d = det_kernel(a)
        if d != 0:
            r[at] = np.conj(d * np.linalg.inv(a)).T
            continue
        U, S, Vh = converged(a)
        others = [np.prod(np.delete(S, k)) for k in range(len(S))]
        r[at] = np.conj(np.linalg.det(U) * np.linalg.det(Vh)) * (U * others) @ Vh
    return r


def cofactors_vjp(g, A):
    """C = conj(det) B with B = A^-H; dC = conj(tr(A^-1 dA)) C - C dA' B."""
    B = mH(inverse(A))
    C = unsqueeze(unsqueeze(conj(det(A)), -1), -1) * B
    total = sum(sum(conj(C) * g, -1), -1)
    return unsqueeze(unsqueeze(conj(total), -1), -1) * B - matmul(matmul(B, mH(g)), C)


cofactors = general("cofactors(A)", cofactors_kernel, A=cofactors_vjp, public=False, grad_fn="LinalgDetBackward0")
plain_rule = linear(
    "plain_rule(self, det: nondiff)",
    lambda g, det: np.where(det == 0, g.dtype.type(0), g),
    self=lambda g: g,
    public=False,
)
plain_rule.__dict__["function"] = lambda g, det: g  # see Note [Two gradients of det]


def trace_product(x, y):
    """tr(x y) for every matrix of a batch."""
    return sum(diagonal(matmul(x, y), 0, -2, -1), -1)


def det_vjp(g, A, result, A_shape):
    if A_shape[-1] == 1:
        return unsqueeze(unsqueeze(g, -1), -1)
    return unsqueeze(unsqueeze(plain_rule(g, result), -1), -1) * cofactors(A)


det = general(
    "linalg_det(A)",
    det_kernel,
    A=det_vjp,
    jvp=lambda A, result, A_t: where(result == 0, 0.0, trace_product(mH(cofactors(A)), A_t)),
    modules="torch linalg",
    aliases=("det",),
    shows=FACTORS_OF_ROWS,
    refuses="half filled",
)


def slogdet_vjp(g_sign, g_logabsdet, A, sign, A_dtype):
    """inv(A)' (g_logabsdet - i Im(conj(g_sign) sign))."""
    factor = g_logabsdet
    if A_dtype.kind == "c" and g_sign is not None:
        factor = plus(factor, imag(conj(g_sign) * sign) * -1j)
    if factor is None:
        return None
    return unsqueeze(unsqueeze(factor, -1), -1) * mH(inverse_or_inf(A))


def slogdet_jvp(A, A_dtype, sign, A_t):
    t = trace_product(inverse_or_inf(A), A_t)
    if A_dtype.kind != "c":
        return zeros_of(sign, sign.shape), t
    return sign * (imag(t) * 1j), real_part(t)


def inverse_or_inf_kernel(A):
    """Of singular matrices the adjugate over 0."""
    found = found_by(np.linalg.inv, A)
    if found is not None:
        return found
    adjugate = np.conj(cofactors_kernel(A)).swapaxes(-2, -1)
    return adjugate / np.asarray(det_kernel(A))[..., None, None]


inverse_or_inf = general(
    "inverse_or_inf(A)",
    inverse_or_inf_kernel,
    A=inverse.formulas["A"],
    jvp=inverse.jvp,
    public=False,
    grad_fn="LinalgInvExBackward0",
)


@np.errstate(all="ignore")
def slogdet_kernel(A):
    """With a nan in A, a real sign is 0 and all else nan."""
    sign, logabsdet = np.linalg.slogdet(square(A, "linalg.slogdet"))
    spoiled = np.isnan(A).any((-2, -1))
    sign = np.where(spoiled, np.nan if A.dtype.kind == "c" else 0, sign)
    return sign.astype(A.dtype)[()], np.where(spoiled, np.nan, logabsdet)[()]


slogdet = general(
    "linalg_slogdet(A) -> (sign, logabsdet)",
    slogdet_kernel,
    A=slogdet_vjp,
    jvp=slogdet_jvp,
    modules="linalg",
    shows=FACTORS_OF_ROWS,
    refuses="half",
)
torch_slogdet = replace(slogdet, signature="slogdet(A) -> (sign, logabsdet)", modules="torch", method=True)


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
    "linalg_matrix_exp(A)",
    matrix_exp_kernel,
    A=lambda g, A: frechet(mH(A), g),
    jvp=lambda A, A_t: frechet(A, A_t),
    modules="linalg torch",
    aliases=("matrix_exp",),
    half_ready=True,
    saved_as={"A": "self"},
)
