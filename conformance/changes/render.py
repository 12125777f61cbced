"""Changes in words, as plain text for a terminal and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from conformance.changes.model import Change, Changes, Kind, Pace, Tempo
from conformance.report.markdown import as_code, one_line
from conformance.report.model import Case, Header, Verdict

NOTHING = "Nothing changed."
_MOST_LISTED = 50
_MOST_CASES = 50
_MOST_FINDINGS = 3
_BEGINNING, _END = 80, 120


@dataclass(frozen=True)
class _Row:
    """One change: the cases that it is about, what it is, details a line each. ``says``: with the sentences of the cases."""

    cases: tuple[Case, ...]
    lane: str
    what: str
    details: tuple[str, ...] = ()
    says: bool = False


@dataclass(frozen=True)
class _Section:
    title: str
    rows: tuple[_Row, ...]


def as_text(changes: Changes) -> str:
    """All changes, every case by its id."""
    parts = [[*_runs(changes), *changes.remarks]]
    for section in _sections(changes):
        parts.append([section.title])
        for row in section.rows:
            parts[-1].append(f"  {_whom(row)}{_how(row)}")
            parts[-1] += [f"      {line}" for detail in row.details for line in detail.splitlines()]
            parts[-1] += [f"      {line}" for line in _cases(row)]
    parts += [] if len(parts) > 1 else [[NOTHING]]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def as_markdown(changes: Changes) -> str:
    """The same for a pull request: of long lists the beginning, and how much more there is."""
    parts = [["## Changes"], [f"- {one_line(line)}" for line in _runs(changes)]]
    parts += [[f"> **Note.** {one_line(remark)}"] for remark in changes.remarks]
    sections = _sections(changes)
    for section in sections:
        lines = [line for row in section.rows[:_MOST_LISTED] for line in _item(row)]
        more = len(section.rows) - _MOST_LISTED
        parts += [[f"### {section.title}"], [*lines, *([f"- and {more:,} more"] if more > 0 else [])]]
    parts += [] if sections else [[NOTHING]]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _item(row: _Row) -> Iterator[str]:
    whom = as_code(_whom(row)) if len(row.cases) == 1 else one_line(_whom(row))
    yield f"- {whom}{_how(row, one_line)}"
    lines = [*map(one_line, row.details), *_cases(row, as_code, one_line)]
    yield from (f"  - {line}" for line in lines[:_MOST_CASES])
    if (more := len(lines) - _MOST_CASES) > 0:
        yield f"  - and {more:,} more"


def _whom(row: _Row) -> str:
    if len(row.cases) == 1:
        return row.cases[0].id
    return f"{len(row.cases):,} cases" if row.cases else "as a whole"


def _cases(row: _Row, code: Callable[[str], str] = str, text: Callable[[str], str] = str) -> Iterator[str]:
    """A line a case, with what it says; of a single case, which is named already, only that."""
    for case in row.cases:
        parts = [code(case.id)] if len(row.cases) > 1 else []
        parts += [text(case.says)] if row.says else []
        if parts:
            yield ": ".join(parts)


def _how(row: _Row, escaped: Callable[[str], str] = str) -> str:
    on = f" on {escaped(row.lane)}" if row.lane else ""
    return on + (f": {escaped(row.what)}" if row.what else "")


def _runs(changes: Changes) -> Iterator[str]:
    """One line a run: when it was, and of what it was made that the other was not."""
    old, new = (_facts(results.header) for results in (changes.old, changes.new))
    for which, facts, other in (("old", old, new), ("new", new, old)):
        yield f"{which}: " + ", ".join(text for name, text in facts.items() if name == "started" or other[name] != text)


def _facts(header: Header) -> dict[str, str]:
    return {
        "started": header.started,
        "torch": f"torch {header.torch or 'not there'}",
        "conformance": f"conformance {header.conformance}",
        "python": f"Python {header.python}",
        "numpy": f"numpy {header.numpy}",
        "platform": header.platform,
        "cpu": header.cpu,
    }


def _sections(changes: Changes) -> list[_Section]:
    """What changed, the gravest first; what did not change has no section."""
    found = [_Section(f"{len(of):,} {kind}", tuple(_rows(kind, of))) for kind in Kind if (of := changes.of(kind))]
    if changes.sights:
        rows = tuple(_sights(changes))
        found.append(_Section(f"{len(changes.sights):,} with the same verdict, showing something else", rows))
    for cases, what in ((changes.added, "added"), (changes.removed, "removed")):
        if cases:
            found.append(_Section(f"{len(cases):,} {what}", (_Row(cases, "", "", says=True),)))
    changed = {pace.lane for pace in changes.paces}
    tempi = [tempo for tempo in changes.tempi if tempo.loud or tempo.lane in changed]
    if tempi:
        found.append(_Section("Times", (*map(_whole, tempi), *_paces(changes.paces))))
    return found


def _rows(kind: Kind, changes: Sequence[Change]) -> Iterator[_Row]:
    """A row a change; those that are not about failures are gathered by what they say."""
    if kind in (Kind.NEW_FAILURE, Kind.NEW_KNOWN, Kind.OTHERWISE, Kind.MENDED):
        for change in changes:
            what = _step(change.old, change.new, reasons=False) + (
                " (the case was edited too)" if change.edited else ""
            )
            yield _Row((change.case,), str(change.lane), what, (change.case.says, *_details(kind, change)))
        return
    gathered: dict[tuple[str, str], list[Case]] = {}
    for change in changes:
        said = (str(change.lane), _step(change.old, change.new, reasons=True))
        gathered.setdefault(said, []).append(change.case)
    for (lane, what), cases in gathered.items():
        yield _Row(tuple(cases), lane, what, says=True)


def _step(old: Verdict | None, new: Verdict, reasons: bool) -> str:
    return f"{_word(old, reasons) if old else 'new case'} -> {_word(new, reasons)}"


def _word(verdict: Verdict, reasons: bool) -> str:
    if verdict.known is not None:
        return f"{verdict.status} (known)"
    return f"{verdict.status} ({verdict.detail})" if reasons and verdict.detail else str(verdict.status)


def _details(kind: Kind, change: Change) -> Iterator[str]:
    if kind in (Kind.OTHERWISE, Kind.MENDED) and change.old is not None:
        yield from (f"was: {text}" for text in _found(change.old, ""))
    if kind is not Kind.MENDED:
        yield from _found(change.new, f"{change.case.file}:")


def _found(verdict: Verdict, file: str) -> Iterator[str]:
    """The first findings of a failure, each with its place."""
    for finding in verdict.findings[:_MOST_FINDINGS]:
        yield f"{file or 'line '}{finding.line}: {_short(finding.path)}: {_short(finding.message)}"
    if not verdict.findings:
        yield verdict.detail


def _short(text: str) -> str:
    """A text without its middle where it is long: large tensors come first, and by how much they differ last."""
    return text if len(text) <= _BEGINNING + _END else f"{text[:_BEGINNING]} ... {text[-_END:]}"


def _sights(changes: Changes) -> Iterator[_Row]:
    """What changed in the same way in several cases stands once."""
    gathered: dict[tuple[str, str, str], dict[str, Case]] = {}
    for sight in changes.sights:
        gathered.setdefault((str(sight.lane), sight.old, sight.new), {})[sight.case.id] = sight.case
    for (lane, old, new), cases in gathered.items():
        yield _Row(tuple(cases.values()), lane, "", (f"was: {old}", f"now: {new}"))


def _paces(paces: Iterable[Pace]) -> Iterator[_Row]:
    """A row a case, with the phases that changed; the slower ones first."""
    ordered = sorted(paces, key=lambda pace: (str(pace.lane), pace.case.id))
    cases = [list(of) for _, of in groupby(ordered, key=lambda pace: (pace.lane, pace.case.id))]
    for of in sorted(cases, key=lambda of: -max(pace.factor for pace in of)):
        said = [f"{p.phase} {_duration(p.old)} -> {_duration(p.new)}, {p.factor:.2f} times the whole" for p in of]
        yield _Row((of[0].case,), str(of[0].lane), "; ".join(said))


def _whole(tempo: Tempo) -> _Row:
    return _Row((), str(tempo.lane), f"{tempo.factor:.2f} times as long (median of {tempo.cases} cases)")


def _duration(seconds: float) -> str:
    for scale, unit in ((1e-3, "us"), (1.0, "ms")):
        if seconds < scale:
            return f"{seconds / scale * 1000:.3g} {unit}"
    return f"{seconds:.3g} s"
