"""Interrupted runs and full disks, through the command line: what was written until then can be read."""

from __future__ import annotations

import dataclasses
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import conformance.run
from conformance.cli import main
from conformance.player import InProcess
from conformance.report.read import read_results
from conformance.run import run
from conformance.tests.dying_runs import BOTH, GOOD, calling, suite_of
from conformance.tests.support import case, lane
from conformance.workers.pool import WorkerPool

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the engines that die here use signals and forks")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs cases through the command line."""

    def command(*cases: str, jobs: int = 1, timing: bool = False) -> Result:
        monkeypatch.setattr(conformance.run, "load", lambda paths=(), patterns=(): suite_of(*cases))
        arguments = ["run", "--output", str(tmp_path), "--jobs", str(jobs), *([] if timing else ["--no-timing"])]
        return CliRunner().invoke(main, [*arguments, *(word for name in BOTH for word in ("--engine", name))])

    return command


@pytest.mark.parametrize(("name", "number", "jobs"), [("asin", signal.SIGINT, 1), ("acos", signal.SIGTERM, 2)])
def test_an_interrupt_leaves_results_and_a_report(name: str, number: int, jobs: int, cli: Any, tmp_path: Path) -> None:
    """The engine of the third case interrupts the run, and then hangs."""
    before = signal.getsignal(number)
    done = cli(
        case(GOOD, name="a"),
        case(GOOD, name="b"),
        calling(name),
        *(case(GOOD, name=f"c{n}") for n in range(50)),
        jobs=jobs,
    )
    assert done.exit_code == 128 + number, done.output
    assert signal.getsignal(number) == before
    results = read_results(tmp_path / "results.jsonl")
    assert results.interrupted == signal.Signals(number).name
    judged = {case for case, _ in results.verdicts}
    first = {"chapter/topic::a", "chapter/topic::b"}
    assert (
        judged >= first if jobs == 1 else judged & first
    )  # of two workers the slower has perhaps not judged its first
    assert f"chapter/topic::{name}" not in judged
    assert {verdict.status for verdict in results.verdicts.values()} == {"passed"}
    assert f"interrupted by {signal.Signals(number).name} after {len(judged)} of 53 cases" in done.stderr
    assert "interrupted run" in (tmp_path / "badge.svg").read_text(encoding="utf-8")
    assert (tmp_path / "index.html").is_file()


def test_an_interrupt_while_times_are_taken_leaves_every_verdict(cli: Any, tmp_path: Path) -> None:
    """The engine of the second case interrupts when it is called again, for its time."""
    done = cli(case(GOOD, name="a"), calling("erf"), case(GOOD, name="b"), timing=True)
    assert done.exit_code == 128 + signal.SIGINT, done.output
    results = read_results(tmp_path / "results.jsonl")
    assert results.interrupted == "SIGINT"
    assert {(v.case.rpartition(":")[2], v.time is not None) for v in results.verdicts.values()} == {
        ("a", True),
        ("erf", False),
        ("b", False),
    }
    assert {verdict.status for verdict in results.verdicts.values()} == {"passed"}


def test_workers_end_with_the_run() -> None:
    with WorkerPool(BOTH) as pool:
        played = pool.play(suite_of(calling("asin"), *(case(GOOD, name=f"g{n}") for n in range(3))).programs)
        with pool.interruptible():
            assert list(played) == []
        pids = [worker.process for worker in pool._workers]
    assert pids
    assert all(process.poll() is not None for process in pids)


def test_a_full_disk_is_told_and_what_was_written_can_be_read(cli: Any, tmp_path: Path) -> None:
    """The limit of the size of files stands for the disk: it is met in the middle of the tenth verdict."""
    import resource

    path, cases = tmp_path / "results.jsonl", [case(GOOD, name=f"c{n}") for n in range(20)]
    run(suite_of(*cases), InProcess([dataclasses.replace(lane("reference"), name=name) for name in BOTH]), path)
    lines = path.read_bytes().splitlines(keepends=True)
    tenth = [place for place, line in enumerate(lines) if b'"kind":"verdict"' in line][9]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (sum(map(len, lines[:tenth])) + 20, hard))
    try:
        done = cli(*cases)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.exit_code == 2
    assert done.stderr == (
        f"conformance: {path} cannot be written: File too large; it has 9 verdicts; 'conformance report {path}' shows them\n"
    )
    results = read_results(path)
    assert results.torn
    assert len(results.verdicts) == 9
    assert CliRunner().invoke(main, ["report", str(path)]).exit_code == 0


def test_a_disk_without_any_room_is_told(cli: Any, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "results.jsonl").symlink_to("/dev/full")
    done = cli(case(GOOD, name="one"))
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        f"conformance: {tmp_path / 'results.jsonl'} cannot be written: No space left on device; it has no verdicts"
    ]
