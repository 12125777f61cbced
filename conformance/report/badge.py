"""A badge: one segment for each engine that took part, with what passed and what did not."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment

from conformance.judge import Status
from conformance.report.model import Results
from conformance.report.tally import in_words, tally
from conformance.report.xmltext import xml_text

_GREY, _GREEN, _AMBER, _RED = "#555", "#2c7a51", "#9a6700", "#b3261e"

_TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ width }}" height="20" role="img" aria-label="{{ title }}">
<title>{{ title }}</title>
<clipPath id="round"><rect width="{{ width }}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)">
{%- for s in segments %}
<rect x="{{ s.x }}" width="{{ s.width }}" height="20" fill="{{ s.colour }}"/>
{%- endfor %}
</g>
<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11">
{%- for s in segments %}
<text x="{{ s.x + 7 }}" y="14" textLength="{{ s.width - 14 }}">{{ s.text }}</text>
{%- endfor %}
</g>
</svg>
"""


def write_badge(results: Results, path: Path) -> None:
    """Write the badge of a run as SVG. Engines that did not take part have no segment."""
    path.write_text(badge(results), encoding="utf-8")


def badge(results: Results) -> str:
    """The badge as SVG text. The whole count stands in its title."""
    label = "autograd conformance"
    parts = [(label, _GREY), *_engines(results)]
    if not results.whole:
        parts.append(("interrupted run" if results.interrupted else "torn run", _RED))
    segments, x = [], 0
    for text, colour in parts:
        width = round(6.6 * len(text)) + 14
        segments.append({"x": x, "width": width, "text": text, "colour": colour})
        x += width
    title = f"{label}: " + "; ".join(f"{e.name}: {in_words(tally(results, e))}" for e in results.engines)
    made = Environment(autoescape=True).from_string(_TEMPLATE).render(segments=segments, width=x, title=title)
    return xml_text(made)


def _engines(results: Results) -> list[tuple[str, str]]:
    parts = []
    for engine in (e for e in results.engines if e.absent is None):
        counts = tally(results, engine)
        shown = (Status.PASSED, Status.DRIFTING, Status.FAILED, Status.ERRORED)
        words = ", ".join(f"{counts[s]:,} {s.value}" for s in shown if counts[s])
        parts.append((f"{engine.name}: {words or 'nothing ran'}", _colour({s for s in shown if counts[s]})))
    return parts


def _colour(seen: set[Status]) -> str:
    if seen & {Status.FAILED, Status.ERRORED}:
        return _RED
    return _GREEN if Status.PASSED in seen else _AMBER if seen else _GREY
