"""results.jsonl: one JSON object a line, written as the run goes, so that what was computed survives whatever comes.

A header, the claims, the cases, the verdicts as they fall, the times as they are taken (the last
of a case and an engine counts), and a footer. A file without a
footer is a torn run.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import platform
import signal
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeGuard

import numpy

import conformance
from conformance.engines import Absent, Present
from conformance.judge import Status, Verdict
from conformance.language.inventory import Claim
from conformance.language.model import Case
from conformance.portable import portable
from conformance.program.script import script
from conformance.timing import Timed

FORMAT = 2


class NotWritten(OSError):
    """Results that could not be written: the file, and how many verdicts it has."""

    def __init__(self, path: Path, verdicts: int, error: OSError) -> None:
        kept = (
            f"it has {verdicts} verdicts; 'conformance report {path}' shows them" if verdicts else "it has no verdicts"
        )
        super().__init__(f"{path} cannot be written: {error.strerror or error}; {kept}")


class ResultsWriter:
    """Writes one results file. A context manager: leaving it normally writes the footer, leaving it by an error does not."""

    def __init__(self, path: Path, lanes: Sequence[Present | Absent]) -> None:
        self.path, self.lanes = path, lanes
        self.counts: dict[str, dict[str, int]] = {lane.name: {status.value: 0 for status in Status} for lane in lanes}
        self.started = _now()
        self.noise: float | None = None
        self.interrupted: signal.Signals | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file: IO[str] = path.open("w", encoding="utf-8", errors="backslashreplace")

    def __enter__(self) -> ResultsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            seconds = (_now() - self.started).total_seconds()
            footer = {"kind": "footer", "finished": _stamp(_now()), "seconds": round(seconds, 3), "counts": self.counts}
            footer |= {} if self.noise is None else {"noise": self.noise}
            self._line(footer | ({} if self.interrupted is None else {"interrupted": self.interrupted.name}))
        with contextlib.suppress(OSError) if kind else contextlib.nullcontext():
            self.file.close()

    def header(self, cases: int, selected: Sequence[str], seed: int | None, timing: bool) -> None:
        """The first line. ``selected`` are the patterns of the selection."""
        self._line(
            {
                "kind": "header",
                "format": FORMAT,
                "started": _stamp(self.started),
                "conformance": conformance.__version__,
                "python": platform.python_version(),
                "platform": platform.system() + " " + platform.machine(),
                "cpu": _cpu(),
                "numpy": numpy.__version__,
                "torch": next((lane.build for lane in self.lanes if _is_torch(lane)), None),
                "seed": seed,
                "shuffled": seed is not None,
                "timing": timing,
                "selected": list(selected),
                "cases": cases,
                "engines": [_lane(lane) for lane in self.lanes],
            }
        )

    def claim(self, claim: Claim) -> None:
        """A line for a claim of the inventory."""
        self._line(claim.as_json())

    def case(self, case: Case, root: Path) -> None:
        """A line for a case. ``root``: the folder of all cases."""
        file = case.file.relative_to(root.parent) if case.file.is_relative_to(root.parent) else case.file
        self._line(
            {
                "kind": "case",
                "id": case.id,
                "chapter": case.chapter,
                "topic": case.topic,
                "name": case.name,
                "says": case.says,
                "source": case.source,
                "covers": list(case.covers),
                "needs": sorted(case.needs),
                "file": file.as_posix(),
                "line": case.mark.line,
                "yaml": case.yaml,
                "script": script(case),
            }
        )

    def verdict(self, verdict: Verdict) -> None:
        """A line for a verdict, which is counted too."""
        self.counts[verdict.engine][verdict.status.value] += 1
        self._line(
            {
                "kind": "verdict",
                "case": verdict.case,
                "engine": verdict.engine,
                "status": verdict.status.value,
                "detail": portable(verdict.detail),
                "findings": portable([vars(finding) for finding in verdict.findings]),
                "seen": portable(verdict.seen),
                "leaks": portable(verdict.leaks),
                "known": verdict.known,
            }
        )

    def time(self, case: str, engine: str, timed: Timed) -> None:
        """A line for the times of a case on an engine; the last such line counts."""
        figures = {name: figure.as_json() for name, figure in timed.figures.items()}
        line: dict[str, Any] = {"kind": "time", "case": case, "engine": engine}
        line |= {"time": figures} if figures else {}
        line |= {"not_timed": timed.not_timed} if timed.not_timed is not None else {}
        self._line(line | ({"allocated": timed.allocated.as_json()} if timed.allocated else {}))

    def _line(self, entry: dict[str, Any]) -> None:
        """Write one line and hand it to the system. Raises NotWritten where the disk is full or the like."""
        try:
            self.file.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")
            self.file.flush()
        except OSError as error:
            verdicts = sum(sum(counts.values()) for counts in self.counts.values()) - (entry["kind"] == "verdict")
            raise NotWritten(self.path, verdicts, error) from None


def _lane(lane: Present | Absent) -> dict[str, str]:
    if isinstance(lane, Absent):
        return {"name": lane.name, "absent": lane.reason}
    return {"name": lane.name, "device": lane.device, "version": lane.version}


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _stamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_torch(lane: Present | Absent) -> TypeGuard[Present]:
    return isinstance(lane, Present) and lane.name.startswith("torch-")


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
