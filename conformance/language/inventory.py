"""The inventory: what PyTorch documents about autograd, one claim each, with a stable id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.language import source
from conformance.language.problem import MalformedCase, Problem, Spot
from conformance.language.reader import INVENTORY, cases_root
from conformance.language.source import Map, Mark, Seq

_REQUIRED = ("id", "source", "claim")
_OPTIONAL = (
    *("also", "api", "url", "kind", "needs", "documented", "verified", "observed", "recorded", "now", "drift", "note"),
    "not_expressible",
)


_NUMBER = re.compile(r"^[0-9]+_")
"""Files are numbered in the order of PyTorch's documentation."""


@dataclass(frozen=True)
class Claim:
    """One claim. ``documented`` False marks behaviour that was observed and is promised nowhere; ``not_expressible`` is the
    reason why no case covers it; ``kind`` is what it speaks of (``value``, ``error``, ``attribute`` ...). The file may also
    hold ``api``, ``url``, ``also`` (another page that says the same) and what was seen when the claim was written down; only
    people read those."""

    id: str
    chapter: str
    source: str
    claim: str
    spot: Spot
    kind: str | None = None
    documented: bool = True
    recorded: str | None = None
    now: str | None = None
    drift: str | None = None
    not_expressible: str | None = None

    @property
    def topic(self) -> str:
        """The page or the notebook: the beginning of the source."""
        first = self.source.split(" § ")[0].split(",")[0]
        return first.split()[0].removesuffix(".txt") if self.chapter == "notebooks" else first

    def as_json(self) -> dict[str, Any]:
        made: dict[str, Any] = {"kind": "claim", "id": self.id, "chapter": self.chapter, "topic": self.topic}
        made |= {"source": self.source, "claim": self.claim, "documented": self.documented}
        for name in ("recorded", "now", "drift", "not_expressible"):
            if getattr(self, name) is not None:
                made[name] = getattr(self, name)
        return made


def read_inventory(root: Path | None = None) -> dict[str, Claim]:
    """Every claim by its id, in order. Raises MalformedCase for a claim without an id, a duplicate or an unknown key."""
    folder = (root or cases_root()) / INVENTORY
    claims: dict[str, Claim] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        entries = source.load(path)
        if not isinstance(entries, Seq):
            problems.append(Problem(Spot(path), "an inventory file is a list of claims"))
            continue
        for entry, mark in zip(entries, entries.items_at, strict=True):
            problem = _wrong(entry, mark, path, claims)
            if problem:
                problems.append(problem)
                continue
            claims[entry["id"]] = _claim(entry, mark, path)
    if problems:
        raise MalformedCase(problems)
    return claims


def _wrong(entry: Any, mark: Mark, path: Path, claims: dict[str, Claim]) -> Problem | None:
    spot = Spot(path, mark.line, mark.column)
    if not isinstance(entry, Map):
        return Problem(spot, "a claim is a mapping with id, source and claim")
    if missing := [key for key in _REQUIRED if not isinstance(entry.get(key), str)]:
        return Problem(spot, f"the claim lacks {', '.join(missing)}")
    if unknown := [key for key in entry if key not in (*_REQUIRED, *_OPTIONAL)]:
        return Problem(spot, f"unknown key {unknown[0]!r} in a claim")
    if not isinstance(entry.get("documented", True), bool):
        return Problem(spot, f"documented: is true or false, not {entry['documented']!r}")
    if not isinstance(entry.get("not_expressible", "a reason"), str) or entry.get("not_expressible") == "":
        return Problem(spot, "not_expressible: is a sentence that says why no case covers the claim")
    if entry["id"] in claims:
        return Problem(spot, f"the id {entry['id']!r} stands twice; the first is at {claims[entry['id']].spot}")
    return None


def _claim(entry: Map, mark: Mark, path: Path) -> Claim:
    def text(key: str) -> str | None:
        return None if entry.get(key) is None else str(entry[key])

    return Claim(
        id=entry["id"],
        chapter=_NUMBER.sub("", path.stem),
        source=entry["source"],
        claim=entry["claim"],
        spot=Spot(path, mark.line, mark.column),
        kind=text("kind"),
        documented=entry.get("documented", True),
        recorded=text("recorded"),
        now=text("now"),
        drift=text("drift"),
        not_expressible=text("not_expressible"),
    )
