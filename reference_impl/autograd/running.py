"""The backwards that a thread runs, one inside the other: how deep they are, and what is called at their end."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Any

DEEP = 40  # backwards inside backwards that one stack holds


class Task:
    """A backward that runs."""

    depth = 1
    partial = False  # whether it, or one around it, takes only part of the graph (reentrant checkpoints refuse that)
    callbacks: list[Callable[[], Any]] | None = None


running: ContextVar[Task | None] = ContextVar("running", default=None)


def within(work: Callable[[], Any], partial: bool) -> None:
    """Do a backward's work, and then what was queued for its end. Where the stack is deep it gets another, as in torch."""
    outer, task = running.get(), Task()
    if outer is not None:
        partial = partial or outer.partial
        if outer.depth == DEEP:
            from concurrent.futures import ThreadPoolExecutor  # rarely needed, and it brings in logging

            with ThreadPoolExecutor(1) as pool:
                return pool.submit(copy_context().run, elsewhere, work, partial).result()
        task.depth = outer.depth + 1
    if partial:
        task.partial = True
    running.set(task)
    try:
        work()
        for callback in task.callbacks or ():  # one may queue another
            callback()
    finally:
        running.set(outer)


def elsewhere(work: Callable[[], Any], partial: bool) -> None:
    running.set(None)
    within(work, partial)


def is_partial() -> bool:
    """Whether a backward runs that takes only part of the graph."""
    task = running.get()
    return task is not None and task.partial


class ImperativeEngine:
    """`torch.autograd.Variable._execution_engine`."""

    __module__ = "torch._C"

    def queue_callback(self, callback: Callable[[], Any]) -> None:
        """Call this when the backward that is running has ended."""
        task = running.get()
        if task is None:
            raise RuntimeError("Final callbacks can only be installed during backward pass.")
        if task.callbacks is None:
            task.callbacks = []
        task.callbacks.append(callback)

    def is_checkpoint_valid(self) -> bool:
        """Whether a reentrant checkpoint may be part of the backward that is running."""
        return not is_partial()
