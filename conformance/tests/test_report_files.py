"""The files that the report is made of: the page's text, JUnit XML, the Markdown summary, the badge."""

from __future__ import annotations

import base64
import gzip
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance.report import read_results, write_all
from conformance.report.page import SCRIPTS, page
from conformance.tests.report_results import HOSTILE, Line, run, write


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The folder of a report on 60 cases."""
    return write_all(read_results(write(tmp_path / "results.jsonl", run(60, 50))), tmp_path / "reports").parent


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str | None, str] = {}
        self.inside: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = (dict(attrs).get("id") or "script") if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[self.inside] = self.scripts.get(self.inside, "") + data

    def packet(self, name: str) -> Any:
        return json.loads(gzip.decompress(base64.b64decode(self.scripts[f"data-{name}"])))


def hostile(lines: list[Line]) -> list[Line]:
    """The lines with a hostile text in every place that holds text."""

    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: spoil(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [spoil(v, key) for v in value]
        fixed = ("kind", "status", "started", "finished", "format")
        return value + HOSTILE if isinstance(value, str) and key not in fixed else value

    spoiled: list[Line] = [spoil(line) for line in lines]
    if "counts" in spoiled[-1]:
        spoiled[-1]["counts"] = {}
    return spoiled


def test_all_files_are_written(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == {"index.html", "junit.xml", "summary.md", "badge.svg"}


def test_the_page_refers_to_nothing_outside_itself(made: Path) -> None:
    text = (made / "index.html").read_text()
    elements = Elements(text).elements
    references = [value for _, attributes in elements for name, value in attributes.items() if name in ("src", "href")]
    assert all(value is not None and value.startswith(("#/", "data:")) for value in references)
    assert "default-src 'none'" in text
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|https?://(?!www\.w3\.org/)", text)


def test_the_security_policy_admits_exactly_this_script_and_style(made: Path) -> None:
    text = (made / "index.html").read_text()
    policy = next(a["content"] for t, a in Elements(text).elements if t == "meta" and "http-equiv" in a)
    assert policy is not None
    assert "unsafe" not in policy
    assert len(re.findall(r"'sha256-[^']+'", policy)) == 2
    assert not any(name.startswith("on") or name == "style" for _, a in Elements(text).elements for name in a)


def test_no_script_of_the_page_makes_html_from_text() -> None:
    folder = Path(__file__).parents[1] / "report" / "page"
    assert {path.stem for path in folder.glob("*.js")} == set(SCRIPTS)
    for path in folder.glob("*.js"):
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|</script", text), path


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    folder = write_all(read_results(write(tmp_path / "r.jsonl", hostile(run(30, 20)))), tmp_path / "reports").parent
    elements = Elements((folder / "index.html").read_text())
    kinds = Counter(tag for tag, _ in elements.elements)
    assert kinds["img"] == 0
    assert kinds["script"] == len(elements.scripts)
    assert HOSTILE[:9] in elements.packet("index")["cases"][0]["says"]
    ET.parse(folder / "junit.xml")
    ET.parse(folder / "badge.svg")
    assert "<img" not in (folder / "summary.md").read_text()


def test_the_packets_hold_every_case_and_claim(made: Path, tmp_path: Path) -> None:
    elements = Elements((made / "index.html").read_text())
    results = read_results(tmp_path / "results.jsonl")
    index, inventory = elements.packet("index"), elements.packet("claims")
    assert [case["id"] for case in index["cases"]] == [case.id for case in results.cases]
    details = [detail for n in range(2) for detail in elements.packet(f"details-{n}")]
    assert [detail["script"] for detail in details] == [case.script for case in results.cases]
    assert [claim["id"] for claim in inventory["claims"]] == list(results.claims)
    words = [[index["verdicts"][verdict] for verdict in case["verdicts"]] for case in index["cases"]]
    assert words == [[results.verdict(case, e).status.value for e in results.engines] for case in results.cases]


def test_engines_that_show_the_same_are_shown_together(made: Path) -> None:
    details = Elements((made / "index.html").read_text()).packet("details-0")
    passed = next(
        d for d in details if not any("findings" in engine for engine in d["engines"]) and len(d["seen"]) == 2
    )
    failed = next(d for d in details if "odd" in str(d["engines"][0].get("findings", "")) and len(d["seen"]) == 2)
    assert [len(seen["saw"]) for seen in passed["seen"]] == [1, 1]
    assert [len(seen["saw"]) for seen in failed["seen"]] == [2, 1]


def test_every_drift_is_listed_once(made: Path, tmp_path: Path) -> None:
    results = read_results(tmp_path / "results.jsonl")
    drifts = Elements((made / "index.html").read_text()).packet("drifts")["drifts"]
    claims = [drift["claim"] for drift in drifts if "claim" in drift]
    assert claims == [n for n, claim in enumerate(results.claims.values()) if claim.drift]
    declaring = {n for n, case in enumerate(results.cases) if "drift:" in case.yaml}
    assert declaring <= {case for drift in drifts for case in drift["cases"]}
    assert all(drift["declared"][0]["documented"] == "[0.5, 0.5]" for drift in drifts if drift["declared"])


def test_the_same_results_give_the_same_page(tmp_path: Path) -> None:
    results = read_results(write(tmp_path / "r.jsonl", run(12, 5)))
    assert page(results) == page(results)


def test_junit_tells_every_verdict(made: Path, tmp_path: Path) -> None:
    results = read_results(tmp_path / "results.jsonl")
    root = ET.parse(made / "junit.xml").getroot()
    assert [suite.get("name") for suite in root] == [engine.name for engine in results.engines]
    for suite, engine in zip(root, results.engines, strict=True):
        tests = suite.findall("testcase")
        told = [test.find("properties/property[@name='verdict']") for test in tests]
        expected = [results.verdict(case, engine).status.value for case in results.cases]
        assert [None if verdict is None else verdict.get("value") for verdict in told] == expected
        counts = Counter(expected)
        assert suite.get("tests") == "60"
        assert suite.get("failures") == str(counts["failed"]) == str(len(suite.findall("testcase/failure")))
        assert suite.get("errors") == str(counts["errored"]) == str(len(suite.findall("testcase/error")))
        skipped = counts["unsupported"] + counts["not run"]
        assert suite.get("skipped") == str(skipped) == str(len(suite.findall("testcase/skipped")))
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert "torch-cpu agrees with the declaration" in (failure.text or "")


def test_the_summary_counts_and_names_failures(made: Path) -> None:
    text = (made / "summary.md").read_text()
    assert "| engine | passed | drifting | failed | errored | unsupported | not run |" in text
    assert re.search(r"\| reference \| \d+ \| \d+ \| \*\*\d+\*\* \| \*\*\d+\*\* \| 5 \| 0 \|", text)
    assert "| torch-cuda (not run: this build of torch has no CUDA) | 0 | 0 | 0 | 0 | 0 | 60 |" in text
    assert "- 60 on torch-cuda: this build of torch has no CUDA" in text
    assert "- **failed** on reference: <code>" in text


def test_the_badge_counts_an_engine_a_segment(made: Path) -> None:
    root = ET.parse(made / "badge.svg").getroot()
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "autograd conformance"
    assert re.fullmatch(r"reference: \d+ passed, \d+ drifting, \d+ failed, \d+ errored", texts[1] or "")
    assert re.fullmatch(r"torch-cpu: \d+ passed, \d+ drifting", texts[2] or "")
    assert len(texts) == 3
    assert "torch-cuda: 60 not run" in (root.get("aria-label") or "")


def test_a_torn_run_says_so_everywhere(tmp_path: Path) -> None:
    folder = write_all(read_results(write(tmp_path / "r.jsonl", run(24, 10)[:-20])), tmp_path / "reports").parent
    assert 'role="alert">The run was torn' in (folder / "index.html").read_text()
    assert "The run was torn" in (folder / "summary.md").read_text()
    assert "torn run" in (folder / "badge.svg").read_text()
    assert "The run was torn" in (folder / "junit.xml").read_text()


def test_a_healed_drift_is_told_as_loudly_as_a_failure(tmp_path: Path) -> None:
    lines = run(24, 10)
    drifting = [line for line in lines if line["kind"] == "verdict" and line["status"] == "drifting"]
    verdict = next(line for line in drifting if line["engine"] == "torch-cpu")
    message = "does what is documented: the drift is healed; make the documented value the expectation"
    verdict |= {"status": "failed", "detail": f"line 3: y: {message}"}
    verdict["findings"] = [{"line": 3, "path": "y", "message": message, "odd": None}]
    folder = write_all(read_results(write(tmp_path / "r.jsonl", lines)), tmp_path / "reports").parent
    assert "1 drift healed" in (folder / "index.html").read_text()
    assert "1 healed drift" in (folder / "summary.md").read_text()
    verdict["known"] = "this device has no zeros without memory"
    folder = write_all(read_results(write(tmp_path / "r.jsonl", lines)), tmp_path / "known").parent
    assert "drift healed" not in (folder / "index.html").read_text()


@pytest.mark.parametrize("claims", [0, 5])
def test_an_empty_run_makes_a_report(tmp_path: Path, claims: int) -> None:
    folder = write_all(read_results(write(tmp_path / "r.jsonl", run(0, claims))), tmp_path / "reports").parent
    assert "No case was selected." in (folder / "index.html").read_text()
    assert "0 cases" in (folder / "summary.md").read_text()
    assert "reference: nothing ran" in (folder / "badge.svg").read_text()
    assert len(ET.parse(folder / "junit.xml").getroot()) == 3


def test_the_page_of_three_thousand_cases_is_small(tmp_path: Path) -> None:
    results = read_results(write(tmp_path / "r.jsonl", run(3000, 2000)))
    assert len(page(results).encode()) < 6_000_000
