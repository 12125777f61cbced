"""Workers side by side: which engines there are, every case on all of them, then its times."""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from types import FrameType, TracebackType
from typing import Self

from conformance.engines import own_process
from conformance.engines.engine import Absent, Present
from conformance.player import Played
from conformance.program.compile import Program
from conformance.timing import Timed
from conformance.workers.job import Group, Job
from conformance.workers.memory import available
from conformance.workers.worker import TO_START, Worker, WorkerDied

TIMEOUT = 60.0
"""Seconds that one case may take on one engine."""

_WATCH_EVERY = 0.05
_PATIENCE = 5.0
_SHARE_OF_MEMORY = 0.9


class WorkerPool:
    """Plays cases in workers, ``jobs`` at a time, each engine up to ``timeout`` seconds. See Note [One process for many cases].

    ``memory`` is what one worker may hold, in bytes; by default nine tenths of what is available. A context manager: the workers
    start when it is entered, so that engines load while the caller reads the cases, and have ended when it is left.
    ``interrupted`` is the signal that ended the playing early.
    """

    def __init__(
        self, names: Sequence[str], jobs: int = 1, timeout: float = TIMEOUT, memory: float | None = None
    ) -> None:
        self.names, self.jobs, self.timeout = tuple(names), jobs, timeout
        self.interrupted: signal.Signals | None = None
        self._crew: dict[Group, Worker] = {}
        self._workers: list[Worker] = []
        self._threads: list[threading.Thread] = []
        self._events: queue.SimpleQueue[Played | BaseException | None] = queue.SimpleQueue()
        self._over = False
        self._memory = memory or _SHARE_OF_MEMORY * available()

    def __enter__(self) -> Self:
        self._threads.append(threading.Thread(target=self._watch, daemon=True))
        self._threads[0].start()
        self._crew = {group: self.hire(group) for group in _groups(self.names)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        for worker in list(self._workers):
            worker.kill("the run is over")
        for thread in self._threads:
            thread.join(_PATIENCE)
        for worker in list(self._workers):
            self.dismiss(worker)

    # -- who is there

    @cached_property
    def lanes(self) -> tuple[Present | Absent, ...]:
        """The engines in the order of their names. Raises ValueError for the name of none, MalformedCase."""
        found: dict[str, Present | Absent] = {}
        for group, worker in list(self._crew.items()):
            found |= self._introduce(group, worker)
        return tuple(found[name] for name in self.names)

    def _introduce(self, group: Group, worker: Worker) -> dict[str, Present | Absent]:
        """Who of a group is here. An engine whose process dies while it is made is absent; the others get another process."""
        found: dict[str, Present | Absent] = {}
        del self._crew[group]
        try:
            for lane in worker.start(TO_START):
                found[lane.name] = lane
        except WorkerDied as death:
            self.dismiss(worker)
            if self.interrupted:
                raise KeyboardInterrupt from None
            dead = group[len(found)]
            others = tuple(name for name in group if name != dead)
            found = {dead: Absent(dead, f"{death.reason}\n{death.said}".strip())}
            if others:
                self._crew[others] = self.hire(others)
                found |= self._introduce(others, self._crew[others])
            return found
        self._crew[tuple(name for name in group if isinstance(found[name], Present))] = worker
        return found

    def hire(self, group: Group) -> Worker:
        """Start a worker that the pool watches. Raises WorkerDied where none can be started, and when the run is over."""
        try:
            worker = Worker(group)
        except OSError as error:
            raise WorkerDied(f"the engine's process cannot be started: {error.strerror}", "") from None
        self._workers.append(worker)
        if self._over or self.interrupted:
            self.dismiss(worker)
            raise WorkerDied("the run is over", "")
        return worker

    def dismiss(self, worker: Worker) -> None:
        """End a worker."""
        with contextlib.suppress(ValueError):
            self._workers.remove(worker)
        worker.close()

    def _watch(self) -> None:
        """The life of the thread that holds the clock: no engine can keep it from running."""
        while not self._over:
            for worker in list(self._workers):
                if self.interrupted:
                    worker.kill("the run was interrupted")
                else:
                    worker.watch(self._memory)
            time.sleep(_WATCH_EVERY)

    # -- playing

    def play(self, programs: Sequence[Program]) -> Iterator[Played]:
        """Every program with its transcripts, one an engine, in the order in which they are done. Ends when interrupted."""
        present = [lane for lane in self.lanes if isinstance(lane, Present)]
        waiting: queue.SimpleQueue[Program] = queue.SimpleQueue()
        for program in programs:
            waiting.put(program)
        groups = [group for group in self._crew if group]
        jobs = [Job(self, present, groups, self._crew if number == 0 else {}) for number in range(self.jobs)]
        self._job = jobs[0]
        threads = [
            threading.Thread(target=self._work, args=(job, waiting), daemon=True) for job in jobs[: len(programs)]
        ]
        self._threads += threads
        for thread in threads:
            thread.start()
        for _ in programs:
            event = self._events.get()
            if event is None:
                return
            if isinstance(event, BaseException):
                raise event
            yield event
        for thread, job in zip(threads, jobs, strict=False):
            thread.join()
            self._threads.remove(thread)
            if job is not self._job:
                job.close()

    def _work(self, job: Job, waiting: queue.SimpleQueue[Program]) -> None:
        """The life of the thread of one job."""
        try:
            while not (self._over or self.interrupted):
                program = waiting.get_nowait()
                transcripts = job.play(program)
                if not self.interrupted:  # else they tell of workers that were killed
                    self._events.put((program, transcripts))
        except queue.Empty:
            pass
        except BaseException as error:
            self._events.put(error)

    def time(self, program: Program, names: Sequence[str]) -> dict[str, Timed]:
        """The times of a program on these engines, taken while nothing else plays. Call it when ``play`` has ended."""
        return self._job.time(program, names)

    def renew(self) -> None:
        """Take the times that follow in new workers."""
        self._job.close()

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """While it lasts, SIGINT and SIGTERM end the playing once what is done has been judged; a second one ends it at once."""

        def stop(number: int, frame: FrameType | None) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = signal.Signals(number)
            self._events.put(None)  # wakes the caller; the thread that watches kills the workers

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _groups(names: Sequence[str]) -> list[Group]:
    """Which engines share a process: all but those that need one of their own."""
    shared = tuple(name for name in names if not own_process(name))
    return [*([shared] if shared else []), *((name,) for name in names if own_process(name))]
