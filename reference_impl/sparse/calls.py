"""Calls of operators with sparse tensors: by the kernels for them (kernels.py), else refused by name."""

from __future__ import annotations

from typing import Any

from ..dtypes import dtype
from ..errors import Unsupported
from ..graph.inplace import any_requires_grad
from ..graph.modes import GRAD, mode
from ..graph.views import may_write
from ..ops import registry
from ..ops.form import Row
from ..tensor import Tensor, storage_of
from ..trees import leaves
from . import kernels, matmul, shapes  # noqa: F401
from .recording import Unrecorded, record
from .tensor import SparseTensor, like


def sparse_one(args: Any) -> SparseTensor:
    return next(t for t in leaves(args) if isinstance(t, SparseTensor))


def operator(row: Any, args: tuple) -> Any:
    """A row's operator where a tensor among its arguments is sparse."""
    t = sparse_one(list(args))
    kernel = kernels.of(row, t)
    if kernel is None:
        raise Unsupported(f"{row.name}: a tensor of layout {t.layout}")
    with Unrecorded():
        result = kernel(*args)
    return record(row, args, result) if isinstance(result, Tensor) else result


def composite(f: Any, name: str, args: list, kwargs: dict[str, Any]) -> Any:
    """A composite that looked for the elements of a sparse tensor."""
    t = next((x for x in leaves([args, kwargs]) if isinstance(x, SparseTensor)), None)
    raise Unsupported(f"{name}: a tensor of layout {t.layout if t is not None else 'torch.sparse_coo'}") from None


def in_place(name: str, self: Tensor, args: tuple, kwargs: dict[str, Any]) -> Tensor:
    """An in-place operator on a sparse tensor: the tensor becomes the result."""
    if not isinstance(self, SparseTensor):
        raise Unsupported(f"{name}: a tensor of layout {sparse_one([args, kwargs]).layout}") from None
    recorded = mode() & GRAD and (self._edge is not None or any_requires_grad(args))
    if recorded:
        may_write(self)
    old = like(self, self._values_tensor.clone() if recorded else self._values_tensor)
    old._edge = self._edge
    what = registry.INPLACE[name]
    if not self._coalesced and isinstance(what, Row) and what.name in kernels.KEEP_ZERO:
        raise RuntimeError(f"{what.name}_ requires coalesced input")
    become(self, (what.function if isinstance(what, Row) else what)(old, *args, **kwargs), name)
    return self


def converted(value: Tensor, to: dtype, name: str) -> Tensor:
    """Values in the dtype of the tensor that is written."""
    if value.dtype.category > to.category:
        operation = "mul" if name == "mul_" else "add"
        raise RuntimeError(
            f"Can't convert result type {value.dtype.legacy} to output {to.legacy} in {operation} operation"
        )
    with Unrecorded():
        return value.to(to)


def become(t: SparseTensor, result: Tensor, name: str = "add_") -> None:
    """Give t the elements and the history of a result."""
    if not isinstance(result, SparseTensor):
        raise Unsupported("writing a strided result into a sparse tensor")
    have, value = t._values_tensor, result._values_tensor
    if value.dtype is not have.dtype:
        value = converted(value, have.dtype, name)
    same = t._indices_array is result._indices_array and have.dtype is value.dtype
    if same:  # who shares the values sees it
        with Unrecorded():
            have.copy_(value)
    else:
        t._indices_array, t._values_tensor, t._coalesced = result._indices_array, value, result._coalesced
    storage_of(t).bump()
    if result._edge is not None:
        t._edge = result._edge
