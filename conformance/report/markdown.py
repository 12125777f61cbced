"""The summary of a run in Markdown, for the step summary of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.judge import Status
from conformance.report import coverage
from conformance.report.model import Engine, Results
from conformance.report.tally import failures, healed, reasons, remarks, tally

_MOST_LISTED = 50
_MOST_CHARACTERS = 300


def summary(results: Results) -> str:
    """The counts, every failure (the first fifty), what was not run and why, the coverage."""
    parts = [
        _heading(results),
        _table(results),
        _healed(results),
        _failures(results),
        _reasons(results),
        _coverage(results),
    ]
    return "\n".join("\n".join(lines) for lines in map(list, parts) if lines)


def _heading(results: Results) -> Iterator[str]:
    header = results.header
    yield "## Autograd conformance"
    yield ""
    versions = [f"conformance {header.conformance}", f"Python {header.python}", f"numpy {header.numpy}"]
    versions += [f"torch {header.torch}"] if header.torch else []
    took = f", {results.footer.seconds:,.1f} s" if results.footer else ""
    yield f"{len(results.cases):,} cases, {one_line(header.started)}{took}. {one_line(', '.join(versions))}."
    yield ""
    for remark in remarks(results):
        yield f"> **Note.** {one_line(remark)}"
        yield ""


def _table(results: Results) -> Iterator[str]:
    yield "| engine | " + " | ".join(status.value for status in Status) + " |"
    yield "|---|" + "---:|" * len(Status)
    for engine in results.engines:
        counts = tally(results, engine)
        cells = [f"**{counts[s]:,}**" if counts[s] and not s.conforms else f"{counts[s]:,}" for s in Status]
        yield f"| {one_line(_name(engine))} | " + " | ".join(cells) + " |"
    yield ""


def _name(engine: Engine) -> str:
    return engine.name if engine.absent is None else f"{engine.name} (not run: {engine.absent})"


def _healed(results: Results) -> Iterator[str]:
    found = healed(results)
    if not found:
        return
    yield f"### {len(found):,} healed drifts"
    yield ""
    for case, verdict, finding in found[:_MOST_LISTED]:
        yield f"- {as_code(case.id)} on {one_line(verdict.engine)}, line {finding.line}: {one_line(finding.path)}"
    yield from _more(len(found))
    yield ""


def _failures(results: Results) -> Iterator[str]:
    found = failures(results)
    if not found:
        return
    yield f"### {len(found):,} failed or errored"
    yield ""
    for case, verdict in found[:_MOST_LISTED]:
        yield f"- **{verdict.status.value}** on {one_line(verdict.engine)}: {as_code(case.id)}"
        yield f"  {one_line(verdict.detail)}"
    yield from _more(len(found))
    yield ""


def _more(number: int) -> Iterator[str]:
    if number > _MOST_LISTED:
        yield f"- and {number - _MOST_LISTED:,} more: see the report"


def _reasons(results: Results) -> Iterator[str]:
    for status in (Status.UNSUPPORTED, Status.NOT_RUN):
        found = reasons(results, status)
        if not found:
            continue
        yield f"<details><summary>{sum(r.cases for r in found):,} {status.value}: the reasons</summary>"
        yield ""
        for reason in found[:_MOST_LISTED]:
            yield f"- {reason.cases:,} on {one_line(reason.engine)}: {one_line(reason.text) or 'no reason given'}"
        yield from _more(len(found))
        yield ""
        yield "</details>"
        yield ""


def _coverage(results: Results) -> Iterator[str]:
    known = coverage.states(results)
    for documented, what in ((True, "Documented claims"), (False, "Observed, not documented")):
        claims = [claim for claim in results.claims.values() if claim.documented is documented]
        if claims:
            counts = coverage.count(claims, known)
            yield f"{what}: {len(claims):,}: " + ", ".join(f"{counts[s]:,} {s.value}" for s in coverage.State) + "."
            yield ""


def one_line(text: str) -> str:
    """Untrusted text as one line of Markdown that means itself."""
    line = " ".join(text.split())
    if len(line) > _MOST_CHARACTERS:
        line = line[: _MOST_CHARACTERS - 1] + "…"
    line = re.sub(r"([\\`*_\[\]|~#@$])", r"\\\1", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_code(text: str) -> str:
    """Untrusted text as code. In a code span Markdown has no escapes, in HTML's it has."""
    return f"<code>{one_line(text)}</code>"
