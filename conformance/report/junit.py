"""Results as JUnit XML: a suite an engine, a test case a case.

JUnit knows passed, failure, error and skipped. Each test case carries the verdict itself as the property ``verdict``, so that
drifting is told from passed, and unsupported from not run.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from conformance.judge import Status
from conformance.report.model import Case, Engine, Results, Verdict
from conformance.report.tally import remarks, tally, verdicts
from conformance.report.xmltext import xml_text


def write_junit(results: Results, path: Path) -> None:
    """Write JUnit XML. A torn run holds what was judged; the rest is skipped as not run."""
    seconds = results.footer.seconds if results.footer else 0.0
    root = ET.Element("testsuites", name="autograd conformance", time=f"{seconds:.3f}")
    for engine in results.engines:
        _suite(root, results, engine)
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _suite(root: ET.Element, results: Results, engine: Engine) -> None:
    counts = tally(results, engine)
    suite = _element(
        root,
        "testsuite",
        name=engine.name,
        timestamp=results.header.started.rstrip("Z"),
        tests=str(counts.total()),
        failures=str(counts[Status.FAILED]),
        errors=str(counts[Status.ERRORED]),
        skipped=str(counts[Status.UNSUPPORTED] + counts[Status.NOT_RUN]),
    )
    properties = _element(suite, "properties")
    about = {"device": engine.device, "version": engine.version, "absent": engine.absent or ""}
    about |= {status.value: str(counts[status]) for status in Status}
    about |= {f"remark {n}": text for n, text in enumerate(remarks(results), start=1)}
    for name, value in about.items():
        _element(properties, "property", name=name, value=value)
    for case, verdict in verdicts(results, engine):
        _test(suite, case, verdict)


def _test(suite: ET.Element, case: Case, verdict: Verdict) -> None:
    classname = f"{case.chapter}.{case.topic}".replace("/", ".")
    test = _element(suite, "testcase", classname=classname, name=case.name, file=case.file, line=str(case.line))
    _element(_element(test, "properties"), "property", name="verdict", value=verdict.status.value)
    match verdict.status:
        case Status.FAILED | Status.ERRORED:
            kind = "failure" if verdict.status is Status.FAILED else "error"
            _element(test, kind, message=verdict.detail, type=verdict.status.value).text = xml_text(
                _details(case, verdict)
            )
        case Status.UNSUPPORTED | Status.NOT_RUN:
            _element(test, "skipped", message=f"{verdict.status.value}: {verdict.detail}")
        case Status.DRIFTING:
            _element(test, "system-out").text = "drifting: the engine does what torch does, not what torch documents"


def _details(case: Case, verdict: Verdict) -> str:
    lines = [case.says, f"source: {case.source}", ""]
    for finding in verdict.findings:
        lines.append(f"{case.file}:{finding.line}: {finding.path}: {finding.message}")
        lines += [f"    {finding.odd}"] if finding.odd else []
    return "\n".join(lines)


def _element(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, {name: xml_text(value) for name, value in attributes.items()})
