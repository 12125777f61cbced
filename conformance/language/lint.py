"""What is wrong with cases that are well-formed: claims that do not exist, cases that cannot fail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from conformance.language.model import Case, Step
from conformance.language.problem import Problem
from conformance.language.vocabulary import closest

_LOOKING = ("expect", "observe", "gradcheck")


def lint(cases: Iterable[Case], claims: Collection[str]) -> list[Problem]:
    """The problems of all cases, taken together. ``claims`` are the ids of the inventory."""
    return [problem for case in cases for problem in _of_case(case, claims)]


def _of_case(case: Case, claims: Collection[str]) -> Iterator[Problem]:
    for claim in case.covers:
        if claim not in claims:
            yield Problem(case.spot(), f"covers the unknown claim {claim!r}{closest(claim, list(claims))}")
    if not _looks(case.steps) and not _looks_within(case.define):
        yield Problem(case.spot(), "the case asserts nothing: give it an expect:, a raises:, a warns: or a gradcheck:")
    if case.since and case.until and _version(case.since) >= _version(case.until):
        yield Problem(case.spot(), f"since {case.since} is not before until {case.until}: the case never runs")


def _looks(steps: Sequence[Step]) -> bool:
    return any(
        step.verb in _LOOKING or step.raises or step.warns or _looks(step.do) or _looks(step.otherwise)
        for step in steps
    )


def _looks_within(define: Any) -> bool:
    """Whether a step of a definition looks."""
    if isinstance(define, dict):
        here = any(key in define for key in (*_LOOKING, "warns"))
        return here or any(map(_looks_within, define.values()))
    return isinstance(define, list) and any(map(_looks_within, define))


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
