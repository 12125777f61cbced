"""Timing: what may be replayed, that the clock sees only the case, and that everything is put back. No time is judged."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.player import InProcess
from conformance.program.phases import PHASES
from conformance.program.replay import NotReplayable, replay
from conformance.run import Suite, load, run
from conformance.tests.support import lane, program
from conformance.timing import Figure, Timed, noise, one_thread, time_case

BACKWARD = "- let: {y: sum(x * x)}\n- backward: y\n- expect: {x.grad: [2., 4., 6.]}"
NEVER = [
    ("- run: x.view(5)\n  raises: {RuntimeError: shape}", "", "it raises"),
    ("- run: (x * 2).grad\n  warns: {UserWarning: leaf}", "", "it warns"),
    ("- observe: [x]", "needs: [threads]", "it uses threads"),
    ("- observe: [x]", "needs: [processes]", "it uses processes"),
    ("- observe: [x]", "needs: [fresh_process]", "it needs a process of its own"),
    ("- expect: {x: [1., 2., 3.]}", "", "it only looks"),
]


@pytest.mark.parametrize(("steps", "more", "reason"), NEVER)
def test_what_cannot_be_replayed_says_why(steps: str, more: str, reason: str) -> None:
    made = program(steps, more=more)
    with pytest.raises(NotReplayable, match=f"^{reason}$"):
        replay(made.case, lane("reference").torch)
    timed = time_case(made, [lane("reference")])["reference"]
    assert (timed.figures, timed.not_timed) == ({}, reason)


def test_an_error_in_the_replay_is_a_reason_and_no_error() -> None:
    timed = time_case(program("- run: x.view(5)\n- observe: [x]"), [lane("reference")])["reference"]
    assert timed.not_timed
    assert timed.not_timed.startswith("it cannot be replayed (RuntimeError: ")


def test_every_case_of_the_suite_is_replayable_or_has_a_reason() -> None:
    engine = lane("reference")
    found: Any
    for made in load().programs:
        try:
            found = replay(made.case, engine.torch)
        except NotReplayable as reason:
            found = str(reason)
        assert callable(found) or found.startswith("it "), made.case.id


def test_a_replay_looks_at_nothing_and_laps_each_phase() -> None:
    made = program(BACKWARD)
    engine = lane("reference")
    laps: list[int] = []
    x = engine.tensor(made.case.given[0])
    replay(made.case, engine.torch)(x, laps.append)
    assert [PHASES[lap] for lap in laps] == ["forward", "backward"]
    assert x.grad.tolist() == [2.0, 4.0, 6.0]


def test_inputs_are_made_anew_for_every_play(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else .grad would grow from play to play, and the second would accumulate where the first stole."""
    engine = lane("reference")
    made: list[Any] = []
    tensor = engine.tensor

    def kept(given: Any) -> Any:
        made.append(tensor(given))
        return made[-1]

    monkeypatch.setattr(engine, "tensor", kept)
    timed = time_case(program(BACKWARD), [engine])["reference"]
    assert timed.not_timed is None
    assert len(made) > 10
    assert {tuple(x.grad.tolist()) for x in made} == {(2.0, 4.0, 6.0)}


def test_forward_and_backward_are_told_apart() -> None:
    timed = time_case(program(BACKWARD), [lane("reference")])["reference"]
    assert set(timed.figures) == {"forward", "backward", "total"}
    assert all(0 < figure.min <= figure.median for figure in timed.figures.values())
    forward = time_case(program("- let: {y: sum(x * x)}\n- expect: {y: 14.}"), [lane("reference")])["reference"]
    assert set(forward.figures) == {"forward", "total"}


def test_the_noise_is_what_times_and_their_ratios_differ_by_from_themselves() -> None:
    def at(**medians: float) -> dict[str, Timed]:
        return {name: Timed({"total": Figure(m, m, 0.0)}) for name, m in medians.items()}

    steady = [at(oracle=1.0, other=2.0)] * 30
    assert noise(steady, steady, "oracle") == 0
    busy = [at(oracle=1.1, other=2.2)] * 30
    assert noise(steady, busy, "oracle") == pytest.approx(0.1)
    apart = [at(oracle=1.1, other=2.0 / 1.1)] * 30
    assert noise(steady, apart, "oracle") == pytest.approx(1.1**2 - 1)
    outlier = [at(oracle=1.0, other=2.0)] * 29 + [at(oracle=9.0, other=18.0)]
    assert noise(steady, outlier, "oracle") == 0
    assert noise([{"other": Timed(not_timed="it raises")}], [{}], "oracle") is None


def test_figures_of_two_processes_are_one() -> None:
    both = Figure(1.0, 2.0, 0.1).with_(Figure(0.5, 3.0, 0.2))
    assert (both.min, both.median, both.spread) == (0.5, 2.5, 1.0)
    first, again = Timed({"total": Figure(1.0, 1.0, 0.0)}), Timed(not_timed="the worker died")
    assert first.with_(again) == first
    assert first.with_(first).figures == first.figures


def test_a_traceable_engine_says_what_a_play_allocates() -> None:
    held = "- let: {y: exp(x), z: exp(y)}\n- backward: sum(z)\n- expect: {x.grad.shape: [3]}"
    small, large = (time_case(program(held, f"x: {{leaf: {{randn: [{n}]}}}}"), [lane("reference")]) for n in (10, 1000))
    few, many = small["reference"].allocated, large["reference"].allocated
    assert few
    assert many
    assert many.held == few.held
    assert many.bytes - few.bytes == 2 * 990 * 4  # the two results, which the formulas keep
    assert many.peak > many.bytes


def test_figures_of_samples() -> None:
    figure = Figure.of([4.0, 1.0, 2.0, 3.0, 9.0])
    assert (figure.min, figure.median, figure.spread) == (1.0, 3.0, 2.0)
    assert figure.as_json() == {"min": 1.0, "median": 3.0, "spread": 2.0}


def test_the_device_is_waited_for() -> None:
    waits: list[int] = []
    engine = dataclasses.replace(lane("reference"), synchronize=lambda: waits.append(1))
    figures = time_case(program(BACKWARD), [engine])["reference"].figures
    assert len(waits) > 10
    assert set(figures) == {"forward", "backward", "total"}


def test_waiting_for_each_phase_does_not_count_in_the_total() -> None:
    slow = dataclasses.replace(lane("reference"), synchronize=lambda: time.sleep(0.001))
    figures = time_case(program(BACKWARD), [slow])["reference"].figures
    assert figures["forward"].min > 0.001
    assert figures["backward"].min > 0.001
    assert figures["total"].min < 0.001


def test_one_thread_while_it_lasts() -> None:
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread([lane("reference"), lane("torch-cpu")]):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_state_is_put_back_after_timing() -> None:
    engine = lane("reference")
    time_case(program("- run: set_grad_enabled(False)\n- observe: [x]"), [engine])
    assert engine.torch.is_grad_enabled()


def test_only_what_passed_has_a_time(tmp_path: Path) -> None:
    bad = program("- let: {y: x * 2}\n- expect: {y: [9., 9., 9.]}")
    run(Suite((bad,), {}, tmp_path), InProcess([lane("reference")]), tmp_path / "results.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    (verdict,) = [line for line in lines if line["kind"] == "verdict"]
    (time,) = [line for line in lines if line["kind"] == "time"]
    assert verdict["status"] == "failed"
    assert time == {"kind": "time", "case": bad.case.id, "engine": "reference", "not_timed": "it did not pass"}
