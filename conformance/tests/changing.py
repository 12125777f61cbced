"""What the tests of comparing results share: a made run, and an edited copy of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conformance.changes import Changes, changes
from conformance.report import read_results
from conformance.tests.report_results import Line, run, write

Edit = Callable[[list[Line]], Any]


def compared(edit: Edit, *lanes: str, before: Edit = lambda lines: None, cases: int = 24) -> Changes:
    """Compares a made run with an edited copy of it; ``before`` edits the first one too."""
    old = run(cases)
    before(old)
    new = copy.deepcopy(old)
    edit(new)
    with TemporaryDirectory() as name:
        files = write(Path(name, "old.jsonl"), old), write(Path(name, "new.jsonl"), new)
        return changes(read_results(files[0]), read_results(files[1]), lanes)


def verdict(lines: list[Line], engine: str = "torch-cpu", status: str = "passed", place: int = 0) -> Line:
    """One verdict of the lines, to be changed in place. What it showed is a tensor and a string."""
    return [
        line for line in lines if line["kind"] == "verdict" and (line["engine"], line["status"]) == (engine, status)
    ][place]


def fail(found: Line, message: str = "expected 1., got 2.", line: int = 7, **more: Any) -> None:
    finding = {"line": line, "path": "x.grad", "message": message, "odd": None}
    found |= {
        "status": "failed",
        "findings": [finding],
        "detail": f"line {line}: x.grad: {message}",
        "time": None,
    } | more
