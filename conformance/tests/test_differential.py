"""The one differential property: random programs, played on the reference and on torch, agree in everything looked at.

What disagrees is shrunk by hypothesis and printed as the YAML of a case.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from conformance.closeness import collapse, disagree
from conformance.engines import Engine, engine
from conformance.language.reader import read_text
from conformance.play import play
from conformance.program.compile import Program, compile_case
from conformance.tests.random_programs import programs
from conformance.transcript import ErrorSeen, Transcript

pytest.importorskip("torch")


def _lane(name: str) -> Engine:
    lane = engine(name)
    assert isinstance(lane, Engine)
    return lane


def difference(text: str, one: Engine, other: Engine) -> str | None:
    """None where two engines agree on a case, else the first difference in words."""
    (case,) = read_text(text, Path("random.yaml")).cases
    program = compile_case(case)
    mine, theirs = play(program, one), play(program, other)
    assert mine.unsupported is None, f"{one.name} does not support {mine.unsupported}"
    if ended := _ended_differently(mine.crashed, theirs.crashed):
        return ended
    return None if mine.crashed else _observed_differently(program, mine, theirs, (one.device, other.device))


def _ended_differently(mine: ErrorSeen | None, theirs: ErrorSeen | None) -> str | None:
    shown = [(e.line, e.classes[0], collapse(e.message)) if e else None for e in (mine, theirs)]
    return None if shown[0] == shown[1] else f"ended with {shown[0]} against {shown[1]}"


def _observed_differently(
    program: Program, mine: Transcript, theirs: Transcript, devices: tuple[str, str]
) -> str | None:
    for expectation in program.expectations:
        (probe,) = expectation.probes
        if found := disagree(mine.probes[probe][0], theirs.probes[probe][0], devices):
            return f"{expectation.path}: {found}"
    return None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(programs())
def test_the_reference_and_torch_agree_on_random_programs(text: str) -> None:
    found = difference(text, _lane("reference"), _lane("torch-cpu"))
    assert found is None, f"reference against torch-cpu: {found}\n\n{text}"
