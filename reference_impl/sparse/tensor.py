"""Sparse tensors: where the elements that are not 0 lie, and what they are.

Note [Sparse tensors]
A SparseTensor has indices and values and no array: an operator that asks for its array gets `IsSparse`, an exception that
says who computes instead (calls.py). So operators on arrays pay nothing for sparse tensors. A sparse operator is a row with
another kernel, one on Tensors; its node is the row's own, whose formulas run on Tensors, and so on any layout.
In backward, where cotangents are arrays, a sparse one is a SparseTensor.
"""

from __future__ import annotations

import sys
from copy import deepcopy
from typing import Any

import numpy as np

from .. import placement
from ..autograd.running import running
from ..dtypes import Size
from ..errors import Unsupported
from ..tensor import NoArray, Tensor, fact, new, storage_of, wrap
from ..warn import once

BETA = (
    "Sparse {layout} tensor support is in beta state. If you miss a functionality in the sparse tensor support, please submit a "
    "feature request to https://github.com/pytorch/pytorch/issues."
)


class IsSparse(NoArray, Unsupported):
    """Raised where the array of a sparse tensor is asked for. Operators take it as the word to compute otherwise."""

    def operator(self, row: Any, args: tuple) -> Any:
        from .calls import operator

        return operator(row, args)

    def composite(self, f: Any, name: str, args: list, kwargs: dict[str, Any]) -> Any:
        from .calls import composite

        return composite(f, name, args, kwargs)

    def in_place(self, name: str, t: Tensor, args: tuple, kwargs: dict[str, Any]) -> Tensor:
        from .calls import in_place

        return in_place(name, t, args, kwargs)

    def accumulate(self, leaf: Tensor, old: Tensor | None, g: Any, create_graph: bool) -> Tensor:
        from .accumulate import accumulated

        return accumulated(leaf, old, g, create_graph)


ON_THE_WAY = frozenset(["storage_array", "memory_of", "raw", "<listcomp>", "<genexpr>"])


def asker() -> str:
    """The function that asked for an array: the first that is not a mere way to it."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_name in ON_THE_WAY:
        frame = frame.f_back
    return getattr(frame.f_code, "co_qualname", frame.f_code.co_name)


class SparseTensor(Tensor):
    """See Note [Sparse tensors]. A matrix of layout sparse_csr, or sparse_csc, differs in the order of its elements, and
    in what it is asked for."""

    _indices_array: np.ndarray  # int64, (sparse dimensions, elements)
    _values_tensor: Tensor  # strided and without history, (elements, *dense sizes)
    _size: Size
    _coalesced: bool  # whether every place is there once, in order
    layout: placement.layout = placement.sparse_coo

    @property
    def _array(self) -> Any:
        raise IsSparse(f"{asker()}: a tensor of layout {self.layout}")

    @_array.setter
    def _array(self, _: Any) -> None:
        raise IsSparse(f"{asker()}: a tensor of layout {self.layout}")

    shape = fact(lambda self: self._size)
    dtype = fact(lambda self: self._values_tensor.dtype)
    ndim = fact(lambda self: len(self._size))
    is_sparse = fact(lambda self: self.layout is placement.sparse_coo)
    is_sparse_csr = fact(lambda self: self.layout is placement.sparse_csr)
    itemsize = fact(lambda self: self._values_tensor.itemsize)

    def dim(self) -> int:
        return len(self._size)

    ndimension = dim

    def numel(self) -> int:
        return self._size.numel()

    nelement = numel

    def element_size(self) -> int:
        return self._values_tensor.element_size()

    def __len__(self) -> int:
        if not self._size:
            raise TypeError("len() of a 0-d tensor")
        return self._size[0]

    def stride(self, dim: int | None = None) -> Any:
        if not self.is_sparse:
            raise RuntimeError(f"Sparse {self.layout.name[-3:].upper()} tensors do not have strides.")
        return (0,) * self.ndim if dim is None else 0

    def is_contiguous(self, memory_format: Any = None) -> bool:
        return False

    def numpy(self, *, force: bool = False) -> Any:
        raise TypeError(f"can't convert {kind_of(self)} layout tensor to numpy. Use Tensor.to_dense() first.")

    def data_ptr(self) -> Any:
        raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")

    tolist = data_ptr

    def untyped_storage(self) -> Any:
        raise NotImplementedError("Cannot access storage of SparseTensorImpl")

    storage = untyped_storage

    def detach(self) -> Tensor:
        t = like(self, self._values_tensor)
        t._storage = storage_of(self)
        return t

    data = property(lambda self: like(self, self._values_tensor))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (None,), **named: Any) -> Any:
        """Only what the engine needs: the sum of two gradients, one of them an array."""
        if ufunc is not np.add or method != "__call__" or named:
            raise IsSparse(f"numpy.{ufunc.__name__}: a tensor of layout {self.layout}")
        array, sparse = inputs if isinstance(inputs[1], SparseTensor) else inputs[::-1]
        into = out[0] if out[0] is not None else np.array(array)
        add_into(into, sparse)
        return into

    def __add__(self, other: Any) -> Any:
        if type(other) is np.ndarray:
            return np.add(other, self)
        if isinstance(other, Tensor) and other.layout is placement.strided and running.get() is not None:
            return other + self  # gradients add up in either order
        return super().__add__(other)

    def __repr__(self) -> str:
        from .printing import text

        return text(self)

    def __deepcopy__(self, memo: dict) -> Tensor:
        from ..methods.copying import NOT_A_LEAF

        if not self.is_leaf:
            raise RuntimeError(NOT_A_LEAF)
        t = memo[id(self)] = like(self, self._values_tensor.clone(), indices=self._indices_array.copy())
        t._edge, t._grad = self._edge, deepcopy(self._grad, memo)
        return t

    def __reduce_ex__(self, protocol: Any) -> tuple:
        parts = (self._indices_array, self._values_tensor, tuple(self._size), self._coalesced, self.layout.name)
        return rebuilt, (*parts, self.requires_grad)


def rebuilt(indices: Any, values: Tensor, size: tuple, coalesced: bool, layout: str, requires_grad: bool) -> Tensor:
    """A leaf: what copies and pickled sparse tensors are made by."""
    t = made(indices, values, size, coalesced, getattr(placement, layout))
    return t.requires_grad_(requires_grad)


def made(
    indices: np.ndarray,
    values: Tensor,
    size: tuple[int, ...],
    coalesced: bool = False,
    layout: placement.layout = placement.sparse_coo,
) -> SparseTensor:
    """A sparse tensor without history."""
    t = new(SparseTensor)
    t._indices_array, t._values_tensor, t._size = indices, values, Size(size)
    t._coalesced = coalesced or indices.shape[1] < 2
    if layout is not placement.sparse_coo:
        once(BETA, layout=layout.name[-3:].upper())
        t.__dict__["layout"] = layout
    return t


def kind_of(t: SparseTensor) -> str:
    """A layout as C++ names it."""
    return "Sparse" if t.is_sparse else f"Sparse{t.layout.name[-3:].capitalize()}"


def like(t: SparseTensor, values: Tensor, indices: Any = None) -> SparseTensor:
    """A sparse tensor with other values in the places of t."""
    return made(t._indices_array if indices is None else indices, values, t._size, t._coalesced, t.layout)


def coalesced(t: SparseTensor) -> SparseTensor:
    """t with every place once, in order; without history."""
    if t._coalesced:
        return t
    dims = t._size[: len(t._indices_array)]
    places, first, inverse = np.unique(flat(t._indices_array, dims), return_index=True, return_inverse=True)
    v = t._values_tensor
    sums = wrap(np.zeros((len(places), *v.shape[1:]), v.dtype.np)).index_add_(0, wrap(inverse.reshape(-1)), v)
    indices = np.empty_like(t._indices_array, order="C")[:, : len(places)]  # in as much memory as before, like torch's
    indices[...] = t._indices_array[:, first]
    return made(indices, sums, t._size, True)


def in_layout(t: SparseTensor, layout: placement.layout) -> SparseTensor:
    """The same elements in the order of another layout; without history."""
    t = coalesced(
        made(t._indices_array, t._values_tensor, t._size, t._coalesced and t.layout is not placement.sparse_csc)
    )
    if layout is not placement.sparse_csc:
        return made(t._indices_array, t._values_tensor, t._size, True, layout)
    order = np.lexsort(t._indices_array)
    return made(t._indices_array[:, order], t._values_tensor[wrap(order)], t._size, True, layout)


def flat(indices: np.ndarray, dims: Any) -> np.ndarray:
    """Places as single numbers."""
    return np.ravel_multi_index(tuple(indices), dims) if len(dims) else np.zeros(indices.shape[1], np.int64)


def dense(t: SparseTensor) -> np.ndarray:
    """The elements as an array."""
    v = t._values_tensor._array
    a = np.zeros(t._size, v.dtype)
    add_into(a, t)
    return a


def add_into(a: np.ndarray, t: SparseTensor) -> None:
    """Add the elements of t to an array."""
    v = t._values_tensor._array
    add = np.logical_or if a.dtype.kind == "b" else np.add
    if len(t._indices_array):
        add.at(a, tuple(t._indices_array), v)
    else:  # no sparse dimension: every element lies in the one place
        a[...] = add(a, add.reduce(v, 0))
