"""Several processes that play mutants side by side. A mutant that ends its process ends nothing else."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from conformance.mutants.kill import Bench, Doing, Task

_SPAWN = multiprocessing.get_context("spawn")
"""Processes are spawned, not forked: one that has run torch must not be copied."""

Making = Callable[[], Bench]


def _serve(making: Making, to: Connection) -> None:
    """Do what comes through the connection, until nothing does."""
    bench = making()
    with contextlib.suppress(EOFError):
        while True:
            method, task = to.recv()
            to.send(getattr(bench, method)(*task))


class _Process:
    """One process with its bench, and the number of the task that it is at."""

    def __init__(self, making: Making) -> None:
        self.to, other = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(making, other), daemon=True)
        self.process.start()
        other.close()
        self.at: int | None = None

    def start(self, number: int, method: str, task: Task) -> None:
        self.at = number
        self.to.send((method, task))

    def end(self) -> None:
        self.to.close()
        self.process.join()


class _Processes:
    """``jobs`` processes; one that has died is replaced when there is more to do."""

    def __init__(self, jobs: int, making: Making) -> None:
        self.making = making
        self.each = [_Process(making) for _ in range(jobs)]

    def do(self, method: str, tasks: Iterable[Task]) -> Iterator[Any]:
        """The results in the order of the tasks; None for a task that ended its process."""
        waiting = list(enumerate(tasks))[::-1]
        number, results, following = len(waiting), dict[int, Any](), 0
        while following < number:
            for process in self.each:
                if process.at is None and waiting:
                    at, task = waiting.pop()
                    process.start(at, method, task)
            results |= self._finished()
            while following in results:
                yield results.pop(following)
                following += 1

    def _finished(self) -> dict[int, Any]:
        """Wait for the next results."""
        found: dict[int, Any] = {}
        ready = wait([process.to for process in self.each if process.at is not None])
        for index, process in enumerate(self.each):
            at = process.at
            if at is None or process.to not in ready:
                continue
            try:
                found[at] = process.to.recv()
                process.at = None
            except (EOFError, ConnectionError):
                found[at] = None
                process.end()
                self.each[index] = _Process(self.making)
        return found


@contextlib.contextmanager
def doing_in_processes(jobs: int, making: Making) -> Iterator[Doing]:
    """Tasks in that many processes, each with the bench that ``making`` (something that can be pickled) makes."""
    processes = _Processes(jobs, making)
    try:
        yield processes.do
    finally:
        for process in processes.each:
            process.process.kill()
            process.end()
