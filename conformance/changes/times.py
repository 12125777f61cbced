"""Times that changed by more than noise.

Note [When a time has changed]
Two runs are two processes, maybe on two machines: what all cases of a lane have in common is the machine, or the engine
as a whole, and is said once (``Tempo``). A case has changed where it departs from that by more than both runs admit:
by a factor beyond 1 + noise of either run, and 1 + spread/median of each of the two figures, in the median batch as well as in
the fastest, in the same direction. Of the 288 totals of two runs of the same cases, on a machine that had much else to do, 173
differed by more than a fifth; none of these changes is shown.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from conformance.changes.model import Lane, Pace, Tempo
from conformance.report.model import Case, Figure, Results
from conformance.report.ratios import PHASES

_ENOUGH = 10
"""Of fewer cases, one says too much about their median: there a lane as a whole counts as unchanged."""

_Timed = tuple[Case, Figure, Figure]


def times(old: Results, new: Results, lanes: Sequence[Lane]) -> tuple[list[Tempo], list[Pace], list[str]]:
    """How each lane as a whole and single cases have changed; the sentences say where times cannot be compared."""
    timed = [any(verdict.time for verdict in results.verdicts.values()) for results in (old, new)]
    if not all(timed):
        unsaid = ["Times are not compared: only the " + ("old" if timed[0] else "new") + " run was timed."]
        return [], [], unsaid if any(timed) else []
    quiet = [which for which, results in (("old", old), ("new", new)) if results.noise is None]
    if quiet:
        return [], [], [f"Times are not compared: the {' and the '.join(quiet)} results state no noise."]
    tempi: list[Tempo] = []
    paces: list[Pace] = []
    for lane in lanes:
        for phase in reversed(PHASES):
            pairs = list(_pairs(old, new, lane, phase))
            tempo = _tempo(lane, pairs, _noise(old, new))
            if phase == "total" and pairs:
                tempi.append(tempo)
            paces += _paces(pairs, tempo, phase, _noise(old, new))
    return tempi, paces, []


def _pairs(old: Results, new: Results, lane: Lane, phase: str) -> Iterator[_Timed]:
    """Every case with its old and its new figure, where it reads the same and both runs have one."""
    before = {case.id: case for case in old.cases}
    for case in new.cases:
        if case.id not in before or before[case.id].yaml != case.yaml:
            continue
        verdicts = (old.verdicts.get((case.id, lane.old)), new.verdicts.get((case.id, lane.new)))
        figures = [verdict.time[phase] for verdict in verdicts if verdict and verdict.time and phase in verdict.time]
        if len(figures) == 2 and all(figure.min > 0 and figure.median > 0 for figure in figures):
            yield case, figures[0], figures[1]


def _noise(old: Results, new: Results) -> float:
    """The factor within which both runs would call a difference noise."""
    return 1 + max(old.noise or 0.0, new.noise or 0.0)


def _tempo(lane: Lane, pairs: Sequence[_Timed], noise: float) -> Tempo:
    if len(pairs) < _ENOUGH:
        return Tempo(lane, 1.0, len(pairs), loud=False)
    factor = statistics.median(now.median / then.median for _, then, now in pairs)
    return Tempo(lane, factor, len(pairs), loud=max(factor, 1 / factor) > noise)


def _paces(pairs: Iterable[_Timed], tempo: Tempo, phase: str, noise: float) -> Iterator[Pace]:
    """See Note [When a time has changed]."""
    for case, then, now in pairs:
        factors = [now.median / then.median / tempo.factor, now.min / then.min / tempo.factor]
        least = noise * (1 + then.spread / then.median) * (1 + now.spread / now.median)
        if min(factors) > least or max(factors) < 1 / least:
            yield Pace(tempo.lane, case, phase, then.median, now.median, factors[0])
