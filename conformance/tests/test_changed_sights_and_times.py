"""What changed under the same verdict: what a case showed, and how long it took."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.changes import as_text
from conformance.changes.model import Kind
from conformance.tests.changing import Edit, compared, verdict
from conformance.tests.report_results import Line


def seen(text: str, kind: str = "error") -> Edit:
    saw: Line = {kind: "RuntimeError", "message": text, "line": 7}
    return lambda lines: verdict(lines)["seen"][0].update(saw=[[saw] if kind == "warning" else saw])


@pytest.mark.parametrize("kind", ["error", "warning"])
def test_another_text_under_the_same_verdict_is_shown_once(kind: str) -> None:
    found = compared(seen("output 0 of Mul\nhint", kind), before=seen("output 0 of MulBackward0\nhint", kind))
    assert [(s.path, s.old, s.new) for s in found.sights] == [
        ("x.grad", "RuntimeError: output 0 of MulBackward0", "RuntimeError: output 0 of Mul")
    ]
    assert not found.worse
    assert "1 with the same verdict, showing something else\n" in as_text(found)


def test_what_differs_from_build_to_build_is_no_change() -> None:
    old = "off by 0.25 (Triggered internally at /pytorch/a.cpp:7.) in .../x.py:3\nA: b"
    new = "off by 1e-3 (Triggered internally at /build/b.cpp:9.) in .../x.py:5\nB: c"
    assert compared(seen(new), before=seen(old)).sights == ()


def test_something_seen_once_more_is_shown() -> None:
    def twice(lines: list[Line]) -> None:
        found = verdict(lines)["seen"][0]
        found["saw"] = found["saw"] * 2

    (sight,) = compared(twice).sights
    assert (sight.old, sight.new) == ("seen 1 times", "seen 2 times")


def test_where_case_or_verdict_changed_other_sights_go_without_saying() -> None:
    def drift(lines: list[Line]) -> None:
        found = verdict(lines)
        seen("another text")(lines)
        found["status"] = "drifting"

    def edit(lines: list[Line]) -> None:
        case = verdict(lines)["case"]
        seen("another text")(lines)
        scale("torch-cpu", 3.0, only=0)(lines)
        next(line for line in lines if line.get("id") == case)["yaml"] += "  # edited"

    found = compared(drift, before=seen("a text"))
    assert ([change.kind for change in found.verdicts], found.sights) == ([Kind.DRIFTS], ())
    found = compared(edit, before=seen("a text"))
    assert (found.verdicts, found.sights, found.paces) == ((), (), ())


@pytest.mark.parametrize(("fact", "value"), [("dtype", "torch.float64"), ("strides", [2]), ("requires_grad", True)])
def test_another_dtype_or_layout_is_shown_and_another_number_is_not(fact: str, value: Any) -> None:
    found = compared(lambda lines: verdict(lines)["seen"][0]["saw"][0].update({fact: value}))
    assert len(found.sights) == 1
    assert compared(lambda lines: verdict(lines)["seen"][0]["saw"][0].update(tensor=[9.0] * 6)).sights == ()


def scale(engine: str, factor: float, only: int | None = None) -> Edit:
    def edit(lines: list[Line]) -> None:
        timed = [line for line in lines if line.get("engine") == engine and line.get("time")]
        for line in timed if only is None else timed[only : only + 1]:
            line["time"] = {p: {k: v * factor for k, v in f.items()} for p, f in line["time"].items()}

    return edit


def test_a_slower_case_is_shown_beyond_the_noise_of_both_runs_only() -> None:
    slower = compared(scale("torch-cpu", 1.5, only=3))
    assert {(pace.phase, round(pace.factor, 6)) for pace in slower.paces} == {
        (phase, 1.5) for phase in ("forward", "backward", "total")
    }
    assert not slower.worse
    assert "as a whole on torch-cpu: 1.00 times as long" in as_text(slower)
    assert "total 13 us -> 19.5 us, 1.50 times the whole" in as_text(slower)
    assert len(compared(scale("torch-cpu", 1 / 1.5, only=3)).paces) == 3
    assert compared(scale("torch-cpu", 1.1, only=3)).paces == ()  # the noise is 0.06, either spread 0.02: 1.103
    assert len(compared(scale("torch-cpu", 1.12, only=3)).paces) == 3


def test_the_louder_of_the_two_runs_decides() -> None:
    def loud(lines: list[Line]) -> None:
        lines[-1]["noise"] = 0.5

    def slower_and_loud(lines: list[Line]) -> None:
        scale("torch-cpu", 1.5, only=3)(lines)
        loud(lines)

    assert compared(scale("torch-cpu", 1.5, only=3), before=loud).paces == ()
    assert compared(slower_and_loud).paces == ()


def test_a_wide_spread_or_an_unmoved_minimum_is_no_change() -> None:
    def spread(lines: list[Line]) -> None:
        scale("torch-cpu", 1.5, only=3)(lines)
        for figure in [line for line in lines if line.get("engine") == "torch-cpu" and line.get("time")][3][
            "time"
        ].values():
            figure["spread"] = figure["median"]

    def median_alone(factor: float) -> Edit:
        def edit(lines: list[Line]) -> None:
            timed = [line for line in lines if line.get("engine") == "torch-cpu" and line.get("time")]
            for figure in timed[3]["time"].values():
                figure["median"] *= factor

        return edit

    assert compared(spread).paces == ()
    assert compared(median_alone(1.5)).paces == ()
    assert compared(median_alone(0.5)).paces == ()


def test_a_machine_that_is_slower_as_a_whole_is_one_line() -> None:
    found = compared(scale("torch-cpu", 2.0))
    assert found.paces == ()
    assert "Times\n  as a whole on torch-cpu: 2.00 times as long (median of 20 cases)\n" in as_text(found)

    def one_more(lines: list[Line]) -> None:
        scale("torch-cpu", 2.0)(lines)
        scale("torch-cpu", 1.5, only=3)(lines)

    assert {round(pace.factor, 6) for pace in compared(one_more).paces} == {1.5}


def test_times_are_not_compared_where_a_run_was_not_timed() -> None:
    def untimed(lines: list[Line]) -> None:
        lines[:] = [line for line in lines if line["kind"] != "time"]

    assert compared(untimed).remarks == ("Times are not compared: only the old run was timed.",)
    assert compared(lambda lines: None, before=untimed).remarks == ()
    quiet = compared(lambda lines: lines[-1].pop("noise"))
    assert quiet.remarks == ("Times are not compared: the new results state no noise.",)
