"""Operators of sparse tensors that have no row in the tables: conversions, values, masks, torch.sparse's products and sums."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from ..ops.form import general
from ..ops.structure import no_derivative
from ..placement import sparse_coo, sparse_csc, strided
from ..tensor import Tensor, wrap
from . import kernels, matmul, reductions
from .recording import Unrecorded, record
from .tensor import SparseTensor, coalesced, dense, in_layout, like, made


def sparse_operator(signature: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A row (ops/form.py) whose kernel, the decorated function, takes and gives Tensors of any layout."""

    def make(compute: Callable[..., Any]) -> Callable[..., Any]:
        row, defaults = general(signature, compute, public=False, **options), compute.__defaults__ or ()

        def operator(*args: Any) -> Any:
            args += defaults[len(args) - len(row.args) :] if len(args) < len(row.args) else ()
            with Unrecorded():
                result = compute(*args)
            return record(row, args, result)

        return update_wrapper(operator, compute)

    return make


def values_at(g: Tensor, indices: np.ndarray) -> Tensor:
    """A gradient at some places, which may be there twice."""
    return kernels.at(to_dense(g, False) if isinstance(g, SparseTensor) else g, indices)


@sparse_operator(
    "sparse_coo_tensor(values, indices: nondiff, size, coalesced, layout)",
    values=lambda g, indices: values_at(g, indices),
    grad_fn="SparseCooTensorWithDimsAndTensorsBackward0",
)
def coo_of(
    values: Tensor, indices: np.ndarray, size: tuple[int, ...], coalesced: bool, layout: Any = sparse_coo
) -> Tensor:
    return made(indices, values.detach(), size, coalesced, layout)


@sparse_operator(
    "sparse_compressed_tensor(values, indices: nondiff, size, layout)",
    values=no_derivative("sparse_compressed_tensor"),
    grad_fn="NotImplementedBackward0",
)
def compressed_of(values: Tensor, indices: np.ndarray, size: tuple[int, ...], layout: Any) -> Tensor:
    return made(indices, values.detach(), size, True, layout)


def to_dense_vjp(g: Tensor, self: Tensor, masked_grad: bool) -> Tensor:
    """A gradient in the operand's layout, at its places alone if masked."""
    if masked_grad:
        return sparse_mask(g, coalesced(self))
    return g.to_sparse(self.sparse_dim()) if self.is_sparse else converted(g, self.layout)


@sparse_operator("to_dense(self, masked_grad)", self=to_dense_vjp)
def to_dense(self: SparseTensor, masked_grad: bool) -> Tensor:
    return wrap(dense(self))


def converted(g: Tensor, layout: Any) -> Tensor:
    """A gradient in the layout that the operand of a conversion had."""
    if g.layout is layout:
        return g
    return g.to_dense(masked_grad=False) if layout is strided else g.to_sparse(layout=layout)


@sparse_operator(
    "to_sparse(self, sparse_dim, layout, called, own)",
    self=lambda g, own: converted(g, own),
    grad_fn="ToSparseCsrBackward0 if called == 'csr' else ToSparseCscBackward0 if called == 'csc' else "
    "ToSparseBackward1 if sparse_dim is None else ToSparseBackward0",
)
def to_sparse(self: Tensor, sparse_dim: int | None, layout: Any, called: str, own: Any) -> Tensor:
    if self.layout is sparse_csc and layout is sparse_coo:  # as they lie
        return made(self._indices_array, self._values_tensor, self._size)
    return in_layout(self if isinstance(self, SparseTensor) else not_zero(self, sparse_dim), layout)


def not_zero(t: Tensor, sparse_dim: int | None) -> SparseTensor:
    """The elements of a strided tensor that are not 0."""
    a, n = t._array, t.ndim if sparse_dim is None else sparse_dim
    if not 0 <= n <= t.ndim:
        raise RuntimeError(f"dense_to_sparse: sparse_dim argument must be in [0,{t.ndim}] range, but {n} is given")
    filled = np.asarray(a != 0)
    if n < t.ndim:
        filled = filled.any(tuple(range(n, t.ndim)))
    indices = np.stack(np.nonzero(filled)) if n else np.zeros((0, int(filled)), np.int64)
    return made(indices, kernels.at(t, indices).clone(), t.shape, True)


@sparse_operator("coalesce(self)", self=lambda g: g)
def coalesce(self: SparseTensor) -> Tensor:
    return coalesced(self)


@sparse_operator("values(self)", self=lambda g, self: coo_of(g, self._indices_array, self._size, True, self.layout))
def values(self: SparseTensor) -> Tensor:
    return self._values_tensor.detach()


def sparse_mask_vjp(g: Tensor, self: Tensor, mask: SparseTensor) -> Tensor:
    if not isinstance(g, SparseTensor):
        raise RuntimeError("is_coalesced expected sparse coordinate tensor layout but got Strided")
    return sparse_mask(g, mask) if isinstance(self, SparseTensor) else g.to_dense(masked_grad=False)


@sparse_operator("sparse_mask(self, mask: nondiff)", self=sparse_mask_vjp)
def sparse_mask(self: Tensor, mask: SparseTensor) -> Tensor:
    if self.shape != mask.shape:
        raise RuntimeError(
            f"sparse_mask(): operands have incompatible sizes; self has size {list(self.shape)} but mask has size "
            f"{list(mask.shape)}"
        )
    if self is mask:
        return like(mask, mask._values_tensor)
    found = wrap(dense(self)) if isinstance(self, SparseTensor) else self
    return like(mask, kernels.at(found, mask._indices_array))


# ---------------------------------------------------------------- torch.sparse


@sparse_operator(
    "sparse_addmm(self, mat1, mat2, beta, alpha)",
    self=lambda g, beta: g * beta,
    mat1=lambda g, mat1, mat2, alpha: sparse_mask((g @ mat2.mH) * alpha, mat1),
    mat2=lambda g, mat1, alpha: (mat1.mH @ g) * alpha,
)
def sparse_addmm(self: Tensor, mat1: Tensor, mat2: Tensor, beta: Any, alpha: Any) -> Tensor:
    return matmul.addmm(self, mat1, mat2, beta, alpha)


def masked_product(x: Tensor, y: Tensor, t: SparseTensor) -> Tensor:
    if not isinstance(x, SparseTensor) or not isinstance(y, SparseTensor):
        raise RuntimeError("sparse.mm: the gradient of a product of two sparse matrices must be sparse")
    return sparse_mask(sparse_sparse_mm(x, y), coalesced(t))


@sparse_operator(
    "sparse_sparse_matmul(self, other)",
    self=lambda g, self, other: masked_product(g, other.mH, self),
    other=lambda g, self, other: masked_product(self.mH, g, other),
)
def sparse_sparse_mm(self: Tensor, other: Tensor) -> Tensor:
    return matmul.mm(self, other)


@sparse_operator("sparse_sum(self, dim)", self=lambda g, self, dim: sum_vjp(g, self, dim))
def sparse_sum(self: SparseTensor, dim: tuple[int, ...]) -> Tensor:
    return reductions.summed(self, dim)


def sum_vjp(g: Tensor, self: SparseTensor, dim: tuple[int, ...]) -> Tensor:
    """The gradient of each sum at the places that it was made of."""
    sparse_left = [d for d in range(self.sparse_dim()) if d not in dim]
    if sparse_left and not isinstance(g, SparseTensor):
        raise RuntimeError("_sparse_sum_backward_cpu: expected grad_ Tensor to be sparse, but got dense")
    found = values_at(g, self._indices_array[sparse_left])
    for d in sorted(d - self.sparse_dim() + 1 for d in dim if d >= self.sparse_dim()):
        found = found.unsqueeze(d)
    return coo_of(found.expand(self._values_tensor.shape), self._indices_array, self._size, self._coalesced)


@sparse_operator("sparse_softmax(self, dim, log) -> result", self=lambda g, result, dim, log: softmax_vjp(g, result, dim, log),
                 grad_fn="SparseLogSoftmaxBackward0 if log else SparseSoftmaxBackward0")  # fmt: skip
def sparse_softmax(self: SparseTensor, dim: int, log: bool) -> Tensor:
    return reductions.softmax(coalesced(self), dim, log)


def softmax_vjp(g: Tensor, result: SparseTensor, dim: int, log: bool) -> Tensor:
    if not isinstance(g, SparseTensor):
        raise RuntimeError("coalesce expected sparse coordinate tensor layout but got Strided")
    y, h = result.values(), values_at(g, result._indices_array)
    line = wrap(reductions.lines(result, dim))
    size = int(line.max()) + 1 if line.numel() else 0

    def total(x: Tensor) -> Tensor:
        return x.new_zeros(size, *x.shape[1:]).index_add(0, line, x)[line]

    found = h - y.exp() * total(h) if log else y * (h - total(h * y))
    return coo_of(found, result._indices_array, result._size, True)
