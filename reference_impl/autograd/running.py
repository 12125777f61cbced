"""The backwards that a thread runs, one inside the other: how deep they are, and what is called at their end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

DEEP = 40  # backwards inside backwards that one stack holds


class _Running(threading.local):
    """What is known of the innermost one."""

    depth = 0
    partial = False  # whether it, or one around it, takes only part of the graph (reentrant checkpoints refuse that)
    callbacks: list[Callable[[], Any]] | None = None


Running = _Running()


def within(work: Callable[[], Any], partial: bool) -> None:
    """Do a backward's work, and then what was queued for its end. Where the stack is deep it gets another, as in torch."""
    partial = partial or Running.partial
    if Running.depth == DEEP:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(copy_context().run, within, work, partial).result()
    before = Running.partial, Running.callbacks
    Running.partial, Running.callbacks = partial, []
    Running.depth += 1
    try:
        work()
        for callback in Running.callbacks:  # one may queue another
            callback()
    finally:
        Running.depth -= 1
        Running.partial, Running.callbacks = before


class ImperativeEngine:
    """`torch.autograd.Variable._execution_engine`."""

    __module__ = "torch._C"

    def queue_callback(self, callback: Callable[[], Any]) -> None:
        """Call this when the backward that is running has ended."""
        if Running.callbacks is None:
            raise RuntimeError("Final callbacks can only be installed during backward pass.")
        Running.callbacks.append(callback)

    def is_checkpoint_valid(self) -> bool:
        """Whether a reentrant checkpoint may be part of the backward that is running."""
        return not Running.partial
