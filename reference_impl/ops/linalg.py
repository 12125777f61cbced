"""Linear algebra (torch.linalg). HOWTO: several outputs are named in the signature; `g_U` is None where undefined."""
from __future__ import annotations

import numpy as np

from .form import general
from .products import mH, matmul
from .shape import diagonal, diagonal_adjoint, unsqueeze


def diag_embed(x):
    return diagonal_adjoint(x, (*x.shape, x.shape[-1]), 0, -2, -1)


def square_gaps(S):
    """s_k^2 - s_j^2 at (j, k), and 1 on the diagonal."""
    row, column = unsqueeze(S, -2), unsqueeze(S, -1)
    return (row - column) * (row + column) + diag_embed(S * 0 + 1)


def skew(x):
    return x - mH(x)


def svd_vjp(g_U, g_S, g_Vh, U, S, Vh):
    """Real case of the reduced decomposition: Townsend, "Differentiating the Singular Value Decomposition" (2016).

    U [(skew(U' gU) / E) s + s (skew(V' gV) / E) + diag(gS)] V', and what of gU, gV lies outside U, V.
    """
    s = unsqueeze(S, -2)
    inner = None if g_S is None else diag_embed(g_S)
    outside = None
    if g_U is not None:
        part = matmul(mH(U), g_U)
        inner = plus(inner, skew(part) / square_gaps(S) * s)
        if U.shape[-2] > U.shape[-1]:
            outside = matmul((g_U - matmul(U, part)) / s, Vh)
    if g_Vh is not None:
        part = matmul(Vh, mH(g_Vh))
        inner = plus(inner, skew(part) / square_gaps(S) * unsqueeze(S, -1))
        if Vh.shape[-1] > Vh.shape[-2]:
            outside = plus(outside, matmul(U, (g_Vh - matmul(mH(part), Vh)) / unsqueeze(S, -1)))
    return plus(outside, matmul(U, matmul(inner, Vh)))


def svd_jvp(U, S, Vh, A_t):
    """dS is the diagonal of U' dA V; dU and dV follow from its off-diagonal part and what lies outside U, V."""
    d, E = matmul(matmul(mH(U), A_t), mH(Vh)), square_gaps(S)
    row, column = unsqueeze(S, -2), unsqueeze(S, -1)
    off = d - diag_embed(diagonal(d, 0, -2, -1))
    U_t = matmul(U, (off * row + column * mH(off)) / E)
    V_t = matmul(mH(Vh), (column * off + mH(off) * row) / E)
    if U.shape[-2] > U.shape[-1]:
        U_t = U_t + (matmul(A_t, mH(Vh)) - matmul(U, d)) / row
    if Vh.shape[-1] > Vh.shape[-2]:
        V_t = V_t + (matmul(mH(A_t), U) - matmul(mH(Vh), mH(d))) / row
    return U_t, diagonal(d, 0, -2, -1), mH(V_t)


def plus(x, y):
    return y if x is None else x + y


linalg_svd = general("linalg_svd(A, full_matrices=True) -> (U, S, Vh)",
                     lambda A, full_matrices: np.linalg.svd(A, full_matrices=full_matrices), A=svd_vjp, jvp=svd_jvp,
                     modules="linalg")
