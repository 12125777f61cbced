"""What the page's script reads: plain JSON, with everything that can be counted already counted and every text ready to show.

Cases and engines are numbered; the script knows them by their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.judge import Status
from conformance.report import coverage, shown
from conformance.report.drifts import declared
from conformance.report.growth import Family, against_oracle_at, costs, families
from conformance.report.model import Case, Engine, Results, Verdict
from conformance.report.ratios import PHASES, Ratio, against_oracle, not_timed

Json = dict[str, Any]


def index(results: Results) -> Json:
    """Every case in a few words, for the list and its filters."""
    return {
        "verdicts": [status.value for status in Status],
        "engines": [{"name": e.name, "absent": e.absent} for e in results.engines],
        "noise": results.noise,
        "cases": [_in_a_few_words(results, case) for case in results.cases],
    }


def _in_a_few_words(results: Results, case: Case) -> Json:
    verdicts = [results.verdict(case, engine) for engine in results.engines]
    known = list(Status)
    words: Json = {key: getattr(case, key) for key in ("id", "chapter", "topic", "name", "says")}
    words["verdicts"] = [known.index(verdict.status) for verdict in verdicts]
    if case.needs:
        words["needs"] = case.needs
    reasons = [_reason(results, verdict, number) for number, verdict in enumerate(verdicts)]
    if any(reasons):
        words["reasons"] = reasons
    return words


def _reason(results: Results, verdict: Verdict, engine: int) -> str:
    """Why a verdict is not *passed*; the reason of an absent engine stands with the engine."""
    return "" if verdict.detail == results.engines[engine].absent else verdict.detail


def details(results: Results, cases: Sequence[Case]) -> list[Json]:
    """Some cases with all that is known of them, for their panels."""
    return [_detail(results, case) for case in cases]


def _detail(results: Results, case: Case) -> Json:
    verdicts = [results.verdict(case, engine) for engine in results.engines]
    detail: Json = {key: getattr(case, key) for key in ("source", "file", "line", "yaml", "script", "covers")}
    detail["engines"] = [_verdict(verdict) for verdict in verdicts]
    detail["seen"] = _seen(results, verdicts)
    for number, engine in enumerate(results.engines):
        if ratios := against_oracle(results, case, engine):
            detail["engines"][number]["ratio"] = {phase: _ratio(value) for phase, value in ratios.items()}
    if drifts := declared(case):
        detail["drifts"] = [vars(drift) for drift in drifts]
    return detail


def _verdict(verdict: Verdict) -> Json:
    made: Json = {"detail": verdict.detail}
    if verdict.findings:
        made["findings"] = [vars(finding) for finding in verdict.findings]
    if verdict.leaks:
        made["leaks"] = verdict.leaks
    if verdict.time:
        made["time"] = {name: vars(figure) for name, figure in verdict.time.items() if name in PHASES}
    elif verdict.not_timed:
        made["not_timed"] = verdict.not_timed
    if verdict.allocated:
        made["allocated"] = vars(verdict.allocated)
    return made


def _ratio(ratio: Ratio) -> Json:
    return {"value": float(f"{ratio.value:.4g}"), "noisy": ratio.noisy}


def _seen(results: Results, verdicts: Sequence[Verdict]) -> list[Json]:
    """What each expectation saw, engines that show the same text together. In the order of the lines."""
    found: dict[tuple[int, str, int], dict[str, list[int]]] = {}
    for number, verdict in enumerate(verdicts):
        device = results.engines[number].device
        nth: dict[tuple[int, str], int] = {}
        for sighting in verdict.seen:
            place = (sighting.line, sighting.path)
            nth[place] = nth.get(place, 0) + 1
            texts = found.setdefault((*place, nth[place]), {})
            texts.setdefault(shown.times(sighting.saw, device), []).append(number)
    return [
        {"line": line, "path": path, "saw": [{"text": text, "engines": engines} for text, engines in texts.items()]}
        for (line, path, _), texts in sorted(found.items(), key=lambda item: item[0][0])
    ]


def claims(results: Results) -> Json:
    """The inventory with the state of every claim, for the pages on notebooks, coverage and drifts."""
    known = coverage.states(results)
    listed = []
    for claim in results.claims.values():
        entry = {key: value for key, value in vars(claim).items() if value is not None}
        entry["state"] = known[claim.id].value
        entry["cases"] = [results.numbers[case.id] for case in results.covering.get(claim.id, ())]
        listed.append(entry)
    return {"states": [state.value for state in coverage.State], "claims": listed}


def drifts(results: Results) -> Json:
    """Every drift: those of the inventory with the cases that cover them, then those that only cases declare."""
    known = {claim.id: number for number, claim in enumerate(results.claims.values())}
    listed, told = [], set[str]()
    for claim in results.claims.values():
        if claim.drift:
            cases = results.covering.get(claim.id, ())
            told.update(case.id for case in cases)
            listed.append(
                _drift(results, cases) | {"claim": known[claim.id], "chapter": claim.chapter, "source": claim.source}
            )
    for case in results.cases:
        if case.id not in told and declared(case):
            about = {"chapter": case.chapter, "says": case.says, "source": case.source}
            listed.append(_drift(results, [case]) | about)
    return {"drifts": listed}


def _drift(results: Results, cases: Sequence[Case]) -> Json:
    shown = any(results.verdict(case, engine).status is Status.DRIFTING for case in cases for engine in results.engines)
    return {
        "cases": [results.numbers[case.id] for case in cases],
        "declared": [vars(drift) for case in cases for drift in declared(case)],
        "shown": shown,
    }


def times(results: Results) -> Json:
    """The ratios to torch on the CPU, the smallest first, an engine after the other; why other cases have none."""
    base = coverage.oracle(results)
    lanes = [_lane(results, engine, base) for engine in results.engines if base and engine != base]
    return {
        "timed": results.header.timing,
        "lanes": [lane for lane in lanes if lane["rows"]],
        "families": [_family(results, family) for family in families(results)],
        "costs": [
            {
                "case": results.numbers[cost.case.id],
                "ratios": [{"engine": results.engines.index(e), **_ratio(ratio)} for e, ratio in cost.ratios],
            }
            for cost in costs(results)
        ],
    }


def _family(results: Results, family: Family) -> Json:
    """A workload by size: its points engine by engine, its ratios size by size, and how its time divides into phases."""
    number = results.engines.index
    lines = [
        {
            "engine": number(engine),
            "points": [
                {"case": results.numbers[point.case.id], "size": point.size, "peak": point.peak, **vars(point.figure)}
                for point in points
            ],
        }
        for engine, points in family.lines
    ]
    ratios = {
        size: {name: _ratio(ratio) for name, ratio in against_oracle_at(results, family, size).items()}
        for size in family.sizes
    }
    parts = [{"engine": number(engine), "parts": shares} for engine, shares in family.parts]
    words = {key: getattr(family, key) for key in ("name", "says", "parameter", "sizes")}
    return {**words, "lines": lines, "ratios": ratios, "parts": parts}


def _lane(results: Results, engine: Engine, base: Engine) -> Json:
    rows = []
    for number, case in enumerate(results.cases):
        ratios = against_oracle(results, case, engine)
        if "total" in ratios:
            times = [results.verdict(case, e).time or {} for e in (engine, base)]
            row: Json = {"case": number, "medians": [figures["total"].median for figures in times]}
            rows.append(row | {phase: _ratio(value) for phase, value in ratios.items()})
    rows.sort(key=lambda row: row["total"]["value"])
    return {"engine": results.engines.index(engine), "rows": rows, "not_timed": not_timed(results, engine)}
