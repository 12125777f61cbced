"""The methods of sparse tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import Size
from ..graph.views import as_view
from ..placement import sparse_csc, sparse_csr
from ..tensor import Tensor, wrap
from . import operators
from .kernels import no_kernel, zero
from .tensor import SparseTensor, kind_of


def method(f: Callable[..., Any]) -> Callable[..., Any]:
    setattr(SparseTensor, f.__name__, f)
    return f


@method
def sparse_dim(self: SparseTensor) -> int:
    return len(self._indices_array)


@method
def dense_dim(self: SparseTensor) -> int:
    return self.ndim - len(self._indices_array)


@method
def _nnz(self: SparseTensor) -> int:
    return self._indices_array.shape[1]


SparseTensor._dimI, SparseTensor._dimV = sparse_dim, dense_dim


def of_coo(name: str, t: SparseTensor) -> None:
    if not t.is_sparse:
        raise RuntimeError(f"{name} expected sparse coordinate tensor layout but got {kind_of(t)}")


@method
def is_coalesced(self: SparseTensor) -> bool:
    """Whether every place is there once, in order (source: torch.Tensor.is_coalesced)."""
    of_coo("is_coalesced", self)
    return self._coalesced


@method
def coalesce(self: SparseTensor) -> Tensor:
    """The same with the values at one place added up, in order; itself where that is so (source: torch.Tensor.coalesce)."""
    of_coo("coalesce", self)
    return self if self._coalesced else operators.coalesce(self)


@method
def _coalesced_(self: SparseTensor, coalesced: bool) -> Tensor:
    self._coalesced = coalesced
    return self


@method
def _indices(self: SparseTensor) -> Tensor:
    return wrap(self._indices_array)


@method
def _values(self: SparseTensor) -> Tensor:
    return self._values_tensor.detach()


def uncoalesced(what: str) -> RuntimeError:
    return RuntimeError(f"Cannot get {what} on an uncoalesced tensor, please call .coalesce() first")


@method
def indices(self: SparseTensor) -> Tensor:
    """Where its elements lie, of shape (sparse dimensions, elements) (source: torch.Tensor.indices)."""
    of_coo("indices", self)
    if not self._coalesced:
        raise uncoalesced("indices")
    return wrap(self._indices_array)


@method
def values(self: SparseTensor) -> Tensor:
    """Its elements, a view through which gradients pass (source: torch.Tensor.values)."""
    if not self._coalesced:
        raise uncoalesced("values")
    found = operators.values(self)
    as_view(found, self)
    return found


def compressed(name: str, layout: Any, dim: int, starts: bool) -> None:
    """The indices of a compressed layout: where each row (or column) starts, and where in it an element lies."""

    def look(self: SparseTensor) -> Tensor:
        if self.layout is not layout:
            kind = "row" if layout is sparse_csr else "column"
            raise RuntimeError(f"{name} expected sparse {kind} compressed tensor layout but got {kind_of(self)}")
        found = self._indices_array[dim]
        return wrap(np.searchsorted(found, np.arange(self._size[dim] + 1)).astype(np.int64) if starts else found)

    look.__name__ = name
    method(look)


compressed("crow_indices", sparse_csr, 0, True)
compressed("col_indices", sparse_csr, 1, False)
compressed("ccol_indices", sparse_csc, 1, True)
compressed("row_indices", sparse_csc, 0, False)


@method
def to_dense(self: SparseTensor, dtype: Any = None, *, masked_grad: bool | None = None) -> Tensor:
    """The strided tensor. Its gradient reaches only the specified elements, unless masked_grad is False."""
    if dtype is not None:
        raise RuntimeError("dtype argument is not supported by sparse_to_dense")
    return operators.to_dense(self, masked_grad is not False)


@method
def sparse_mask(self: SparseTensor, mask: SparseTensor) -> Tensor:
    """Its elements at the places of mask (source: torch.Tensor.sparse_mask)."""
    return operators.sparse_mask(self, mask)


@method
def new_zeros(self: SparseTensor, *size: Any, **given: Any) -> Tensor:
    from .making import sparse_coo_tensor

    whole = Size(size[0] if len(size) == 1 and not isinstance(size[0], int) else size)
    return sparse_coo_tensor(whole, dtype=given.get("dtype") or self.dtype)


SparseTensor.new_empty = new_zeros


@method
def new_ones(self: SparseTensor, *_: Any, **__: Any) -> Tensor:
    raise no_kernel("fill_.Scalar", self)


SparseTensor.new_full = new_ones


@method
def filled_like(self: SparseTensor, name: str, dtype: Any) -> Tensor:
    """What zeros_like and its kin make: only a sparse tensor of zeros there is."""
    if name not in ("zeros", "empty"):
        raise no_kernel("fill_.Scalar", self)
    return zero(self).to(self.dtype if dtype is None else dtype)


@method
def item(self: SparseTensor) -> Any:
    if self.numel() != 1:
        raise RuntimeError(f"a Tensor with {self.numel()} elements cannot be converted to Scalar")
    return self._values_tensor.sum().item()


@method
def __bool__(self: SparseTensor) -> bool:
    if self.numel() != 1:
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
    return bool(self.item())


@method
def contiguous(self: SparseTensor, memory_format: Any = None) -> Tensor:
    raise RuntimeError("unsupported memory format option Contiguous")


@method
def __iter__(self: SparseTensor) -> Any:
    return iter([self[i] for i in range(len(self))])
