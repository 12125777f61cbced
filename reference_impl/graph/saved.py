"""What a node keeps: reading it back, and noticing that it was overwritten since.

`node.all_saved` is a tuple in the order of `saved_names`. An input is kept as its Tensor, and so is a result that has no
gradient (indices); another result or an auxiliary value as its array (its own Tensor would close a cycle), facts (shapes,
dtypes, numbers) as they are. Where saved-tensor hooks were active, the place of a tensor holds a Packed (packing.py); such
a node has `hooks.packed` set, which sends the engine the slow way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..placement import strided
from ..tensor import Tensor, history, wrap
from .clock import Storage
from .dual import recall
from .modes import ANOMALY, DUAL, mode
from .node import FREED, Node
from .packing import Packed, output_edge, result_edge


def check(node: Node) -> None:
    """Raise if something that this node saved was written since (see Note [Stamps])."""
    node = getattr(node, "fn", node)  # what a CopySlices runs
    if node.saved is None or not node.frees:
        return
    for s in node.all_saved:
        if isinstance(s, Tensor) and s._storage is not None and s._storage.written > node.seq:
            array = s._array if s.layout is strided else np.empty(s.shape, s.dtype.np)
            refuse(array, history(s), s._storage, node.seq)
        if isinstance(s, Tensor) and s._detached > node.seq:
            raise RuntimeError(DETACHED)
    for nr, name in node.watched.items():
        storage = storage_of_output(node, nr)
        if storage is not None and storage.written > node.seq:
            result = node.all_saved[node.saved_names.index(name)]
            if not isinstance(result, Packed):
                refuse(result, output_edge(node, nr) or node, storage, node.seq)


def storage_of_output(node: Node, nr: int) -> Storage | None:
    return node.storage.get(nr) if type(node.storage) is dict else node.storage


DETACHED = (
    "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_().This is not supported, please use "
    "out-of-place `.detach()` instead"
)
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
        maker = f", which is output {nr} of {node.operator_name()},"
    raise RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{kind}Tensor [{shape}]]{maker} is at version {storage.version}; expected version "
        f"{storage.version_at(seq)} instead. Hint: {BACKTRACE if mode() & ANOMALY else HINT}"
    )


def unpack(node: Node) -> tuple[Any, ...]:
    """What was saved, as Tensors: what a formula on Tensors computes with."""
    if node.saved is None:
        raise RuntimeError(FREED)
    if node.hooks is None and not node.saves_outputs:
        return node.all_saved
    return tuple(
        s.unpack(node) if isinstance(s, Packed) else result_tensor(node, n, s) if n in node.result_names else s
        for n, s in zip(node.saved_names, node.all_saved, strict=True)
    )


def result_tensor(node: Node, name: str, array: Any) -> Tensor:
    """An output of the node as a Tensor with its history; what has no gradient (indices, aux) has none."""
    if isinstance(array, Tensor) and name not in node.differentiable_names:
        return array
    t = array.data if isinstance(array, Tensor) else wrap(array)
    edge = t._edge = result_edge(node, name)
    if edge is not None and mode() & DUAL:
        recall(t, node, name)
    if node.watched and node.storage is not None:
        for nr, watched in node.watched.items():
            if name == watched:
                t._storage = storage_of_output(node, nr)
    return t


def kept_value(node: Node, name: str) -> Any:
    if node.saved is None:
        raise RuntimeError(FREED)
    if node.frees:
        check(node)
    return node.all_saved[node.saved_names.index(name)]


def unpacked(node: Node, name: str) -> Any:
    s = kept_value(node, name)
    if isinstance(s, Packed):
        return s.unpack(node)
    return result_tensor(node, name, s) if name in node.result_names else s


def look(node: Node, name: str) -> Any:
    """`node._saved_<name>`: the Tensor, number or tuple."""
    s = unpacked(node, name)
    if type(s) in NUMBERS and not node.row.scalar_overload and name in map(node.row.kept_as, node.row.operands):
        return wrap(np.asarray(s))  # what stood for a tensor
    if type(s) is int and name not in PLACES:
        return s
    if name == "dim" and type(s) is int and node.row.name in DIMENSIONS:
        s = (s,)
    return REDUCTIONS.get(s, s) if name == "reduction" else as_torch_shows(s)


NUMBERS = frozenset([int, float, complex, bool])
# whole numbers in torch; others may be any number
WHOLE = "dim dim0 dim1 dim2 dimension index start end step diagonal offset k ignore_index padding_idx divisor_override"
PLACES = frozenset(WHOLE.split())
REDUCING = "amax amin linalg_vector_norm logsumexp mean nansum std std_mean sum var var_mean"
DIMENSIONS = frozenset(REDUCING.split())  # these take several dimensions at a time
REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}


def as_torch_shows(s: Any) -> Any:
    """A constant: an array as a Tensor, a negative number as what its 64 bits are without a sign."""
    if type(s) is int:
        return s % (1 << 64)
    if isinstance(s, np.ndarray | np.generic):
        return wrap(s)
    return tuple(map(as_torch_shows, s)) if type(s) in (tuple, list) else s


# -- originals of what is overwritten (torch.autograd.graph.allow_mutation_on_saved_tensors)

keepers: list[Callable[[Any], None]] = []


def keep_originals(into: Any) -> None:
    """Called before memory is written while someone keeps what was saved there."""
    for keeper in keepers:
        keeper(into)
