"""Known differences of an engine: cases that it is known to fail, with the reason. They stay failures, and are no surprise.

A run with known failures alone ends well; a known difference that is gone is a failure until it is taken off the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from conformance.judge import Finding, Status, Verdict
from conformance.language import source
from conformance.language.problem import Spot, malformed
from conformance.language.source import Map, Seq


def read_known(path: Path) -> dict[str, str]:
    """The reasons by case id. Raises MalformedCase where the file is not a list of ``{case: id, reason: text}``."""
    entries = source.load(path)
    if not isinstance(entries, Seq):
        raise malformed(Spot(path), "is a list of {case: ..., reason: ...}")
    known: dict[str, str] = {}
    for entry, mark in zip(entries, entries.items_at, strict=True):
        if (
            not isinstance(entry, Map)
            or set(entry) != {"case", "reason"}
            or not all(isinstance(v, str) for v in entry.values())
        ):
            raise malformed(Spot(path, mark.line, mark.column), "a known difference has a case: and a reason:")
        if entry["case"] in known:
            raise malformed(Spot(path, mark.line, mark.column), f"{entry['case']!r} stands twice")
        known[entry["case"]] = entry["reason"]
    return known


def apply_known(verdict: Verdict, known: Mapping[str, str], compared: bool) -> None:
    """Note the reason on a failure that is known; make a known difference that is gone a failure.

    Whether it is gone can be told only where the engine was ``compared`` with the oracle: some differences show nowhere else.
    """
    reason = known.get(verdict.case)
    if reason is None or verdict.status is Status.NOT_RUN:
        return
    if not verdict.status.conforms:
        verdict.known = reason
        verdict.detail = f"known difference ({reason}): {verdict.detail}"
        return
    if not compared:
        return
    message = f"is {verdict.status} though listed as a known difference ({reason}): take it off the list"
    verdict.findings.append(Finding(0, "known differences", message))
    verdict.status, verdict.detail = Status.FAILED, message
