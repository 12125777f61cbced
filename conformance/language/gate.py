"""The gate of coverage as far as it needs no run: a case is written for every claim, or a reason says why none can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.language.inventory import Claim
from conformance.language.model import Case


def written(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """The cases that are written for each claim, by the claim's id."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        for claim in case.covers:
            found.setdefault(claim, []).append(case)
    return found


def complaints(cases: Iterable[Case], claims: Mapping[str, Claim]) -> list[str]:
    """A line for each claim that no case covers and that gives no reason, and for each reason that a case refutes."""
    covering = written(cases)
    found = []
    for claim in claims.values():
        by = covering.get(claim.id)
        if not by and not claim.not_expressible:
            found.append(f"{claim.spot}: no case covers {claim.id}, and not_expressible: gives no reason")
        if by and claim.not_expressible:
            found.append(f"{claim.spot}: {claim.id} is declared not expressible, but {by[0].id} covers it")
    return found
