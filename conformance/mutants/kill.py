"""Which mutants the cases kill. A mutant is killed by a case that conforms on the engine as it is, and not under the mutant."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.compare import Lane, compare
from conformance.engines import Engine
from conformance.judge import Status, judge
from conformance.language.model import Case
from conformance.mutants.mutant import Mutant
from conformance.play import play
from conformance.program.compile import Program
from conformance.state import State

COARSE = 0.2
"""A mutant that breaks more than this share of all cases says nothing of any of them, and does not count."""

_HOLDS = (Status.PASSED, Status.DRIFTING)


@dataclass
class KillTable:
    """``killers`` maps each mutant to the ids of the cases that kill it; ``cases`` are those that conform; ``size`` counts all
    cases of the suite, played or not."""

    cases: list[Case]
    size: int
    killers: dict[str, list[str]] = field(default_factory=dict)
    mutants: dict[str, Mutant] = field(default_factory=dict)
    disturbed: list[str] = field(default_factory=list)
    """Cases that no longer conform once all mutants are gone: one that died under a mutant left something behind. They do not
    count."""

    def forget(self, cases: list[str]) -> None:
        self.disturbed = cases
        gone = set(cases)
        self.cases = [case for case in self.cases if case.id not in gone]
        self.killers = {name: [case for case in found if case not in gone] for name, found in self.killers.items()}

    def share(self, name: str) -> float:
        return len(self.killers[name]) / max(self.size, 1)

    def coarse(self, name: str) -> bool:
        return self.share(name) > COARSE

    @property
    def survivors(self) -> list[str]:
        """The mutants that no case kills."""
        return [name for name, killers in self.killers.items() if not killers]

    def useless(self) -> list[Case]:
        """The cases that kill no mutant that counts."""
        return self._killing_none(lambda mutant, case: True)

    def off_topic(self) -> list[Case]:
        """The cases that kill no mutant about their own chapter."""
        return self._killing_none(lambda mutant, case: case.chapter in mutant.chapters)

    def _killing_none(self, matters: Callable[[Mutant, Case], bool]) -> list[Case]:
        by_id = {case.id: case for case in self.cases}
        killing = {
            case
            for name, killers in self.killers.items()
            if not self.coarse(name)
            for case in killers
            if matters(self.mutants[name], by_id[case])
        }
        return [case for case in self.cases if case.id not in killing]


def kill(
    programs: Sequence[Program],
    engine: Engine,
    oracle: Engine | None,
    mutants: Sequence[Mutant],
    size: int,
    advance: Callable[[str], None] = lambda name: None,
) -> KillTable:
    """Play the programs on the engine as it is, then under each mutant.

    Judged by the declaration, and where there is an ``oracle`` also by what that shows. ``size`` is the number of cases of the
    whole suite. ``advance`` is called once for each play of all programs, with what was played.
    """
    gc.freeze()
    conforming = []
    for program in programs:
        shown = _lane(program, oracle) if oracle is not None else None
        if _conforms(program, engine, shown):
            conforming.append((program, shown))
    advance("unmutated")
    table = KillTable([program.case for program, _ in conforming], size)
    for mutant in mutants:
        table.mutants[mutant.name] = mutant
        table.killers[mutant.name] = [p.case.id for p, shown in conforming if kills(p, engine, shown, mutant)]
        advance(mutant.name)
    table.forget([p.case.id for p, shown in conforming if not _conforms(p, engine, shown)])
    return table


def kills(program: Program, engine: Engine, oracle: Lane | None, mutant: Mutant) -> bool:
    """Whether the case fails under the mutant. What the mutant raises is the case's failure; only an interrupt goes through.

    The mutant is entered anew for each case, so that what one case leaves behind under it reaches no other.
    """
    before = State(engine.torch)
    try:
        with mutant.change(engine.torch):
            return not _conforms(program, engine, oracle)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return True
    finally:
        before.restore()


def _conforms(program: Program, engine: Engine, oracle: Lane | None) -> bool:
    lane = _lane(program, engine)
    if oracle is not None:
        compare(program, oracle, lane)
    return lane.verdict.status in _HOLDS


def _lane(program: Program, engine: Engine) -> Lane:
    transcript: Any = play(program, engine)
    return Lane(transcript, judge(program, transcript), engine.device)
