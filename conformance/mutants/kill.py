"""Which mutants the cases kill. A mutant is killed by a case that conforms on the engine as it is, and not under the mutant."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

from conformance.compare import Lane, compare
from conformance.engines import Engine
from conformance.judge import Status, judge
from conformance.mutants.mutant import Mutant
from conformance.mutants.reach import Reach
from conformance.mutants.table import COARSE, How, KillTable, hows
from conformance.play import play
from conformance.program.compile import Program
from conformance.run import Suite
from conformance.state import State

_HOLDS = (Status.PASSED, Status.DRIFTING)


class Played(NamedTuple):
    """A case under a mutant: how it failed, where it did, and whether it conformed again once the mutant was gone."""

    killed: frozenset[How] = frozenset()
    disturbed: bool = False


class Bench:
    """One process that plays cases under mutants, judged by the declaration, and where there is an ``oracle`` also by what
    that shows. ``survey``, ``reach`` and ``kill`` yield one answer for each of the cases, in their order."""

    def __init__(
        self, programs: Iterable[Program], engine: Engine, oracle: Engine | None, mutants: Iterable[Mutant]
    ) -> None:
        self.programs = {program.case.id: program for program in programs}
        self.mutants = {made.name: made for made in mutants}
        self.engine, self.oracle = engine, oracle
        self._at_rest = State(engine)
        self._shown = cache(lambda case: _lane(self.programs[case], oracle) if oracle is not None else None)

    def survey(self, cases: Sequence[str]) -> Iterator[bool]:
        """Which of the cases conform on the engine as it is."""
        return map(self.conforms, cases)

    def reach(self, cases: Sequence[str]) -> Iterator[frozenset[str]]:
        """The names of the mutants that each of these cases, which conform, reaches; see Note [Reach]."""
        again, found = list(cases), dict[str, frozenset[str]]()
        for reach in self._reaches:
            with reach.watching() as watched:
                for case in again:
                    watched.take()
                    if self.conforms(case):
                        found[case] = watched.take()
            again = [case for case in again if case not in found]
        return (found.get(case, self._reaches[-1].all) for case in cases)

    @cached_property
    def _reaches(self) -> tuple[Reach, Reach]:
        """All mutants, and those that change no operator."""
        every = list(self.mutants.values())
        others = [made for made in every if made.word is None]
        return Reach(every, self.engine.torch), Reach(others, self.engine.torch)

    def kill(self, mutant: str, cases: Sequence[str], enough: int) -> Iterator[Played]:
        """Play the cases under the mutant, until ``enough`` of them kill it. One that kills it, and the last, is played again
        without the mutant."""
        killers = 0
        for case in cases:
            killed = self.kills(case, mutant)
            conforms = self.conforms(case) if killed or case == cases[-1] else True
            killers += bool(killed and conforms)
            yield Played(killed if conforms else frozenset(), not conforms)
            if killers >= enough:
                break

    def kills(self, case: str, mutant: str) -> frozenset[How]:
        """How the case fails under the mutant; nothing where it does not. What the mutant raises is the case's failure; only an
        interrupt goes through.

        The mutant is entered anew for each case, so that what one case leaves behind under it reaches no other.
        """
        try:
            with self.mutants[mutant].change(self.engine.torch):
                lane = self.played(case)
            return frozenset() if lane.verdict.status in _HOLDS else hows(lane) or frozenset({How.CRASHES})
        except KeyboardInterrupt:
            raise
        except BaseException:
            return frozenset({How.CRASHES})
        finally:
            self._at_rest.restore()

    def conforms(self, case: str) -> bool:
        """Whether the case passes or drifts on the engine as it is now."""
        return self.played(case).verdict.status in _HOLDS

    def played(self, case: str) -> Lane:
        """The case on the engine as it is now, judged."""
        program, oracle = self.programs[case], self._shown(case)
        lane = _lane(program, self.engine)
        if oracle is not None:
            compare(program, oracle, lane)
        return lane


def _lane(program: Program, engine: Engine) -> Lane:
    gc.freeze()  # what is here by now is no garbage of the case: without it every collect: walks all of torch
    transcript: Any = play(program, engine)
    return Lane(transcript, judge(program, transcript), engine.device)


Task = tuple[str, tuple[Any, ...], Sequence[str], tuple[Any, ...]]
"""A method of a bench, and what it is called with: something, the cases, something more."""

Doing = Callable[[Iterable[Task]], Iterator[list[Any]]]
"""The answers to each of the tasks, in their order; None for a case that ended its process."""


def doing_here(bench: Bench) -> Doing:
    """One task after the other, in this process."""
    return lambda tasks: (list(getattr(bench, method)(*first, cases, *last)) for method, first, cases, last in tasks)


def kill(
    programs: Sequence[Program],
    mutants: Sequence[Mutant],
    doing: Doing,
    suite: Suite,
    advance: Callable[[str], None] = lambda name: None,
) -> KillTable:
    """The table of these cases and mutants, among all cases of the suite. ``advance`` is called for every mutant that is done.

    An interrupt ends it early, with what is known by then.
    """
    size = len(suite.programs)
    cases = [program.case.id for program in programs]
    table = KillTable([], suite.claims, size, planned=len(mutants))
    try:
        holds = dict(zip(cases, _of_each(doing, "survey", cases), strict=True))
        table.cases = [program.case for program in programs if holds[program.case.id]]
        conforming = [case.id for case in table.cases]
        reached = dict(zip(conforming, _of_each(doing, "reach", conforming), strict=True))
        reaching = {made.name: [case for case in conforming if made.name in reached[case]] for made in mutants}
        played = [made for made in mutants if reaching[made.name] or not made.made]
        table.planned = len(played)
        enough = (int(COARSE * size) + 1,)
        answers = doing(("kill", (made.name,), reaching[made.name], enough) for made in played)
        for made, answered in zip(played, answers, strict=True):
            _note(table, made, reaching[made.name], answered)
            advance(made.name)
    except KeyboardInterrupt:
        table.interrupted = True
    return table


def _of_each(doing: Doing, method: str, cases: list[str], size: int = 100) -> list[Any]:
    """What the method answers of each case; nothing of one that ends its process even without a mutant."""
    parts = [cases[start : start + size] for start in range(0, len(cases), size)]
    answers = doing((method, (), part, ()) for part in parts)
    return [answer or frozenset() for part in answers for answer in part]


def _note(table: KillTable, made: Mutant, cases: Sequence[str], answered: Sequence[Played | None]) -> None:
    answers = dict(zip(cases, answered, strict=False))  # where enough cases kill it, the others were not asked
    table.add(
        made,
        {case: played.killed for case, played in answers.items() if played and played.killed},
        len(cases),
        [case for case, played in answers.items() if played and played.disturbed],
        [case for case, played in answers.items() if played is None],
    )
