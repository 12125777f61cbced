"""Negative controls: an engine that is wrong is caught, with the right finding, by playing and by the standalone script alike."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from conformance.compare import Lane
from conformance.judge import Status
from conformance.mutants import mutants
from conformance.mutants.around import around_backward, leaves
from conformance.program.compile import Program
from conformance.run import judged, load
from conformance.tests.support import lane, program, script_notices, write

torch: Any = pytest.importorskip("torch")

ACCUMULATES = """
    - backward: sum(x * x)
    - expect: {x.grad: [2., 4., 6.]}
    - backward: sum(x * x)
    - expect: {x.grad: [4., 8., 12.]}
"""
RAISES = """
    - let: {y: sum(x * x)}
    - backward: y
    - backward: y
      raises: {RuntimeError: backward through the graph a second time}
"""
HOOKS = """
    - run: x.register_hook(double)
    - backward: sum(x * 3)
    - expect:
        calls: [{double: [3., 3., 3.]}]
        x.grad: [6., 6., 6.]
"""
WARNS_NOT = "- backward: sum(x)\n- expect: {x.grad: [1., 1., 1.]}"
EXPECTED = {
    # the wrong engine: the steps, the status, the line of the steps (None: of the case) and the finding
    "scales_gradients": (
        ACCUMULATES,
        Status.FAILED,
        2,
        "expected [2., 4., 6.], got [ 4.,  8., 12.]",
    ),
    "replaces_gradients": (ACCUMULATES, Status.FAILED, 4, "expected [ 4.,  8., 12.], got [2., 4., 6.]"),
    "backward_does_nothing": (ACCUMULATES, Status.FAILED, 2, "expected [2.0, 4.0, 6.0], got null"),
    "never_raises": (RAISES, Status.FAILED, 4, "expected RuntimeError, nothing was raised"),
    "raises_in_backward": (ACCUMULATES, Status.ERRORED, 1, "raised KeyError: 'lost'"),
    "forgets_hooks": (HOOKS, Status.FAILED, 4, "expected the calls ['double'], got []"),
    "widens_gradients": (WARNS_NOT, Status.FAILED, 2, "dtype torch.float64 against torch.float32"),
    "leaves_grad_mode_off": (WARNS_NOT, Status.FAILED, None, "grad mode was left False, it was True"),
    "warns_in_backward": (WARNS_NOT, Status.FAILED, None, "undeclared warnings differ: 1 against 0"),
}
Wrong = Callable[[Any], AbstractContextManager[None]]


def _raise(proceed: Any, roots: list[Any]) -> None:
    raise KeyError("lost")


def _leave_grad_mode_off(torch: Any) -> Callable[[Any, list[Any]], None]:
    def around(proceed: Any, roots: list[Any]) -> None:
        proceed(roots)
        torch.set_grad_enabled(False)

    return around


def _widen_gradients(proceed: Any, roots: list[Any]) -> None:
    proceed(roots)
    for root in roots:
        for x in leaves(root):
            x.grad_dtype = None
            x.grad = x.grad.double()


def _warn(proceed: Any, roots: list[Any]) -> None:
    warnings.warn("this engine is slow", UserWarning, stacklevel=2)
    proceed(roots)


GROSS: dict[str, Wrong] = {
    "scales_gradients": lambda torch: around_backward(torch, lambda proceed, roots: proceed([r * 2 for r in roots])),
    "backward_does_nothing": lambda torch: around_backward(torch, lambda proceed, roots: None),
    "raises_in_backward": lambda torch: around_backward(torch, _raise),
    "leaves_grad_mode_off": lambda torch: around_backward(torch, _leave_grad_mode_off(torch)),
    "widens_gradients": lambda torch: around_backward(torch, _widen_gradients),
    "warns_in_backward": lambda torch: around_backward(torch, _warn),
}
"""Wrong in so much that they are no mutants of one behaviour."""

WRONG = GROSS | {mutant.name: mutant.change for mutant in mutants("reference") if mutant.name in EXPECTED}
"""Engines that are wrong whichever they are, each with the one finding that it must lead to."""

SCRIPT_CANNOT_KNOW = {"widens_gradients", "leaves_grad_mode_off", "warns_in_backward"}
"""What only a comparison of engines, or of the state before and after, shows."""


def made(name: str) -> Program:
    steps = EXPECTED[name][0]
    define = "double: {takes: [grad], returns: grad * 2}" if "double" in steps else ""
    return program(steps, define=define)


def lanes_of(name: str, namespace: Any) -> dict[str, Lane]:
    """What both engines do with the case, the one of that namespace being wrong."""
    with WRONG[name](namespace):
        return {lane.verdict.engine: lane for lane in judged(made(name), [lane("reference"), lane("torch-cpu")])}


def test_every_wrong_engine_has_its_case() -> None:
    assert set(EXPECTED) == set(WRONG)


@pytest.mark.parametrize("name", WRONG)
def test_no_finding_while_nothing_is_wrong(name: str) -> None:
    verdicts = [lane.verdict for lane in judged(made(name), [lane("reference"), lane("torch-cpu")])]
    assert [(v.status, v.findings) for v in verdicts] == [(Status.PASSED, [])] * 2


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_engine_is_caught_and_named(name: str) -> None:
    _, status, line, message = EXPECTED[name]
    lanes = lanes_of(name, lane("reference").torch)
    verdict, oracle = lanes["reference"].verdict, lanes["torch-cpu"].verdict
    assert verdict.status is status
    found, case = verdict.findings[0], made(name).case
    assert found.line == (case.steps[0].mark.line + line - 1 if line else case.mark.line)
    assert message in found.message
    assert (oracle.status, oracle.findings) == (Status.PASSED, [])
    decides = name not in SCRIPT_CANNOT_KNOW
    if decides:
        assert found.odd == "torch-cpu agrees with the declaration: this engine is the odd one out"


@pytest.mark.parametrize("name", sorted(set(WRONG) - SCRIPT_CANNOT_KNOW))
def test_a_wrong_oracle_is_the_odd_one_out(name: str) -> None:
    lanes = lanes_of(name, torch)
    reference, oracle = lanes["reference"].verdict, lanes["torch-cpu"].verdict
    assert (reference.status, reference.findings) == (Status.PASSED, [])
    assert not oracle.status.conforms
    assert oracle.findings[0].odd == "reference agrees with the declaration: this engine is the odd one out"


@pytest.mark.parametrize("name", sorted(set(WRONG) - SCRIPT_CANNOT_KNOW))
def test_the_script_notices_the_same(name: str) -> None:
    case = made(name).case
    assert not script_notices(case)
    with WRONG[name](torch):
        assert script_notices(case)


@pytest.fixture(scope="module")
def sample() -> list[Program]:
    """Some cases of the suite, drawn anew by every version of it and alike in every run."""
    programs = [p for p in load().programs if not p.case.needs & {"threads", "fresh_process", "cuda"}]
    return random.Random(0).sample(programs, min(60, len(programs)))


@pytest.mark.parametrize("name", sorted(set(WRONG) - {"warns_in_backward"}))
def test_both_ways_of_emitting_notice_the_same(name: str, sample: list[Program]) -> None:
    noticed, differ = 0, []
    for one in sample:
        with WRONG[name](torch):
            (alone,) = judged(one, [lane("torch-cpu")])
            torch.set_grad_enabled(True)
            by_script = script_notices(one.case)
            torch.set_grad_enabled(True)
        if alone.verdict.status in (Status.NOT_RUN, Status.UNSUPPORTED):
            continue
        by_judge = any(f.path != "global state" for f in alone.verdict.findings)
        noticed += by_judge
        if by_judge != by_script:
            differ.append(f"{one.case.id}: judge {by_judge}, script {by_script}: {alone.verdict.detail}")
    assert differ == []
    assert noticed > 0 or name in SCRIPT_CANNOT_KNOW | {"forgets_hooks"}


CRASH = """
import os
import sys
from pathlib import Path
import torch
from conformance.engines import engine
from conformance.player import InProcess
from conformance.run import load, run
from conformance.mutants.around import around_backward
suite = load([Path(sys.argv[1])])
lane = engine("torch-cpu")
with around_backward(torch, lambda proceed, roots: os.abort()):
    run(suite, InProcess([lane]), Path(sys.argv[2]), timing=False)
"""


def test_a_crash_of_the_process_keeps_what_was_played(tmp_path: Path) -> None:
    cases = "\n".join(
        f"- case: c{number}\n  says: It is so.\n  given: {{x: {{leaf: [1.]}}}}\n  steps:\n  - {step}\n"
        for number, step in enumerate(
            ["expect: {x: [1.]}", "expect: {x * 2: [2.]}", "backward: sum(x)\n    raises: {A: b}"]
        )
    )
    path = write(tmp_path, "about: a\nsource: b\ncases:\n" + cases)
    results = tmp_path / "results.jsonl"
    done = subprocess.run([sys.executable, "-c", CRASH, path, results], capture_output=True, check=False)
    assert done.returncode < 0, done.stderr
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    verdicts = [(line["case"], line["status"]) for line in lines if line["kind"] == "verdict"]
    assert verdicts == [("chapter/topic::c0", "passed"), ("chapter/topic::c1", "passed")]
    assert lines[0]["kind"] == "header"
    assert lines[-1]["kind"] != "footer"
