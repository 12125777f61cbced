"""Counting verdicts. The verdicts are counted as they stand: none is folded into another, what was not run is counted too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.judge import Status
from conformance.report.model import Case, Engine, Finding, Results, Verdict

Tally = Counter[Status]


def verdicts(results: Results, engine: Engine) -> Iterator[tuple[Case, Verdict]]:
    """Every case with its verdict on an engine, in the order of the cases."""
    return ((case, results.verdict(case, engine)) for case in results.cases)


def tally(results: Results, engine: Engine) -> Tally:
    """How often each verdict fell on an engine."""
    return Counter(verdict.status for _, verdict in verdicts(results, engine))


def by_chapter(results: Results) -> dict[str, dict[str, Tally]]:
    """chapter -> engine -> verdict -> number, the chapters in the order of the cases."""
    table: dict[str, dict[str, Tally]] = {}
    for engine in results.engines:
        for case, verdict in verdicts(results, engine):
            table.setdefault(case.chapter, {}).setdefault(engine.name, Counter())[verdict.status] += 1
    return table


@dataclass(frozen=True)
class Reason:
    """Why cases were not played on an engine to their end, and how many."""

    engine: str
    status: Status
    text: str
    cases: int


def reasons(results: Results, status: Status) -> list[Reason]:
    """The reasons that stand behind one verdict (unsupported, not run), the most frequent first."""
    counted = Counter(
        (engine.name, verdict.detail)
        for engine in results.engines
        for _, verdict in verdicts(results, engine)
        if verdict.status is status
    )
    return [Reason(engine, status, text, number) for (engine, text), number in counted.most_common()]


def failures(results: Results) -> list[tuple[Case, Verdict]]:
    """Every failed or errored verdict, case by case."""
    bad = (Status.FAILED, Status.ERRORED)
    found = ((case, results.verdict(case, engine)) for case in results.cases for engine in results.engines)
    return [(case, verdict) for case, verdict in found if verdict.status in bad]


def healed(results: Results) -> list[tuple[Case, Verdict, Finding]]:
    """Every place where a case declares a drift and torch does what is documented: the case must be changed.

    Another engine that does what is documented there has merely failed, and so has a device that is known to differ there.
    """
    return [
        (case, verdict, finding)
        for case, verdict in failures(results)
        for finding in verdict.findings
        if finding.healed and verdict.engine.startswith("torch-") and verdict.known is None
    ]


def remarks(results: Results) -> list[str]:
    """What a reader must know before trusting the counts, in sentences."""
    found = []
    header, cases = results.header, len(results.cases)
    if not results.whole:
        how = (
            f"interrupted by {results.interrupted}" if results.interrupted else "torn: the results end without a footer"
        )
        judged = sum(1 for case in results.cases if _judged(results, case))
        rest = "the others are counted as not run" if judged < header.cases else "not all of them were timed"
        found.append(f"The run was {how}. {judged} of {header.cases} cases were judged on every engine; {rest}.")
    elif header.cases != cases:
        found.append(f"The header announces {header.cases} cases, the file holds {cases}.")
    if results.footer and not _agree(results):
        found.append("The counts in the footer are not those of the verdicts; the verdicts are shown.")
    return found


def _judged(results: Results, case: Case) -> bool:
    return all((case.id, engine.name) in results.verdicts for engine in results.engines)


def _agree(results: Results) -> bool:
    assert results.footer is not None
    for engine in results.engines:
        told = results.footer.counts.get(engine.name, {})
        if any(told.get(status.value, 0) != number for status, number in _written(results, engine).items()):
            return False
    return True


def _written(results: Results, engine: Engine) -> Tally:
    written: Tally = Counter(dict.fromkeys(Status, 0))
    written.update(verdict.status for (_, name), verdict in results.verdicts.items() if name == engine.name)
    return written


def in_words(counts: Tally) -> str:
    """``131 passed, 3 drifting``: what is not zero, in the order of the verdicts; ``no cases`` where all is."""
    return ", ".join(f"{counts[status]:,} {status.value}" for status in Status if counts[status]) or "no cases"


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of several tallies."""
    summed: Tally = Counter()
    for counts in tallies:
        summed.update(counts)
    return summed
