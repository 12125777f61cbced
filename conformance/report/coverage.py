"""Which claims of the inventory are covered: by cases that ran on real torch, and passed or drifted there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from conformance.engines import own_process
from conformance.judge import Status
from conformance.report.model import Claim, Engine, Results
from conformance.run import ORACLE, Suite


class State(StrEnum):
    """What is known of a claim after a run. ``NOT_RUN``: a case is written, but no torch of the run could play it."""

    COVERED = "covered"
    DRIFTING = "drifting"
    NOT_RUN = "not run"
    NOT_EXPRESSIBLE = "not expressible"
    UNCOVERED = "uncovered"


def oracle(results: Results) -> Engine | None:
    """Torch on the CPU, where it took part."""
    return next((e for e in results.engines if e.name == ORACLE and e.absent is None), None)


def counting(results: Results) -> tuple[Engine, ...]:
    """The engines on which a case can cover a claim: torch on real devices, where torch on the CPU took part too."""
    real = [e for e in results.engines if e.name.startswith("torch-") and e.absent is None and not own_process(e.name)]
    return tuple(real) if oracle(results) else ()


def states(results: Results) -> dict[str, State]:
    """The state of every claim, by its id. Where torch on the CPU did not take part, nothing is covered."""
    engines = counting(results)
    return {claim.id: _state(results, claim, engines) for claim in results.claims.values()}


def _state(results: Results, claim: Claim, engines: tuple[Engine, ...]) -> State:
    """One case that did not conform is enough: what torch on the CPU does differently is not covered by its other cases."""
    cases = results.covering.get(claim.id, ())
    seen = {results.verdict(case, engine).status for case in cases for engine in engines}
    if any(not results.verdict(case, e).status.conforms for case in cases for e in engines if e.name == ORACLE):
        return State.UNCOVERED
    if Status.DRIFTING in seen:
        return State.DRIFTING
    if Status.PASSED in seen:
        return State.COVERED
    if seen == {Status.NOT_RUN}:
        return State.NOT_RUN
    return State.NOT_EXPRESSIBLE if claim.not_expressible and not seen else State.UNCOVERED


def count(claims: Iterable[Claim], known: Mapping[str, State]) -> Counter[State]:
    """How many of these claims are in each state."""
    return Counter(known[claim.id] for claim in claims)


def kept(results: Results, engine: Engine) -> Counter[Status]:
    """What one engine makes of the documented claims: passed, failed, unsupported or not run, by all cases of each."""
    found: Counter[Status] = Counter()
    for claim in results.claims.values():
        seen = {results.verdict(case, engine).status for case in results.covering.get(claim.id, ())}
        if not claim.documented or not seen:
            continue
        if any(not status.conforms for status in seen):
            found[Status.FAILED] += 1
        elif seen & {Status.PASSED, Status.DRIFTING}:
            found[Status.PASSED] += 1
        else:
            found[Status.UNSUPPORTED if Status.UNSUPPORTED in seen else Status.NOT_RUN] += 1
    return found


def complaints(results: Results) -> list[str]:
    """What the gate refuses after a run: a claim that is uncovered without a reason, a reason that is no longer true."""
    if results.claims and not counting(results):
        return [f"{ORACLE} did not take part in this run: nothing is covered"]
    known = states(results)
    found = []
    for claim in results.claims.values():
        cases = results.covering.get(claim.id, ())
        if known[claim.id] is State.UNCOVERED:
            why = f"{', '.join(case.id for case in cases)} did not conform" if cases else "no case was played"
            found.append(f"uncovered: {claim.id}: {why}")
        elif claim.not_expressible and cases:
            found.append(f"declared not expressible, but {cases[0].id} covers it: {claim.id}")
    return found


def outdated(results: Results, suite: Suite) -> int:
    """How many cases and claims are not the same in these results and in the suite, as far as coverage depends on them."""
    then = {(case.id, case.covers) for case in results.cases}
    then_claims = {(claim.id, claim.documented, claim.not_expressible) for claim in results.claims.values()}
    now = {(program.case.id, program.case.covers) for program in suite.programs}
    now_claims = {(claim.id, claim.documented, claim.not_expressible) for claim in suite.claims.values()}
    return len(then ^ now) + len(then_claims ^ now_claims)
