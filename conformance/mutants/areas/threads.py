"""Threads and processes: where a backward runs, what threads share, and what is sent from one process to another."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from typing import Any

from conformance.mutants.around import around_backward
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]

Proceed = Callable[[list[Any]], None]


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@mutant(
    "threads.concurrent-independent-backwards",
    "threads.shared-leaf-backward-accumulates-all",
    "threads.shared-graph-*",
    "threads.python-function-safe-under-gil",
    "threads.cpu-extra-concurrency",
)
def other_threads_run_no_backward(torch: Torch) -> Changed:
    """A backward does nothing in a thread that is not the first."""

    def around(proceed: Proceed, roots: list[Any]) -> None:
        if _in_main_thread():
            proceed(roots)

    return around_backward(torch, around)


@mutant("threads.cpu-extra-concurrency")
def one_backward_waits_for_the_other(torch: Torch) -> Changed:
    """A backward refuses to run while another thread runs one."""
    busy = threading.RLock()

    def around(proceed: Proceed, roots: list[Any]) -> None:
        if not busy.acquire(blocking=False):
            raise RuntimeError("another thread is differentiating")
        try:
            proceed(roots)
        finally:
            busy.release()

    return around_backward(torch, around)


@mutant("threads.grad-function-does-not-accumulate")
def grad_in_threads_accumulates(torch: Torch) -> Changed:
    """autograd.grad in a thread that is not the first leaves what it returns in .grad."""

    def around(real: Any, outputs: Any, inputs: Any, *arguments: Any, **named: Any) -> Any:
        found = real(outputs, inputs, *arguments, **named)
        if not _in_main_thread() and isinstance(inputs, torch.Tensor):
            inputs.grad = found[0]
        return found

    return wrapped(torch.autograd, "grad", around)


@mutant("multiprocessing.module-share-memory-keeps-grad-flags")
def shared_parameters_are_frozen(torch: Torch) -> Changed:
    """Module.share_memory() leaves parameters that require no gradient."""
    return wrapped(torch.nn.Module, "share_memory", lambda real, self: real(self).requires_grad_(False))


def _reductions(torch: Torch) -> Any:
    return importlib.import_module(f"{torch.__name__}.multiprocessing.reductions")


@mutant("multiprocessing.sending-non-leaf.errors", only="torch")
def what_is_computed_is_sent(torch: Torch) -> Changed:
    """A tensor with a history is sent without it."""
    reducers: dict[type, Any] = vars(ForkingPickler)["_extra_reducers"]
    real = reducers[torch.Tensor]
    return patched(ForkingPickler, "_extra_reducers", {**reducers, torch.Tensor: lambda tensor: real(tensor.detach())})


@mutant("multiprocessing.grad-not-sent-with-tensor", only="torch")
def what_is_sent_is_frozen(torch: Torch) -> Changed:
    """A leaf that is sent arrives as one that requires no gradient."""
    return wrapped(_reductions(torch), "rebuild_tensor", lambda real, *parts: real(*parts).requires_grad_(False))
