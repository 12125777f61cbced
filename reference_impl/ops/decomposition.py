"""Singular values and eigenvalues.

HOWTO. Several outputs are named in the signature; `g_U` is None where undefined. What a decomposition leaves open (the
phase of a singular vector) must not enter the loss: `gauge_free` raises torch's error where it does.
"""

from __future__ import annotations

import numpy as np

from ..errors import LinAlgError
from .form import general, linear
from .joining import cat
from .products import matmul, mH
from .rearranging import diag_embed
from .shape import basic, diagonal, unsqueeze
from .solving import column_by_column, first_failure, floating, solve_matrix_ex, square
from .structure import conj, real_part
from .writes import zeros_of


def plus(x, y):
    return y if x is None else x if y is None else x + y


def skew(x):
    return x - mH(x)


def gaps(x, y):
    """y_k - x_j at (j, k), and 1 on the diagonal, where the difference is 0."""
    return unsqueeze(y, -2) - unsqueeze(x, -1) + diag_embed(x * 0 + 1, 0, -2, -1)


def gauge_kernel(x, who, what):
    d = np.diagonal(x, 0, -2, -1)
    if d.dtype.kind == "c" and not np.allclose(d.imag, 0, rtol=1e-2, atol=1e-2):
        raise RuntimeError(
            f"{who}: The {what} in the complex case are specified up to multiplication by e^{{i phi}}. The specified loss "
            "function depends on this "
            + ("phase term, making it ill-defined." if who == "svd_backward" else "quantity, so it is ill-defined.")
        )
    return x


gauge_free = linear("gauge_free(self, who, what)", gauge_kernel, self=lambda g: g, public=False)


def real_diagonal(x):
    return real_part(diagonal(x, 0, -2, -1))


def columns(x, k):
    return basic(x, (..., slice(0, k)))


def lines(x, k):
    return basic(x, (..., slice(0, k), slice(None)))


# -- svd: Townsend, "Differentiating the Singular Value Decomposition" (2016)


def svd_kernel(A, full_matrices, driver):
    if A.ndim < 2:
        raise RuntimeError("linalg.svd: The input tensor A must have at least 2 dimensions.")
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )
    U, S, Vh = converged(floating(A, "linalg.svd"), full_matrices=full_matrices)
    return column_by_column(U), S, column_by_column(Vh)


def converged(A, **options):
    """The singular values of a matrix with an inf are nan."""
    failed = np.isnan(A).any((-2, -1))
    if failed.any():
        raise LinAlgError(
            f"linalg.svd: {first_failure(failed.astype(np.int32))[0]}The algorithm failed to converge because the input "
            "matrix contained non-finite values."
        )
    tame, endless = without_inf(A)
    found = np.linalg.svd(tame, **options)
    S = found[1] if isinstance(found, tuple) else found
    S[endless] = np.nan
    return found


def without_inf(A):
    """A with 0 for the matrices that have an inf, from which numpy's svd may not return; and which those are."""
    endless = np.isinf(A).any((-2, -1))
    return np.where(endless[..., None, None], A.dtype.type(0), A) if endless.any() else A, endless


def singular_values(A):
    return converged(A, compute_uv=False)


def svd_vjp(g_U, g_S, g_Vh, U, S, Vh):
    """U [(skew(U' gU) / E) s + s (skew(V' gV) / E) + diag(gS)] V', and what of gU, gV lies outside U, V."""
    k = S.shape[-1]
    U, Vh = columns(U, k), lines(Vh, k)
    s, E = unsqueeze(S, -2), gaps(S * S, S * S)
    inner = None if g_S is None else diag_embed(g_S, 0, -2, -1)
    outside = left = right = None
    if g_U is not None:
        g_U = columns(g_U, k)
        left = matmul(mH(U), g_U)
        if U.shape[-2] > k:
            outside = matmul((g_U - matmul(U, left)) / s, Vh)
    if g_Vh is not None:
        g_Vh = lines(g_Vh, k)
        right = matmul(Vh, mH(g_Vh))
        if Vh.shape[-1] > k:
            outside = plus(outside, matmul(U, (g_Vh - matmul(mH(right), Vh)) / unsqueeze(S, -1)))
    if left is not None or right is not None:
        checked = gauge_free(plus(left, right), "svd_backward", "singular vectors")
        inner = plus(inner, checked * 0)
    if left is not None:
        phase = skew(left) - hollow(skew(left))  # the diagonal: the phase that U and V share
        inner = inner + hollow(skew(left)) / E * s + phase / (2 * s)
    if right is not None:
        inner = inner + hollow(skew(right)) / E * unsqueeze(S, -1)
    return plus(outside, matmul(U, matmul(inner + zeros_of(U, inner.shape), Vh)))


def hollow(x):
    """Without its diagonal."""
    return x - diag_embed(diagonal(x, 0, -2, -1), 0, -2, -1)


def svd_jvp(U, S, Vh, A_t):
    """dS is the diagonal of U' dA V; dU and dV follow from its off-diagonal part and what lies outside U, V.

    The vectors that full_matrices=True adds get tangents of 0, as in torch.
    """
    k, whole_U, whole_Vh = S.shape[-1], U, Vh
    U, Vh = columns(U, k), lines(Vh, k)
    d, E = matmul(matmul(mH(U), A_t), mH(Vh)), gaps(S * S, S * S)
    row, column = unsqueeze(S, -2), unsqueeze(S, -1)
    off, phase = hollow(d), (d - hollow(d) - mH(d - hollow(d))) / (4 * row)
    U_t = matmul(U, (off * row + column * mH(off)) / E + phase)
    V_t = matmul(mH(Vh), (column * off + mH(off) * row) / E - phase)
    if U.shape[-2] > k:
        U_t = U_t + (matmul(A_t, mH(Vh)) - matmul(U, d)) / row
    if Vh.shape[-1] > k:
        V_t = V_t + (matmul(mH(A_t), U) - matmul(mH(Vh), mH(d))) / row
    return with_zeros(U_t, whole_U, -1), real_diagonal(d), with_zeros(mH(V_t), whole_Vh, -2)


def with_zeros(x, like, dim):
    """x made as long as `like` by zeros."""
    shape, length = list(like.shape), x.shape[dim]
    if shape[dim] == length:
        return x
    shape[dim] -= length
    return cat([x, zeros_of(x, tuple(shape))], dim)


linalg_svd = general(
    "linalg_svd(A, full_matrices=True, *, driver=None) -> (U, S, Vh)",
    svd_kernel,
    A=svd_vjp,
    jvp=svd_jvp,
    keeps="full_matrices",
    shows={"S_sym_argsize_minus_1": lambda S: S.shape[-1]},
    modules="linalg",
    refuses="half filled",
)


# -- eigenvalues


def eigh_vjp(g_eigenvalues, g_eigenvectors, eigenvalues, eigenvectors):
    """V (diag(gL) + skew(V' gV) / 2E) V', which is Hermitian as A is."""
    L, V = eigenvalues, eigenvectors
    if g_eigenvectors is None:
        return matmul(V * unsqueeze(g_eigenvalues, -2), mH(V))
    part = gauge_free(matmul(mH(V), g_eigenvectors), "linalg_eigh_backward", "eigenvectors")
    inner = hollow(skew(part)) / (2 * gaps(L, L))
    if g_eigenvalues is not None:
        inner = inner + diag_embed(g_eigenvalues, 0, -2, -1)
    return matmul(V, matmul(inner, mH(V)))


def eigh_jvp(eigenvalues, eigenvectors, self_t):
    """With D = V' dA V: dL is its diagonal, dV = V (D / E) without it."""
    L, V = eigenvalues, eigenvectors
    d = matmul(matmul(mH(V), self_t), V)
    return real_diagonal(d), matmul(V, hollow(d) / gaps(L, L))


def eigh_kernel(A, UPLO):
    if UPLO not in ("L", "U", "l", "u"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    if A.shape[-2:] == (0, 0):  # of any dtype
        return np.empty(A.shape[:-1], A.real.dtype), A.copy()
    L, V = np.linalg.eigh(square(A, "linalg.eigh"), UPLO)
    return L, column_by_column(V)


linalg_eigh = general(
    "linalg_eigh(self, UPLO='L') -> (eigenvalues, eigenvectors)",
    eigh_kernel,
    self=eigh_vjp,
    jvp=eigh_jvp,
    modules="linalg",
    refuses="integers half filled",
)


def eig_kernel(A):
    if not np.isfinite(square(A, "linalg.eig")).all():
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
    L, V = np.linalg.eig(A)
    kind = np.complex64 if A.dtype in (np.float32, np.complex64) else np.complex128
    return L.astype(kind), column_by_column(V.astype(kind))


def eig_vjp(g_eigenvalues, g_eigenvectors, eigenvalues, eigenvectors, self_dtype):
    """V^-H (diag(gL) + (V' gV - V' V diag(Re(V' gV))) / conj(E)) V', where E holds the gaps; the vectors have norm 1."""
    L, V = eigenvalues, eigenvectors
    Vh = mH(V)
    inner = None if g_eigenvalues is None else diag_embed(g_eigenvalues, 0, -2, -1)
    if g_eigenvectors is not None:
        part = gauge_free(matmul(Vh, g_eigenvectors), "linalg_eig_backward", "eigenvectors")
        free = part - matmul(Vh, V * unsqueeze(real_diagonal(part), -2))
        inner = plus(inner, hollow(free) / conj(gaps(L, L)))
    g = solve_matrix_ex(Vh, matmul(inner, Vh))
    return real_part(g) if self_dtype.kind != "c" else g


def eig_jvp(eigenvalues, eigenvectors, self_t):
    """As eigh_jvp with D = V^-1 dA V; then the part of dV along V is taken off, which would change the norm."""
    L, V = eigenvalues, eigenvectors
    d = solve_matrix_ex(V, matmul(self_t + zeros_of(V, self_t.shape), V))
    V_t = matmul(V, hollow(d) / gaps(L, L))
    return diagonal(d, 0, -2, -1), V_t - V * unsqueeze(real_diagonal(matmul(mH(V), V_t)), -2)


linalg_eig = general(
    "linalg_eig(self) -> (eigenvalues, eigenvectors)",
    eig_kernel,
    self=eig_vjp,
    jvp=eig_jvp,
    modules="linalg",
    refuses="integers half",
)
