"""Attention: in one node where torch has a kernel for it, else its composition of products, masks and softmax."""

from __future__ import annotations

from math import copysign, inf, sqrt
from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from .arithmetic import mul_number
from .dropout import dropout
from .form import composite, general
from .matmul import matmul
from .reduce import sum
from .shape import transpose
from .structure import neither, no_tangent


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


# -- in one node: of four dimensions, differentiable once and only backward, as torch's kernel is

FLASH = "_scaled_dot_product_flash_attention_for_cpu"


def scores_of(query, key, mask, is_causal, scale):
    scores = np.matmul(query, key.swapaxes(-2, -1)) * query.dtype.type(scale)
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, query.dtype.type(-inf))
    return scores if mask is None else scores + mask


def for_every_head(query, x):
    """Keys or values, of which several heads of queries may share one."""
    return np.repeat(x, query.shape[1] // x.shape[1], 1) if x.shape[1] < query.shape[1] else x


def usual(scale, width):
    """The scale of products of so many numbers; of none, they are 0 at any."""
    return scale if scale is not None else 1 / sqrt(width) if width else inf


def flash_kernel(query, key, value, mask, is_causal, scale):
    key, value = for_every_head(query, key), for_every_head(query, value)
    result = np.empty(query.shape, query.dtype) if 0 in query.strides else np.empty_like(query)  # laid out as it
    scores = scores_of(query, key, mask, is_causal, usual(scale, query.shape[-1]))
    result[...] = np.matmul(safe_softmax_kernel(scores), value)
    return result


def flash_back_kernel(g, query, key, value, mask, is_causal, scale):
    scale, shared = usual(scale, query.shape[-1]), key.shape
    key, value = for_every_head(query, key), for_every_head(query, value)
    weights = safe_softmax_kernel(scores_of(query, key, mask, is_causal, scale))
    slope = np.matmul(g, value.swapaxes(-2, -1))
    slope = weights * (slope - np.add.reduce(slope * weights, -1, keepdims=True)) * query.dtype.type(scale)
    products = np.matmul(slope.swapaxes(-2, -1), query), np.matmul(weights.swapaxes(-2, -1), g)
    found = [np.matmul(slope, key), *(x.reshape(*shared[:2], -1, *shared[2:]).sum(2) for x in products)]
    return [np.ascontiguousarray(x.swapaxes(1, 2)).swapaxes(1, 2) for x in found]


def logsumexp(query, key, mask, is_causal, scale):
    scores = scores_of(query, for_every_head(query, key), mask, is_causal, usual(scale, query.shape[-1]))
    found = np.logaddexp.reduce(scores, -1)
    return np.where(found == -inf, 0, found)  # of nothing, as torch shows it


flash_back = general(
    "flash_back(grad_output, query, key, value, mask: nondiff, is_causal, scale) -> (grad_query, grad_key, grad_value)",
    flash_back_kernel,
    **neither(f"{FLASH}_backward", "grad_output", "query", "key", "value"),
    public=False,
    grad_fn="NotImplementedBackward0",
)
flash_attention = general(
    "flash_attention(query, key, value, attn_mask: nondiff, is_causal, scale)",
    flash_kernel,
    vjp=lambda g, query, key, value, attn_mask, is_causal, scale: flash_back(
        g, query, key, value, attn_mask, is_causal, scale
    ),
    jvp=no_tangent(FLASH),
    wrt="query key value",
    backward=flash_back,
    keeps="result",
    saved_as={"result": "output"},
    shows={
        "dropout_p": lambda: 0.0,
        "logsumexp": lambda query, key, attn_mask, is_causal, scale: logsumexp(query, key, attn_mask, is_causal, scale),
    },
    public=False,
    grad_fn="ScaledDotProductFlashAttentionForCpuBackward0",
)


def fits_flash(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, grouped: bool) -> bool:
    q, k = query.shape, key.shape
    if not (len(q) == len(k) == 4 and k == value.shape and 0 not in (*q, *k) and query.dtype.is_floating_point):
        return False
    if q[0] != k[0] or q[3] != k[3] or (q[1] % k[1] if grouped else q[1] != k[1]):
        return False
    if any(x.stride(-1) != 1 for x in (query, key, value)):
        return False
    whole = (*q[:3], k[2])
    return mask is None or (
        mask.ndim in (2, 4)
        and not mask.requires_grad
        and all(n in (1, m) for n, m in zip(mask.shape, whole[-mask.ndim :], strict=True))
    )


def added(mask: Tensor, dtype: Any) -> Tensor:
    """A mask as what is added to the scores."""
    return wrap(np.where(mask._array, 0, -inf).astype(dtype.np)) if mask.dtype.np.kind == "b" else mask


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
    if attn_mask is not None:
        attn_mask = added(attn_mask, query.dtype)
    if not dropout_p and fits_flash(query, key, value, attn_mask, enable_gqa):
        return flash_attention(query, key, value, attn_mask, is_causal, scale)
    if enable_gqa:
        many = query.shape[-3] // key.shape[-3]
        key, value = (t.repeat_interleave(many, -3) for t in (key, value))
    if query.dtype.is_floating_point and query.dtype.itemsize == 2:  # rounded once, at the end
        given = (query, key, value, attn_mask)
        wide = (t.float() if t is not None and t.dtype is query.dtype else t for t in given)
        return scaled_dot_product_attention(*wide, dropout_p, is_causal, scale).to(query.dtype)
    scale = usual(scale, query.shape[-1])
    factor = sqrt(abs(scale))
    scores = matmul(mul_number(query, copysign(factor, scale)), mul_number(transpose(key, -2, -1), factor))
    if is_causal:
        attn_mask = added(wrap(np.tri(*scores.shape[-2:], dtype=bool)), scores.dtype)
    if attn_mask is not None:
        scores = scores + attn_mask
    weights = safe_softmax(scores)
    if dropout_p > 0:
        if dropout_p > 1:
            raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {dropout_p}")
        weights = dropout(weights, dropout_p)
    return matmul(weights, value)
