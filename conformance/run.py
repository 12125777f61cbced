"""The main job: every case on every engine, judged, compared, timed, written down."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.collector import no_collection
from conformance.compare import Lane, compare, stays_on_its_device
from conformance.engines import Absent, Engine, Present
from conformance.judge import Status, Verdict, judge
from conformance.known import apply_known
from conformance.language.inventory import Claim, read_inventory
from conformance.language.lint import lint
from conformance.language.problem import MalformedCase
from conformance.language.reader import cases_root, read_all, select
from conformance.play import play
from conformance.player import Player
from conformance.program.compile import Program, compile_all
from conformance.results import ResultsWriter
from conformance.timing import Timed, noise
from conformance.transcript import Transcript

ORACLE = "torch-cpu"
"""The engine by which the others are held where a case declares no value."""

WORKLOADS = "workloads"
_AGAIN_EVERY = 10


@dataclass
class Outcome:
    """``table`` counts verdicts: chapter -> engine -> status -> number. ``surprises`` are the failures that nobody knew of.
    ``cases`` of the suite were judged; ``interrupted`` is the signal that kept the run from judging or timing the others."""

    table: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    surprises: int = 0
    cases: int = 0
    interrupted: signal.Signals | None = None

    def count(self, chapter: str, verdict: Verdict) -> None:
        """Add a verdict."""
        counts = self.table.setdefault(chapter, {}).setdefault(verdict.engine, {})
        counts[verdict.status] = counts.get(verdict.status, 0) + 1
        self.surprises += not verdict.status.conforms and verdict.known is None


@dataclass(frozen=True)
class Suite:
    """Cases, compiled and linted, with the inventory that they cover."""

    programs: tuple[Program, ...]
    claims: dict[str, Claim]
    root: Path


def load(paths: Sequence[Path] = (), patterns: Sequence[str] = ()) -> Suite:
    """Read, compile and lint. Raises MalformedCase with every problem found, ValueError for a selection that names nothing."""
    with no_collection():  # what is read stays; looking through it again and again takes a tenth of the time
        cases = select((case for file in read_all(paths) for case in file.cases), patterns)
        programs = compile_all(cases)
        claims = read_inventory()
        if problems := lint(cases, claims):
            raise MalformedCase(problems)
        return Suite(tuple(programs), claims, cases_root())


def judged(program: Program, engines: Sequence[Engine]) -> list[Lane]:
    """One case played on every engine in this process, and judged."""
    return judged_together(
        program, [play(program, engine) for engine in engines], [engine.present for engine in engines]
    )


def judged_together(program: Program, transcripts: Sequence[Transcript], engines: Sequence[Present]) -> list[Lane]:
    """What each engine did with a case: judged by the declaration, the others also by what the oracle showed."""
    lanes = [
        Lane(transcript, judge(program, transcript), engine.device)
        for transcript, engine in zip(transcripts, engines, strict=True)
    ]
    oracle = next((lane for lane in lanes if lane.verdict.engine == ORACLE), None)
    for lane in lanes:
        if oracle is None:
            stays_on_its_device(program, lane)
        else:
            compare(program, oracle, lane)
    for engine, lane in zip(engines, lanes, strict=True):
        apply_known(lane.verdict, engine.known, compared=oracle is not None)
    return lanes


def run(
    suite: Suite,
    player: Player,
    results: Path,
    *,
    timing: bool = True,
    seed: int | None = None,
    selected: Sequence[str] = (),
    advance: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Play the suite and write ``results``: first every verdict, then, in a second pass, the times.

    ``seed`` shuffles the order. ``advance`` is called with a case's id when the case is judged, and again when its times stand.
    """
    programs = list(suite.programs)
    if seed is not None:
        random.Random(seed).shuffle(programs)
    with ResultsWriter(results, player.lanes) as writer:
        writer.header(len(programs), selected, seed, timing)
        for claim in suite.claims.values():
            writer.claim(claim)
        for program in programs:
            writer.case(program.case, suite.root)
        outcome, good = _verdicts(programs, player, writer, advance)
        if timing and not player.interrupted:
            _times(programs, good, player, writer, advance)
        outcome.interrupted = writer.interrupted = player.interrupted
    return outcome


def _verdicts(
    programs: Sequence[Program], player: Player, writer: ResultsWriter, advance: Callable[[str], None]
) -> tuple[Outcome, dict[str, list[str]]]:
    """Judge what is played, case by case. Returns also the engines on which each case passed or drifted."""
    outcome, good = Outcome(), {}
    present = [lane for lane in player.lanes if isinstance(lane, Present)]
    absent = [lane for lane in player.lanes if isinstance(lane, Absent)]
    for program, transcripts in player.play(programs):
        verdicts = [lane.verdict for lane in judged_together(program, transcripts, present)]
        good[program.case.id] = [v.engine for v in verdicts if v.status in (Status.PASSED, Status.DRIFTING)]
        verdicts += [Verdict(program.case.id, lane.name, Status.NOT_RUN, lane.reason) for lane in absent]
        for verdict in verdicts:
            writer.verdict(verdict)
            outcome.count(program.case.chapter, verdict)
        outcome.cases += 1
        advance(program.case.id)
    return outcome, good


def _times(
    programs: Sequence[Program],
    good: Mapping[str, Sequence[str]],
    player: Player,
    writer: ResultsWriter,
    advance: Callable[[str], None],
) -> None:
    """Time each case on the engines on which it conforms; then some again, as Note [The noise of a run] says."""
    present = [lane.name for lane in player.lanes if isinstance(lane, Present)]
    twice = {p.case.id: p for n, p in enumerate(programs) if p.case.chapter == WORKLOADS or n % _AGAIN_EVERY == 0}
    first = {}
    for program in programs:
        names = good[program.case.id]
        times = first[program.case.id] = player.time(program, names) if names else {}
        if player.interrupted:
            return
        for name in present:
            writer.time(program.case.id, name, times.get(name) or Timed(not_timed="it did not pass"))
        if program.case.id not in twice:
            advance(program.case.id)
    player.renew()
    again = {}
    for id, program in twice.items():
        timed = [name for name, times in first[id].items() if times.figures]
        again[id] = player.time(program, timed) if timed else {}
        if player.interrupted:
            return
        for name in timed:
            writer.time(id, name, first[id][name].with_(again[id][name]))
        advance(id)
    writer.noise = noise([first[id] for id in twice], list(again.values()), ORACLE)
