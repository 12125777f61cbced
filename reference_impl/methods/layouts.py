"""What tensors on memory answer about layouts, and how they become sparse ones (sparse/)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..compiler.arguments import check_ints
from ..errors import Unsupported
from ..placement import sparse_coo, sparse_csc, sparse_csr
from ..tensor import Tensor
from . import method


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
    """Its elements that are not 0, as a sparse tensor; or in another layout (source: torch.Tensor.to_sparse)."""
    from ..sparse.making import converted

    if sparse_dim is not None:
        check_ints("to_sparse", sparse_dim=sparse_dim)
    return converted(self, sparse_coo if layout is None else layout, "", sparse_dim)


@method
def to_sparse_coo(self: Tensor) -> Tensor:
    return self.to_sparse()


@method
def to_sparse_csr(self: Tensor, dense_dim: int | None = None) -> Tensor:
    """A matrix in compressed rows (source: torch.Tensor.to_sparse_csr)."""
    from ..sparse.making import converted

    return converted(self, sparse_csr, "csr")


@method
def to_sparse_csc(self: Tensor, dense_dim: int | None = None) -> Tensor:
    """A matrix in compressed columns (source: torch.Tensor.to_sparse_csc)."""
    from ..sparse.making import converted

    return converted(self, sparse_csc, "csc")


@method
def sparse_mask(self: Tensor, mask: Tensor) -> Tensor:
    """Its elements at the places of a sparse tensor (source: torch.Tensor.sparse_mask)."""
    from ..sparse.operators import sparse_mask

    return sparse_mask(self, mask)


def only_sparse(name: str, wanted: str) -> Callable[[Tensor], Any]:
    def refuse(self: Tensor) -> Any:
        raise RuntimeError(f"{name} expected sparse {wanted}tensor layout but got Strided")

    return refuse


for _name in ("is_coalesced", "coalesce", "indices"):
    setattr(Tensor, _name, only_sparse(_name, "coordinate "))
Tensor.values = only_sparse("values", "")
for _kind, _names in {"row": ("crow_indices", "col_indices"), "column": ("ccol_indices", "row_indices")}.items():
    for _name in _names:
        setattr(Tensor, _name, only_sparse(_name, f"{_kind} compressed "))


def unsupported(name: str) -> Callable[..., Any]:
    def refuse(self: Tensor, *_: Any, **__: Any) -> Any:
        raise Unsupported(f"{name}: a layout that is not here")

    return refuse


for _name in ("to_mkldnn", "to_sparse_bsr", "to_sparse_bsc"):
    setattr(Tensor, _name, unsupported(_name))
