"""Attention, as torch's own composition of products, masks and softmax."""

from __future__ import annotations

from math import copysign, inf, sqrt

import numpy as np

from ..tensor import Tensor, wrap
from .arithmetic import mul_number
from .form import composite, general
from .matmul import matmul
from .reduce import sum
from .shape import transpose


def safe_softmax_kernel(x):
    """softmax over the last dimension; a row of -inf alone gives 0."""
    if x.dtype.kind == "c":
        raise RuntimeError('"softmax_lastdim_kernel_impl" not implemented for complex numbers')
    if not x.size:
        return x.copy()
    top = x.max(-1, keepdims=True)
    e = np.exp(x - np.where(np.isinf(top), x.dtype.type(0), top))
    total = np.add.reduce(e, -1, keepdims=True)
    return e / np.where(total == 0, x.dtype.type(1), total)


def safe_softmax_vjp(g, result):
    return result * (g - sum(g * result, -1, True))


safe_softmax = general(
    "safe_softmax(self)",
    safe_softmax_kernel,
    self=safe_softmax_vjp,
    jvp=lambda self_t, result: safe_softmax_vjp(self_t, result),
    shows={"dim": lambda: -1},
    public=False,
    grad_fn="SafeSoftmaxBackward0",
)


@composite(modules="nn.functional", method=False)
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(q k' * scale + mask) v (source: torch.nn.functional.scaled_dot_product_attention)."""
    if is_causal and attn_mask is not None:
        raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    if enable_gqa:
        many = query.shape[-3] // key.shape[-3]
        key, value = (t.repeat_interleave(many, -3) for t in (key, value))
    if not query.dtype is key.dtype is value.dtype:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{query.dtype.cpp} key.dtype: {key.dtype.cpp} and value.dtype: {value.dtype.cpp} instead."
        )
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query.ndim}, key.dim: {key.ndim} and value.dim: {value.ndim} instead."
        )
    if query.dtype.is_floating_point and query.dtype.itemsize == 2:  # rounded once, at the end
        given = (query, key, value, attn_mask)
        wide = (t.float() if t is not None and t.dtype is query.dtype else t for t in given)
        return scaled_dot_product_attention(*wide, dropout_p, is_causal, scale).to(query.dtype)
    scale = 1 / sqrt(query.shape[-1]) if scale is None else scale
    factor = sqrt(abs(scale))
    scores = matmul(mul_number(query, copysign(factor, scale)), mul_number(transpose(key, -2, -1), factor))
    if is_causal:
        shape = scores.shape[-2:]
        attn_mask = wrap(np.tril(np.ones(shape, bool)))
    if attn_mask is not None:
        if attn_mask.dtype.np.kind == "b":
            attn_mask = wrap(np.where(attn_mask._array, 0, -inf).astype(scores.dtype.np))
        scores = scores + attn_mask
    weights = safe_softmax(scores)
    if dropout_p > 0:
        from . import registry

        weights = registry.function("dropout", "nn.functional")(weights, dropout_p)
    return matmul(weights, value)
