"""What a results file says, as frozen data: the ground floor of the report.

The lines are described in reports/README.md. ``saw`` stays plain JSON here; ``shown`` turns it into text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from conformance.judge import Status


@dataclass(frozen=True)
class Engine:
    """An engine of the run. ``absent`` is the reason why it did not take part; then it has no device and no version."""

    name: str
    device: str = ""
    version: str = ""
    absent: str | None = None


@dataclass(frozen=True)
class Header:
    """What was run, when and where."""

    started: str
    conformance: str
    python: str
    platform: str
    cpu: str
    numpy: str
    torch: str | None
    seed: int | None
    shuffled: bool
    timing: bool
    selected: tuple[str, ...]
    cases: int
    engines: tuple[Engine, ...]


@dataclass(frozen=True)
class Claim:
    """A claim of the inventory."""

    id: str
    chapter: str
    topic: str
    source: str
    claim: str
    documented: bool
    recorded: str | None = None
    now: str | None = None
    drift: str | None = None
    not_expressible: str | None = None


@dataclass(frozen=True)
class Case:
    """A case: its sentence, its YAML (which begins in ``line`` of ``file``) and the equivalent torch script."""

    id: str
    chapter: str
    topic: str
    name: str
    says: str
    source: str
    covers: tuple[str, ...]
    needs: tuple[str, ...]
    file: str
    line: int
    yaml: str
    script: str


@dataclass(frozen=True)
class Finding:
    """A difference: line and path in the YAML, the difference in words, and who is the odd one out."""

    line: int
    path: str
    message: str
    odd: str | None = None

    @property
    def healed(self) -> bool:
        """Whether the engine does what is documented where the case declares a drift. The judge says so in these words."""
        return "the drift is healed" in self.message


@dataclass(frozen=True)
class Sighting:
    """What one expectation saw, each time that it was reached."""

    line: int
    path: str
    saw: tuple[Any, ...]


@dataclass(frozen=True)
class Figure:
    """Seconds a play: fastest batch, median batch, spread between batches."""

    min: float
    median: float
    spread: float


@dataclass(frozen=True)
class Allocated:
    """What one play allocates: ``held`` blocks of ``bytes`` bytes when forward had ended, ``peak`` bytes at most."""

    held: int
    bytes: int
    peak: int


@dataclass(frozen=True)
class Verdict:
    """What became of one case on one engine. ``time`` holds forward, backward, double_backward and total, as
    far as they were taken. ``known`` is the reason of a failure that the engine is known for."""

    case: str
    engine: str
    status: Status
    detail: str = ""
    findings: tuple[Finding, ...] = ()
    seen: tuple[Sighting, ...] = ()
    leaks: tuple[str, ...] = ()
    time: Mapping[str, Figure] | None = None
    not_timed: str | None = None
    allocated: Allocated | None = None
    known: str | None = None


@dataclass(frozen=True)
class Footer:
    """How the run ended. ``noise`` is by what factor, less one, times differ from themselves; None where it was not measured.
    ``interrupted`` is the signal that ended it early."""

    finished: str
    seconds: float
    counts: Mapping[str, Mapping[str, int]]
    noise: float | None = None
    interrupted: str | None = None


@dataclass(frozen=True)
class Results:
    """A whole run. ``torn`` where the file ends before its footer: then it holds what had been written until then.

    The cases stand in the order of the inventory's chapters, then by topic, file and line, however they were played.
    """

    header: Header
    claims: Mapping[str, Claim]
    cases: tuple[Case, ...]
    verdicts: Mapping[tuple[str, str], Verdict] = field(repr=False)
    footer: Footer | None

    @property
    def torn(self) -> bool:
        """Whether the file ends before its footer."""
        return self.footer is None

    @property
    def interrupted(self) -> str | None:
        """The signal that ended the run early; what it had judged and timed until then is here."""
        return self.footer.interrupted if self.footer else None

    @property
    def whole(self) -> bool:
        """Whether the run came to its own end."""
        return not self.torn and self.interrupted is None

    @property
    def engines(self) -> tuple[Engine, ...]:
        """The engines of the run, those that were absent too."""
        return self.header.engines

    @property
    def noise(self) -> float | None:
        """The factor, less one, within which times differ from themselves; None where it was not measured."""
        return self.footer.noise if self.footer else None

    def verdict(self, case: Case, engine: Engine) -> Verdict:
        """The verdict of a case on an engine; where none was written, *not run* with the reason."""
        found = self.verdicts.get((case.id, engine.name))
        if found is not None:
            return found
        reason = engine.absent or ("the run wrote no verdict" if self.whole else "the run ended before this case")
        return Verdict(case.id, engine.name, Status.NOT_RUN, reason)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The places of the cases, by their ids."""
        return {case.id: number for number, case in enumerate(self.cases)}

    @cached_property
    def covering(self) -> Mapping[str, tuple[Case, ...]]:
        """The cases that cover each claim, by the claim's id."""
        found: dict[str, list[Case]] = {}
        for case in self.cases:
            for claim in case.covers:
                found.setdefault(claim, []).append(case)
        return {claim: tuple(cases) for claim, cases in found.items()}
