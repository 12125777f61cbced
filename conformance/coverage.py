"""Which claims of the inventory a run covered by execution: pure reading of a results file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from conformance.report.read import Results, read_results

_COVERS = ("passed", "drifting")


@dataclass
class Chapter:
    """The claims of one chapter by what became of them, as ids. ``stale``: declared not expressible, yet covered."""

    name: str
    documented: bool
    covered: list[str] = field(default_factory=list)
    drifting: list[str] = field(default_factory=list)
    not_expressible: list[str] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def claims(self) -> int:
        """The number of claims of the chapter."""
        return sum(map(len, (self.covered, self.drifting, self.not_expressible, self.uncovered)))


def covered(path: Path, engine: str = "torch-cpu") -> list[Chapter]:
    """By chapter, the claims covered on ``engine``: some case that covers the claim ran there and passed or drifted.

    Claims marked ``documented: false`` are counted apart. Raises OSError or ValueError for a results file that cannot be read.
    """
    results = read_results(path)
    status = _status_by_claim(results, engine)
    chapters: dict[tuple[str, bool], Chapter] = {}
    for claim in results.claims.values():
        chapter = chapters.setdefault((claim.chapter, claim.documented), Chapter(claim.chapter, claim.documented))
        found = status.get(claim.id, set())
        if found and claim.not_expressible:
            chapter.stale.append(claim.id)
        if "drifting" in found:
            chapter.drifting.append(claim.id)
        elif found:
            chapter.covered.append(claim.id)
        else:
            (chapter.not_expressible if claim.not_expressible else chapter.uncovered).append(claim.id)
    return list(chapters.values())


def _status_by_claim(results: Results, engine: str) -> dict[str, set[str]]:
    covers = {case.id: case.covers for case in results.cases}
    found: dict[str, set[str]] = {}
    for verdict in results.verdicts.values():
        if verdict.engine == engine and verdict.status in _COVERS:
            for claim in covers.get(verdict.case, ()):
                found.setdefault(claim, set()).add(verdict.status)
    return found
