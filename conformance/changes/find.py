"""Finding what changed between two runs: which verdicts, and the rest by its own module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from conformance.changes.model import Change, Changes, Kind, Lane
from conformance.changes.sights import sights
from conformance.changes.times import times
from conformance.judge import Status
from conformance.report.model import Engine, Results, Verdict
from conformance.report.tally import in_words, remarks, tally

_LINE = re.compile(r"^line \d+: ")


def changes(old: Results, new: Results, lanes: Sequence[str] = ()) -> Changes:
    """Compare two runs, lane by lane.

    ``lanes`` are names of engines, or ``OLD=NEW`` for two names; without any, every name in either file is a lane.
    Raises ValueError for an engine that a file does not have.
    """
    pairs = [_lane(old, new, text) for text in lanes] or _every(old, new)
    compared = [lane for lane in pairs if _present(old, lane.old) and _present(new, lane.new)]
    tempi, paces, unsaid = times(old, new, compared)
    return Changes(
        old,
        new,
        remarks=(*_remarks(old, new), *_missing(old, new, pairs), *unsaid),
        verdicts=tuple(_verdicts(old, new, pairs, compared)),
        sights=tuple(sights(old, new, compared)),
        tempi=tuple(tempi),
        paces=tuple(paces),
        added=tuple(case for case in new.cases if case.id not in old.numbers),
        removed=tuple(case for case in old.cases if case.id not in new.numbers),
        unjudged=_unjudged(new, pairs),
    )


def kind(old: Verdict | None, new: Verdict) -> Kind | None:
    """What the change from one verdict to another means; None where there is none. An added case has no old verdict.

    Known differences of an engine are failures that are no surprise: a failure is new where it was no surprising one before.
    """
    if not new.status.conforms:
        if new.known is None and (old is None or old.status.conforms or old.known is not None):
            return Kind.NEW_FAILURE
        if old is not None and not old.status.conforms:
            return None if _failure(old) == _failure(new) else Kind.OTHERWISE
        return Kind.NEW_KNOWN if old is not None else None
    if old is None:
        return None
    if _played(old) is not _played(new):
        return Kind.GAINED if _played(new) else Kind.LOST
    if not _played(new):
        return None if (old.status, _reason(old)) == (new.status, _reason(new)) else Kind.REASON
    if not old.status.conforms:
        return Kind.MENDED
    if old.status is new.status:
        return None
    return Kind.DRIFTS if new.status is Status.DRIFTING else Kind.DRIFTS_NO_MORE


def _played(verdict: Verdict) -> bool:
    return verdict.status not in (Status.UNSUPPORTED, Status.NOT_RUN)


def _reason(verdict: Verdict) -> str:
    """Why a case was not played, without the version of torch that it was not played on."""
    return verdict.detail.partition(", this is ")[0]


def _failure(verdict: Verdict) -> tuple[object, ...]:
    """A failure without the lines of the YAML, which change whenever somebody writes above them."""
    found = tuple((finding.path, finding.message) for finding in verdict.findings)
    return verdict.status, verdict.known, found or _LINE.sub("", verdict.detail)


def _verdicts(old: Results, new: Results, pairs: Iterable[Lane], compared: Sequence[Lane]) -> Iterator[Change]:
    before = {case.id: case for case in old.cases}
    for lane in pairs:
        if not _present(new, lane.new):
            continue
        for case in new.cases:
            then = before.get(case.id)
            verdict = new.verdict(case, _engine(new, lane.new))
            was = old.verdict(then, _engine(old, lane.old)) if then and lane in compared else None
            if (found := kind(was, verdict)) is not None:
                yield Change(found, lane, case, was, verdict, edited=then is not None and then.yaml != case.yaml)


def _unjudged(new: Results, pairs: Iterable[Lane]) -> int:
    """How many verdicts of the lanes that took part are not in the results."""
    names = {lane.new for lane in pairs if _present(new, lane.new)}
    return new.header.cases * len(names) - sum(engine in names for _, engine in new.verdicts)


def _lane(old: Results, new: Results, text: str) -> Lane:
    left, _, right = text.partition("=")
    lane = Lane(left, right or left)
    for results, name, which in ((old, lane.old, "old"), (new, lane.new, "new")):
        names = [engine.name for engine in results.engines]
        if name not in names:
            raise ValueError(f"the {which} results have no engine {name!r}; they have {', '.join(names)}")
    return lane


def _every(old: Results, new: Results) -> list[Lane]:
    names = dict.fromkeys(engine.name for results in (new, old) for engine in results.engines)
    return [Lane(name, name) for name in names]


def _engine(results: Results, name: str) -> Engine:
    return next(engine for engine in results.engines if engine.name == name)


def _present(results: Results, name: str) -> bool:
    """Whether an engine took part in a run."""
    return any(engine.name == name and engine.absent is None for engine in results.engines)


def _remarks(old: Results, new: Results) -> Iterator[str]:
    for which, results in (("old", old), ("new", new)):
        yield from (f"The {which} results: {text}" for text in remarks(results))
    if old.header.selected != new.header.selected:
        said = [", ".join(results.header.selected) or "everything" for results in (old, new)]
        yield f"The runs played different selections: {said[0]} and {said[1]}."


def _missing(old: Results, new: Results, pairs: Iterable[Lane]) -> Iterator[str]:
    """A sentence for every lane that took part in one run only, with what is known of it."""
    for lane in pairs:
        here = _present(old, lane.old), _present(new, lane.new)
        if here == (True, False):
            yield f"{lane.old} took part in the old run only: {in_words(tally(old, _engine(old, lane.old)))} there."
        elif here == (False, True):
            yield f"{lane.new} took part in the new run only: {in_words(tally(new, _engine(new, lane.new)))} there."
