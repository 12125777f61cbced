"""What the command line prints: tables and progress by rich, plain text where there is no terminal."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.table import Table

from conformance.engines import Absent, Present
from conformance.judge import Status
from conformance.language import gate
from conformance.language.gate import written
from conformance.mutants.table import KillTable, Standing
from conformance.report.coverage import State, complaints, count, kept, states
from conformance.report.model import Results
from conformance.run import Suite

Counts = dict[str, dict[str, dict[str, int]]]
_STYLES = {
    Status.PASSED: "green",
    Status.DRIFTING: "yellow",
    Status.FAILED: "bold red",
    Status.ERRORED: "bold red",
    Status.UNSUPPORTED: "magenta",
    Status.NOT_RUN: "dim",
}
_MOST_SHOWN = 20


@contextlib.contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """A progress bar on a terminal, nothing elsewhere. Yields the function that a finished case calls."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda name: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


def table(counts: Counts, lanes: Sequence[Present | Absent]) -> None:
    """Chapters by engines."""
    made = Table("chapter", title=None, title_justify="left")
    for lane in lanes:
        made.add_column(lane.name)
    for chapter, by_engine in counts.items():
        made.add_row(chapter, *(_cell(by_engine.get(lane.name, {})) for lane in lanes))
    console = _console()
    console.print(made)
    for lane in lanes:
        if isinstance(lane, Absent):
            console.print(f"{lane.name}: not run: {lane.reason}", highlight=False)


def _console() -> Console:
    """The terminal; where there is none, a page wide enough that no table is cut."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)


def _cell(counts: dict[str, int]) -> str:
    parts = [f"[{_STYLES[status]}]{counts[status]} {status}[/]" for status in Status if counts.get(status)]
    return ", ".join(parts)


def failures(results: Results) -> None:
    """The first failures that are no known differences, each with its place and how to reproduce it; the number of the others."""
    cases = {case.id: case for case in results.cases}
    bad = [v for v in results.verdicts.values() if v.status in (Status.FAILED, Status.ERRORED)]
    failed = [verdict for verdict in bad if verdict.known is None]
    console = Console(highlight=False, soft_wrap=True)
    for verdict in failed[:_MOST_SHOWN]:
        case = cases[verdict.case]
        console.print(f"{verdict.status.upper()} {verdict.case} [{verdict.engine}]", style="red", markup=False)
        for finding in verdict.findings[:3]:
            console.print(f"  {case.file}:{finding.line}: {finding.path}: {finding.message}", markup=False)
            if finding.odd:
                console.print(f"    {finding.odd}", markup=False)
        console.print(f"  conformance show '{verdict.case}' --as torch", markup=False)
    if len(failed) > _MOST_SHOWN:
        console.print(f"... and {len(failed) - _MOST_SHOWN} more; see the report")
    if len(bad) > len(failed):
        console.print(
            f"{len(bad) - len(failed)} of the failures are known differences, each with its reason in the report"
        )


def coverage(results: Results) -> bool:
    """Claims by chapter, the totals, and what the gate refuses. True where it refuses nothing."""
    known = states(results)
    claims = list(results.claims.values())
    made = Table("chapter", "claims", *State)
    for chapter, documented in dict.fromkeys((claim.chapter, claim.documented) for claim in claims):
        inside = [claim for claim in claims if (claim.chapter, claim.documented) == (chapter, documented)]
        numbers = count(inside, known)
        name = chapter if documented else f"{chapter} (not documented)"
        made.add_row(name, str(len(inside)), *(str(numbers[state]) for state in State))
    console = _console()
    console.print(made)
    for documented, name in ((True, "documented"), (False, "observed only")):
        inside = [claim for claim in claims if claim.documented is documented]
        if inside:
            console.print(_total(name, count(inside, known)))
    for engine in results.engines:
        if engine.absent is None:
            console.print(_kept(engine.name, kept(results, engine)))
    if results.header.selected:
        console.print(f"only {', '.join(results.header.selected)} was played", markup=False)
    refused = complaints(results)
    for line in refused:
        console.print(line, markup=False, soft_wrap=True)
    return not refused


def _total(name: str, numbers: Counter[State]) -> str:
    every = numbers.total()
    by_execution = numbers[State.COVERED] + numbers[State.DRIFTING]
    rest = ", ".join(f"{numbers[state]:,} {state}" for state in (State.NOT_RUN, State.NOT_EXPRESSIBLE, State.UNCOVERED))
    return f"{name}: {by_execution:,} of {every:,} claims covered by execution ({by_execution / every:.1%}); {rest}"


def _kept(name: str, numbers: Counter[Status]) -> str:
    played = numbers.total() - numbers[Status.NOT_RUN]
    hold = f"{numbers[Status.PASSED]:,} of the {played:,} documented claims that it could play hold or drift"
    share = f" ({numbers[Status.PASSED] / played:.1%})" if played else ""
    rest = ", ".join(f"{numbers[s]:,} {s}" for s in (Status.FAILED, Status.UNSUPPORTED, Status.NOT_RUN))
    return f"{name}: {hold}{share}; {rest}"


def written_coverage(suite: Suite) -> bool:
    """Claims by chapter as far as they can be counted without a run. True where the gate refuses nothing."""
    covering = written(program.case for program in suite.programs)
    made = Table("chapter", "claims", "a case is written", "not expressible")
    for chapter in dict.fromkeys(claim.chapter for claim in suite.claims.values()):
        inside = [claim for claim in suite.claims.values() if claim.chapter == chapter]
        numbers = (sum(claim.id in covering for claim in inside), sum(bool(claim.not_expressible) for claim in inside))
        made.add_row(chapter, str(len(inside)), *map(str, numbers))
    console = _console()
    console.print(made)
    refused = gate.complaints((program.case for program in suite.programs), suite.claims)
    for line in refused:
        console.print(line, markup=False, soft_wrap=True)
    return not refused


def kills(table: KillTable) -> None:
    """Cases and covered claims by chapter, and what is left: what survives, what kills nothing, what proves nothing."""
    useless, proofs = Counter(case.chapter for case in table.useless()), table.proofs()
    made = Table("chapter", "cases", "kill nothing", "claims", *Standing)
    for chapter, number in Counter(case.chapter for case in table.cases).items():
        standing = Counter(proof.standing for proof in proofs.values() if proof.claim.chapter == chapter)
        numbers = (number, useless[chapter], standing.total(), *(standing[one] for one in Standing))
        made.add_row(chapter, *map(str, numbers))
    console = _console()
    console.print(made)
    for name in table.survivors:
        console.print(f"survives: {name}: {table.mutants[name].about}", markup=False)
    for case in table.useless():
        console.print(f"kills nothing: {case.id}", markup=False)
    for case_id, name in table.disturbed:
        console.print(f"does not count, fails after {name} is gone: {case_id}", markup=False)
    for case_id, name in table.lost:
        console.print(f"does not count, ends the process under {name}: {case_id}", markup=False)
    for name in table.too_coarse:
        console.print(f"does not count, breaks too much: {name}", markup=False)
    for name in table.too_broad:
        console.print(f"proves nothing, names too many claims: {name}", markup=False)
    of = f" of {table.planned}, then interrupted" if table.interrupted else ""
    console.print(f"{len(table.mutants)} mutants played{of}; {len(table.counting)} killed and counting")
