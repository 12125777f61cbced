"""What an operator does beyond the ordinary while a rare mode is on (graph/modes.py)."""

from __future__ import annotations

import traceback
from typing import Any

from ..tensor import Tensor
from .modes import ANOMALY, DUAL, INFERENCE, mode
from .node import Node


def finish(result: Any, row: Any, args: tuple, aux: tuple) -> None:
    """Called once for each operator with what it returned, after its node was made."""
    m = mode()
    if m & (DUAL | INFERENCE) == DUAL:
        from ..compiler.tangent import propagate

        propagate(result, row, args, aux)
    for t in result if isinstance(result, tuple | list) else (result,):
        if m & INFERENCE:
            t._inference = True
        if m & ANOMALY and isinstance(t, Tensor) and isinstance(t._edge, Node):
            t._edge.source()[0].traceback = traceback.extract_stack()[:-2]
