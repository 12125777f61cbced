"""Tensor: an array, and its place in the graph. Knows no operator; methods/__init__.py gives it those.

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

from . import dtypes, placement
from .errors import is_ours
from .graph.clock import Storage
from .graph.modes import INFERENCE, mode, transforms
from .graph.node import NOBODY, Node, accumulator


class _Leaf:
    def __repr__(self) -> str:
        return "LEAF"


class fact(property):
    """A property that cannot be assigned, and says so as torch does."""

    owner = "torch._C.TensorBase"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(f"attribute '{self.name}' of '{self.owner}' objects is not writable")

    def __delete__(self, instance: Any) -> None:
        self.__set__(instance, None)


LEAF: Any = _Leaf()
BORROWED = "borrowed"  # of a view that requires grad as long as its base does: graph/views.py, Note [Stale views]
new = object.__new__


class NoArray(Exception):
    """Raised where the array of a tensor is asked for that has none to give: a batched one (batching/__init__.py, Note
    [Batched tensors]), a sparse one (sparse/tensor.py), one of a user's class (overrides.py). Says how operators are
    computed then."""

    def operator(self, row: Any, args: tuple) -> Any:
        """A row."""
        from .batching.calls import batched

        return batched(row, args)

    def composite(self, f: Any, name: str, args: list, kwargs: dict[str, Any]) -> Any:
        """A function that chooses between rows."""
        from .batching.calls import by_samples

        return by_samples(f, name, args, kwargs)

    def in_place(self, name: str, t: Tensor, args: tuple, kwargs: dict[str, Any]) -> Tensor:
        """An operator that writes into t."""
        from .batching.calls import batched_in_place

        return batched_in_place(name, t, args, kwargs)

    def accumulate(self, leaf: Tensor, old: Tensor | None, g: Any, create_graph: bool) -> Tensor:
        """The .grad of a leaf that has the gradient g after `old`."""
        raise self


class Tensor:
    """A multi-dimensional array that remembers how it was computed (source: torch.Tensor)."""

    # Class defaults, so that the result of an operator costs two stores: _array and _edge.
    _array: Any
    _edge: Any = None  # see Note [The edge]
    _grad: Tensor | None = None
    _base: Tensor | None = None  # of a view: the tensor it is a view of, never itself a view
    _view: Any = None  # of a view: how it was made, see graph/views.py
    _storage: Storage | None = None
    _accumulator: Any = NOBODY  # weak reference to a leaf's AccumulateGrad
    _hooks: dict | None = None  # of a leaf
    _post_hooks: dict | None = None  # of a leaf: post-accumulate hooks
    _tangents: Any = None  # level of forward mode -> tangent, see graph/dual.py
    _grad_dtype: Any = False  # of a leaf: the dtype of its gradients; False: its own
    _inference = False
    _counted = False  # of an inference tensor: whether its writes are counted, and so allowed outside inference mode
    _stale: Any = False  # of a view: True if its history must be made again, or BORROWED
    _maker: Any = None  # of a stale view: the node that had made it, and which output it was
    _retains = False
    _detached = 0  # when detach_() cut it from its node
    _transform: Any = None  # of an input of torch.func: the transform that differentiates it
    _overridden = False  # whether of a class of the user's, which may override operators (overrides.py)
    _recorded_shape: Any = None  # the shape that its node knows, where .data has given it another one
    __array_priority__ = 1000

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not is_ours(cls.__module__):
            from .overrides import prepare

            prepare(cls)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None) -> Any:
        """What a class of the user's makes of an operator (source: torch.Tensor, "Extending PyTorch")."""
        from .overrides import default

        return default(cls, func, types, args, kwargs)

    # -- what it is
    @fact
    def shape(self) -> dtypes.Size:
        return tuple.__new__(dtypes.Size, self._array.shape)

    @fact
    def dtype(self) -> dtypes.dtype:
        return dtypes.from_numpy(self._array.dtype)

    @fact
    def ndim(self) -> int:
        return self._array.ndim

    @fact
    def device(self) -> placement.device:
        return placement.cpu

    @fact
    def layout(self) -> placement.layout:
        return placement.strided

    # -- its place in the graph
    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded (source: torch.Tensor.requires_grad). Leaves may be assigned."""
        return self._edge is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise RuntimeError("requires_grad must be a bool")
        if not self.is_leaf:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables." + (DETACH if not value else "")
            )
        if value and self.dtype.np.kind not in "fcV":
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        set_requires_grad(self, value)

    @requires_grad.deleter
    def requires_grad(self) -> None:
        raise RuntimeError("requires_grad must be a bool")

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Change in place whether gradients are wanted; only leaves may turn it off (source: Tensor.requires_grad_)."""
        if transforms():
            raise RuntimeError(
                INSIDE.format(
                    "Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* APIs)", "requires_grad_"
                )
            )
        if not isinstance(requires_grad, bool):
            raise TypeError(
                "requires_grad_(): argument 'requires_grad' (position 1) must be bool, not "
                + type(requires_grad).__name__
            )
        if not self.is_leaf:
            if not requires_grad:
                raise RuntimeError("you can only change requires_grad flags of leaf variables." + DETACH)
            return self
        if requires_grad and self.dtype.np.kind not in "fcV":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        set_requires_grad(self, requires_grad)
        return self

    @fact
    def is_leaf(self) -> bool:
        return not isinstance(history(self), Node)

    @fact
    def grad_fn(self) -> Any:
        edge = history(self)
        return edge.source()[0].shown() if isinstance(edge, Node) else None

    @fact
    def output_nr(self) -> int:
        edge = history(self)
        return edge.source()[1] if isinstance(edge, Node) else 0

    @fact
    def retains_grad(self) -> bool:
        return self._retains

    @fact
    def _version(self) -> int:
        if self._inference and not self._counted:
            raise RuntimeError("Inference tensors do not track version counter.")
        return 0 if self._storage is None else self._storage.version

    def _is_view(self) -> bool:
        return self._view is not None

    def is_inference(self) -> bool:
        """Whether it was allocated in inference mode (source: torch.Tensor.is_inference)."""
        return self._inference

    def __hash__(self) -> int:
        return id(self)


INSIDE = (
    "You are attempting to call {} inside of a function being transformed by a functorch transform. This is unsupported, "
    "please attempt to use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call {}() outside of a "
    "function being transformed instead."
)
DETACH = (
    " If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = "
    "var.detach()."
)


def history(t: Tensor) -> Any:
    """t's edge, of a stale view made again (graph/views.py)."""
    if t._stale:
        from .graph.views import regenerate

        regenerate(t)
    return t._edge


def set_requires_grad(t: Tensor, value: bool) -> None:
    """Make t a leaf that requires grad, or one that does not. Views that are leaves too follow their base."""
    if value and t._inference and not mode() & INFERENCE:
        raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
    if not value and t._base is not None and t._base._edge is not None:
        return
    t._edge, t._stale = LEAF if value else None, False
    if t._storage is not None and t._base is None:
        for ref in t._storage.views:
            v = ref()
            if v is not None and v._base is t and not isinstance(v._edge, Node):
                v._edge, v._stale = t._edge, BORROWED if value else False


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
        node = t._edge
        scalar, a = a, np.asarray(a)
        t._array = a
        if isinstance(node, Node) and node.saves_result and node.saved is not None:
            node.all_saved = tuple(a if s is scalar else s for s in node.all_saved)  # it must see what is written here
    return a


def owner_of(a: np.ndarray) -> np.ndarray:
    """The array that owns a's memory."""
    while isinstance(a.base, np.ndarray):
        a = a.base
    return a


def in_order(a: np.ndarray) -> np.ndarray:
    """a with its dimensions as they follow each other in memory."""
    return a if a.flags.forc else a.transpose(sorted(range(a.ndim), key=lambda i: -a.strides[i]))


def storage_of(t: Tensor) -> Storage:
    """t's version counter; its node, if it saved its result, must from now on watch it."""
    s = t._storage
    if s is None:
        s = t._storage = Storage()
        if isinstance(t._edge, Node) and t._edge.saves_result and t._edge.storage is None:
            t._edge.storage = s
    return s
