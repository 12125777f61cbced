"""Several processes that play mutants side by side. A mutant that ends its process, or never ends, or leaves something behind,
loses one case and no more."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from conformance.mutants.kill import Bench, Doing, Task

_SPAWN = multiprocessing.get_context("spawn")
"""Processes are spawned, not forked: one that has run torch must not be copied."""

PATIENCE_S = 120.0
"""How long a process may say nothing. The slowest case takes half a second; loading torch and the cases, ten."""

_LOSSES = 3
"""So many cases of one task may end or spoil their process; after that the others are not played."""

Making = Callable[[], contextlib.AbstractContextManager[Bench]]
_DONE = "done"


def _serve(making: Making, to: Connection) -> None:
    """Do what comes through the connection, until nothing does; every answer goes back as soon as it is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the process that started this one
    with making() as bench, contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            method, first, cases, last = to.recv()
            for answer in getattr(bench, method)(*first, cases, *last):
                to.send(answer)
            to.send(_DONE)


class _Work:
    """A task and the answers so far. The case that is played is the one after them."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.answers: list[Any] = []
        self.losses = 0
        self.done = False

    @property
    def rest(self) -> Task:
        method, first, cases, last = self.task
        return method, first, cases[len(self.answers) :], last

    @property
    def spoiled(self) -> bool:
        """Whether the last answer says that its process is no longer what it was."""
        return bool(self.answers and getattr(self.answers[-1], "disturbed", False))

    def lose_one(self) -> None:
        """The process is gone: the case that it played has no answer, unless that answer was why."""
        cases = self.task[2]
        if not self.spoiled:
            self.answers.append(None)
        self.losses += 1
        if self.losses >= _LOSSES:
            self.answers += [None] * (len(cases) - len(self.answers))
        self.done = len(self.answers) >= len(cases)


class _Process:
    """One process with its bench, and what it is working at."""

    def __init__(self, making: Making) -> None:
        self.to, other = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(making, other), daemon=True)
        self.process.start()
        other.close()
        self.work: _Work | None = None
        self.heard = 0.0

    def start(self, work: _Work) -> None:
        self.work, self.heard = work, time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has ended already; the next look at it says so
            self.to.send(work.rest)

    def listen(self) -> bool:
        """Take what has been answered. Returns whether the process is still at it, or done, and not dead, spoiled or lost in a
        case."""
        assert self.work is not None
        try:
            while self.to.poll():
                self.heard = time.monotonic()
                answer = self.to.recv()
                if isinstance(answer, str) and answer == _DONE:
                    self.work.done, self.work = True, None
                    return True
                self.work.answers.append(answer)
                if self.work.spoiled:
                    return False
        except (EOFError, ConnectionError):
            return False
        return time.monotonic() - self.heard < PATIENCE_S

    def end(self) -> None:
        self.process.kill()
        self.to.close()
        self.process.join()


class _Processes:
    """``jobs`` processes; one that is lost is replaced when there is more to do."""

    def __init__(self, jobs: int, making: Making) -> None:
        self.making = making
        self.each = [_Process(making) for _ in range(jobs)]

    def do(self, tasks: Iterable[Task]) -> Iterator[list[Any]]:
        """The answers to the tasks, in their order."""
        works = [_Work(task) for task in tasks]
        waiting = works[::-1]
        for work in works:
            while not work.done:
                for process in self.each:
                    if process.work is None and waiting:
                        process.start(waiting.pop())
                self._listen(waiting)
            yield work.answers

    def _listen(self, waiting: list[_Work]) -> None:
        """Wait for the next answers; what a lost process was at is waiting again."""
        wait([process.to for process in self.each if process.work is not None], timeout=PATIENCE_S / 4)
        for index, process in enumerate(self.each):
            work = process.work
            if work is None or process.listen():
                continue
            process.end()
            self.each[index] = _Process(self.making)
            work.lose_one()
            if not work.done:
                waiting.append(work)


@contextlib.contextmanager
def doing_in_processes(jobs: int, making: Making) -> Iterator[Doing]:
    """Tasks in that many processes, each with the bench that ``making`` (something that can be pickled) yields."""
    processes = _Processes(jobs, making)
    try:
        yield processes.do
    finally:
        for process in processes.each:
            process.end()
