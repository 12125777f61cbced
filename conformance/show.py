"""One case in other forms: its YAML, its torch script, its JSON."""

from __future__ import annotations

import json
from typing import Any

from conformance.language.model import Case, Placed, Step
from conformance.program.script import script


def rendered(case: Case, form: str) -> str:
    """``case`` as ``yaml``, ``torch`` (a standalone script) or ``json`` (its model, for other tools)."""
    if form == "torch":
        return script(case)
    if form == "json":
        return json.dumps(as_json(case), indent=2, ensure_ascii=False)
    return case.yaml


def as_json(case: Case) -> dict[str, Any]:
    """The model of a case as plain JSON data; nan and infinities are strings."""
    made = {key: value for key, value in vars(case).items() if key not in ("mark", "file", "yaml", "choice")}
    made |= {
        "covers": list(case.covers),
        "needs": sorted(case.needs),
        "line": case.mark.line,
        "each": dict(case.choice),
    }
    made |= {"given": {g.name: _given(vars(g)) for g in case.given}, "steps": [_step(step) for step in case.steps]}
    return {key: _plain(value) for key, value in made.items()}


def _given(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in ("mark", "name") and value is not None}


def _step(step: Step) -> dict[str, Any]:
    made: dict[str, Any] = {step.verb: step.argument.value}
    for key, value in (("raises", step.raises), ("warns", step.warns)):
        if isinstance(value, Placed):
            made[key] = value.value
    if step.do:
        made["do"] = [_step(inner) for inner in step.do]
    if step.otherwise:
        made["else"] = [_step(inner) for inner in step.otherwise]
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
