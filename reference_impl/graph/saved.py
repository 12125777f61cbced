"""What a node keeps: reading it back, and noticing that it was overwritten since.

`node.saved` is a tuple in the order of `saved_names`. An input is kept as its Tensor, a result or an auxiliary value as
its array (its own Tensor would close a cycle), facts (shapes, dtypes, numbers) as they are.
"""
from __future__ import annotations

from typing import Any

from .. import dtypes
from ..tensor import Tensor, wrap
from .clock import Storage
from .dual import Level
from .modes import DUAL, mode
from .node import FREED, Node, Output


def check(node: Node) -> None:
    """Raise if something that this node saved was written since (see Note [Stamps])."""
    if node.saved is None or not node.frees:
        return
    for s in node.saved:
        if isinstance(s, Tensor) and s._storage is not None and s._storage.written > node.seq:
            refuse(s._array, s._edge, s._storage, node.seq)
    if node.saves_result and node.storage is not None and node.storage.written > node.seq:
        refuse(node.saved[node.saved_names.index("result")], node, node.storage, node.seq)


def refuse(array: Any, edge: Any, storage: Storage, seq: int) -> None:
    kind = dtypes.LEGACY[dtypes.from_numpy(array.dtype)]
    shape = f" [{', '.join(map(str, array.shape))}]" if array.shape else ""
    maker = ""
    if isinstance(edge, Node):
        node, nr = edge.source()
        maker = f", which is output {nr} of {node.name().rstrip('0123456789').removesuffix('Backward')},"
    raise RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{kind}Tensor{shape}]{maker} is at version {storage.version}; expected version "
        f"{storage.version_at(seq)} instead. Hint: enable anomaly detection to find the operation that failed to "
        "compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False).")


def unpack(node: Node) -> tuple[Any, ...]:
    """What was saved, as Tensors: what a formula on Tensors computes with."""
    if node.saved is None:
        raise RuntimeError(FREED)
    return tuple(result_tensor(node, n, s) if n in node.result_names else s
                 for n, s in zip(node.saved_names, node.saved, strict=True))


def result_tensor(node: Node, name: str, array: Any) -> Tensor:
    """An output of the node as a Tensor with its history; what has no gradient (indices, aux) has none."""
    t = wrap(array)
    if name in node.differentiable_names:
        k = node.differentiable_names.index(name)
        t._edge = node if node.outputs == 1 else Output(node, k)
        if mode() & DUAL:
            t._tangent = Level.results.get(node, {}).get(name)
    if name == "result":
        t._storage = node.storage
    return t


def look(node: Node, name: str) -> Any:
    """`node._saved_<name>`: the Tensor, number or tuple."""
    if node.frees and node.saved is not None:
        check(node)
    value = unpack(node)[node.saved_names.index(name)]
    return dict(zip(node.saved_names, node.saved, strict=True)).get(name) if value is None else value
