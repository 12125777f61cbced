"""From results.jsonl to what people and machines read: a page, JUnit XML, a Markdown summary, a badge.

Nothing is recomputed here: every verdict is the one that the run wrote. See reports/README.md for the files.
"""

from __future__ import annotations

from pathlib import Path

from conformance.report.badge import write_badge
from conformance.report.junit import write_junit
from conformance.report.markdown import summary
from conformance.report.model import Results
from conformance.report.page import write_page
from conformance.report.read import MalformedResults, read_results

__all__ = [
    "MalformedResults",
    "Results",
    "read_results",
    "summary",
    "write_all",
    "write_badge",
    "write_junit",
    "write_page",
]


def write_all(results: Results, folder: Path) -> Path:
    """Write index.html, junit.xml, summary.md and badge.svg to ``folder``, which is made. Returns the path of index.html."""
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.html"
    write_page(results, index)
    write_junit(results, folder / "junit.xml")
    (folder / "summary.md").write_text(summary(results), encoding="utf-8")
    write_badge(results, folder / "badge.svg")
    return index
