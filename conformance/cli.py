"""The command ``conformance``. Each command is short; the work is elsewhere, and imported only when it is needed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from conformance.report import Results

REPORTS = Path("reports")
_WRONG = 2
_SIGNALLED = 128
"""What a shell adds to the number of a signal."""


def _clean_exit(command: Callable[..., Any]) -> Callable[..., Any]:
    """Malformed cases and wrong use end with their messages and exit code 2, without a traceback."""

    @wraps(command)
    def wrapped(*arguments: Any, **keywords: Any) -> Any:
        from conformance.language.problem import MalformedCase

        try:
            return command(*arguments, **keywords)
        except MalformedCase as error:
            for problem in error.problems:
                click.echo(str(problem), err=True)
            click.echo(f"{len(error.problems)} problem{'s'[: len(error.problems) != 1]}", err=True)
        except (ValueError, OSError) as error:
            click.echo(f"conformance: {error}", err=True)
        except KeyboardInterrupt:
            sys.exit(_SIGNALLED + signal.SIGINT)
        sys.exit(_WRONG)

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autograd-conformance")
def main() -> None:
    """Play declarative autograd cases on engines and compare them with torch.autograd.

    A SELECT names cases: a chapter, a topic, chapter/topic, or chapter/topic::case; each may hold * and ?.
    """


@main.command()
@click.argument("select", nargs=-1)
@click.option(
    "--engine", "names", multiple=True, help="Lane to run: reference, torch-cpu, torch-cuda, torch-DEVICE. Repeatable."
)
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=REPORTS, show_default=True, help="Folder."
)
@click.option("--no-timing", is_flag=True, help="Judge only.")
@click.option("--shuffle", type=int, metavar="SEED", help="Play in an order drawn from SEED.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Cases to play at a time. Times are taken alone.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="What one case may take on one engine.",
)
@_clean_exit
def run(
    select: tuple[str, ...],
    names: tuple[str, ...],
    output: Path,
    no_timing: bool,
    shuffle: int | None,
    jobs: int,
    timeout: float,
) -> None:
    """Play cases on engines and write results and report.

    An engine that crashes, hangs or takes all memory loses that case and no other. Exits 0 when everything that ran conforms
    or is a known difference, 1 when something else does not, 2 on wrong use, malformed cases or a full disk, 130 or 143 when
    interrupted by SIGINT or SIGTERM: what had been judged is then in the results and in the report.
    """
    from conformance import console
    from conformance.engines import DEFAULT
    from conformance.run import load
    from conformance.run import run as play_all
    from conformance.workers.pool import WorkerPool

    with WorkerPool(tuple(dict.fromkeys(names or DEFAULT)), jobs, timeout) as pool:
        suite = load(patterns=select)
        results, timing = output / "results.jsonl", not no_timing
        with pool.interruptible(), console.progress(len(suite.programs) * (1 + timing)) as advance:
            outcome = play_all(suite, pool, results, timing=timing, seed=shuffle, selected=select, advance=advance)
    console.table(outcome.table, pool.lanes)
    read, page = _write_report(results, output)
    console.failures(read)
    click.echo(f"report: {page.resolve()}")
    if outcome.interrupted is not None:
        click.echo(
            f"interrupted by {outcome.interrupted.name} after {outcome.cases} of {len(suite.programs)} cases", err=True
        )
        sys.exit(_SIGNALLED + outcome.interrupted)
    sys.exit(1 if outcome.surprises else 0)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_clean_exit
def check(paths: tuple[Path, ...]) -> None:
    """Validate and lint cases: the suite's own, or the files and folders given."""
    from conformance import check

    click.echo(f"{check.check(paths)} cases, nothing to complain about")


@main.command()
@click.argument("case")
@click.option("--as", "form", type=click.Choice(["yaml", "torch", "json"]), default="yaml", show_default=True)
@_clean_exit
def show(case: str, form: str) -> None:
    """Print one case: its YAML, the standalone torch script, or the JSON of its model."""
    from conformance.language.reader import read_all, select
    from conformance.show import rendered

    chosen = select((c for file in read_all() for c in file.cases), [case])
    if len(chosen) > 1 and form != "yaml":
        names = ", ".join(c.id for c in chosen[:5])
        raise ValueError(f"{case!r} names {len(chosen)} cases ({names} ...); name one")
    click.echo(rendered(chosen[0], form))


@main.command()
@click.option(
    "--results", type=click.Path(path_type=Path), help=f"Results of a run.  [default: {REPORTS / 'results.jsonl'}]"
)
@_clean_exit
def coverage(results: Path | None) -> None:
    """Show which documented behaviours are covered by execution, by chapter.

    Without results of a run of these cases it counts the cases that are written, and says what to run. Exits 1 while a
    claim is uncovered without a reason, or gives a reason though a case covers it.
    """
    from conformance import console
    from conformance.report.coverage import outdated
    from conformance.report.read import read_results
    from conformance.run import load

    if results:
        sys.exit(0 if console.coverage(read_results(results)) else 1)
    latest, suite = REPORTS / "results.jsonl", load()
    if not latest.exists():
        good, why = console.written_coverage(suite), f"there is no {latest}"
    elif changed := outdated(run := read_results(latest), suite):
        good, why = (
            console.written_coverage(suite),
            f"{changed} cases or claims have changed since {latest} was written",
        )
    else:
        sys.exit(0 if console.coverage(run) else 1)
    click.echo(f"counted without a run: {why}; for coverage by execution: conformance run && conformance coverage")
    sys.exit(0 if good else 1)


@main.command()
@click.argument("names", nargs=-1)
@_clean_exit
def engines(names: tuple[str, ...]) -> None:
    """Say which engines can run here, and why the others cannot."""
    from conformance.engines import DEFAULT, Absent
    from conformance.workers.pool import WorkerPool

    with WorkerPool(tuple(dict.fromkeys(names or DEFAULT))) as pool:
        for lane in pool.lanes:
            state = f"not run: {lane.reason}" if isinstance(lane, Absent) else f"torch {lane.version} on {lane.device}"
            click.echo(f"{lane.name:12} {state}")


@main.command()
@click.argument("select", nargs=-1)
@click.option("--engine", "name", default="torch-cpu", show_default=True, help="The engine to change.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Mutants to play at a time.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the whole table here, as Markdown."
)
@_clean_exit
def mutants(select: tuple[str, ...], name: str, jobs: int, output: Path | None) -> None:
    """Change one behaviour of an engine at a time, and show which cases notice.

    Only cases that conform on the unchanged engine count. With SELECT, only the selected cases are played. An interrupt ends
    it early: what is known by then is shown and written. Exits 1 when there is a mutant that no case kills, or a case that
    kills none.
    """
    from conformance import console
    from conformance.mutants.command import play_mutants
    from conformance.mutants.markdown import as_markdown

    table = play_mutants(select, name, jobs, console.progress)
    console.kills(table)
    if output is not None:
        output.write_text(as_markdown(table, name), encoding="utf-8")
        click.echo(f"table: {output.resolve()}")
    if table.interrupted:
        raise KeyboardInterrupt
    sys.exit(1 if table.survivors or table.useless() else 0)


@main.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Folder; default: beside the results.")
@_clean_exit
def report(results: Path, output: Path | None) -> None:
    """Write the HTML report, JUnit XML, Markdown summary and badge from a results file."""
    _, page = _write_report(results, output or results.parent)
    click.echo(f"report: {page.resolve()}")


@main.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--engine", "names", multiple=True, help="Engine to compare, or OLD=NEW for two names. Repeatable.")
@click.option("--as", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@_clean_exit
def compare(old: Path, new: Path, names: tuple[str, ...], form: str) -> None:
    """Show what changed between two results files: verdicts, what engines showed, times beyond the noise; nothing else.

    Exits 1 when something fails in NEW that did not in OLD (known differences are no surprise), or may, because NEW did not come
    to its end; 2 on wrong use.
    """
    from conformance.changes import as_markdown, as_text, changes
    from conformance.report.read import read_results

    found = changes(read_results(old), read_results(new), names)
    click.echo(as_markdown(found) if form == "markdown" else as_text(found), nl=False)
    sys.exit(1 if found.worse else 0)


def _write_report(path: Path, folder: Path) -> tuple[Results, Path]:
    from conformance.report import read_results, write_all

    results = read_results(path)
    return results, write_all(results, folder)
