"""What an operator does beyond the ordinary while a rare mode is on (graph/modes.py)."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import anomaly
from .modes import ANOMALY, DUAL, GRAD, INFERENCE, PACKING, WARY, WATCHED, mode, transforms
from .node import Node
from .packing import pack_saved

NOT_SAVED = (
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation "
    "tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use "
    "`torch.no_grad()` instead of `torch.inference_mode()`."
)


def finish(result: Any, row: Any, args: tuple, aux: tuple) -> None:
    """Called once for each operator with what it returned, after its node was made."""
    m = mode()
    if m & (DUAL | INFERENCE) == DUAL:
        from ..compiler.tangent import propagate

        propagate(result, row, args, aux)
    outputs = result if isinstance(result, tuple | list) else (result,)
    if m & WATCHED:
        from .watching import tell

        tell(result, row, args)
    if m & INFERENCE:
        for t in outputs:
            if t._view is None:  # a view is an inference tensor if its base is one
                t._inference = True
    if not m & GRAD:
        return
    node = next((t._edge.source()[0] for t in outputs if isinstance(t, Tensor) and isinstance(t._edge, Node)), None)
    if node is None:
        return
    if m & WARY and not transforms() and any(isinstance(s, Tensor) and s._inference for s in node.all_saved):
        raise RuntimeError(NOT_SAVED)
    if m & ANOMALY:
        anomaly.record(node)
    if m & PACKING:
        pack_saved(node, dict(zip((row.kept_as(o) for o, role in row.outputs if role != "aux"), outputs, strict=False)))
