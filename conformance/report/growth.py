"""How times grow with the size of a workload, how they divide into phases, and what a semantics costs.

A family is a case that is played at several sizes: ids that differ in one number, ``workloads/sizes::attention[n=16]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.report.coverage import oracle
from conformance.report.model import Case, Engine, Figure, Results
from conformance.report.ratios import PHASES, Ratio, within_noise

_SIZED = re.compile(r"(?P<family>.+)\[(?P<parameter>\w+)=(?P<size>\d+)\]")
_PLAIN = "plain"
"""The name of the case that the others of its topic are compared with."""


@dataclass(frozen=True)
class Point:
    """A case of a family, its total time on one engine, and the most bytes that it held there, where that is known."""

    case: Case
    size: int
    figure: Figure
    peak: int | None


@dataclass(frozen=True)
class Family:
    """A workload at growing sizes. ``lines`` holds, for each engine that was timed, its points by size.

    ``parts`` is how the time of the largest size divides: for each engine the medians of forward, backward and double
    backward, as far as the case has them, over that of forward.
    """

    name: str
    says: str
    parameter: str
    sizes: tuple[int, ...]
    lines: tuple[tuple[Engine, tuple[Point, ...]], ...]
    parts: tuple[tuple[Engine, tuple[float, ...]], ...]


@dataclass(frozen=True)
class Cost:
    """A case of a topic against the plain one, engine by engine: what its semantics costs."""

    case: Case
    ratios: tuple[tuple[Engine, Ratio], ...]


def families(results: Results) -> list[Family]:
    """The workloads that were timed at two sizes at least, in the order of the cases."""
    found: dict[tuple[str, str], list[tuple[int, Case]]] = {}
    for case in results.cases:
        if match := _SIZED.fullmatch(case.id):
            found.setdefault((match["family"], match["parameter"]), []).append((int(match["size"]), case))
    made = [
        _family(results, parameter, sorted(members, key=lambda m: m[0])) for (_, parameter), members in found.items()
    ]
    return [family for family in made if len(family.sizes) > 1]


def _family(results: Results, parameter: str, members: Sequence[tuple[int, Case]]) -> Family:
    lines = tuple((engine, points) for engine in results.engines if (points := _points(results, engine, members)))
    sizes = tuple(sorted({point.size for _, points in lines for point in points}))
    largest = members[-1][1]
    parts = tuple((engine, shares) for engine, _ in lines if len(shares := _parts(results, engine, largest)) > 1)
    return Family(largest.name.partition("[")[0], largest.says, parameter, sizes, lines, parts)


def _points(results: Results, engine: Engine, members: Sequence[tuple[int, Case]]) -> tuple[Point, ...]:
    made = []
    for size, case in members:
        verdict = results.verdict(case, engine)
        if verdict.time and verdict.time["total"].median > 0:
            peak = verdict.allocated.peak if verdict.allocated else None
            made.append(Point(case, size, verdict.time["total"], peak))
    return tuple(made)


def _parts(results: Results, engine: Engine, case: Case) -> tuple[float, ...]:
    time = results.verdict(case, engine).time or {}
    medians = [time[phase].median for phase in PHASES if phase in time and phase != "total"]
    return tuple(median / medians[0] for median in medians) if "forward" in time and medians[0] > 0 else ()


def costs(results: Results) -> Iterator[Cost]:
    """The timed cases of every topic that has a plain one, where some engine was timed on both."""
    plain = {(case.chapter, case.topic): case for case in results.cases if case.name == _PLAIN}
    for case in results.cases:
        base = plain.get((case.chapter, case.topic))
        if base and base != case and (ratios := tuple(_against(results, case, base))):
            yield Cost(case, ratios)


def _against(results: Results, case: Case, base: Case) -> Iterator[tuple[Engine, Ratio]]:
    for engine in results.engines:
        mine, plain = (results.verdict(c, engine).time for c in (case, base))
        if mine and plain and plain["total"].median > 0:
            value = mine["total"].median / plain["total"].median
            yield engine, Ratio(value, within_noise(results, value))


def against_oracle_at(results: Results, family: Family, size: int) -> dict[str, Ratio]:
    """The ratios of the engines to torch on the CPU at one size, by the engines' names."""
    base = oracle(results)
    at = {engine: point.figure.median for engine, points in family.lines for point in points if point.size == size}
    if base not in at:
        return {}
    values = {engine.name: median / at[base] for engine, median in at.items() if engine != base}
    return {name: Ratio(value, within_noise(results, value)) for name, value in values.items()}
