"""Sums and softmax of sparse tensors: of the values, without history."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import Unsupported
from ..ops.dims import wrap_dim, wrap_dims
from ..tensor import Tensor, wrap
from .tensor import SparseTensor, coalesced, flat, like, made


def summed(t: SparseTensor, dim: Any) -> Tensor:
    """The sum over some dimensions; sparse, and coalesced, as long as a sparse one is left."""
    n, dims = t.sparse_dim(), wrap_dims(dim, t.ndim)
    left = [d for d in range(n) if d not in dims]
    inner = tuple(d - n + 1 for d in sorted(dims) if d >= n)
    values = t._values_tensor.sum(inner) if inner else t._values_tensor
    if not left:
        return values.sum(0)
    size = [s for d, s in enumerate(t._size) if d not in dims]
    return coalesced(made(t._indices_array[left], values, size, t._coalesced and len(left) == n))


def lines(t: SparseTensor, dim: int) -> np.ndarray:
    """Of each element the number of the line along `dim` that it lies in."""
    n, dim = t.sparse_dim(), wrap_dim(dim, t.ndim)
    if dim >= n:
        raise Unsupported("sparse.softmax: along a dense dimension")
    others = [d for d in range(n) if d != dim]
    places = flat(t._indices_array[others], [t._size[d] for d in others])
    return np.unique(places, return_inverse=True)[1].reshape(-1)


def softmax(t: SparseTensor, dim: int, log: bool) -> Tensor:
    """What is not specified counts as minus infinity."""
    line, v = lines(t, dim), t._values_tensor._array
    size = int(line.max()) + 1 if line.size else 0
    top = np.full((size, *v.shape[1:]), -np.inf, v.dtype)
    np.maximum.at(top, line, v)
    shifted = v - top[line]
    total = np.zeros_like(top)
    np.add.at(total, line, np.exp(shifted))
    return like(t, wrap(shifted - np.log(total)[line] if log else np.exp(shifted) / total[line]))
