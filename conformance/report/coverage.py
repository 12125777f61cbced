"""Which claims of the inventory are covered: by cases that ran on torch on the CPU, and passed or drifted there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from conformance.judge import Status
from conformance.report.model import Claim, Engine, Results
from conformance.run import ORACLE


class State(StrEnum):
    """What is known of a claim after a run."""

    COVERED = "covered"
    DRIFTING = "drifting"
    NOT_EXPRESSIBLE = "not expressible"
    UNCOVERED = "uncovered"


def oracle(results: Results) -> Engine | None:
    """Torch on the CPU, where it took part."""
    return next((e for e in results.engines if e.name == ORACLE and e.absent is None), None)


def states(results: Results) -> dict[str, State]:
    """The state of every claim, by its id. Where torch on the CPU did not take part, nothing is covered."""
    engine = oracle(results)
    return {claim.id: _state(results, claim, engine) for claim in results.claims.values()}


def _state(results: Results, claim: Claim, engine: Engine | None) -> State:
    cases = results.covering.get(claim.id, ()) if engine else ()
    seen = {results.verdict(case, engine).status for case in cases} if engine else set()
    if Status.DRIFTING in seen:
        return State.DRIFTING
    if Status.PASSED in seen:
        return State.COVERED
    return State.NOT_EXPRESSIBLE if claim.not_expressible else State.UNCOVERED


def count(claims: Iterable[Claim], known: dict[str, State]) -> Counter[State]:
    """How many of these claims are in each state."""
    return Counter(known[claim.id] for claim in claims)
