"""`node._raw_saved_<name>`: one saved tensor as the object that takes hooks of its own."""

from __future__ import annotations

from typing import Any

from ..tensor import LEAF, Tensor, edge_of, new, wrap
from .hooks import Hooks
from .node import FREED, Node
from .packing import Packed
from .saved import look


class SavedTensor:
    """`node._raw_saved_<name>`: one saved tensor, and its hooks (source: the note "Hooks for saved tensors")."""

    _node: Node
    _name: str

    def __init__(self) -> None:
        raise RuntimeError("Trying to create a SavedTensor object from Python is forbidden.")

    def _get(self) -> Any:
        if self._node.saved is None:
            raise RuntimeError(FREED)
        return self._node.all_saved[self._node.saved_names.index(self._name)]

    @property
    def data(self) -> Any:
        """What is kept: the packed object, or the tensor."""
        s = self._get()
        return s.value if isinstance(s, Packed) else s if isinstance(s, Tensor) or s is None else wrap(s)

    @property
    def unpack_hook(self) -> Any:
        s = self._get()
        return s.hook if isinstance(s, Packed) else None

    def _is_result(self) -> bool:
        return self._name in self._node.result_names

    def unpack(self) -> Any:
        return look(self._node, self._name)

    def register_hooks(self, *hooks: Any) -> None:
        """hooks: pack_hook, which packs this tensor now, and unpack_hook, which unpacks it whenever it is read."""
        if len(hooks) != 2 or not all(map(callable, hooks)):
            raise TypeError(
                "register_hooks(): incompatible function arguments. The following argument types are supported:\n    1. "
                "(self: torch._C._autograd.SavedTensor, arg0: collections.abc.Callable, arg1: collections.abc.Callable) "
                f"-> None\n\nInvoked with: {', '.join(map(repr, (self, *hooks)))}"
            )
        word = "Calling register_hooks on a saved tensor "
        if self._freed():
            raise RuntimeError(word + AFTER_FREED)
        s = self._get()
        if s is None:
            raise RuntimeError(word + "with value None is forbidden")
        if isinstance(s, Packed):
            raise RuntimeError(
                word + "whose hooks have already been set. Hint: only one pair of hooks is allowed at a time."
            )
        self._pack(s, hooks)

    def _freed(self) -> bool:
        return self._node.saved is None

    def _pack(self, s: Any, pair: tuple) -> None:
        node = self._node
        if self._is_result():
            packed = Packed(wrap(s), pair, None, False, self._name)
        else:
            packed = Packed(s.detach(), pair, edge_of(s), s._edge is LEAF and s.is_leaf)
        node.all_saved = tuple(
            packed if n == self._name else v for n, v in zip(node.saved_names, node.all_saved, strict=False)
        )
        Hooks.of(node).packed = True

    def __repr__(self) -> str:
        return f"<torch._C._autograd.SavedTensor object at {id(self):#x}>"


AFTER_FREED = (
    "after it has been freed. Saved intermediate values of the graph are freed when you call .backward() or "
    "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to "
    "access saved variables after calling backward."
)
SavedTensor.__module__ = "torch._C._autograd"


def is_tensor_slot(node: Node, name: str) -> bool:
    """Whether a place of `saved` is for a tensor."""
    if node.saved is None:
        return not name.endswith("_sym_sizes")
    s = node.all_saved[node.saved_names.index(name)]
    return s is None or isinstance(s, Tensor | Packed) or name in node.result_names


def raw_saved(node: Node, name: str) -> SavedTensor:
    if not is_tensor_slot(node, name):
        raise AttributeError(f"'{type(node).__name__}' object has no attribute '_raw_saved_{name}'")
    found = new(SavedTensor)
    found._node, found._name = node, name
    return found


def attributes(names: tuple[str, ...]) -> dict[str, property]:
    """A Node class's `_saved_*` and `_raw_saved_*`. (A __getattr__ would make every look at a node five times slower.)
    Shapes and dtypes are not shown, unless the row has torch's name for them."""
    public = [n for n in names if not n.endswith(("_shape", "dtype"))]
    shown = {f"_saved_{n}": property(lambda node, n=n: look(node, n)) for n in public}
    return shown | {f"_raw_saved_{n}": property(lambda node, n=n: raw_saved(node, n)) for n in public}
