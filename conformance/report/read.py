"""From a results file to Results. Every line is checked; what is wrong is named by file and line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from conformance.judge import Status
from conformance.report.model import (
    Allocated,
    Case,
    Claim,
    Engine,
    Figure,
    Finding,
    Footer,
    Header,
    Results,
    Sighting,
    Verdict,
)

FORMAT = 2
"""The format of results files that is read here."""

T = TypeVar("T")


class MalformedResults(ValueError):
    """A results file that cannot be read. The message begins with ``file:line``."""


def read_results(path: Path) -> Results:
    """Read a results file, gzipped or not. Where a run was torn, what it had written until then is read and ``torn`` is true.

    Raises MalformedResults for a file without a header, of another format, with a line that is not JSON anywhere but at
    the end, or with a line that lacks what its kind holds; OSError where the file cannot be read.
    """
    reading = _Reading(path)
    for entry in _entries(path):
        reading.take(entry)
    return reading.results()


def _entries(path: Path) -> Iterator[_Entry]:
    lines = _bytes(path).split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    for number, line in enumerate(lines, start=1):
        spot = f"{path}:{number}"
        try:
            data = _parse(line)
        except (ValueError, RecursionError) as error:
            if number == len(lines) and number > 1:
                return
            raise MalformedResults(f"{spot}: this line is not JSON ({error})") from None
        if not isinstance(data, dict):
            raise MalformedResults(f"{spot}: a line holds an object, this one a {type(data).__name__}")
        yield _Entry(data, spot)


def _bytes(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise MalformedResults(f"{path}:1: this is no gzip file, or not all of one ({error})") from None


def _parse(line: bytes) -> Any:
    data = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    if b"\\ud" in line.lower():  # a lone surrogate cannot be written to a file
        data = json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
    return data


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


class _Entry:
    """One JSON object with checked access to its fields."""

    def __init__(self, data: dict[str, Any], spot: str) -> None:
        self.data, self.spot = data, spot

    def get(self, key: str, kind: type[T]) -> T:
        value = self.optional(key, kind)
        if value is None:
            raise MalformedResults(f"{self.spot}: {key!r} is missing")
        return value

    def optional(self, key: str, kind: type[T]) -> T | None:
        value = self.data.get(key)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if value is None:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise MalformedResults(f"{self.spot}: {key!r} must be {kind.__name__}, not {type(value).__name__}")
        return value

    def each(self, key: str, kind: type[T]) -> tuple[T, ...]:
        """A list whose items are all of ``kind``; a list that is not there is empty."""
        items = self.optional(key, list) or []
        for item in items:
            if not isinstance(item, kind):
                raise MalformedResults(f"{self.spot}: {key!r} must hold {kind.__name__}, not {type(item).__name__}")
        return tuple(items)

    def entries(self, key: str) -> list[_Entry]:
        return [_Entry(item, self.spot) for item in self.each(key, dict)]


class _Reading:
    """What was read so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: Header | None = None
        self.claims: dict[str, Claim] = {}
        self.cases: dict[str, Case] = {}
        self.verdicts: dict[tuple[str, str], Verdict] = {}
        self.footer: Footer | None = None

    def take(self, entry: _Entry) -> None:
        kind = entry.get("kind", str)
        if (kind == "header") != (self.header is None):
            raise MalformedResults(f"{entry.spot}: a results file has one header, in its first line; this is a {kind}")
        if self.footer is not None:
            raise MalformedResults(f"{entry.spot}: a {kind} stands after the footer")
        take = {
            "header": self.take_header,
            "claim": self.take_claim,
            "case": self.take_case,
            "verdict": self.take_verdict,
            "time": self.take_time,
            "footer": self.take_footer,
        }.get(kind)
        if take is None:
            raise MalformedResults(f"{entry.spot}: unknown kind {kind!r}")
        take(entry)

    def take_header(self, entry: _Entry) -> None:
        if (found := entry.get("format", int)) != FORMAT:
            raise MalformedResults(f"{entry.spot}: this is format {found}; what reads it knows format {FORMAT}")
        texts = {key: entry.get(key, str) for key in ("started", "conformance", "python", "platform", "cpu", "numpy")}
        self.header = Header(
            **texts,
            torch=entry.optional("torch", str),
            seed=entry.optional("seed", int),
            shuffled=entry.get("shuffled", bool),
            timing=entry.get("timing", bool),
            selected=entry.each("selected", str),
            cases=entry.get("cases", int),
            engines=tuple(map(_engine, entry.entries("engines"))),
        )

    def take_claim(self, entry: _Entry) -> None:
        texts = {key: entry.get(key, str) for key in ("id", "chapter", "topic", "source", "claim")}
        self.claims[texts["id"]] = Claim(
            **texts,
            documented=entry.get("documented", bool),
            recorded=entry.optional("recorded", str),
            now=entry.optional("now", str),
            drift=entry.optional("drift", str),
            not_expressible=entry.optional("not_expressible", str),
        )

    def take_case(self, entry: _Entry) -> None:
        keys = ("id", "chapter", "topic", "name", "says", "source", "file", "yaml", "script")
        texts = {key: entry.get(key, str) for key in keys}
        if texts["id"] in self.cases:
            raise MalformedResults(f"{entry.spot}: the case {texts['id']!r} stands twice")
        self.cases[texts["id"]] = Case(
            **texts, covers=entry.each("covers", str), needs=entry.each("needs", str), line=entry.get("line", int)
        )

    def take_verdict(self, entry: _Entry) -> None:
        verdict = _verdict(entry)
        key = (verdict.case, verdict.engine)
        assert self.header is not None
        if verdict.case not in self.cases:
            raise MalformedResults(f"{entry.spot}: a verdict on {verdict.case!r}, which is no case of this file")
        if verdict.engine not in {engine.name for engine in self.header.engines}:
            raise MalformedResults(f"{entry.spot}: a verdict of {verdict.engine!r}, which is no engine of this file")
        if key in self.verdicts:
            raise MalformedResults(f"{entry.spot}: a second verdict of {verdict.engine!r} on {verdict.case!r}")
        self.verdicts[key] = verdict

    def take_time(self, entry: _Entry) -> None:
        key = (entry.get("case", str), entry.get("engine", str))
        verdict = self.verdicts.get(key)
        if verdict is None:
            raise MalformedResults(f"{entry.spot}: a time of {key[1]!r} on {key[0]!r}, which has no verdict")
        times, memory = entry.optional("time", dict), entry.optional("allocated", dict)
        self.verdicts[key] = replace(
            verdict,
            time=_times(_Entry(times, entry.spot)) if times else None,
            not_timed=entry.optional("not_timed", str),
            allocated=_allocated(_Entry(memory, entry.spot)) if memory else None,
        )

    def take_footer(self, entry: _Entry) -> None:
        self.footer = Footer(
            finished=entry.get("finished", str),
            seconds=entry.get("seconds", float),
            counts=entry.get("counts", dict),
            noise=entry.optional("noise", float),
            interrupted=entry.optional("interrupted", str),
        )

    def results(self) -> Results:
        if self.header is None:
            raise MalformedResults(f"{self.path}:1: the file is empty: it has no header")
        chapters = list(dict.fromkeys(claim.chapter for claim in self.claims.values()))
        places = {chapter: place for place, chapter in enumerate(chapters)}

        def place(case: Case) -> tuple[int, str, str, str, int]:
            return places.get(case.chapter, len(places)), case.chapter, case.topic, case.file, case.line

        ordered = sorted(self.cases.values(), key=place)
        return Results(self.header, self.claims, tuple(ordered), self.verdicts, self.footer)


def _engine(entry: _Entry) -> Engine:
    absent = entry.optional("absent", str)
    if absent is not None:
        return Engine(entry.get("name", str), absent=absent)
    return Engine(entry.get("name", str), entry.get("device", str), entry.get("version", str))


def _verdict(entry: _Entry) -> Verdict:
    status = entry.get("status", str)
    if status not in set(Status):
        raise MalformedResults(f"{entry.spot}: unknown status {status!r}")
    return Verdict(
        case=entry.get("case", str),
        engine=entry.get("engine", str),
        status=Status(status),
        detail=entry.optional("detail", str) or "",
        findings=tuple(map(_finding, entry.entries("findings"))),
        seen=tuple(map(_sighting, entry.entries("seen"))),
        leaks=entry.each("leaks", str),
        known=entry.optional("known", str),
    )


def _finding(entry: _Entry) -> Finding:
    texts = {key: entry.get(key, str) for key in ("path", "message")}
    return Finding(line=entry.get("line", int), **texts, odd=entry.optional("odd", str))


def _sighting(entry: _Entry) -> Sighting:
    return Sighting(entry.get("line", int), entry.get("path", str), tuple(entry.get("saw", list)))


def _times(entry: _Entry) -> dict[str, Figure]:
    figures = {key: _Entry(entry.get(key, dict), entry.spot) for key in entry.data}
    return {name: Figure(*(f.get(key, float) for key in ("min", "median", "spread"))) for name, f in figures.items()}


def _allocated(entry: _Entry) -> Allocated:
    return Allocated(*(entry.get(key, int) for key in ("held", "bytes", "peak")))
