"""Where cases are played: what a run asks for, and the simple answer, in this process. The other is ``conformance.workers``."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator, Sequence
from typing import Protocol

from conformance.engines import Absent, Engine, Present
from conformance.play import play
from conformance.program.compile import Program
from conformance.timing import Timed, one_thread, time_case
from conformance.transcript import Transcript

Played = tuple[Program, list[Transcript]]
"""A program with what each engine that is present did with it."""


class Player(Protocol):
    """Plays programs on engines."""

    @property
    def lanes(self) -> Sequence[Present | Absent]:
        """The engines asked for, and whether they are here."""

    @property
    def interrupted(self) -> signal.Signals | None:
        """The signal that ended the playing early."""

    def play(self, programs: Sequence[Program]) -> Iterator[Played]:
        """Every program, in any order, as far as it is not ``interrupted``."""

    def time(self, program: Program, names: Sequence[str]) -> dict[str, Timed]:
        """The times of a program on these engines."""

    def renew(self) -> None:
        """Take the times that follow in new processes, where the player has any."""


class InProcess:
    """Plays in this process: on engines that were changed in it. One that dies ends the run."""

    interrupted: signal.Signals | None = None

    def __init__(self, lanes: Sequence[Engine | Absent]) -> None:
        self.lanes = [lane.present if isinstance(lane, Engine) else lane for lane in lanes]
        self.engines = {lane.name: lane for lane in lanes if isinstance(lane, Engine)}

    def play(self, programs: Sequence[Program]) -> Iterator[Played]:
        gc.freeze()  # what is loaded by now is no garbage: without it every collect: of a case walks all of torch
        with one_thread(list(self.engines.values())):
            for program in programs:
                yield program, [play(program, engine) for engine in self.engines.values()]

    def time(self, program: Program, names: Sequence[str]) -> dict[str, Timed]:
        engines = [self.engines[name] for name in names]
        with one_thread(engines):
            return time_case(program, engines)

    def renew(self) -> None:
        """There is but this process."""
