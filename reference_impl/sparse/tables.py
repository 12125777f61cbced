"""Look-ups whose table gets a sparse gradient: embedding, embedding_bag and gather."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.embedding import table_rows
from ..ops.embedding_bag import bag, bag_weights_gradient
from ..ops.gathering import gather as table_elements
from ..tensor import Tensor, wrap
from .operators import coo_of, sparse_operator


def rows_of(g: Tensor, indices: Tensor, shape: Any, padding_idx: int) -> Tensor:
    """The gradient of a table of which these rows were looked up; those for padding get none."""
    flat = indices._array.reshape(-1)
    values = g.reshape(len(flat), g.shape[-1])
    if padding_idx >= 0:
        kept = np.flatnonzero(flat != padding_idx)
        flat, values = flat[kept], values[wrap(kept)]
    return coo_of(values, flat[None].astype(np.int64), shape, False)


def embedding_vjp(g: Tensor, indices: Tensor, weight_shape: Any, padding_idx: int, scale_grad_by_freq: bool) -> Tensor:
    if scale_grad_by_freq:
        raise RuntimeError("embedding_backward: scale_grad_by_freq not supported with sparse gradients")
    return rows_of(g, indices, weight_shape, padding_idx)


@sparse_operator(
    "embedding(weight, indices: nondiff, padding_idx, scale_grad_by_freq)",
    weight=embedding_vjp,
    shows={"sparse": lambda: True, "weight_sym_argsize_0": lambda weight_shape: weight_shape[0]},
)
def embedding(weight: Tensor, indices: Tensor, padding_idx: int, scale_grad_by_freq: bool) -> Tensor:
    return table_rows(weight, indices, padding_idx, scale_grad_by_freq)


def gather_vjp(g: Tensor, self_shape: Any, dim: int, index: Tensor) -> Tensor:
    """Every element where it was taken."""
    if not self_shape:
        return coo_of(g.reshape(-1), np.zeros((0, g.numel()), np.int64), self_shape, False)
    places = np.indices(index.shape or (1,)).reshape(len(self_shape), -1)
    places[dim] = index._array.reshape(-1)
    return coo_of(g.reshape(-1), places, self_shape, False)


@sparse_operator(
    "gather(self, dim, index: nondiff)", self=gather_vjp, keeps="self", shows={"sparse_grad": lambda: True}
)
def gather(self: Tensor, dim: int, index: Tensor) -> Tensor:
    return table_elements(self, dim, index)


def bag_vjp(
    g: Tensor, weight: Tensor, weights: Tensor, indices: Tensor, bags: Tensor, kind: str, padding_idx: int,
    by_frequency: bool, needs_weight: bool, needs_weights: bool,
) -> tuple[Tensor | None, Tensor | None]:  # fmt: skip
    gw = gp = None
    if needs_weight:
        if by_frequency:
            raise RuntimeError("embedding_backward: scale_grad_by_freq not supported with sparse gradients")
        if kind == "mean":
            sizes = np.bincount(bags._array[indices._array != padding_idx], minlength=len(g))
            g = g / wrap(np.maximum(sizes, 1).astype(g.dtype.np))[:, None]
        terms = g[bags] if weights is None else g[bags] * weights[:, None]
        gw = rows_of(terms, indices, weight.shape, padding_idx)
    if needs_weights:
        gp = bag_weights_gradient(g, weight, indices, bags, padding_idx)
    return gw, gp


@sparse_operator(bag.signature.partition(" ->")[0], vjp=bag_vjp, wrt="weight weights")
def embedding_bag(*args: Any) -> Tensor:
    return bag(*args)
