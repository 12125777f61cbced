"""Changes between two results files, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.report.model import Case, Results, Verdict


@dataclass(frozen=True)
class Lane:
    """An engine of the old results and the one of the new results that it is compared with; most often they have one name."""

    old: str
    new: str

    def __str__(self) -> str:
        return self.new if self.old == self.new else f"{self.old}={self.new}"


class Kind(StrEnum):
    """What a change of verdict means, the gravest first."""

    NEW_FAILURE = "newly failing"
    NEW_KNOWN = "newly failing, and known for it"
    OTHERWISE = "failing in another way"
    LOST = "no longer played to the end"
    MENDED = "no longer failing"
    DRIFTS = "now drifting"
    DRIFTS_NO_MORE = "no longer drifting"
    GAINED = "now played to the end"
    REASON = "not played to the end, for another reason"


@dataclass(frozen=True)
class Change:
    """Another verdict on a case. An added case has no ``old``; ``edited`` says that its YAML is another."""

    kind: Kind
    lane: Lane
    case: Case
    old: Verdict | None
    new: Verdict
    edited: bool = False


@dataclass(frozen=True)
class Sight:
    """The same verdict, though the engine was seen to do something else: an error text, a warning, a dtype, strides."""

    lane: Lane
    case: Case
    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Pace:
    """Another time. ``factor`` is new over old after ``Tempo.factor`` has been taken out; times are medians in seconds."""

    lane: Lane
    case: Case
    phase: str
    old: float
    new: float
    factor: float


@dataclass(frozen=True)
class Tempo:
    """How much longer a lane takes as a whole: the median over all its timed cases. ``loud`` where that is more than noise."""

    lane: Lane
    factor: float
    cases: int
    loud: bool


@dataclass(frozen=True)
class Changes:
    """All that changed. ``remarks`` are what a reader must know first, in sentences; ``unjudged`` counts the verdicts
    that the new run owes: it was torn, or stopped."""

    old: Results
    new: Results
    remarks: tuple[str, ...]
    verdicts: tuple[Change, ...]
    sights: tuple[Sight, ...]
    tempi: tuple[Tempo, ...]
    paces: tuple[Pace, ...]
    added: tuple[Case, ...]
    removed: tuple[Case, ...]
    unjudged: int

    def of(self, kind: Kind) -> list[Change]:
        """The changes of verdict of one kind."""
        return [change for change in self.verdicts if change.kind is kind]

    @property
    def worse(self) -> bool:
        """Whether something fails that did not, or may: a run that did not come to its end shows no failure there."""
        return bool(self.unjudged or self.of(Kind.NEW_FAILURE))
