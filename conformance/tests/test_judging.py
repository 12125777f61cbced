"""Judging and comparing: who is the odd one out, what did not run and why, any order."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.compare import Lane, compare
from conformance.engines import DEFAULT, Absent, Engine, engine, own_process
from conformance.judge import Status, judge
from conformance.mutants import patched
from conformance.play import play
from conformance.player import InProcess
from conformance.program.compile import Program
from conformance.run import Suite, judged, load, run
from conformance.tests.support import lane, messages, program
from conformance.transcript import (
    ErrorSeen,
    ObjectSeen,
    PlainSeen,
    Seen,
    SequenceSeen,
    TensorSeen,
    Transcript,
    WarningSeen,
)


def tensor(*values: float, **facts: Any) -> TensorSeen:
    made = TensorSeen(np.array(values, dtype=float), "torch.float32", "cpu", (1,), "torch.strided", False)
    return dataclasses.replace(made, **facts)


def looked(name: str, *seen: Seen, **parts: Any) -> Transcript:
    """A transcript whose only probe saw these, one after the other."""
    return Transcript(name, probes={0: list(seen)}, **parts)


def compared(made: Program, oracle: Transcript, other: Transcript, device: str = "cpu") -> tuple[Lane, Lane]:
    lanes = Lane(oracle, judge(made, oracle), "cpu"), Lane(other, judge(made, other), device)
    compare(made, *lanes)
    return lanes


EXPECTS = "- expect: {x: [1., 2.]}"
AGREES = "{} agrees with the declaration: this engine is the odd one out"
SAME = "{} does the same: the declaration is the odd one out"
THREE = "{} differs from the declaration in another way: all three disagree"
OPEN = "the declaration does not decide: the engine differs from torch-cpu"
ROW = np.ones((1, 2))

ODD = [
    # the steps, what the oracle saw, what the engine saw, the odd one out for the oracle and for the engine
    (EXPECTS, tensor(1, 2), tensor(1, 2), None, None),
    (EXPECTS, tensor(1, 2), tensor(1, 3), None, AGREES.format("torch-cpu")),
    (EXPECTS, tensor(1, 3), tensor(1, 2), AGREES.format("reference"), None),
    (EXPECTS, tensor(1, 3), tensor(1, 3), SAME.format("reference"), SAME.format("torch-cpu")),
    (EXPECTS, tensor(1, 3), tensor(1, 4), THREE.format("reference"), THREE.format("torch-cpu")),
    (EXPECTS, tensor(1, 2), tensor(1, 2, dtype="torch.float64"), None, OPEN),
    (EXPECTS, tensor(1, 2), tensor(1, 2, requires_grad=True), None, OPEN),
    (EXPECTS, tensor(1, 2), tensor(1, 2, strides=(2,)), None, OPEN),
    (EXPECTS, tensor(1, 2), tensor(1, 2, device="cuda:0"), None, OPEN),
    (EXPECTS, tensor(1, 2), SequenceSeen("list", (PlainSeen(1.0), PlainSeen(2.0))), None, OPEN),
    ("- observe: [x]", tensor(1, 2), tensor(1, 3), None, OPEN),
    ("- observe: [x]", tensor(1, 2), tensor(1, 2), None, None),
    ("- observe: [x]", tensor(values=ROW, strides=(2, 1)), tensor(values=ROW, strides=(7, 1)), None, None),
    ("- observe: [x]", tensor(values=ROW, strides=(2, 1)), tensor(values=ROW, strides=(2, 3)), None, OPEN),
    ("- observe: [x]", PlainSeen("at 0x12"), PlainSeen("at 0x34"), None, None),
    ("- observe: [x]", ObjectSeen("A", "A on cpu"), ObjectSeen("A", "B on cpu"), None, OPEN),
    ("- expect: {x: {dtype: float32}}", tensor(1, 2), tensor(3, 4), None, None),
    ("- expect: {x: {dtype: float32}}", tensor(1, 2), tensor(3), None, OPEN),
    ("- expect: {x: {within: [[1., 2.], 0.5]}}", tensor(1, 2), tensor(1.2, 2), None, None),
    ("- expect: {x: {either: [[1., 2.], null]}}", tensor(1, 2), PlainSeen(None), None, None),
    ("- expect: {x: {either: [[1., 2.], null]}}", tensor(1, 2), tensor(3), None, AGREES.format("torch-cpu")),
    ("- expect: {x: {drift: {documented: null, torch: [1., 2.]}}}", tensor(1, 2), PlainSeen(None), None,
     AGREES.format("torch-cpu")),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "theirs", "mine", "oracle_odd", "odd"), ODD)
def test_the_odd_one_out_is_named_in_every_configuration(
    steps: str, theirs: Seen, mine: Seen, oracle_odd: str | None, odd: str | None
) -> None:
    oracle, other = compared(program(steps), looked("torch-cpu", theirs), looked("reference", mine))
    for side, expected in ((oracle, oracle_odd), (other, odd)):
        assert [found.odd for found in side.verdict.findings] == ([expected] if expected else [])
        assert side.verdict.status is (Status.FAILED if expected else side.verdict.status)
        assert side.verdict.status.conforms is (expected is None)


def test_each_on_its_own_device_agrees() -> None:
    made = program(EXPECTS)
    on_device = looked("torch-sim", tensor(1, 2, device="sim:0"))
    assert compared(made, looked("torch-cpu", tensor(1, 2)), on_device, "sim:0")[1].verdict.findings == []


def test_two_findings_of_one_line_each_get_their_odd_one_out() -> None:
    made = program("- expect: {x: [1.], x + 1: [2.]}")
    theirs, mine = (
        Transcript(n, probes={0: [tensor(a)], 1: [tensor(b)]}) for n, a, b in (("torch-cpu", 1, 2), ("reference", 5, 6))
    )
    _, other = compared(made, theirs, mine)
    assert [found.odd for found in other.verdict.findings] == [AGREES.format("torch-cpu")] * 2


def test_every_time_of_a_loop_gets_its_odd_one_out() -> None:
    made = program("- repeat: 2\n  do:\n  - expect: {x: [1.]}")
    _, other = compared(made, looked("torch-cpu", tensor(1), tensor(1)), looked("reference", tensor(2), tensor(3)))
    assert [found.message[:7] for found in other.verdict.findings] == ["time 1:", "time 2:"]
    assert {found.odd for found in other.verdict.findings} == {AGREES.format("torch-cpu")}


def test_being_there_more_often_is_a_disagreement() -> None:
    made = program("- repeat: 2\n  do:\n  - expect: {x: [1.]}")
    _, other = compared(made, looked("torch-cpu", tensor(1), tensor(1)), looked("reference", tensor(1)))
    assert "looked at 1 times against 2" in messages(other.verdict)


RAISES = "- run: x\n  raises: {RuntimeError: no}"
BAD = ErrorSeen(("RuntimeError", "Exception"), "no")


@pytest.mark.parametrize(
    ("theirs", "mine", "odd"),
    [
        (BAD, None, AGREES.format("torch-cpu")),
        (None, None, SAME.format("torch-cpu")),
        (ErrorSeen(("KeyError",), "x"), None, THREE.format("torch-cpu")),
        (BAD, BAD, None),
    ],
)
def test_errors_have_an_odd_one_out_too(theirs: ErrorSeen | None, mine: ErrorSeen | None, odd: str | None) -> None:
    made = program(RAISES)
    _, other = compared(
        made, Transcript("torch-cpu", errors={0: [theirs]}), Transcript("reference", errors={0: [mine]})
    )
    assert [found.odd for found in other.verdict.findings] == ([odd] if odd else [])


@pytest.mark.parametrize(
    ("theirs", "mine", "statuses", "odd"),
    [
        (None, BAD, (Status.PASSED, Status.ERRORED), AGREES.format("torch-cpu")),
        (BAD, BAD, (Status.ERRORED, Status.ERRORED), SAME.format("torch-cpu")),
        (BAD, None, (Status.ERRORED, Status.PASSED), AGREES.format("reference")),
    ],
)
def test_an_undeclared_error_has_an_odd_one_out(
    theirs: ErrorSeen | None, mine: ErrorSeen | None, statuses: tuple[Status, Status], odd: str
) -> None:
    sides = compared(
        program(EXPECTS),
        looked("torch-cpu", tensor(1, 2), crashed=theirs),
        looked("reference", tensor(1, 2), crashed=mine),
    )
    assert tuple(side.verdict.status for side in sides) == statuses
    assert {found.odd for side in sides for found in side.verdict.findings} <= {odd, SAME.format("reference")}
    assert odd in {found.odd for side in sides for found in side.verdict.findings}


@pytest.mark.parametrize("parts", [{"unsupported": "sum"}, {"not_run": "no device"}])
def test_what_did_not_run_is_not_compared_and_keeps_its_reason(parts: dict[str, Any]) -> None:
    oracle, other = compared(program(EXPECTS), looked("torch-cpu", tensor(1, 3)), Transcript("reference", **parts))
    assert other.verdict.status in (Status.UNSUPPORTED, Status.NOT_RUN)
    assert other.verdict.detail == next(iter(parts.values()))
    assert other.verdict.findings == []
    assert [found.odd for found in oracle.verdict.findings] == [None]


def test_undeclared_warnings_are_held_against_the_oracle() -> None:
    made = program(EXPECTS)
    loud = WarningSeen(("UserWarning", "Warning"), "slow", 9)
    _, other = compared(
        made, looked("torch-cpu", tensor(1, 2)), looked("reference", tensor(1, 2), undeclared_warnings=[loud])
    )
    assert "undeclared warnings differ: 1 against 0 (UserWarning: slow)" in messages(other.verdict)
    both = [looked(name, tensor(1, 2), undeclared_warnings=[loud]) for name in ("torch-cpu", "reference")]
    _, other = compared(made, both[0], both[1])
    assert other.verdict.findings == []


def test_an_observation_that_raises_shows_nothing() -> None:
    _, other = compared(program("- observe: [x]"), looked("torch-cpu", BAD), looked("reference", BAD))
    assert "looking at it raised RuntimeError: no" in messages(other.verdict)


# -- what does not run, and why


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("needs: [cuda]", "needs cuda"),
        ("needs: [cuda, nn]", "needs cuda"),
        ("since: '99.0'", "holds since torch 99.0, this is 2.13"),
        ("until: '2.13'", "held until torch 2.13, this is 2.13"),
        ("since: '2.13'", None),
        ("until: '2.14'", None),
    ],
)
def test_a_case_that_does_not_apply_is_not_run(more: str, reason: str | None) -> None:
    made = program("- expect: {x: [1., 2., 3.]}", more=more)
    transcript = play(made, lane("reference"))
    assert transcript.not_run == reason
    assert judge(made, transcript).status is (Status.NOT_RUN if reason else Status.PASSED)


def test_a_name_that_the_engine_lacks_is_unsupported_and_named() -> None:
    made = program("- observe: [F.multi_head_attention_forward]")
    (only,) = judged(made, [dataclasses.replace(lane("reference"), torch=_Lacking(lane("reference").torch))])
    assert only.verdict.status is Status.UNSUPPORTED
    assert only.verdict.detail == "torch.nn.functional.multi_head_attention_forward"


def test_what_none_has_not_is_no_lack_of_the_engine() -> None:
    made = program("- let: {edges: (x * 2).grad_fn.next_functions}\n- observe: [edges]")
    reference = lane("reference")
    with patched(reference.torch.Tensor, "grad_fn", property(lambda self: None)):
        (only,) = judged(made, [reference])
    assert only.verdict.status is Status.ERRORED
    assert "'NoneType' object has no attribute 'next_functions'" in only.verdict.detail + str(only.verdict.findings)


class _Lacking:
    def __init__(self, torch: Any) -> None:
        self.torch = torch

    def __getattr__(self, name: str) -> Any:
        if name == "nn":
            raise AttributeError(name)
        return getattr(self.torch, name)


def test_absent_lanes_say_why() -> None:
    absent = engine("torch-no_such_device")
    assert isinstance(absent, Absent)
    assert absent.reason.startswith(("torch knows no device 'no_such_device'", "torch is not installed"))
    for name in (name for name in DEFAULT if not own_process(name)):
        made = engine(name)
        assert isinstance(made, Engine) or made.reason


@pytest.mark.parametrize(("value", "known", "surprises"), [("9.", True, 0), ("9.", False, 1), ("1.", False, 0)])
def test_only_a_surprise_counts_against_a_run(value: str, known: bool, surprises: int, tmp_path: Path) -> None:
    made = program(f"- expect: {{x: [{value}, 2., 3.]}}")
    engine_with = dataclasses.replace(lane("reference"), known={made.case.id: "it rounds so"} if known else {})
    outcome = run(Suite((made,), {}, tmp_path), InProcess([engine_with]), tmp_path / "results.jsonl", timing=False)
    assert outcome.surprises == surprises


# -- any order


def test_a_shuffled_order_gives_the_same_verdicts(tmp_path: Path) -> None:
    names = ["reference", "torch-cpu"] if isinstance(engine("torch-cpu"), Engine) else ["reference"]
    suite = load()
    chosen = random.Random(1).sample(suite.programs, min(60, len(suite.programs)))
    suite = dataclasses.replace(suite, programs=tuple(chosen))
    outcomes = [
        run(suite, InProcess([lane(name) for name in names]), tmp_path / f"{seed}.jsonl", timing=False, seed=seed)
        for seed in (1, 2)
    ]
    verdicts = [_verdicts(tmp_path / f"{seed}.jsonl") for seed in (1, 2)]
    assert verdicts[0] == verdicts[1]
    assert list(verdicts[0]) != list(verdicts[1])
    assert len(verdicts[0]) == sum(
        sum(by.values()) for chapter in outcomes[0].table.values() for by in chapter.values()
    )


def _verdicts(results: Path) -> dict[tuple[str, str], str]:
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    return {(line["case"], line["engine"]): line["status"] for line in lines if line["kind"] == "verdict"}
