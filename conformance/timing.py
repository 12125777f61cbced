"""How long a case takes on each engine, in figures that can be compared.

Engines are interleaved, round by round, in one process and with one thread; a figure is a time per play over batches of
about ten milliseconds; inputs are rebuilt outside the clock. A device that works on its own is waited for at both ends of a
batch; to tell its phases apart it is waited for at each of them, in batches that count for nothing else.

Note [The noise of a run]
Batches of one process agree better with each other than with those of another process: memory lies elsewhere, the machine has
other guests. So the workloads, and some of the other cases, are timed again when all are timed, in new processes, and what
they then differ by from themselves (A/A) is the noise that the run states: 95 of 100 times, and of 100 ratios to the oracle,
were nearer to themselves than that. The figure of a case that was timed twice is made of both.
"""

from __future__ import annotations

import contextlib
import math
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.allocation import Allocated, allocated
from conformance.collector import no_collection
from conformance.engines.engine import Engine
from conformance.language.data import number
from conformance.program.compile import Program
from conformance.program.phases import PHASES
from conformance.program.replay import NotReplayable, replay
from conformance.state import State

BATCH = 0.01
"""Seconds that one batch should last."""

ROUNDS = 5
_MOST_PLAYS = 2000


@dataclass(frozen=True)
class Figure:
    """Seconds a play: the fastest batch, the median batch, and the spread (interquartile range) between batches."""

    min: float
    median: float
    spread: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Figure:
        """The figure of these seconds, one for each batch."""
        ordered = sorted(samples)
        quarter = len(ordered) // 4
        return cls(ordered[0], statistics.median(ordered), ordered[-1 - quarter] - ordered[quarter])

    def with_(self, again: Figure) -> Figure:
        """Of two processes: the fastest batch, the middle between the medians, the largest spread, theirs included."""
        middle, apart = (self.median + again.median) / 2, abs(self.median - again.median)
        return Figure(min(self.min, again.min), middle, max(self.spread, again.spread, apart))

    def as_json(self) -> dict[str, float]:
        return {"min": self.min, "median": self.median, "spread": self.spread}


@dataclass
class Timed:
    """One engine's times: of the phases that the case has, and ``total``; or why there are none.

    ``allocated`` is what one play allocates, where the engine is ``traceable``.
    """

    figures: dict[str, Figure] = field(default_factory=dict)
    not_timed: str | None = None
    allocated: Allocated | None = None

    def with_(self, again: Timed) -> Timed:
        """The times of two processes as one."""
        both = self.figures.keys() & again.figures.keys()
        figures = {phase: self.figures[phase].with_(again.figures[phase]) for phase in self.figures if phase in both}
        return replace(self, figures=figures) if figures else self


class _Clock:
    """Adds up seconds by phase. ``wait`` is called before each reading."""

    def __init__(self, wait: Callable[[], None]) -> None:
        self.wait = wait
        self.seconds = [0.0] * len(PHASES)
        self.wait()
        self.last = time.perf_counter()

    def lap(self, phase: int) -> None:
        self.wait()
        now = time.perf_counter()
        self.seconds[phase] += now - self.last
        self.last = time.perf_counter()


def _nothing(phase: int = 0) -> None:
    pass


class _Runner:
    """One engine's replays of one program."""

    def __init__(self, program: Program, engine: Engine) -> None:
        self.engine, self.given = engine, program.case.given
        self.play = replay(program.case, engine.torch)
        self.plays = 1
        self.batches: list[list[float]] = []
        self.wholes: list[float] = []

    def inputs(self) -> list[Any]:
        return [self.engine.tensor(given) if given.tensor else number(given.data) for given in self.given]

    def batch(self) -> float:
        """Play a batch (two on a device that works on its own), and return the seconds that one play took."""
        wait = self.engine.synchronize
        self.batches.append(self.lapped(wait or _nothing))
        self.wholes.append(sum(self.batches[-1]) if wait is None else self.whole(wait))
        return self.wholes[-1]

    def lapped(self, wait: Callable[[], None]) -> list[float]:
        """The seconds of each phase of a play."""
        prepared = [self.inputs() for _ in range(self.plays)]
        clock = _Clock(wait)
        play, lap = self.play, clock.lap
        for inputs in prepared:
            play(*inputs, lap)
        return [total / self.plays for total in clock.seconds]

    def whole(self, wait: Callable[[], None]) -> float:
        """The seconds of a play among others."""
        prepared = [self.inputs() for _ in range(self.plays)]
        clock, play = _Clock(wait), self.play
        for inputs in prepared:
            play(*inputs, _nothing)
        clock.lap(0)
        return clock.seconds[0] / self.plays

    def calibrate(self) -> None:
        self.batch()
        once = self.batch()
        self.plays = max(1, min(_MOST_PLAYS, int(BATCH / max(once, 1e-7))))
        self.batches.clear()
        self.wholes.clear()

    def timed(self) -> Timed:
        phases = {phase: [b[i] for b in self.batches] for i, phase in enumerate(PHASES)}
        figures = {phase: Figure.of(samples) for phase, samples in phases.items() if any(samples)}
        figures["total"] = Figure.of(self.wholes)
        return Timed(figures, allocated=allocated(self.play, self.inputs()) if self.engine.traceable else None)


def time_case(program: Program, engines: Sequence[Engine]) -> dict[str, Timed]:
    """The times of one case on several engines, interleaved."""
    untimed = {engine.name: Timed(not_timed=engine.not_timed) for engine in engines if engine.not_timed}
    engines = [engine for engine in engines if not engine.not_timed]
    runners: dict[str, _Runner] = {}
    for engine in engines:
        try:
            runners[engine.name] = _Runner(program, engine)
        except NotReplayable as reason:
            return untimed | {e.name: Timed(not_timed=str(reason)) for e in engines}
    states = [State(runner.engine) for runner in runners.values()]
    try:
        with _quiet():
            for runner in runners.values():
                runner.calibrate()
            for _ in range(ROUNDS):
                for runner in runners.values():
                    runner.batch()
            return untimed | {name: runner.timed() for name, runner in runners.items()}
    except Exception as error:
        why = f"it cannot be replayed ({type(error).__name__}: {error})"
        return untimed | {engine.name: Timed(not_timed=why) for engine in engines}
    finally:
        for state in states:
            state.restore()


def noise(first: Sequence[Mapping[str, Timed]], again: Sequence[Mapping[str, Timed]], oracle: str) -> float | None:
    """By which factor, less one, a total time or its ratio to the oracle's departs from itself in 95 of 100; None of no times.

    The two sequences hold, case by case, the times of the engines in two processes.
    """
    apart: list[float] = []
    for then, now in zip(first, again, strict=True):
        logs = {
            name: math.log(now[name].figures["total"].median / then[name].figures["total"].median)
            for name in then
            if name in now and then[name].figures and now[name].figures
        }
        apart += map(abs, logs.values())
        apart += [abs(log - logs[oracle]) for name, log in logs.items() if oracle in logs and name != oracle]
    if not apart:
        return None
    return round(math.expm1(sorted(apart)[math.ceil(0.95 * len(apart)) - 1]), 4)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No warnings and no garbage collection while the clock runs."""
    with no_collection(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def one_thread(engines: Sequence[Engine]) -> Iterator[None]:
    """One thread for BLAS and for every engine that counts its threads."""
    from threadpoolctl import threadpool_limits

    counted = [e.torch for e in engines if hasattr(e.torch, "set_num_threads")]
    before = [torch.get_num_threads() for torch in counted]
    for torch in counted:
        torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        for torch, threads in zip(counted, before, strict=True):
            torch.set_num_threads(threads)
