"""Norms of matrices, as torch spells them."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from ..dtypes import FLOAT, LEGACY
from ..tensor import Tensor, wrap
from . import infos, norms, shape
from .dims import wrap_dims
from .form import composite
from .matrices import svdvals
from .structure import where


@composite("linalg_matrix_norm", modules="linalg", out=True)
def matrix_norm(
    input: Tensor, ord: Any = "fro", dim: tuple[int, ...] = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The norm of every matrix (source: torch.linalg.matrix_norm)."""
    A = input if dtype is None else input.to(dtype)
    if A.dtype.category < FLOAT:
        raise RuntimeError(
            f"linalg.matrix_norm: Expected a floating point or complex tensor as input. Got {LEGACY[A.dtype]}"
        )
    if A.dtype.itemsize == 2 and ord in ("nuc", 2, -2):
        raise RuntimeError(f"linalg.matrix_norm: Low precision dtypes not supported. Got {LEGACY[A.dtype]}")
    if isinstance(ord, str) and ord not in ("fro", "nuc"):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if A.ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    if len(tuple(dim)) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    a, b = wrap_dims(tuple(dim), A.ndim)
    if ord == "fro":
        return norms.linalg_vector_norm(A, 2, (a, b), keepdim)
    if ord in ("nuc", 2, -2):
        rest = [d for d in range(A.ndim) if d not in (a, b)]
        S = svdvals(shape.permute(A, (*rest, a, b)))
        r = S.sum(-1, keepdim) if ord == "nuc" else S.amax(-1, keepdim) if ord == 2 else S.amin(-1, keepdim)
        return shape.permute(shape.unsqueeze(r, -1), shape.inverse((*rest, a, b))) if keepdim else r
    if ord in (inf, -inf, 1, -1):
        total, over = (a, b) if abs(ord) == 1 else (b, a)
        sums = norms.linalg_vector_norm(A, 1.0, total, keepdim)
        over -= not keepdim and over > total
        return sums.amax(over, keepdim) if ord > 0 else sums.amin(over, keepdim)
    raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")


@composite("linalg_norm", modules="linalg", out=True)
def norm(input: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """A vector or matrix norm (source: torch.linalg.norm)."""
    A = input if dtype is None else input.to(dtype)
    if A.dtype.category < FLOAT:
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {LEGACY[A.dtype]}"
        )
    if ord is not None and dim is None and A.ndim not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.ndim}D."
        )
    if dim is not None and not isinstance(dim, int) and len(tuple(dim)) == 2 and ord is not None:
        return matrix_norm(A, ord, dim, keepdim)
    if ord is not None and dim is None and A.ndim == 2:
        return matrix_norm(A, ord, (-2, -1), keepdim)
    if isinstance(ord, str):
        return matrix_norm(A, ord, dim or (-2, -1), keepdim)
    return norms.linalg_vector_norm(A, 2.0 if ord is None else ord, dim, keepdim)


@composite()
def nuclear_norm(input: Tensor, dim: Any = (-2, -1), keepdim: bool = False) -> Tensor:
    return matrix_norm(input, "nuc", dim, keepdim)


@composite("linalg_cond", modules="linalg", out=True)
def cond(input: Tensor, p: Any = None) -> Tensor:
    if not input.numel():
        return wrap(np.zeros(input.shape[:-2], input._array.real.dtype)[()])
    if p in (None, 2, -2):
        S = svdvals(input)
        top, bottom = S[..., :1], S[..., -1:]
        return shape.squeeze(bottom / top if p == -2 else top / bottom, -1)
    inverse, info = infos.inv_ex(input)
    return where(info > 0, inf, matrix_norm(input, p) * matrix_norm(inverse, p))
