"""What the command line prints: tables and progress by rich, plain text where there is no terminal."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.table import Table

from conformance.engines import Absent, Engine
from conformance.judge import Status
from conformance.mutants.kill import KillTable
from conformance.report.coverage import State, count, states
from conformance.report.model import Results

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


def table(counts: Counts, lanes: Sequence[Engine | Absent]) -> None:
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
    """Claims by chapter, then the uncovered ones by id. True where every claim is covered or says why it cannot be."""
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
    uncovered = [claim.id for claim in claims if known[claim.id] is State.UNCOVERED]
    stale = [c.id for c in claims if c.not_expressible and known[c.id] in (State.COVERED, State.DRIFTING)]
    for claim in uncovered:
        console.print(f"uncovered: {claim}", markup=False)
    for claim in stale:
        console.print(f"covered, though declared not expressible: {claim}", markup=False)
    return not uncovered and not stale


def kills(table: KillTable) -> None:
    """Mutants by kills, the mutants that nothing kills, and the cases that kill nothing, by chapter and by id."""
    made = Table("mutant", "kills", "share", "", "what it changes")
    for name, killers in table.killers.items():
        mark = "[yellow]too coarse[/]" if table.coarse(name) else "" if killers else "[bold red]survives[/]"
        made.add_row(name, str(len(killers)), f"{table.share(name):.1%}", mark, table.mutants[name].about)
    console = _console()
    console.print(made)
    useless, off_topic = Counter(c.chapter for c in table.useless()), Counter(c.chapter for c in table.off_topic())
    by_chapter = Table("chapter", "cases", "kill nothing", "kill no mutant of their chapter")
    for chapter, number in Counter(case.chapter for case in table.cases).items():
        by_chapter.add_row(chapter, *(str(n) for n in (number, useless[chapter], off_topic[chapter])))
    console.print(by_chapter)
    for case in table.useless():
        console.print(f"kills nothing: {case.id}", markup=False)
    for name in table.disturbed:
        console.print(f"does not count, fails after the mutants are gone: {name}", markup=False)
    for name in table.survivors:
        console.print(f"survives: {name}", markup=False)
