"""One job of a pool: it plays a case at a time, on one engine after the other, and replaces the workers that die."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformance.engines.engine import Absent, Present
from conformance.play import why_not
from conformance.program.compile import Program
from conformance.timing import Timed
from conformance.transcript import Transcript
from conformance.workers.wire import Packed
from conformance.workers.worker import TO_START, Worker, WorkerDied

if TYPE_CHECKING:
    from conformance.workers.pool import WorkerPool

Group = tuple[str, ...]
"""The names of engines that share a process."""

_STARTS = 3
_FRESH = "fresh_process"


class Job:
    """``crew`` holds the worker of each group; a missing one is started when it is needed."""

    def __init__(
        self, pool: WorkerPool, engines: Sequence[Present], groups: Sequence[Group], crew: dict[Group, Worker]
    ) -> None:
        self.pool, self.engines, self.groups, self.crew = pool, engines, groups, crew
        self.lost: dict[Group, WorkerDied] = {}

    def play(self, program: Program) -> list[Transcript]:
        """The transcripts of a program, one an engine. An engine that takes its process with it loses this case."""
        packed = Packed.of(program)
        done: dict[str, Transcript] = {}
        if _FRESH in program.case.needs:
            for engine in self.engines:
                if reason := why_not(program, engine, fresh=True):  # a process is too dear to be asked that
                    done[engine.name] = Transcript(engine.name, not_run=reason)
                self._play_on((engine.name,), packed, True, done)
        else:
            for group in self.groups:
                self._play_on(group, packed, False, done)
        return [done[engine.name] for engine in self.engines]

    def _play_on(self, group: Group, packed: Packed, fresh: bool, done: dict[str, Transcript]) -> None:
        while waiting := [name for name in group if name not in done]:
            try:
                worker = self._start(group) if fresh else self._worker(group)
                for transcript in worker.play(packed, waiting, fresh, self.pool.timeout):
                    done[transcript.engine] = transcript
                if fresh or any(done[name].leaks for name in waiting):  # a thread left running would disturb the next
                    self.pool.dismiss(worker)
            except WorkerDied as death:
                name = next(name for name in waiting if name not in done)
                done[name] = Transcript(name, died=death.during(packed.case.file))

    def time(self, program: Program, names: Sequence[str]) -> dict[str, Timed]:
        """The times of a program: engines that share a process in turns, one process after the other."""
        packed = Packed.of(program)
        timed: dict[str, Timed] = {}
        for group in self.groups:
            if here := [name for name in names if name in group]:
                timed |= self._time_on(group, here, packed)
        return timed

    def _time_on(self, group: Group, names: Sequence[str], packed: Packed) -> dict[str, Timed]:
        try:
            return self._worker(group).time(packed, names, self.pool.timeout * len(names))
        except WorkerDied as death:
            return {name: Timed(not_timed=f"it cannot be replayed ({death.reason})") for name in names}

    def close(self) -> None:
        """End the workers."""
        for worker in self.crew.values():
            self.pool.dismiss(worker)
        self.crew.clear()

    def _worker(self, group: Group) -> Worker:
        """The worker of a group, another one if it has died. Raises WorkerDied where none can be started."""
        worker = self.crew.get(group)
        if worker is None or not worker.usable:
            if worker is not None:
                self.pool.dismiss(worker)
            worker = self.crew[group] = self._start(group)
        return worker

    def _start(self, group: Group) -> Worker:
        """A new worker, ready to play. One that dies while it starts is replaced; where three have died, no more are tried."""
        if group in self.lost:
            raise self.lost[group]
        for _ in range(_STARTS):
            try:
                return self._started(group)
            except WorkerDied as death:
                last = death
        self.lost[group] = last
        raise last

    def _started(self, group: Group) -> Worker:
        worker = self.pool.hire(group)
        try:
            for lane in worker.start(TO_START):
                if isinstance(lane, Absent):
                    raise WorkerDied(f"{lane.name} is here no longer: {lane.reason}", "")
        except WorkerDied:
            self.pool.dismiss(worker)
            raise
        return worker
