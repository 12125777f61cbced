"""How the times of engines compare with those of torch on the CPU.

A ratio is one of medians, as the noise is: ``noise`` is how far times, and their ratios, were from themselves in another
process, so a ratio within a factor of 1 + noise of 1 says nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from conformance.report.coverage import oracle
from conformance.report.model import Case, Engine, Results, Verdict

PHASES = ("forward", "backward", "double_backward", "total")


@dataclass(frozen=True)
class Ratio:
    """An engine's time over that of torch on the CPU; ``noisy`` where it is within the noise, None where that is unknown."""

    value: float
    noisy: bool | None


def ratio(results: Results, mine: Verdict, theirs: Verdict, phase: str) -> Ratio | None:
    """The ratio of two verdicts on one case in one phase; None where either has no such time."""
    figures = [verdict.time.get(phase) for verdict in (mine, theirs) if verdict.time]
    medians = [figure.median for figure in figures if figure and figure.median > 0]
    if len(medians) < 2:
        return None
    value = medians[0] / medians[1]
    return Ratio(value, within_noise(results, value))


def within_noise(results: Results, ratio: float) -> bool | None:
    """Whether a ratio may be 1 for all that the run can tell; None where the noise is unknown."""
    return None if results.noise is None else max(ratio, 1 / ratio) <= 1 + results.noise


def against_oracle(results: Results, case: Case, engine: Engine) -> dict[str, Ratio]:
    """The ratios of an engine to torch on the CPU on one case, by phase. Empty for torch on the CPU itself."""
    base = oracle(results)
    if base is None or base == engine:
        return {}
    mine, theirs = (results.verdict(case, e) for e in (engine, base))
    found = {phase: ratio(results, mine, theirs, phase) for phase in PHASES}
    return {phase: value for phase, value in found.items() if value}


def not_timed(results: Results, engine: Engine) -> list[tuple[str, int]]:
    """Why cases have no time on an engine, and how many, the most frequent reason first."""
    untimed = [v for v in (results.verdict(case, engine) for case in results.cases) if not v.time]
    return Counter(v.not_timed or v.status.value for v in untimed).most_common()
