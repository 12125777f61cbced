"""How times grow, divide into phases, and what semantics cost, from made results; and which laps a replay makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.program.phases import PHASES
from conformance.program.replay import replay
from conformance.report import data, read_results
from conformance.report.growth import against_oracle_at, costs, families
from conformance.report.model import Results
from conformance.tests.report_results import REFERENCE, TORCH, Line, run, write
from conformance.tests.support import lane, program

SECONDS = {
    "sizes::chain[n=100]": {"reference": (2e-3, 2e-3), "torch-cpu": (4e-3, 4e-3)},
    "sizes::chain[n=10]": {"reference": (3e-4, 2e-4), "torch-cpu": (5e-4, 5e-4)},
    "sizes::chain[n=1]": {"reference": (2e-5, 1e-5), "torch-cpu": (2e-5, 1.1e-5)},
    "sizes::alone[n=1]": {"reference": (1e-5, 1e-5), "torch-cpu": (1e-5, 1e-5)},
    "sizes::words[kind=sum]": {"reference": (1e-5, 1e-5), "torch-cpu": (1e-5, 1e-5)},
    "semantics::plain": {"reference": (1e-4, 1e-4), "torch-cpu": (1e-4, 1e-4)},
    "semantics::with_a_hook": {"reference": (1e-4, 2e-4), "torch-cpu": (1e-4, 1.05e-4)},
}
"""Forward and backward of each case on each engine."""


def lines() -> list[Line]:
    """A run whose cases are workloads with these times. Its noise is 6 %."""
    made = run(cases=0, claims=0)
    header, footer = made[0] | {"cases": len(SECONDS)}, made[-1]
    (pattern,) = [line for line in run(cases=1, claims=0) if line["kind"] == "case"]
    cases, verdicts = [], []
    for number, (name, times) in enumerate(SECONDS.items()):
        topic, _, own = name.partition("::")
        place: Line = {
            "id": f"workloads/{name}",
            "chapter": "workloads",
            "topic": topic,
            "name": own,
            "line": 1 + number,
        }
        cases.append(pattern | place)
        for engine in (REFERENCE, TORCH):
            verdicts += timed(place["id"], engine["name"], *times[engine["name"]])
    return [header, *cases, *verdicts, footer]


def timed(case: str, engine: str, forward: float, backward: float) -> list[Line]:
    seconds = {"forward": forward, "backward": backward, "total": forward + backward}
    time = {phase: {"min": 0.9 * s, "median": s, "spread": 0.2 * s} for phase, s in seconds.items()}
    place = {"case": case, "engine": engine}
    verdict = {"status": "passed", "detail": "", "findings": [], "seen": [], "leaks": []}
    allocated = {"allocated": {"held": 3, "bytes": 100, "peak": 2500}} if engine == "reference" else {}
    return [{"kind": "verdict", **place, **verdict}, {"kind": "time", **place, "time": time, **allocated}]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return read_results(write(tmp_path / "results.jsonl", lines()))


def test_a_family_is_a_case_at_several_sizes(results: Results) -> None:
    (family,) = families(results)
    assert (family.name, family.parameter, family.sizes) == ("chain", "n", (1, 10, 100))
    assert [engine.name for engine, _ in family.lines] == ["reference", "torch-cpu"]
    totals = [point.figure.median for point in family.lines[0][1]]
    assert totals == pytest.approx([3e-5, 5e-4, 4e-3])
    assert {point.peak for point in family.lines[0][1]} == {2500}
    assert {point.peak for point in family.lines[1][1]} == {None}


def test_time_divides_into_phases_at_the_largest_size(results: Results) -> None:
    (family,) = families(results)
    assert {engine.name: parts for engine, parts in family.parts} == {"reference": (1.0, 1.0), "torch-cpu": (1.0, 1.0)}


def test_ratios_by_size_know_the_noise(results: Results) -> None:
    (family,) = families(results)
    found = {size: against_oracle_at(results, family, size)["reference"] for size in family.sizes}
    assert [found[size].value for size in (1, 10, 100)] == pytest.approx([3 / 3.1, 0.5, 0.5])
    assert [found[size].noisy for size in (1, 10, 100)] == [True, False, False]


def test_a_semantics_costs_what_it_takes_beyond_the_plain_program(results: Results) -> None:
    (cost,) = costs(results)
    assert cost.case.name == "with_a_hook"
    ratios = {engine.name: ratio for engine, ratio in cost.ratios}
    assert ratios["reference"].value == pytest.approx(1.5)
    assert (ratios["reference"].noisy, ratios["torch-cpu"].noisy) == (False, True)


def test_an_engine_that_was_not_timed_has_no_line(tmp_path: Path) -> None:
    made = lines()
    untimed = [line for line in made if line["kind"] != "time" or line["engine"] != "reference"]
    results = read_results(write(tmp_path / "results.jsonl", untimed))
    (family,) = families(results)
    assert [engine.name for engine, _ in family.lines] == ["torch-cpu"]
    assert against_oracle_at(results, family, 10) == {}


def test_the_last_times_of_a_case_count(tmp_path: Path) -> None:
    made, again = lines(), lines()[-2]
    again["time"]["total"]["median"] *= 3
    (cost,) = costs(read_results(write(tmp_path / "results.jsonl", [*made[:-1], again, made[-1]])))
    assert dict(cost.ratios)[cost.ratios[1][0]].value == pytest.approx(3 * 2.05 / 2)


def test_a_run_without_times_has_no_families(tmp_path: Path) -> None:
    untimed = [line for line in lines() if line["kind"] != "time"]
    found = data.times(read_results(write(tmp_path / "results.jsonl", untimed)))
    assert (found["families"], found["costs"]) == ([], [])


LAPS = [
    ("- let: {y: sum(x * x)}\n- backward: y", ["forward", "backward"]),
    ("- let: {y: sum(x * x), g: 'grad(y, x)[0]'}\n- let: {z: g * 2}", ["forward", "backward", "forward"]),
    (
        "- let: {y: sum(x ** 3), g: 'grad(y, x, create_graph=True)[0]'}\n- backward: sum(g * g)",
        ["forward", "backward", "double_backward"],
    ),
    ("- let: {y: sum(x ** 3)}\n- backward: {of: y, retain_graph: true}\n- backward: y", ["forward", "backward"]),
    (
        "- with: enable_grad()\n  do:\n  - let: {y: sum(x * x)}\n  - backward: y",
        ["forward", "backward", "backward"],
    ),
    ("- repeat: 3\n  do:\n  - let: {y: sum(x * x)}", ["forward"]),
    ("- repeat: 2\n  do:\n  - let: {y: sum(x * x)}\n  - backward: y", ["forward", "backward"] * 2 + ["backward"]),
    ("- let: {j: 'jacobian(torch.sin, x)'}", ["backward"]),
]


@pytest.mark.parametrize(("steps", "laps"), LAPS)
def test_the_clock_reads_a_lap_where_a_phase_ends(steps: str, laps: list[str]) -> None:
    made: Any = program(f"{steps}\n- observe: [x]")
    engine, seen = lane("reference"), list[int]()
    replay(made.case, engine.torch)(engine.tensor(made.case.given[0]), seen.append)
    assert [PHASES[lap] for lap in seen] == laps
