"""How long a case takes on each engine, in figures that can be compared.

Engines are interleaved, round by round, in one process and with one thread; a figure is a time per play over batches of
about ten milliseconds; inputs are rebuilt outside the clock. ``noise`` is what an engine shows against itself (A/A).
"""

from __future__ import annotations

import contextlib
import gc
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.engines.engine import Engine
from conformance.language.data import number
from conformance.program.compile import Program
from conformance.program.replay import PHASES, NotReplayable, replay
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
        ordered = sorted(samples)
        quarter = len(ordered) // 4
        return cls(ordered[0], statistics.median(ordered), ordered[-1 - quarter] - ordered[quarter])

    def as_json(self) -> dict[str, float]:
        return {"min": self.min, "median": self.median, "spread": self.spread}


@dataclass
class Timed:
    """One engine's times: ``forward``, ``backward`` where the case has backward steps, and ``total``; or why there are none."""

    figures: dict[str, Figure] = field(default_factory=dict)
    not_timed: str | None = None


class _Clock:
    """Adds up seconds by phase. ``synchronize`` waits for the device before each reading."""

    def __init__(self, synchronize: Callable[[], None]) -> None:
        self.synchronize = synchronize
        self.seconds = [0.0] * len(PHASES)
        self.last = 0.0

    def start(self) -> None:
        self.synchronize()
        self.last = time.perf_counter()

    def lap(self, phase: int) -> None:
        self.synchronize()
        now = time.perf_counter()
        self.seconds[phase] += now - self.last
        self.last = time.perf_counter()


class _Runner:
    """One engine's replays of one program."""

    def __init__(self, program: Program, engine: Engine) -> None:
        self.engine, self.given = engine, program.case.given
        self.play = replay(program.case, engine.torch)
        self.plays = 1
        self.batches: list[list[float]] = []

    def inputs(self) -> list[Any]:
        return [self.engine.tensor(given) if given.tensor else number(given.data) for given in self.given]

    def batch(self) -> float:
        prepared = [self.inputs() for _ in range(self.plays)]
        clock = _Clock(self.engine.synchronize)
        play, lap = self.play, clock.lap
        clock.start()
        for inputs in prepared:
            play(*inputs, lap)
        seconds = [total / self.plays for total in clock.seconds]
        self.batches.append(seconds)
        return sum(seconds)

    def calibrate(self) -> None:
        self.batch()
        once = self.batch()
        self.plays = max(1, min(_MOST_PLAYS, int(BATCH / max(once, 1e-7))))
        self.batches.clear()

    def timed(self) -> Timed:
        phases = {phase: [b[i] for b in self.batches] for i, phase in enumerate(PHASES)}
        figures = {phase: Figure.of(samples) for phase, samples in phases.items() if any(samples)}
        figures["total"] = Figure.of([sum(batch) for batch in self.batches])
        return Timed(figures)


def time_case(program: Program, engines: Sequence[Engine]) -> dict[str, Timed]:
    """The times of one case on several engines, interleaved. An engine listed twice gives A/A figures under ``name (again)``."""
    untimed = {engine.name: Timed(not_timed=engine.not_timed) for engine in engines if engine.not_timed}
    engines = [engine for engine in engines if not engine.not_timed]
    runners: dict[str, _Runner] = {}
    for engine in engines:
        try:
            runners[engine.name if engine.name not in runners else f"{engine.name} (again)"] = _Runner(program, engine)
        except NotReplayable as reason:
            return untimed | {e.name: Timed(not_timed=str(reason)) for e in engines}
    states = [State(runner.engine.torch) for runner in runners.values()]
    try:
        with _quiet():
            for runner in runners.values():
                runner.calibrate()
            for _ in range(ROUNDS):
                for runner in runners.values():
                    runner.batch()
    except Exception as error:
        why = f"it cannot be replayed ({type(error).__name__}: {error})"
        return untimed | {engine.name: Timed(not_timed=why) for engine in engines}
    finally:
        for state in states:
            state.restore()
    return untimed | {name: runner.timed() for name, runner in runners.items()}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No warnings and no garbage collection while the clock runs."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if collecting:
            gc.enable()


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
