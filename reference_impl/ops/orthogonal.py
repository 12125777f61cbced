"""Products of Householder reflections, and the older functions of LU and QR.

HOWTO. H = I - tau v v', with v = (0 ... 0, 1, the column of A below its diagonal). Functions on Tensors: reflections are
applied one after another, so that the derivative is that of these steps.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import FLOAT, bfloat16, float16
from ..tensor import Tensor, wrap
from .form import composite, general
from .joining import tril
from .products import matmul, mH
from .shape import basic, unsqueeze
from .solving import column_by_column
from .structure import conj, no_tangent, not_implemented
from .writes import zeros_of


def reflections(A: Tensor, tau: Tensor) -> list[tuple[Tensor, Tensor]]:
    """(v, tau) of each reflection, as columns; A is (..., m, n), tau (..., k)."""
    m, k = A.shape[-2], tau.shape[-1]
    below = tril(basic(A, (..., slice(0, k))), -1) + wrap(np.eye(m, k, dtype=A.dtype.np))
    return [(basic(below, (..., slice(i, i + 1))), unsqueeze(basic(tau, (..., slice(i, i + 1))), -1)) for i in range(k)]


def applied(steps: list[tuple[Tensor, Tensor]], C: Tensor) -> Tensor:
    """H1 H2 ... Hk C."""
    for v, t in reversed(steps):
        C = C - t * matmul(v, matmul(mH(v), C))
    return C


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


# torch gives neither the reflections nor tau a gradient where one of them is empty
unreflected = general(
    "unreflected(A, tau, C)",
    lambda A, tau, C: C.copy(),
    vjp=lambda g: (None, None, g),
    jvp=lambda C, C_t: C * 0 if C_t is None else C_t,
    wrt="A tau C",
    public=False,
    grad_fn="HouseholderProductBackward0",
)


@composite("linalg_householder_product", modules="linalg", out=True)
def householder_product(A: Tensor, tau: Tensor) -> Tensor:
    """The first columns of the product of reflections (source: torch.linalg.householder_product)."""
    check(A, tau, "torch.linalg.householder_product")
    if A.dtype.np.kind not in "fc" or A.dtype.itemsize == 2:
        raise NotImplementedError(f"\"orgqr_cpu\" not implemented for '{A.dtype}'")
    eye = np.broadcast_to(np.eye(*A.shape[-2:], dtype=A.dtype.np), A.shape)
    if not A.numel() or not tau.numel():
        return unreflected(A, tau, wrap(eye))
    return applied(reflections(A, tau), wrap(eye) + zeros_of(A, A.shape))


@composite(out=True)
def orgqr(input: Tensor, tau: Tensor) -> Tensor:
    """torch.linalg.householder_product under its old name (source: torch.orgqr)."""
    return householder_product(input, tau)


@composite(out=True)
def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """The whole product of reflections, or its adjoint, times other, or other times it (source: torch.ormqr)."""
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
    if not input.numel() or not tau.numel():
        return unreflected(input, tau, other)
    steps = reflections(input, tau)
    if not left:  # C Q = (Q' C')', C Q' = (Q C')'
        return mH(applied(steps if transpose else adjoint(steps), mH(other)))
    return applied(adjoint(steps) if transpose else steps, other)


def adjoint(steps: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
    """The reflections of the adjoint product."""
    return [(v, conj(t)) for v, t in reversed(steps)]


def geqrf_kernel(A):
    if A.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    h, tau = np.linalg.qr(A, "raw")
    return column_by_column(np.swapaxes(h, -2, -1)), tau


geqrf = general(
    "geqrf(A) -> (a, tau: nondiff)",
    geqrf_kernel,
    A=not_implemented("geqrf"),
    jvp=no_tangent("geqrf"),
    refuses="integers half",
    grad_fn="NotImplementedBackward0",
)
