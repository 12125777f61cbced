"""What tensors on memory answer about layouts, and how they become sparse ones (sparse/)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import Unsupported
from .methods import method
from .tensor import Tensor


@method
def sparse_dim(self: Tensor) -> int:
    return 0


@method
def dense_dim(self: Tensor) -> int:
    return self.ndim


@method
def to_dense(self: Tensor, dtype: Any = None, *, masked_grad: bool | None = None) -> Tensor:
    """Itself, or in another dtype (source: torch.Tensor.to_dense)."""
    return self if dtype is None else self.to(dtype)


@method
def to_sparse(
    self: Tensor, sparse_dim: int | None = None, *, layout: Any = None, blocksize: Any = None, dense_dim: Any = None
) -> Tensor:
    """Its elements that are not 0, as a sparse tensor (source: torch.Tensor.to_sparse)."""
    from .sparse.methods import strided_to_sparse

    return strided_to_sparse(self, sparse_dim, layout)


@method
def to_sparse_coo(self: Tensor) -> Tensor:
    return self.to_sparse()


@method
def to_sparse_csr(self: Tensor, dense_dim: int | None = None) -> Tensor:
    """A matrix in compressed rows (source: torch.Tensor.to_sparse_csr)."""
    from .sparse.making import csr

    return csr(self)


@method
def sparse_mask(self: Tensor, mask: Tensor) -> Tensor:
    """Its elements at the places of a sparse tensor (source: torch.Tensor.sparse_mask)."""
    from .sparse.operators import sparse_mask

    return sparse_mask(self, mask)


def only_sparse(name: str, wanted: str) -> Callable[[Tensor], Any]:
    def refuse(self: Tensor) -> Any:
        raise RuntimeError(f"{name} expected sparse {wanted}tensor layout but got Strided")

    return refuse


for _name in ("is_coalesced", "coalesce", "indices"):
    setattr(Tensor, _name, only_sparse(_name, "coordinate "))
Tensor.values = only_sparse("values", "")
for _name in ("crow_indices", "col_indices"):
    setattr(Tensor, _name, only_sparse(_name, "row compressed "))


def unsupported(name: str) -> Callable[..., Any]:
    def refuse(self: Tensor, *_: Any, **__: Any) -> Any:
        raise Unsupported(f"{name}: this layout")

    return refuse


for _name in ("to_mkldnn", "to_sparse_csc", "to_sparse_bsr", "to_sparse_bsc"):
    setattr(Tensor, _name, unsupported(_name))
