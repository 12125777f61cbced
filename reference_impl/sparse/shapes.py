"""Kernels (kernels.py) that move the elements of sparse tensors, or choose among them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import INTEGER
from ..errors import Unsupported
from ..ops.dims import wrap_dim
from ..placement import sparse_coo, sparse_csc, sparse_csr
from ..tensor import Tensor, wrap
from .kernels import joined, kernel
from .tensor import SparseTensor, in_layout, made


@kernel("t")
def t(x: SparseTensor) -> Tensor:
    return transpose(x, 0, 1) if x.ndim == 2 else x


@kernel("transpose")
def transpose(x: SparseTensor, dim0: int, dim1: int) -> Tensor:
    dims = list(range(x.ndim))
    a, b = wrap_dim(dim0, x.ndim), wrap_dim(dim1, x.ndim)
    if dims:
        dims[a], dims[b] = b, a
    return permute(x, dims)


@kernel("permute")
def permute(x: SparseTensor, dims: Any) -> Tensor:
    if len(dims) != x.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of "
            f"dimensions i.e. input.dim() = {x.ndim} is not equal to len(dims) = {len(dims)}"
        )
    n, dims = x.sparse_dim(), [wrap_dim(d, x.ndim) for d in dims]
    if len({*dims}) < x.ndim:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    if any(d >= n for d in dims[:n]):
        raise RuntimeError("transpose(): Tensors with sparse and dense dimensions cannot be transposed across them")
    size, still = [x._size[d] for d in dims], dims == list(range(x.ndim))
    values = x._values_tensor.permute(0, *(d - n + 1 for d in dims[n:]))
    if not x.is_sparse:  # its columns are the rows of the other
        other = sparse_csc if (x.layout is sparse_csr) is not still else sparse_csr
        return made(x._indices_array[dims], values, size, True, other)
    return made(x._indices_array[dims[:n]], values, size, still and x._coalesced)


@kernel("expand", "broadcast")
def expand(x: SparseTensor, size: Any) -> Tensor:
    raise RuntimeError("expand is unsupported for Sparse tensors")


@kernel("view", "reshape_copy", "reshaped", "_reshape_alias")
def view(x: SparseTensor, size: Any) -> Tensor:
    raise RuntimeError("reshape is not implemented for sparse tensors")


@kernel("unsqueeze")
def unsqueeze(x: SparseTensor, dim: int) -> Tensor:
    d, n = wrap_dim(dim, x.ndim + 1), x.sparse_dim()
    size = (*x._size[:d], 1, *x._size[d:])
    if d > n:
        return made(x._indices_array, x._values_tensor.unsqueeze(d - n + 1), size, x._coalesced)
    return made(np.insert(x._indices_array, d, 0, axis=0), x._values_tensor, size, x._coalesced)


@kernel("select")
def select(x: SparseTensor, dim: int, index: int) -> Tensor:
    x = x if x.is_sparse else in_layout(x, sparse_coo)
    d, n = wrap_dim(dim, x.ndim), x.sparse_dim()
    if not -x._size[d] <= index < x._size[d]:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(x._size)} at dimension {d}")
    index %= x._size[d]
    size = (*x._size[:d], *x._size[d + 1 :])
    if d >= n:
        return made(x._indices_array, x._values_tensor.select(d - n + 1, index), size, x._coalesced)
    found = np.flatnonzero(x._indices_array[d] == index)
    values = x._values_tensor[wrap(found)]
    if n == 1:
        return values.sum(0, dtype=x.dtype)
    return made(np.delete(x._indices_array[:, found], d, axis=0), values, size, x._coalesced)


@kernel("index_select")
def index_select(x: SparseTensor, dim: int, index: Any) -> Tensor:
    d, n = wrap_dim(dim, x.ndim), x.sparse_dim()
    if index.ndim != 1 or index.dtype.category != INTEGER:
        raise IndexError("index_select() argument index must be 1-D strided (non-sparse) long-tensor.")
    for k in index.tolist() if d < n else ():
        if not -x._size[d] <= k < x._size[d]:
            raise IndexError(
                f"index_select(): index contains {k} that is out of range for tensor of size {list(x._size)} at dimension {d}"
            )
    size = (*x._size[:d], len(index), *x._size[d + 1 :])
    if d >= n:
        return made(x._indices_array, x._values_tensor.index_select(d - n + 1, index), size, x._coalesced)
    wanted, found = np.nonzero(index._array[:, None] % x._size[d] == x._indices_array[d])
    indices = x._indices_array[:, found]
    indices[d] = wanted
    return made(indices, x._values_tensor[wrap(found)], size, d == 0 and x._coalesced)


@kernel("cat")
def cat(tensors: list[Tensor], dim: int = 0) -> Tensor:
    first = tensors[0]
    d = wrap_dim(dim, first.ndim)
    for k, x in enumerate(tensors):
        check_joined(k, x, first, d)
    if d >= first.sparse_dim():
        raise Unsupported("cat: sparse tensors along a dense dimension")
    total, moved = 0, []
    for x in tensors:
        indices = x._indices_array.copy()
        indices[d] += total
        total += x._size[d]
        moved.append(indices)
    values = tensors[0]._values_tensor
    for x in tensors[1:]:
        values = joined(values, x._values_tensor)
    return made(np.concatenate(moved, 1), values, (*first._size[:d], total, *first._size[d + 1 :]))


def check_joined(k: int, x: Tensor, first: Tensor, dim: int) -> None:
    """Whether tensor k fits to the first of those that are joined."""
    if not isinstance(x, SparseTensor):
        raise RuntimeError(f"Concatenating sparse tensors, but a dense tensor was found at position {k}.")
    if x.ndim != first.ndim or any(
        a != b for d, (a, b) in enumerate(zip(x.shape, first.shape, strict=True)) if d != dim
    ):
        raise RuntimeError(
            f"All tensors must have the same shape: {list(first.shape)} (except in the concatenating dimension), but found "
            f"shape: {list(x.shape)} at position {k}."
        )
    if x.sparse_dim() != first.sparse_dim():
        raise RuntimeError(
            f"All tensors must have the same sparse_dim and dense_dim: {first.sparse_dim()}, {first.dense_dim()}, but tensor at "
            f"position {k} has {x.sparse_dim()}, {x.dense_dim()}."
        )
