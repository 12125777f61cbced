"""Products of Householder reflections, and the older functions of LU and QR.

HOWTO. H = I - tau v v', with v = (0 ... 0, 1, the column of A below its diagonal). Reflections are applied one after
another, and the derivative is that of these steps.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import FLOAT, bfloat16, float16
from ..tensor import Tensor
from .form import composite, general
from .joining import cat
from .products import matmul, mH
from .rearranging import tril
from .reduce import sum
from .shape import basic, basic_adjoint, unsqueeze
from .solving import column_by_column
from .structure import conj, no_tangent, not_implemented
from .writes import zero

unit_lower = general(
    "unit_lower(self)",
    lambda x: np.tril(x, -1) + np.eye(*x.shape[-2:], dtype=x.dtype),
    self=lambda g: tril(g, -1),
    jvp=lambda self_t: tril(self_t, -1),
    public=False,
    grad_fn="TrilBackward0",
)


def reflections(A, tau):
    """(v, tau) of each reflection, as columns; A is (..., m, n), tau (..., k)."""
    k = tau.shape[-1]
    below = unit_lower(basic(A, (..., slice(0, k))))
    return [(basic(below, (..., slice(i, i + 1))), unsqueeze(basic(tau, (..., slice(i, i + 1))), -1)) for i in range(k)]


def adjoint(steps):
    """The reflections of the adjoint product."""
    return [(v, conj(t)) for v, t in reversed(steps)]


def applied(steps, C):
    """H1 H2 ... Hk C."""
    for v, t in reversed(steps):
        C = C - t * matmul(v, matmul(mH(v), C))
    return C


def applied_vjp(g, steps, C):
    """The gradients of every v and tau, and of C: of x - tau v (v' x), one after another."""
    xs, of_v, of_t = [C], [], []
    for v, t in reversed(steps):
        xs.append(xs[-1] - t * matmul(v, matmul(mH(v), xs[-1])))
    for (v, t), x in zip(steps, xs[-2::-1], strict=True):
        along, have = matmul(mH(v), g), matmul(mH(v), x)
        of_v.append(-(conj(t) * matmul(g, mH(have))) - t * matmul(x, mH(along)))
        of_t.append(-sum(conj(have) * along, -1))
        g = g - conj(t) * matmul(v, along)
    return of_v, of_t, g


def product_vjp(g, A, tau, C, A_shape, turned):
    """The gradients of A, tau and C; turned: of the adjoint product. torch gives neither A nor tau one where one is empty."""
    if 0 in (*A_shape, *tau.shape):
        return None, None, g
    steps = reflections(A, tau)
    of_v, of_t, g_C = applied_vjp(g, adjoint(steps) if turned else steps, C)
    if turned:
        of_v, of_t = of_v[::-1], [conj(t) for t in reversed(of_t)]
    return basic_adjoint(tril(cat(of_v, -1), -1), A_shape, (..., slice(0, tau.shape[-1]))), cat(of_t, -1), g_C


linalg_householder_product = general(
    "linalg_householder_product(input, tau)",
    lambda A, tau: applied_on_arrays(A, tau, np.eye(*A.shape[-2:], dtype=A.dtype)),
    vjp=lambda g, input, tau, input_shape: product_vjp(g, input, tau, unit_lower(zero(input)), input_shape, False)[:2],
    wrt="input tau",
    keeps="result",
    public=False,
)


def applied_on_arrays(A, tau, C, turned=False):
    below = np.tril(A[..., : tau.shape[-1]], -1) + np.eye(A.shape[-2], tau.shape[-1], dtype=A.dtype)
    C = np.array(np.broadcast_to(C, (*A.shape[:-2], *C.shape[-2:])))
    for i in range(tau.shape[-1]) if turned else reversed(range(tau.shape[-1])):
        v, t = below[..., i : i + 1], tau[..., i, None, None]
        C = C - (t.conj() if turned else t) * (v @ (v.conj().swapaxes(-2, -1) @ C))
    return C


def ormqr_kernel(A, tau, C, left, transpose):
    if left:
        return applied_on_arrays(A, tau, C, transpose)
    return applied_on_arrays(A, tau, C.conj().swapaxes(-2, -1), not transpose).conj().swapaxes(-2, -1)


def ormqr_vjp(g, self, tau, other, self_shape, left, transpose):
    if left:
        return product_vjp(g, self, tau, other, self_shape, transpose)
    g_A, g_tau, g_C = product_vjp(mH(g), self, tau, mH(other), self_shape, not transpose)  # C Q = (Q' C')'
    return g_A, g_tau, mH(g_C)


ormqr_ = general(
    "ormqr(self, tau, other, left, transpose)",
    ormqr_kernel,
    vjp=ormqr_vjp,
    wrt="self tau other",
    keeps="result",
    saved_as={"tau": "input2", "other": "input3"},
    public=False,
)


def check(A: Tensor, tau: Tensor, who: str) -> None:
    if A.ndim < 2:
        raise RuntimeError(f"{who}: input must have at least 2 dimensions.")
    if A.shape[-2] < A.shape[-1]:
        raise RuntimeError(f"{who}: input.shape[-2] must be greater than or equal to input.shape[-1]")
    if A.shape[-1] < tau.shape[-1]:
        raise RuntimeError(f"{who}: input.shape[-1] must be greater than or equal to tau.shape[-1]")
    if A.ndim - tau.ndim != 1:
        raise RuntimeError(
            f"{who}: Expected tau to have one dimension less than input, but got tau.ndim equal to {tau.ndim} and "
            f"input.ndim is equal to {A.ndim}"
        )
    if A.shape[:-2] != tau.shape[:-1]:
        raise RuntimeError(
            f"{who}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got {list(tau.shape[:-1])}"
        )
    if A.dtype is not tau.dtype:
        raise RuntimeError(f"{who}: tau dtype {tau.dtype} does not match input dtype {A.dtype}")


@composite("linalg_householder_product", modules="linalg", out=True)
def householder_product(input: Tensor, tau: Tensor) -> Tensor:
    """The first columns of the product of reflections (source: torch.linalg.householder_product)."""
    check(input, tau, "torch.linalg.householder_product")
    if input.dtype.np.kind not in "fc" or input.dtype.itemsize == 2:
        raise NotImplementedError(f"\"orgqr_cpu\" not implemented for '{input.dtype}'")
    return linalg_householder_product(input, tau)


@composite(out=True)
def orgqr(input: Tensor, input2: Tensor) -> Tensor:
    """torch.linalg.householder_product under its old name (source: torch.orgqr)."""
    return householder_product(input, input2)


@composite(out=True)
def ormqr(input: Tensor, input2: Tensor, input3: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """The whole product of reflections, or its adjoint, times input3, or input3 times it (source: torch.ormqr)."""
    tau, other = input2, input3
    for name, x in (("input", input), ("other", other)):
        if x.ndim < 2:
            raise RuntimeError(f"torch.ormqr: {name} must have at least 2 dimensions.")
    for name, x in (("tau", tau), ("other", other)):
        if x.dtype is not input.dtype:
            raise RuntimeError(
                f"torch.ormqr: Expected input and {name} to have the same dtype, but input has dtype"
                f"{input.dtype.legacy} and {name} has dtype {x.dtype.legacy}"
            )
    if tau.ndim != input.ndim - 1:
        raise RuntimeError(
            f"torch.ormqr: Expected tau to have one dimension less than input, but got tau.ndim equal to {tau.ndim} and "
            f"input.ndim is equal to {input.ndim}"
        )
    if other.ndim != input.ndim:
        raise RuntimeError(
            "torch.ormqr: Expected other to have the same number of dimensions as input, but got other.ndim equal to "
            f"{other.ndim} and input.ndim is equal to {input.ndim}"
        )
    side = -2 if left else -1
    if other.shape[side] != input.shape[-2]:
        raise RuntimeError(f"torch.ormqr: other.shape[{side}] must be equal to input.shape[-2]")
    if tau.ndim == input.ndim - 1 and tau.shape[-1] != min(other.shape[side], input.shape[-1]):
        raise RuntimeError(f"torch.ormqr: tau.shape[-1] must be equal to min(other.shape[{side}], input.shape[-1])")
    if input.dtype.category < FLOAT or input.dtype in (float16, bfloat16):
        raise NotImplementedError(f"\"ormqr_cpu\" not implemented for '{input.dtype.legacy}'")
    return ormqr_(input, tau, other, left, transpose)


def geqrf_kernel(A):
    if A.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    h, tau = np.linalg.qr(A, "raw")
    return column_by_column(np.swapaxes(h, -2, -1)), tau


geqrf = general(
    "geqrf(self) -> (a, tau: nondiff)",
    geqrf_kernel,
    self=not_implemented("geqrf"),
    jvp=no_tangent("geqrf"),
    refuses="integers half",
    grad_fn="NotImplementedBackward0",
)
