"""Tensor: an array, and its place in the graph. Knows no operator; methods.py gives it those.

Note [0-dim data]
`_array` is an ndarray, or, for 0-dim tensors that nobody views or writes to, a numpy scalar: scalar arithmetic is five
times quicker than a ufunc on a 0-dim array. `storage_array` turns the scalar into an array when memory is needed.

Note [The edge]
`_edge` says where a tensor's history is: None (no gradient), LEAF (requires grad, made by the user), or the node that
made it. A leaf's AccumulateGrad is made when an operator first uses the leaf (graph/node.py).
"""
from __future__ import annotations

from typing import Any

import numpy as np

from . import dtypes
from .graph.clock import Storage
from .graph.node import Node, accumulator


class _Leaf:
    def __repr__(self) -> str:
        return "LEAF"


LEAF: Any = _Leaf()
new = object.__new__


class Batching(Exception):
    """Raised where the array of a batched tensor is asked for (batching.py, Note [Batched tensors])."""


class Tensor:
    """A multi-dimensional array that remembers how it was computed (source: torch.Tensor)."""

    # Class defaults, so that the result of an operator costs two stores: _array and _edge.
    _array: Any
    _edge: Any = None
    _grad: Tensor | None = None
    _base: Tensor | None = None            # of a view: the tensor it is a view of, never itself a view
    _view: Any = None                      # of a view: how it was made, see graph/views.py
    _storage: Storage | None = None
    _accumulator: Any = None               # weak reference to a leaf's AccumulateGrad
    _hooks: dict | None = None             # of a leaf
    _post_hooks: dict | None = None        # of a leaf: post-accumulate hooks
    _tangent: Any = None
    _inference = False
    _stale = False                         # of a view: its history must be made again, see graph/views.py
    _maker: Any = None                     # of a stale view: the node that had made it, and which output it was
    _retains = False
    __array_priority__ = 1000

    def __init__(self, *args: Any) -> None:
        if len(args) == 1 and not isinstance(args[0], int):
            data = args[0]._array if isinstance(args[0], Tensor) else np.array(args[0], dtypes.get_default_dtype().np)
            self._array = data
        else:
            self._array = np.zeros(args, dtypes.get_default_dtype().np)

    # -- what it is
    @property
    def shape(self) -> dtypes.Size:
        return dtypes.Size(self._array.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.from_numpy(self._array.dtype)

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def device(self) -> dtypes.device:
        return dtypes.cpu

    @property
    def layout(self) -> dtypes.layout:
        return dtypes.strided

    # -- its place in the graph
    @property
    def requires_grad(self) -> bool:
        return self._edge is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if isinstance(self._edge, Node):
            if not value:
                raise RuntimeError("you can only change requires_grad flags of leaf variables. If you want to use a "
                                   "computed variable in a subgraph that doesn't require differentiation use "
                                   "var_no_grad = var.detach().")
            return
        if value and self._array.dtype.kind not in "fcV":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        self._edge = LEAF if value else None

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Change in place whether gradients are wanted; only leaves may turn it off (source: Tensor.requires_grad_)."""
        if not requires_grad and isinstance(self._edge, Node):
            raise RuntimeError("you can only change requires_grad flags of leaf variables. If you want to use a "
                               "computed variable in a subgraph that doesn't require differentiation use "
                               "var_no_grad = var.detach().")
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        return self._edge is None or self._edge is LEAF

    @property
    def grad_fn(self) -> Node | None:
        return self._edge.source()[0] if isinstance(self._edge, Node) else None

    @property
    def output_nr(self) -> int:
        return self._edge.source()[1] if isinstance(self._edge, Node) else 0

    @property
    def retains_grad(self) -> bool:
        return self._retains

    @property
    def _version(self) -> int:
        return 0 if self._storage is None else self._storage.version

    def __hash__(self) -> int:
        return id(self)

    def is_inference(self) -> bool:
        return self._inference


def wrap(array: Any) -> Tensor:
    """A Tensor around an array, without history."""
    t = new(Tensor)
    t._array = array
    return t


def edge_of(t: Tensor) -> Node | None:
    """The edge that an operator on t records."""
    e = t._edge
    return accumulator(t) if e is LEAF else e


def storage_array(t: Tensor) -> np.ndarray:
    """t's data as memory that can be viewed and written. See Note [0-dim data]."""
    a = t._array
    if type(a) is not np.ndarray:
        a = t._array = np.asarray(a)
    return a


def storage_of(t: Tensor) -> Storage:
    """t's version counter; its node, if it saved its result, must from now on watch it."""
    s = t._storage
    if s is None:
        s = t._storage = Storage()
        if isinstance(t._edge, Node) and t._edge.saves_result:
            t._edge.storage = s
    return s
