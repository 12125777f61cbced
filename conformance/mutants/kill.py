"""Which mutants the cases kill. A mutant is killed by a case that conforms on the engine as it is, and not under the mutant."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from conformance.compare import Lane, compare
from conformance.engines import Engine
from conformance.judge import Status, judge
from conformance.mutants.mutant import Mutant
from conformance.mutants.reach import Reach
from conformance.mutants.table import COARSE, KillTable
from conformance.play import play
from conformance.program.compile import Program
from conformance.run import Suite
from conformance.state import State

_HOLDS = (Status.PASSED, Status.DRIFTING)


class Survey(NamedTuple):
    """A case that conforms, with the names of the mutants that it reaches."""

    case: str
    reached: frozenset[str]


class Played(NamedTuple):
    """The cases that kill a mutant, and those that do not conform once it is gone: these count nowhere."""

    killers: list[str]
    disturbed: list[str]


class Bench:
    """One process that plays cases under mutants, judged by the declaration, and where there is an ``oracle`` also by what
    that shows."""

    def __init__(
        self, programs: Iterable[Program], engine: Engine, oracle: Engine | None, mutants: Iterable[Mutant]
    ) -> None:
        self.programs = {program.case.id: program for program in programs}
        self.mutants = {made.name: made for made in mutants}
        self.engine, self.oracle = engine, oracle
        self._shown = cache(lambda case: _lane(self.programs[case], oracle) if oracle is not None else None)

    def survey(self, cases: Sequence[str]) -> list[Survey]:
        """Which of the cases conform, and what these reach; see Note [Reach]."""
        conforming = [case for case in cases if self.conforms(case)]
        with Reach(list(self.mutants.values()), self.engine.torch).watching() as reach:
            return [self._reached(case, reach) for case in conforming]

    def _reached(self, case: str, reach: Reach) -> Survey:
        reach.take()
        holds = self.conforms(case)
        return Survey(case, reach.take() if holds else frozenset(self.mutants))

    def kill(self, mutant: str, cases: Sequence[str], enough: int) -> Played:
        """Play the cases under the mutant, until ``enough`` kill it. A kill counts where the case conforms again afterwards."""
        done = Played([], [])
        for case in cases:
            if len(done.killers) >= enough:
                break
            if self.kills(case, mutant):
                (done.killers if self.conforms(case) else done.disturbed).append(case)
        return done

    def kills(self, case: str, mutant: str) -> bool:
        """Whether the case fails under the mutant. What the mutant raises is the case's failure; only an interrupt goes through.

        The mutant is entered anew for each case, so that what one case leaves behind under it reaches no other.
        """
        before = State(self.engine.torch)
        try:
            with self.mutants[mutant].change(self.engine.torch):
                return not self.conforms(case)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return True
        finally:
            before.restore()

    def conforms(self, case: str) -> bool:
        program, oracle = self.programs[case], self._shown(case)
        lane = _lane(program, self.engine)
        if oracle is not None:
            compare(program, oracle, lane)
        return lane.verdict.status in _HOLDS


def _lane(program: Program, engine: Engine) -> Lane:
    gc.freeze()  # what is here by now is no garbage of the case: without it every collect: walks all of torch
    transcript: Any = play(program, engine)
    return Lane(transcript, judge(program, transcript), engine.device)


Task = tuple[Any, ...]
Doing = Callable[[str, Iterable[Task]], Iterator[Any]]
"""``doing(method, tasks)`` calls that method of a bench with each of the tasks, and yields the results in their order; None
where a task ended its process."""


def doing_here(bench: Bench) -> Doing:
    """One task after the other, in this process."""
    return lambda method, tasks: (getattr(bench, method)(*task) for task in tasks)


def kill(
    programs: Sequence[Program],
    mutants: Sequence[Mutant],
    doing: Doing,
    suite: Suite,
    advance: Callable[[str], None] = lambda name: None,
) -> KillTable:
    """The table of these cases and mutants, among all cases of the suite. ``advance`` is called for every mutant that is done."""
    size = len(suite.programs)
    ids = [program.case.id for program in programs]
    surveys = [survey for part in doing("survey", ((part,) for part in _parts(ids))) for survey in part]
    conforming = {survey.case for survey in surveys}
    table = KillTable([program.case for program in programs if program.case.id in conforming], suite.claims, size)
    enough = int(COARSE * size) + 1
    reaching = {made.name: [survey.case for survey in surveys if made.name in survey.reached] for made in mutants}
    played = [made for made in mutants if reaching[made.name] or not made.made]
    results = doing("kill", ((made.name, reaching[made.name], enough) for made in played))
    for made, done in zip(played, results, strict=True):
        if done is None:
            table.fatal.append(made.name)
        else:
            table.add(made, done.killers, len(reaching[made.name]), done.disturbed)
        advance(made.name)
    return table


def _parts(ids: list[str], size: int = 200) -> list[list[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
