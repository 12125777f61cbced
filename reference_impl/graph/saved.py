"""What a node keeps: reading it back, noticing that it was overwritten since, and packing it by hooks.

`node.saved` is a tuple in the order of `saved_names`. An input is kept as its Tensor, a result or an auxiliary value as
its array (its own Tensor would close a cycle), facts (shapes, dtypes, numbers) as they are. Where saved-tensor hooks
were active, the place of a tensor holds a Packed; such a node has `hooks.packed` set, which sends the engine the slow way.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from .. import dtypes
from ..tensor import LEAF, Tensor, edge_of, history, new, wrap
from .clock import Storage
from .dual import Level
from .hooks import Hooks
from .modes import ANOMALY, DUAL, GRAD, PACKING, mode, set_mode
from .node import FREED, Node, Output


def check(node: Node) -> None:
    """Raise if something that this node saved was written since (see Note [Stamps])."""
    if node.saved is None or not node.frees:
        return
    for s in node.saved:
        if isinstance(s, Tensor) and s._storage is not None and s._storage.written > node.seq:
            refuse(s._array, history(s), s._storage, node.seq)
    if node.saves_result and node.storage is not None and node.storage.written > node.seq:
        result = node.saved[node.saved_names.index("result")]
        if not isinstance(result, Packed):
            refuse(result, node, node.storage, node.seq)


HINT = (
    "enable anomaly detection to find the operation that failed to compute its gradient, with "
    "torch.autograd.set_detect_anomaly(True, check_nan=False)."
)
BACKTRACE = (
    "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was "
    "changed in there or anywhere later. Good luck!"
)


def refuse(array: Any, edge: Any, storage: Storage, seq: int) -> None:
    kind = dtypes.LEGACY[dtypes.from_numpy(array.dtype)]
    shape = ", ".join(map(str, array.shape))
    maker = ""
    if isinstance(edge, Node):
        node, nr = edge.source()
        maker = f", which is output {nr} of {node.name().rstrip('0123456789').removesuffix('Backward')},"
    raise RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{kind}Tensor [{shape}]]{maker} is at version {storage.version}; expected version "
        f"{storage.version_at(seq)} instead. Hint: {BACKTRACE if mode() & ANOMALY else HINT}"
    )


def unpack(node: Node) -> tuple[Any, ...]:
    """What was saved, as Tensors: what a formula on Tensors computes with."""
    if node.saved is None:
        raise RuntimeError(FREED)
    return tuple(
        s.unpack(node) if isinstance(s, Packed) else result_tensor(node, n, s) if n in node.result_names else s
        for n, s in zip(node.saved_names, node.saved, strict=True)
    )


def result_tensor(node: Node, name: str, array: Any) -> Tensor:
    """An output of the node as a Tensor with its history; what has no gradient (indices, aux) has none."""
    t = wrap(array)
    t._edge = result_edge(node, name)
    if t._edge is not None and mode() & DUAL:
        t._tangent = Level.results.get(node, {}).get(name)
    if name == "result":
        t._storage = node.storage
    return t


def result_edge(node: Node, name: str) -> Node | None:
    if name not in node.differentiable_names:
        return None
    return node if node.outputs == 1 else Output(node, node.differentiable_names.index(name))


def look(node: Node, name: str) -> Any:
    """`node._saved_<name>`: the Tensor, number or tuple."""
    if node.saved is None:
        raise RuntimeError(FREED)
    if node.frees:
        check(node)
    s = node.saved[node.saved_names.index(name)]
    if isinstance(s, Packed):
        return s.unpack(node)
    return result_tensor(node, name, s) if name in node.result_names else s


# -- hooks on what is saved

_pairs: ContextVar[tuple] = ContextVar("saved_tensors_hooks", default=())
IN_PLACE = (
    "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified "
    "by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform "
    "in-place operations on the input to a pack hook."
)


_disabled: ContextVar[str | None] = ContextVar("disabled", default=None)


def push_hooks(pair: tuple[Callable[..., Any], Callable[..., Any]]) -> None:
    """From now on, in this thread, what is saved goes through this pair (pack, unpack)."""
    if _disabled.get() is not None:
        raise RuntimeError(_disabled.get())
    _pairs.set((*_pairs.get(), pair))
    set_mode(mode() | PACKING)


def pop_hooks() -> None:
    _pairs.set(_pairs.get()[:-1])
    if not _pairs.get():
        set_mode(mode() & ~PACKING)


def disable_hooks(message: str) -> str | None:
    """Refuse hooks with this message; returns the message before."""
    if _pairs.get():
        raise RuntimeError(message)
    before = _disabled.get()
    _disabled.set(message)
    return before


def enable_hooks(before: str | None) -> None:
    _disabled.set(before)


def default_hooks() -> tuple:
    return _pairs.get()[-1]


class Packed:
    """A saved tensor in the form that a pack hook gave it.

    What unpack returns lends only its values: the tensor regains the place in the graph that the saved one had.
    """

    __slots__ = ("edge", "hook", "leaf", "name", "value")

    def __init__(self, given: Tensor, pair: tuple, edge: Node | None, leaf: bool, name: str = "") -> None:
        """given: what the pack hook gets. edge, leaf: where the tensor was in the graph. name: of an output of the node."""
        pack, self.hook = pair
        self.edge, self.leaf, self.name = edge, leaf, name
        old, before = mode(), given._storage.version if given._storage is not None else 0
        set_mode(old & ~GRAD)
        try:
            self.value = pack(given)
        finally:
            set_mode(old)
        if (given._storage.version if given._storage is not None else 0) != before:
            raise RuntimeError(IN_PLACE)

    def unpack(self, node: Node | None) -> Tensor:
        found = self.hook(self.value)
        if not isinstance(found, Tensor):
            raise TypeError(
                f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {type(found).__name__}"
            )
        t = wrap(found._array)
        if self.leaf:
            t._edge, t._accumulator = LEAF, weakref.ref(self.edge)
        else:
            t._edge = result_edge(node, self.name) if self.name and node is not None else self.edge
        return t


def pack_input(t: Tensor) -> Packed:
    return Packed(t, default_hooks(), edge_of(t), t._edge is LEAF and t.is_leaf)


def pack_saved(node: Node, outputs: dict[str, Tensor]) -> None:
    """Send all that a new node saved through the active hooks, inputs first. outputs: its results by name."""
    pair, packed = default_hooks(), list(node.saved)
    for i, (name, s) in enumerate(zip(node.saved_names, packed, strict=False)):
        if isinstance(s, Tensor) and name not in node.result_names:
            packed[i] = pack_input(s)
    for i, (name, s) in enumerate(zip(node.saved_names, packed, strict=False)):
        if name in node.result_names:
            packed[i] = Packed(outputs[name] if name in outputs else wrap(s), pair, None, False, name)
    if any(isinstance(s, Packed) for s in packed):
        node.saved = tuple(packed)
        Hooks.of(node).packed = True


def run_saved(node: Node, g: Any) -> Any:
    """node.vjp(g), after what was packed is unpacked."""
    if node.hooks is None or not node.hooks.packed:
        return node.vjp(g)
    open_node = new(type(node))
    open_node.saved = tuple(
        (s.unpack(node)._array if s.name else s.unpack(node)) if isinstance(s, Packed) else s for s in node.saved
    )
    open_node.next, open_node.seq, open_node.hooks = node.next, node.seq, None
    if "width" in type(node).__slots__:
        open_node.width = node.width
    return open_node.vjp(g)


class SavedTensor:
    """`node._raw_saved_<name>`: one saved tensor, and its hooks (source: the note "Hooks for saved tensors")."""

    _node: Node
    _name: str

    def __init__(self) -> None:
        raise RuntimeError("Trying to create a SavedTensor object from Python is forbidden.")

    def _get(self) -> Any:
        if self._node.saved is None:
            raise RuntimeError(FREED)
        return self._node.saved[self._node.saved_names.index(self._name)]

    @property
    def data(self) -> Any:
        """What is kept: the packed object, or the tensor."""
        s = self._get()
        return s.value if isinstance(s, Packed) else wrap(s) if self._is_result() else s

    @property
    def unpack_hook(self) -> Any:
        s = self._get()
        return s.hook if isinstance(s, Packed) else None

    def _is_result(self) -> bool:
        return self._name in self._node.result_names

    def unpack(self) -> Any:
        return look(self._node, self._name)

    def register_hooks(self, pack_hook: Any, unpack_hook: Any) -> None:
        """Pack this tensor now; unpack it whenever it is read."""
        if not (callable(pack_hook) and callable(unpack_hook)):
            raise TypeError(
                "register_hooks(): incompatible function arguments. The following argument types are supported:\n    1. "
                "(self: torch._C._autograd.SavedTensor, arg0: collections.abc.Callable, arg1: collections.abc.Callable) "
                f"-> None\n\nInvoked with: {self!r}, {pack_hook!r}, {unpack_hook!r}"
            )
        node, word = self._node, "Calling register_hooks on a saved tensor "
        if node.saved is None:
            raise RuntimeError(word + AFTER_FREED)
        s = self._get()
        if s is None:
            raise RuntimeError(word + "with value None is forbidden")
        if isinstance(s, Packed):
            raise RuntimeError(
                word + "whose hooks have already been set. Hint: only one pair of hooks is allowed at a time."
            )
        detached = wrap(s) if self._is_result() else s.detach()
        pair = (pack_hook, unpack_hook)
        if self._is_result():
            packed = Packed(detached, pair, None, False, self._name)
        else:
            packed = Packed(detached, pair, edge_of(s), s._edge is LEAF and s.is_leaf)
        node.saved = tuple(packed if n == self._name else v for n, v in zip(node.saved_names, node.saved, strict=False))
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
        return not name.endswith(("_shape", "_dtype"))
    s = node.saved[node.saved_names.index(name)]
    return s is None or isinstance(s, Tensor | Packed) or name in node.result_names


def raw_saved(node: Node, name: str) -> SavedTensor:
    found = new(SavedTensor)
    found._node, found._name = node, name
    return found


# -- originals of what is overwritten (torch.autograd.graph.allow_mutation_on_saved_tensors)

keepers: list[Callable[[Any], None]] = []


def keep_originals(into: Any) -> None:
    """Called before memory is written while someone keeps what was saved there."""
    for keeper in keepers:
        keeper(into)
