"""Attention with several heads, as torch composes it (Vaswani et al., "Attention is all you need", 2017).

HOWTO. Shapes inside: (length, batch, width) until the heads are split, then (batch * heads, length, width / heads).
"""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from .affine import baddbmm, linear_
from .attention import scaled_dot_product_attention
from .dropout import dropout
from .form import composite
from .joining import cat
from .products import bmm
from .rearranging import constant_pad_nd
from .reduce import mean
from .shape import permute, select, squeeze, transpose, unsqueeze, view_
from .shaping import reshape
from .softmax import softmax
from .stacking import split


@composite(modules="nn.functional", method=False)
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """The output (L, N, E) and, with need_weights, the weights (N, L, S) or (N, heads, L, S); without N for inputs (L, E).

    (source: torch.nn.functional.multi_head_attention_forward)
    """
    check_ranks(query, key, value, key_padding_mask, attn_mask, num_heads)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    single = query.ndim == 2
    inputs = tuple(unsqueeze(x, 1) if single else x for x in (query, key, value))
    padding = unsqueeze(key_padding_mask, 0) if single and key_padding_mask is not None else key_padding_mask
    length, batch, width = inputs[0].shape
    check(inputs, width, embed_dim_to_check, num_heads, use_separate_proj_weight)
    if use_separate_proj_weight:
        q, k, v = each_projected(inputs, (q_proj_weight, k_proj_weight, v_proj_weight), in_proj_bias)
    else:
        q, k, v = projected(inputs, in_proj_weight, in_proj_bias)
    check_static({"key": static_k, "value": static_v}, bias_k, batch * num_heads, width // num_heads)
    k, v = with_biases(k, v, bias_k, bias_v)
    q, k, v = (split_heads(x, num_heads) for x in (q, k, v))
    k, v = k if static_k is None else static_k, v if static_v is None else static_v
    k, v = (with_zeros(k), with_zeros(v)) if add_zero_attn else (k, v)
    mask = masks(attn_mask, padding, k.shape[1], (batch, num_heads, length, inputs[1].shape[0]), q.dtype)
    p = dropout_p if training else 0.0
    if need_weights:
        found, shares = weighted(q, k, v, mask, p)
    else:
        found, shares = at_once(q, k, v, mask, p, (batch, num_heads)), None
    found = linear_(reshape(found, (length * batch, width)), out_proj_weight, out_proj_bias)
    found = reshape(found, (length, batch, found.shape[1]))
    if shares is not None:
        shares = view_(shares, (batch, num_heads, *shares.shape[1:]))
        shares = mean(shares, 1) if average_attn_weights else shares
        shares = squeeze(shares, 0) if single else shares
    return squeeze(found, 1) if single else found, shares


def with_biases(k: Tensor, v: Tensor, bias_k: Any, bias_v: Any) -> tuple[Tensor, ...]:
    """Keys and values of shape (length, batch, width), each with a learned one behind."""
    if (bias_k is None) is not (bias_v is None):
        raise AssertionError
    if bias_k is None:
        return k, v
    return tuple(cat([x, bias.repeat(1, x.shape[1], 1)], 0) for x, bias in ((k, bias_k), (v, bias_v)))


def with_zeros(x: Tensor) -> Tensor:
    """Keys or values, split among the heads, with zeros behind."""
    return cat([x, wrap(np.zeros((x.shape[0], 1, x.shape[2]), x.dtype.np))], 1)


def each_projected(inputs: tuple[Tensor, ...], weights: Any, bias: Tensor | None) -> list[Tensor]:
    biases = (None, None, None) if bias is None else bias.chunk(3)
    return [linear_(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True)]


def projected(inputs: tuple[Tensor, ...], weight: Any, bias: Tensor | None) -> list[Tensor]:
    """Queries, keys and values by the parts of one weight; what is projected by several of them, by one product."""
    query, key, value = inputs
    if key is not value:
        return each_projected(inputs, weight.chunk(3), bias)
    if query is key:
        return in_parts(linear_(query, weight, bias), 3)
    width = query.shape[-1]
    weights = split(weight, [width, 2 * width])
    biases = (None, None) if bias is None else split(bias, [width, 2 * width])
    return [linear_(query, weights[0], biases[0]), *in_parts(linear_(key, weights[1], biases[1]), 2)]


def in_parts(x: Tensor, count: int) -> list[Tensor]:
    """The last dimension in parts, each in memory of its own."""
    x = view_(x, (*x.shape[:-1], count, x.shape[-1] // count))
    x = squeeze(transpose(unsqueeze(x, 0), 0, -2), -2).contiguous()
    return [select(x, 0, i) for i in range(count)]


def weighted(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, p: float) -> tuple[Tensor, Tensor]:
    """What each head finds, of shape (L, N * heads, ...), and the weights by which it looks."""
    scaled, turned = q * sqrt(1.0 / q.shape[-1]), transpose(k, -2, -1)
    shares = softmax(bmm(scaled, turned) if mask is None else baddbmm(mask, scaled, turned), -1)
    shares = dropout(shares, p) if p else shares
    return transpose(bmm(shares, v), 0, 1), shares


def at_once(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, p: float, sizes: tuple[int, int]) -> Tensor:
    """The same, of shape (L, N, heads, ...), by one operator. sizes: of the batch, and the number of heads."""
    q, k, v = (view_(x, (*sizes, *x.shape[1:])) for x in (q, k, v))
    if mask is not None:
        mask = unsqueeze(mask, 0) if mask.shape[0] == 1 else reshape(mask, (*sizes, mask.shape[1], k.shape[2]))
    return permute(scaled_dot_product_attention(q, k, v, mask, p), (2, 0, 1, 3))


def check(inputs: tuple[Tensor, ...], width: int, expected: int, num_heads: int, separate: bool) -> None:
    key, value = tuple(inputs[1].shape), tuple(inputs[2].shape)
    if width != expected:
        raise AssertionError(f"was expecting embedding dimension of {expected}, but got {width}")
    if width % num_heads:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    if separate and key[:2] != value[:2]:
        raise AssertionError(f"key's sequence and batch dims {key[:2]} do not match value's {value[:2]}")
    if not separate and key != value:
        raise AssertionError(f"key shape {inputs[1].shape} does not match value shape {inputs[2].shape}")


def check_ranks(
    query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, mask: Tensor | None, heads: int
) -> None:
    if query.ndim not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.ndim}-D query tensor"
        )
    rank = query.ndim
    start = f"For {'batched (3-D)' if rank == 3 else 'unbatched (2-D)'} `query`, expected"
    if key.ndim != rank or value.ndim != rank:
        raise AssertionError(
            f"{start} `key` and `value` to be {rank}-D but found {key.ndim}-D and {value.ndim}-D tensors respectively"
        )
    if padding is not None and padding.ndim != rank - 1:
        raise AssertionError(
            f"{start} `key_padding_mask` to be `None` or {rank - 1}-D but found {padding.ndim}-D tensor instead"
        )
    if mask is not None and mask.ndim not in (2, 3):
        raise AssertionError(f"{start} `attn_mask` to be `None`, 2-D or 3-D but found {mask.ndim}-D tensor instead")
    if mask is not None and rank == 2 and mask.ndim == 3:
        wanted = (heads, query.shape[0], key.shape[0])
        if tuple(mask.shape) != wanted:
            raise AssertionError(f"Expected `attn_mask` shape to be {wanted} but got {mask.shape}")


def check_static(given: dict[str, Tensor | None], bias: Tensor | None, planes: int, width: int) -> None:
    """Keys and values that are split among the heads already."""
    for name, x in given.items():
        if x is None:
            continue
        if bias is not None:
            raise AssertionError(f"bias cannot be added to static {name}.")
        for d, wanted in ((0, planes), (2, width)):
            if x.shape[d] != wanted:
                raise AssertionError(f"expecting static_{name[0]}.size({d}) of {wanted}, but got {x.shape[d]}")


def split_heads(x: Tensor, heads: int) -> Tensor:
    length, batch, width = x.shape
    return transpose(view_(x, (length, batch * heads, width // heads)), 0, 1)


def masks(mask: Any, padding: Any, source: int, sizes: tuple[int, ...], dtype: Any) -> Tensor | None:
    """What is added to the scores, of shape (1 or N * heads, L, S); keys that were put behind are not masked."""
    batch, heads, length, keys = sizes
    if mask is not None:
        two, three = (length, keys), (batch * heads, length, keys)
        if mask.ndim not in (2, 3):
            raise RuntimeError(f"attn_mask's dimension {mask.ndim} is not supported")
        if tuple(mask.shape) != (wanted := two if mask.ndim == 2 else three):
            raise RuntimeError(f"The shape of the {mask.ndim}D attn_mask is {mask.shape}, but should be {wanted}.")
        mask = as_numbers(mask, dtype, "attn_mask")
        mask = constant_pad_nd(unsqueeze(mask, 0) if mask.ndim == 2 else mask, (0, source - keys))
    if padding is None:
        return mask
    for d, wanted in enumerate((batch, keys)):
        if padding.shape[d] != wanted:
            raise AssertionError(f"Expected key_padded_mask.shape[{d}] to be {wanted}, but got {padding.shape[d]}")
    hidden = constant_pad_nd(as_numbers(padding, dtype, "key_padding_mask"), (0, source - keys))
    hidden = reshape(view_(hidden, (batch, 1, 1, source)).expand(-1, heads, -1, -1), (batch * heads, 1, source))
    return hidden if mask is None else mask + hidden


def as_numbers(mask: Tensor, dtype: Any, name: str) -> Tensor:
    """A mask to add: True, which hides, becomes -inf."""
    if mask.dtype.is_floating_point:
        return mask
    if mask.dtype.np.kind != "b":
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return wrap(np.where(mask._array, -inf, 0.0).astype(dtype.np)[()])
