"""Anomaly detection: where in the forward pass the node that failed came from (source: torch.autograd.anomaly_mode).

torch's mode is one for the process. So is the check during backward here; the forward traceback is kept by the thread
that switched the mode on, and by threads that ask for the mode themselves.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from ..placement import strided
from ..tensor import Tensor
from .modes import ANOMALY, mode, set_mode
from .node import Node

PACKAGE = os.path.dirname(os.path.dirname(__file__))
OURS, TESTS = (PACKAGE, "<reference_impl"), os.path.join(PACKAGE, "tests")


def is_ours(filename: str) -> bool:
    """Whether code is this package's, and not of its tests, which are users."""
    return filename.startswith(OURS) and not filename.startswith(TESTS)


class State:
    """The mode of the process."""

    on = False
    check_nan = True


UNKNOWN = "No forward pass information available. Enable detect anomaly during forward pass for more information."
running: ContextVar[Node | None] = ContextVar("running", default=None)  # the node that backward is at


def switch(on: bool, check_nan: bool) -> None:
    for position, (name, flag) in enumerate({"enabled": on, "check_nan": check_nan}.items(), 1):
        if not isinstance(flag, bool):
            kind = type(flag).__name__
            raise TypeError(f"set_anomaly_enabled(): argument '{name}' (position {position}) must be bool, not {kind}")
    State.on, State.check_nan = on, check_nan
    set_mode(mode() | ANOMALY if on else mode() & ~ANOMALY)


def is_anomaly_enabled() -> bool:
    """Whether anomaly detection is on (source: torch.is_anomaly_enabled)."""
    return State.on


def is_anomaly_check_nan_enabled() -> bool:
    """Whether it refuses nan (source: torch.is_anomaly_check_nan_enabled)."""
    return State.check_nan


def record(node: Node) -> None:
    """Keep where a new node was made, and, in a backward that is recorded, the node whose gradient it computes."""
    import traceback

    stack = traceback.extract_stack()
    while stack and is_ours(stack[-1].filename):
        stack.pop()
    node.metadata["traceback_"] = traceback.format_list(stack)
    parent = running.get()
    if parent is not None:
        node.metadata["parent_"] = parent.shown()


def watched(node: Node, run: Callable[[], Any]) -> Any:
    """What a node computes; an error or a nan is reported with the traceback of its forward call."""
    token = running.set(node)
    try:
        results = run()
        if State.check_nan:
            for i, g in enumerate(results if len(node.next) != 1 else (results,)):
                if has_nan(g):
                    raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")
        return results
    except Exception:
        for text in report(node):
            try:
                warnings.warn(text, UserWarning, stacklevel=2)
            except UserWarning as refused:  # a filter makes it an error; but there is one already
                import traceback

                sys.stderr.write("".join(traceback.format_exception_only(refused)))
        raise
    finally:
        running.reset(token)


def has_nan(g: Any) -> bool:
    a = (g._array if g.layout is strided else g._values()._array) if isinstance(g, Tensor) else g
    return a is not None and a.dtype.kind in "fcV" and bool(np.isnan(a).any())


def report(node: Node) -> Iterator[str]:
    """Where the node was made; then, for each node whose backward made the one before, where that was made."""
    start, what = "Error detected in", "caused the error"
    while node is not None:
        stack = node.metadata.get("traceback_")
        where = UNKNOWN if stack is None else f"Traceback of forward call that {what}:\n" + "".join(stack)
        yield f"{start} {node.name()}. {where}"
        node = node.metadata.get("parent_")
        start, what = "\n\nPrevious calculation was induced by", "induced the previous calculation"
