"""The report as one HTML file that needs nothing but itself.

Note [One file]
The overview is HTML. All else is data for the page's script, gzip in base64, inflated when it is looked at: an index of the
cases, the inventory, the times, and the details of the cases in packets of a few dozen. Nothing is fetched: the content
security policy allows this script and this style, by their hashes, and no connection at all.

Note [Untrusted text]
Whatever a results file holds is text. The template escapes it, the script sets it as text and never as HTML.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.judge import Status
from conformance.report import coverage, data, tally
from conformance.report.model import Case, Claim, Results, Verdict

_FOLDER = Path(__file__).with_name("page")
_PACKET = 48
_MOST_ALERTS = 6
SCRIPTS = (
    "dom",
    "store",
    "route",
    "code",
    "cases",
    "case",
    "claims",
    "drifts",
    "notebooks",
    "growth",
    "timing",
    "main",
)
"""The parts of the page's script, in order; together they are one module."""


def write_page(results: Results, path: Path) -> None:
    """Write the report to ``path``, overwriting what is there."""
    path.write_text(page(results), encoding="utf-8")


def page(results: Results) -> str:
    """The report as HTML text."""
    script = "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    style = (_FOLDER / "style.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html")
        .render(
            results=results,
            header=results.header,
            Status=Status,
            engines=[(engine, tally.tally(results, engine)) for engine in results.engines],
            chapters=tally.by_chapter(results),
            remarks=tally.remarks(results),
            failures=_alerts(results),
            healed=tally.healed(results),
            reasons=[(status, tally.reasons(results, status)) for status in (Status.UNSUPPORTED, Status.NOT_RUN)],
            coverage=_coverage(results),
            State=coverage.State,
            counted_on=coverage.oracle(results),
            most_alerts=_MOST_ALERTS,
            script=Markup(script),
            script_hash=_hash(script),
            style=Markup(style),
            style_hash=_hash(style),
            packets=_packets(results),
            packet_size=_PACKET,
        )
    )


def _environment() -> Environment:
    """The templates, which escape what they are given: see Note [Untrusted text]."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["link"] = link
    environment.filters["words"] = tally.in_words
    return environment


def link(value: str) -> str:
    """A value as a piece of the address after ``#``, spelled as route.js spells it."""
    return quote(value, safe="/:,!'()*-._~")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _packets(results: Results) -> Iterator[tuple[str, str]]:
    """The data of the page by the ids of the elements that hold it: see Note [One file]."""
    yield "index", _packed(data.index(results))
    yield "claims", _packed(data.claims(results))
    yield "drifts", _packed(data.drifts(results))
    yield "times", _packed(data.times(results))
    for number, start in enumerate(range(0, len(results.cases), _PACKET)):
        yield f"details-{number}", _packed(data.details(results, results.cases[start : start + _PACKET]))


def _packed(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()


@dataclass(frozen=True)
class _Alert:
    """A case that failed or errored somewhere, with the verdicts that say so."""

    case: Case
    verdicts: list[Verdict]


def _alerts(results: Results) -> list[_Alert]:
    found = groupby(tally.failures(results), key=lambda failure: failure[0])
    return [_Alert(case, [verdict for _, verdict in failures]) for case, failures in found]


@dataclass(frozen=True)
class _Covered:
    """A row of the table of coverage: a chapter, its documented claims by state, and the others by state."""

    chapter: str
    documented: Counter[coverage.State]
    observed: Counter[coverage.State]


def _coverage(results: Results) -> list[_Covered]:
    known = coverage.states(results)
    chapters: dict[str, list[Claim]] = {}
    for claim in results.claims.values():
        chapters.setdefault(claim.chapter, []).append(claim)
    return [
        _Covered(
            chapter, *(coverage.count((c for c in claims if c.documented is told), known) for told in (True, False))
        )
        for chapter, claims in chapters.items()
    ]
