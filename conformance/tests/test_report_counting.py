"""What the report counts and words: verdicts, coverage, ratios, observations, drifts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conformance.judge import Status
from conformance.report import coverage, read_results, shown, tally
from conformance.report.coverage import State
from conformance.report.drifts import declared
from conformance.report.model import Case, Results
from conformance.report.ratios import against_oracle, not_timed
from conformance.tests.report_results import REFERENCE, TORCH, Line, run, write


@pytest.fixture
def lines() -> list[Line]:
    return run(cases=60, claims=50)


@pytest.fixture
def results(lines: list[Line], tmp_path: Path) -> Results:
    return read_results(write(tmp_path / "results.jsonl", lines))


def test_verdicts_are_counted_as_the_run_counted_them(results: Results, lines: list[Line]) -> None:
    told = lines[-1]["counts"]
    for engine in results.engines:
        assert {status.value: n for status, n in tally.tally(results, engine).items()} == told[engine.name]
    assert set(told["reference"]) == {"passed", "drifting", "failed", "errored", "unsupported"}
    rows = tally.by_chapter(results).values()
    assert sum((row["reference"] for row in rows), Counter()) == told["reference"]
    assert tally.remarks(results) == []


def test_reasons_are_counted(results: Results) -> None:
    (reason,) = tally.reasons(results, Status.NOT_RUN)
    assert (reason.engine, reason.text, reason.cases) == ("torch-cuda", "this build of torch has no CUDA", 60)
    lacking = tally.reasons(results, Status.UNSUPPORTED)
    assert sum(r.cases for r in lacking) == 5
    assert [r.cases for r in lacking] == sorted((r.cases for r in lacking), reverse=True)


def test_counts_that_disagree_with_the_footer_are_remarked(lines: list[Line], tmp_path: Path) -> None:
    lines[-1]["counts"]["reference"]["passed"] += 1
    lines[0]["cases"] = 61
    remarks = tally.remarks(read_results(write(tmp_path / "results.jsonl", lines)))
    assert remarks[0] == "The header announces 61 cases, the file holds 60."
    assert "not those of the verdicts" in remarks[1]


def test_a_torn_run_says_how_far_it_came(lines: list[Line], tmp_path: Path) -> None:
    verdicts = [line for line in lines if line["kind"] not in ("time", "footer")]
    results = read_results(write(tmp_path / "results.jsonl", verdicts[:-12]))
    (remark,) = tally.remarks(results)
    assert "torn" in remark
    assert "56 of 60 cases were judged on every engine; the others are counted as not run." in remark


def test_an_interrupted_run_says_what_it_lacks(lines: list[Line], tmp_path: Path) -> None:
    lines[-1]["interrupted"] = "SIGINT"
    results = read_results(write(tmp_path / "results.jsonl", lines[:-40] + lines[-1:]))
    assert not results.whole
    (remark,) = tally.remarks(results)
    assert remark.startswith("The run was interrupted by SIGINT. 60 of 60 cases were judged")
    assert remark.endswith("not all of them were timed.")


def test_a_claim_is_covered_only_by_what_conformed_on_torch(lines: list[Line], tmp_path: Path) -> None:
    cases = [line for line in lines if line["kind"] == "case"]
    claims = [f"claim-{n}" for n in range(8)]
    statuses = ["passed", "drifting", "failed", "unsupported", "not run", "passed"]
    for claim, case, status in zip(claims, cases, statuses, strict=False):
        case["covers"] = [claim]
        for line in lines:
            if line["kind"] == "verdict" and line["case"] == case["id"]:
                line["status"] = status if line["engine"] == "torch-cpu" else "passed"
    about = {"chapter": "api", "topic": "t", "source": "s", "claim": "c", "documented": True}
    written = [{"kind": "claim", "id": claim, **about} for claim in claims]
    written[5]["not_expressible"] = written[6]["not_expressible"] = "it takes two machines"
    results = read_results(
        write(tmp_path / "r.jsonl", [lines[0], *written, *(x for x in lines[1:] if x["kind"] != "claim")])
    )
    states = coverage.states(results)
    assert [states[claim] for claim in claims] == [
        State.COVERED,
        State.DRIFTING,
        State.UNCOVERED,
        State.UNCOVERED,
        State.NOT_RUN,
        State.COVERED,
        State.NOT_EXPRESSIBLE,
        State.UNCOVERED,
    ]
    torch = next(engine for engine in results.engines if engine.name == "torch-cpu")
    assert coverage.kept(results, torch) == {
        Status.PASSED: 3,
        Status.FAILED: 1,
        Status.UNSUPPORTED: 1,
        Status.NOT_RUN: 1,
    }
    assert coverage.complaints(results) == [
        f"uncovered: claim-2: {cases[2]['id']} did not conform",
        f"uncovered: claim-3: {cases[3]['id']} did not conform",
        f"declared not expressible, but {cases[5]['id']} covers it: claim-5",
        "uncovered: claim-7: no case was played",
    ]


def test_nothing_is_covered_where_torch_did_not_take_part(lines: list[Line], tmp_path: Path) -> None:
    lines[0]["engines"][1] = {"name": "torch-cpu", "absent": "torch is not installed"}
    kept = [line for line in lines if line.get("engine") != "torch-cpu"]
    results = read_results(write(tmp_path / "r.jsonl", kept))
    assert set(coverage.states(results).values()) <= {State.UNCOVERED, State.NOT_EXPRESSIBLE}
    assert coverage.complaints(results) == ["torch-cpu did not take part in this run: nothing is covered"]


def test_a_device_of_its_own_covers_what_the_cpu_cannot_play(lines: list[Line], tmp_path: Path) -> None:
    case = next(line for line in lines if line["kind"] == "case")
    case["covers"] = ["claim-0"]
    about = {"chapter": "api", "topic": "t", "source": "s", "claim": "c", "documented": True}
    for name, state in (("torch-cuda", State.COVERED), ("torch-sim", State.NOT_RUN)):
        lines[0]["engines"] = [REFERENCE, TORCH, {"name": name, "device": "cuda:0", "version": "2.13"}]
        verdict = {"kind": "verdict", "case": case["id"]}
        on_cpu, on_device = verdict | {"engine": "torch-cpu"}, verdict | {"engine": name}
        written = [{"kind": "claim", "id": "claim-0", **about}, case]
        seen = [on_cpu | {"status": "not run", "detail": "needs cuda"}, on_device | {"status": "passed"}]
        results = read_results(write(tmp_path / "r.jsonl", [lines[0], *written, *seen]))
        assert coverage.states(results) == {"claim-0": state}
    assert all(not against_oracle(results, case, results.engines[0]) for case in results.cases)


def test_a_ratio_is_one_of_medians_and_knows_the_noise(lines: list[Line], tmp_path: Path) -> None:
    timed = [line for line in lines if line.get("time")]
    case = next(line["case"] for line in timed if line["engine"] == "reference")
    for line in timed:
        if line["case"] == case:
            slow = line["engine"] == "reference"
            line["time"] = {
                "forward": {"min": 1e-6, "median": 1.05e-6 if slow else 1e-6, "spread": 0},
                "total": {"min": 1e-6, "median": 3e-6 if slow else 1e-6, "spread": 0},
            }
    results = read_results(write(tmp_path / "r.jsonl", lines))
    found = against_oracle(results, results.cases[results.numbers[case]], results.engines[0])
    assert set(found) == {"forward", "total"}
    assert found["total"].value == pytest.approx(3)
    assert found["total"].noisy is False
    assert found["forward"].value == pytest.approx(1.05)
    assert found["forward"].noisy is True


def test_the_reasons_for_no_time_add_up(results: Results) -> None:
    timed = sum(1 for (_, engine), verdict in results.verdicts.items() if engine == "reference" and verdict.time)
    reasons = dict(not_timed(results, results.engines[0]))
    assert timed + sum(reasons.values()) == 60
    assert set(reasons) == {"it raises", "it did not pass"}


def tensor(values: Any, shape: list[int], **more: Any) -> dict[str, Any]:
    about = {"dtype": "torch.float32", "device": "cpu", "shape": shape, "strides": None, "requires_grad": False}
    return {"tensor": values, **about, **more}


@pytest.mark.parametrize(
    ("saw", "text"),
    [
        (tensor([[4.5, 1.0], [1e-12, 1 / 3]], [2, 2], strides=[2, 1]), "[[4.5, 1.], [1e-12, 0.333333]], float32"),
        (tensor([1.0, 2.0], [2], strides=[3]), "[1., 2.], float32, strides [3]"),
        (tensor([[1.0], [2.0]], [2, 1], strides=[1, 5], requires_grad=True), "[[1.], [2.]], float32, requires grad"),
        (tensor(["nan", "1+2j", "-inf"], [3], device="cuda:0"), "[nan, 1+2j, -inf], float32, on cuda:0"),
        (tensor("[0., 1., ...,\n 9.]", [100]), "[0., 1., ..., 9.], float32, shape [100]"),
        (tensor([], [0, 3]), "[], float32, shape [0, 3]"),
        (tensor(9223372036854775807, [], dtype="torch.int64"), "9223372036854775807, int64"),
        ({"value": None}, "None"),
        ({"value": "AddBackward0"}, "'AddBackward0'"),
        ({"value": True}, "True"),
        ({"value": "nan"}, "nan"),
        ({"tuple": [{"value": 1}, {"value": 2.0}]}, "(1, 2.)"),
        ({"Size": [{"value": 2}, {"value": 3}]}, "Size([2, 3])"),
        ({"svd": [{"value": 1}]}, "svd(1)"),
        ({"object": "dtype", "text": "torch.float32"}, "torch.float32  (dtype)"),
        ({"error": "RuntimeError", "message": "no", "line": 3}, "RuntimeError: no"),
        ([{"warning": "UserWarning", "message": "careful"}], "UserWarning: careful"),
        ([], "no warning"),
        (None, "nothing was raised"),
        ({"call": "hook", "seen": [{"value": 1}, {"value": None}]}, "hook(1, None)"),
        ({"list": [{"call": "a", "seen": []}, {"call": "b", "seen": []}]}, "[a(), b()]"),
    ],
)
def test_an_observation_is_a_line_of_text(saw: Any, text: str) -> None:
    assert shown.observation(saw, "cpu") == text


def test_what_was_seen_several_times_stands_once() -> None:
    one, two = {"value": 1}, {"value": 2}
    assert shown.times((one, one, one, two), "cpu") == "1  (3 times)\n2"
    assert shown.times((), "cpu") == "was not reached"


def case(yaml: str) -> Case:
    return Case("a/b::c", "a", "b", "c", "says", "source", (), (), "b.yaml", 10, yaml, "")


def test_the_sides_of_a_drift_are_quoted_as_they_stand() -> None:
    text = """\
- case: c
  says: Ünïcode before.
  steps:
  - expect:
      x.grad: {drift: {documented: [1., 2.], torch: [1e-3, 3.]}}
      y.z():
        drift:
          documented: {repr: "é"}
          torch:
            either:
            - 1
            - 2
  - backward: x
    raises: {drift: {documented: {RuntimeError: no}, torch: null}}"""
    assert [(d.line, d.path, d.documented, d.torch) for d in declared(case(text))] == [
        (14, "x.grad", "[1., 2.]", "[1e-3, 3.]"),
        (15, "y.z()", '{repr: "é"}', "either:\n- 1\n- 2"),
        (23, "raises", "{RuntimeError: no}", "null"),
    ]


@pytest.mark.parametrize(
    "text", ["", "drift: [", "- drift: {documented: 1}", "drift", "\x00 drift", "[" * 3000 + "drift"]
)
def test_yaml_that_declares_no_drift_or_cannot_be_read_gives_none(text: str) -> None:
    assert declared(case(text)) == []
