"""A case as a function that can be run again and again under a clock, nothing looked at."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from conformance.language.model import Case, Given, Placed
from conformance.language.source import Mark
from conformance.program.compile import choices_and_definitions
from conformance.program.declared import Guard
from conformance.program.emission import Emission
from conformance.program.helpers import namespace
from conformance.program.phases import PHASES, lapped

_NEVER = {
    "threads": "it uses threads",
    "processes": "it uses processes",
    "fresh_process": "it needs a process of its own",
}


class NotReplayable(Exception):
    """Why a case is not timed, in words for the report."""


class Replay(Emission):
    """Emits the steps alone. Inputs become parameters, so they can be rebuilt outside the clock."""

    def given(self, given: Given) -> list[ast.stmt]:
        return []

    def look_at(self, tree: ast.expr, path: Placed, expected: Placed | None) -> list[ast.stmt]:
        return []

    def guard(self, guard: Guard, body: list[ast.stmt]) -> list[ast.stmt]:
        raise NotReplayable("it raises" if guard.kind == "raises" else "it warns")

    def log(self, name: str, arguments: Sequence[str], mark: Mark) -> list[ast.stmt]:
        return []


def replay(case: Case, torch: Any) -> Callable[..., None]:
    """``f(*inputs, _lap)``: plays the case once and calls ``_lap(phase)`` where a run of steps of one phase ends.

    Raises NotReplayable with the reason.
    """
    for need in sorted(case.needs & set(_NEVER)):
        raise NotReplayable(_NEVER[need])
    to = Replay(case)
    mark = case.mark
    body = choices_and_definitions(to)
    steps = to.block(case.steps)
    if not steps:
        raise NotReplayable("it only looks")
    body += lapped(steps, lambda phase: to.quote(f"_lap({PHASES.index(phase)})", mark))
    parameters = ", ".join([*(given.name for given in case.given), "_lap"])
    (function,) = to.quote(f"def replay({parameters}): BODY", mark, BODY=body)
    scope = namespace(torch) | {"calls": []}
    exec(compile(ast.Module([ast.fix_missing_locations(function)], []), str(case.file), "exec"), scope)
    return scope["replay"]  # type: ignore[no-any-return]
