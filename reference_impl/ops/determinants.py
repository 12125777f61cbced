"""Determinants, and what their derivatives are made of.

HOWTO. The gradient of a determinant are the cofactors, which exist where there is no inverse.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import Unsupported
from .decomposition import converged, plus
from .form import general, linear
from .linalg import imag, inverse
from .products import matmul, mH
from .reduce import sum
from .shape import diagonal, unsqueeze
from .solving import FACTORS_OF_ROWS, found_by, square
from .structure import conj, real_part, where
from .writes import zeros_of

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
    """C = conj(det) B with B = A^-H; dC = conj(tr(A^-1 dA)) C - C dA' B. Where there is no inverse, by the svd."""
    singular = is_singular(A)
    regular = where(singular, identity(A), A)
    B = mH(inverse(regular))
    C = unsqueeze(unsqueeze(conj(det(regular)), -1), -1) * B
    total = sum(sum(conj(C) * g, -1), -1)
    usual = unsqueeze(unsqueeze(conj(total), -1), -1) * B - matmul(matmul(B, mH(g)), C)
    return where(singular, singular_cofactors(g, A), usual)


def singular_cofactors_kernel(g, A):
    """A = U S V': in that basis the cofactor at (i, i) changes with the entries (k, k), that at (i, j) with (j, i), each times
    the product of the other singular values. torch's svd has no derivative where two of these are equal."""
    r = np.zeros_like(A)
    for at in np.ndindex(A.shape[:-2]):
        if det_kernel(A[at]) != 0:
            continue
        U, S, Vh = converged(A[at])
        n = range(len(S))
        others = np.array([[np.prod(np.delete(S, [i, j])) if i != j else 0 for j in n] for i in n], A.dtype)
        inner = U.conj().T @ g[at] @ Vh.conj().T
        changes = np.diag(others @ np.diagonal(inner)) - others * inner.T
        phase = np.conj(np.linalg.det(U) * np.linalg.det(Vh))
        r[at] = np.nan if len({*S.tolist()}) < len(S) else phase * (U @ changes.conj() @ Vh)
    return r


def third_derivative_kernel(A):
    if (det_kernel(A) == 0).any():
        raise Unsupported("linalg_det: third derivative at a singular matrix")
    return np.zeros_like(A)


is_singular = linear("is_singular(A: nondiff)", lambda A: np.asarray(det_kernel(A) == 0)[..., None, None], public=False)
identity = linear(
    "identity(A: nondiff)", lambda A: np.broadcast_to(np.eye(A.shape[-1], dtype=A.dtype), A.shape), public=False
)
third_derivative = linear("third_derivative(A: nondiff)", third_derivative_kernel, public=False)
singular_cofactors = general(
    "singular_cofactors(g_, A)",
    singular_cofactors_kernel,
    g_=lambda g, A: singular_cofactors(g, A),
    A=lambda A: third_derivative(A),
    public=False,
)


cofactors = general(  # their derivative is its own adjoint
    "cofactors(A)",
    cofactors_kernel,
    A=cofactors_vjp,
    jvp=lambda A, A_t: cofactors_vjp(A_t, A),
    public=False,
    grad_fn="LinalgDetBackward0",
)
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
