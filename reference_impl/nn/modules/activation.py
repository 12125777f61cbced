"""Attention with several heads."""

from __future__ import annotations

import math
from typing import Any

from ... import factories
from ...tensor import Tensor
from .. import functional as F
from .. import init
from .linear import Linear, empty
from .module import Module


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear under the name that torch shows for the one in an attention."""


class MultiheadAttention(Module):
    """Vaswani et al., "Attention is all you need" (2017) (source: torch.nn.MultiheadAttention).

    Inputs of shape (L, N, E), or (N, L, E) with batch_first, or (L, E). Returns the output and, with need_weights, the
    weights of shape (N, L, S), averaged over the heads, or (N, heads, L, S).
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
        add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and num_heads={num_heads} "
                "instead"
            )
        if embed_dim % num_heads:
            raise AssertionError("embed_dim must be divisible by num_heads")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = embed_dim if kdim is None else kdim, embed_dim if vdim is None else vdim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        together = self._qkv_same_embed_dim
        for name, width in zip("qkv", (embed_dim, self.kdim, self.vdim), strict=True):
            weight = None if together else empty(embed_dim, width, dtype=dtype)
            self.register_parameter(f"{name}_proj_weight", weight)
        self.register_parameter("in_proj_weight", empty(3 * embed_dim, embed_dim, dtype=dtype) if together else None)
        self.register_parameter("in_proj_bias", empty(3 * embed_dim, dtype=dtype) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, dtype=dtype)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, empty(1, 1, embed_dim, dtype=dtype) if add_bias_kv else None)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def projected(self, inputs: tuple[Tensor, Tensor, Tensor]) -> list[Tensor]:
        """Query, key and value, each by its part of the weights."""
        if self._qkv_same_embed_dim:
            weights = self.in_proj_weight.chunk(3)
        else:
            weights = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        biases = (None, None, None) if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        return [F.linear(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True)]

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Tensor | None = None, need_weights: bool = True,
        attn_mask: Tensor | None = None, average_attn_weights: bool = True, is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        if is_causal and attn_mask is None:
            raise RuntimeError(
                "Need attn_mask if specifying the is_causal hint."
                if key_padding_mask is None and not need_weights
                else "need attn_mask"
            )
        inputs, single = (query, key, value), query.ndim == 2
        if single:
            inputs = tuple(x.unsqueeze(1) for x in inputs)
            key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
        elif self.batch_first:
            inputs = tuple(x.transpose(0, 1) for x in inputs)
        q, k, v = self.projected(inputs)
        if self.bias_k is not None:
            k, v = (with_row(x, b.expand(1, x.shape[1], -1)) for x, b in ((k, self.bias_k), (v, self.bias_v)))
        if self.add_zero_attn:
            k, v = (with_row(x, factories.zeros(1, *x.shape[1:], dtype=x.dtype)) for x in (k, v))
        length, batch = q.shape[:2]
        added = k.shape[0] - inputs[1].shape[0]
        mask = self.masks(attn_mask, key_padding_mask, added, batch, q.dtype)
        q, k, v = (x.view(x.shape[0], batch * self.num_heads, self.head_dim).transpose(0, 1) for x in (q, k, v))
        p = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            scores = (q * math.sqrt(1.0 / self.head_dim)) @ k.transpose(-2, -1)
            weights = F.softmax(scores if mask is None else mask + scores, -1)
            found = (F.dropout(weights, p) if p else weights) @ v
        else:
            q, k, v = (x.view(batch, self.num_heads, x.shape[1], self.head_dim) for x in (q, k, v))
            if mask is not None:
                mask = mask.view(batch, self.num_heads, length, -1) if mask.shape[0] > 1 else mask.unsqueeze(0)
            found = F.scaled_dot_product_attention(q, k, v, mask, p).flatten(0, 1)
        found = found.transpose(0, 1).reshape(length, batch, self.embed_dim)
        return self.finished(self.out_proj(found), weights, batch, single, average_attn_weights)

    def finished(self, found: Tensor, weights: Any, batch: int, single: bool, average: bool) -> tuple[Tensor, Any]:
        if weights is not None:
            weights = weights.view(batch, self.num_heads, *weights.shape[1:])
            weights = weights.mean(1) if average else weights
            weights = weights.squeeze(0) if single else weights
        if single:
            return found.squeeze(1), weights
        return found.transpose(0, 1) if self.batch_first else found, weights

    def masks(self, attn_mask: Any, padding: Any, added: int, batch: int, dtype: Any) -> Tensor | None:
        """What is added to the scores, of shape (1 or N * heads, L, S)."""
        mask = None if attn_mask is None else F.pad(as_numbers(attn_mask, dtype), (0, added))
        if mask is not None and mask.ndim == 2:
            mask = mask.unsqueeze(0)
        if padding is None:
            return mask
        keys = F.pad(as_numbers(padding, dtype), (0, added))
        keys = keys.view(batch, 1, 1, -1).expand(-1, self.num_heads, -1, -1).reshape(batch * self.num_heads, 1, -1)
        return keys if mask is None else mask + keys


def with_row(x: Tensor, row: Tensor) -> Tensor:
    """x with one more row behind, along the sequence."""
    from ... import cat

    return cat([x, row])


def as_numbers(mask: Tensor, dtype: Any) -> Tensor:
    """A mask to add: True, which hides, becomes -inf."""
    if mask.dtype.is_floating_point:
        return mask.to(dtype)
    if mask.dtype is not factories.dtypes.bool_:
        raise AssertionError("only bool and floating types of mask are supported")
    return factories.zeros(mask.shape, dtype=dtype).masked_fill(mask, -math.inf)
