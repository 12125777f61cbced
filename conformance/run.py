"""The main job: every case on every engine, judged, compared, timed, written down."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.compare import Lane, compare
from conformance.engines import Absent, Engine
from conformance.judge import Status, Verdict, judge
from conformance.known import apply_known
from conformance.language.inventory import Claim, read_inventory
from conformance.language.lint import lint
from conformance.language.problem import MalformedCase
from conformance.language.reader import cases_root, read_all, select
from conformance.play import play
from conformance.program.compile import Program, compile_all
from conformance.results import ResultsWriter
from conformance.timing import Timed, one_thread, time_case

ORACLE = "torch-cpu"
"""The engine by which the others are held where a case declares no value."""

_NOISE_EVERY = 10


@dataclass
class Outcome:
    """``table`` counts verdicts: chapter -> engine -> status -> number. ``surprises`` are the failures that nobody knew of."""

    table: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    surprises: int = 0

    def count(self, chapter: str, verdict: Verdict) -> None:
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
    cases = select((case for file in read_all(paths) for case in file.cases), patterns)
    programs = compile_all(cases)
    claims = read_inventory()
    if problems := lint(cases, claims):
        raise MalformedCase(problems)
    return Suite(tuple(programs), claims, cases_root())


def judged(program: Program, engines: Sequence[Engine]) -> list[Lane]:
    """One case on every engine: each judged by the declaration, the others also by what the oracle showed."""
    lanes = []
    for engine in engines:
        transcript = play(program, engine)
        lanes.append(Lane(transcript, judge(program, transcript), engine.device))
    oracle = next((lane for lane in lanes if lane.verdict.engine == ORACLE), None)
    if oracle is not None:
        for lane in lanes:
            compare(program, oracle, lane)
    for engine, lane in zip(engines, lanes, strict=True):
        apply_known(lane.verdict, engine.known, compared=oracle is not None)
    return lanes


def run(
    suite: Suite,
    lanes: Sequence[Engine | Absent],
    results: Path,
    *,
    timing: bool = True,
    seed: int | None = None,
    selected: Sequence[str] = (),
    advance: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Play the suite on the lanes and write ``results``.

    ``seed`` shuffles the order. ``advance`` is called with each case's id when the case is done.
    """
    programs = list(suite.programs)
    if seed is not None:
        random.Random(seed).shuffle(programs)
    engines = [lane for lane in lanes if isinstance(lane, Engine)]
    outcome = Outcome()
    noise: list[float] = []
    with ResultsWriter(results, lanes) as writer, one_thread(engines):
        writer.header(len(programs), selected, seed, timing)
        for claim in suite.claims.values():
            writer.claim(claim)
        for program in programs:
            writer.case(program.case, suite.root)
        gc.freeze()  # what is loaded by now is no garbage: without it every collect: of a case walks all of torch
        for number, program in enumerate(programs):
            verdicts = [lane.verdict for lane in judged(program, engines)]
            verdicts += [
                Verdict(program.case.id, a.name, Status.NOT_RUN, a.reason) for a in lanes if isinstance(a, Absent)
            ]
            times = _times(program, engines, verdicts, noise if number % _NOISE_EVERY == 0 else None) if timing else {}
            for verdict in verdicts:
                writer.verdict(verdict, times.get(verdict.engine))
                outcome.count(program.case.chapter, verdict)
            advance(program.case.id)
        if noise:
            writer.noise = round(sorted(noise)[int(len(noise) * 0.9)], 4)
    return outcome


def _times(
    program: Program, engines: Sequence[Engine], verdicts: Sequence[Verdict], noise: list[float] | None
) -> dict[str, Timed]:
    """The times of the engines on which the case passed or drifts; now and then the oracle against itself."""
    good = {v.engine for v in verdicts if v.status in (Status.PASSED, Status.DRIFTING)}
    timed = [engine for engine in engines if engine.name in good]
    oracle = [engine for engine in timed if engine.name == ORACLE]
    times = time_case(program, [*timed, *oracle] if noise is not None else timed) if timed else {}
    again = times.pop(f"{ORACLE} (again)", None)
    if again is not None and noise is not None and again.figures:
        noise.append(abs(again.figures["total"].median / times[ORACLE].figures["total"].median - 1))
    for engine in engines:
        times.setdefault(engine.name, Timed(not_timed="it did not pass"))
    return times
