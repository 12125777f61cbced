"""results.jsonl: every line is JSON, what was played is kept whatever happens, and a torn run can be told."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.engines import Absent
from conformance.judge import Finding, Status, Verdict, judge
from conformance.play import play
from conformance.player import InProcess
from conformance.program.compile import compile_all
from conformance.report.read import read_results
from conformance.results import ResultsWriter
from conformance.run import Suite, run
from conformance.tests.support import case, cases_of, file_of, lane, program
from conformance.transcript import (
    CallSeen,
    ErrorSeen,
    ObjectSeen,
    PlainSeen,
    Seen,
    SequenceSeen,
    TensorSeen,
    as_json,
    numbers,
)

GOOD = "- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 6.]}"
ABSENT = Absent("torch-cuda", "no device is visible")


def _no_constant(text: str) -> Any:
    raise AssertionError(f"{text} is no JSON")


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=_no_constant) for line in path.read_text(encoding="utf-8").splitlines()]


def test_header_cases_verdicts_and_footer_in_this_order(tmp_path: Path) -> None:
    suite = Suite((program(GOOD), program("- expect: {x: [9.]}")), {}, tmp_path)
    path = tmp_path / "deep" / "folder" / "results.jsonl"
    outcome = run(suite, InProcess([lane("reference"), ABSENT]), path, timing=False, selected=["chapter"])
    lines = lines_of(path)
    assert [line["kind"] for line in lines] == ["header", "case", "case", *["verdict"] * 4, "footer"]
    header, footer = lines[0], lines[-1]
    assert (header["format"], header["cases"], header["selected"], header["seed"]) == (2, 2, ["chapter"], None)
    assert header["engines"] == [
        {"name": "reference", "device": "cpu", "version": "2.13"},
        {"name": "torch-cuda", "absent": "no device is visible"},
    ]
    assert footer["counts"]["reference"]["passed"] == footer["counts"]["reference"]["failed"] == 1
    assert footer["counts"]["torch-cuda"]["not run"] == 2
    assert outcome.table["chapter"]["reference"] == {"passed": 1, "failed": 1}
    assert lines[1]["script"].startswith('"""chapter/topic::a_case')


def test_every_verdict_is_on_disk_as_soon_as_it_has_fallen(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    found: list[int] = []
    suite = Suite((program(GOOD), program(GOOD)), {}, tmp_path)
    run(
        suite,
        InProcess([lane("reference")]),
        path,
        timing=False,
        advance=lambda name: found.append(len(lines_of(path))),
    )
    assert found == [4, 5]


def test_an_error_midway_leaves_what_was_played_and_no_footer(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"

    def interrupt(name: str) -> None:
        raise KeyboardInterrupt

    suite = Suite(tuple(compile_all(cases_of(file_of(case(GOOD, name="one"), case(GOOD, name="two"))))), {}, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run(
            suite,
            InProcess([lane("reference")]),
            path,
            timing=False,
            advance=interrupt,
        )
    assert [line["kind"] for line in lines_of(path)] == ["header", "case", "case", "verdict"]
    assert read_results(path).torn


def test_a_whole_run_reads_as_whole(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    run(Suite((program(GOOD),), {}, tmp_path), InProcess([lane("reference")]), path, timing=False)
    assert not read_results(path).torn


STRANGE = [
    (PlainSeen(math.nan), {"value": "nan"}),
    (PlainSeen(-math.inf), {"value": "-inf"}),
    (PlainSeen(1 + 2j), {"value": "1+2j"}),
    (PlainSeen(complex(math.nan, -math.inf)), {"value": "nan-infj"}),
    (PlainSeen(2**100), {"value": 2**100}),
    (PlainSeen(None), {"value": None}),
    (ObjectSeen("Node", "<Node>"), {"object": "Node", "text": "<Node>"}),
    (ErrorSeen(("A", "B"), "text", 3), {"error": "A", "message": "text", "line": 3}),
    (SequenceSeen("Size", (PlainSeen(1),)), {"Size": [{"value": 1}]}),
    (CallSeen("f", (PlainSeen(True),)), {"call": "f", "seen": [{"value": True}]}),
]


@pytest.mark.parametrize(("seen", "expected"), STRANGE, ids=str)
def test_an_observation_is_plain_json(seen: Seen, expected: Any) -> None:
    assert as_json(seen) == expected
    json.dumps(as_json(seen), allow_nan=False)


def test_a_tensor_with_numbers_that_json_lacks() -> None:
    values = np.array([1.0, math.nan, math.inf])
    made = as_json(TensorSeen(values, "torch.float32", "cpu", (1,), "torch.strided", False))
    assert made["tensor"] == [1.0, "nan", "inf"]
    assert (made["shape"], made["strides"]) == ([3], [1])
    json.dumps(made, allow_nan=False)


def test_of_a_large_tensor_only_a_summary_is_kept() -> None:
    assert isinstance(numbers(np.zeros(65)), str)
    assert numbers(np.zeros(64)) == [0.0] * 64


def test_a_case_that_shows_strange_things_is_written(tmp_path: Path) -> None:
    """A lone surrogate, nan, control characters and a very large number in one file."""
    made = program(
        "- expect:\n    \"'\\\\ud800 \\\\x07 é'\": x\n    float('nan'): 1.\n    2 ** 200: 1\n    x.grad: {repr: é}\n    x: [9.]"
    )
    path = tmp_path / "results.jsonl"
    run(Suite((made,), {}, tmp_path), InProcess([lane("reference")]), path, timing=False)
    (verdict,) = [line for line in lines_of(path) if line["kind"] == "verdict"]
    assert verdict["status"] == "failed"
    assert len(verdict["findings"]) == 5


def test_counts_are_those_of_the_verdicts(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    with ResultsWriter(path, [lane("reference").present]) as writer:
        writer.header(1, [], None, timing=False)
        for status in (Status.PASSED, Status.PASSED, Status.ERRORED):
            writer.verdict(Verdict("a", "reference", status, findings=[Finding(1, "x", "m", "odd")]))
    lines = lines_of(path)
    assert lines[-1]["counts"]["reference"] == {**dict.fromkeys(map(str, Status), 0), "passed": 2, "errored": 1}
    assert lines[1]["findings"] == [{"line": 1, "path": "x", "message": "m", "odd": "odd"}]


def test_a_verdict_shows_what_each_line_saw() -> None:
    made = program(GOOD)
    verdict = judge(made, play(made, lane("reference")))
    (shown,) = verdict.seen
    assert (shown["path"], shown["saw"][0]["tensor"]) == ("x.grad", [2.0, 4.0, 6.0])
