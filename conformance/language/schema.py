"""Validation against schema.json, and its errors in the words of a case's author.

schema.json is assembled from the verbs and matchers (``python -m conformance.program.document``) and published for editors.
"""

from __future__ import annotations

import difflib
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.language.problem import MalformedCase, Problem, Spot
from conformance.language.source import Map, Mark, Seq

_MOST_SHOWN = 200
SCHEMA_FILE = Path(__file__).with_name("schema.json")


@cache
def schema() -> dict[str, Any]:
    """The published schema (JSON Schema 2020-12)."""
    return dict(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for(schema())


def validate(document: Any, path: Path) -> None:
    """Raise MalformedCase with one problem for each thing that the schema refuses."""
    problems = {_problem(error, document, path) for error in _validator().iter_errors(document)}
    if problems:
        raise MalformedCase(problems)


def _problem(error: Any, document: Any, path: Path) -> Problem:
    where = list(error.instance_path)
    unexpected = getattr(error.kind, "unexpected", None)
    if unexpected:
        mark = _mark(document, [*where, unexpected[0]])
        message = _unknown_key(unexpected[0], list(error.schema_path)[:-1])
    elif error.kind.name == "propertyNames":
        key = error.kind.error.instance
        mark, message = _mark(document, [*where, key]), f"the key {key!r} is not accepted: {error.message}"
    else:
        mark = _mark(document, where)
        message = f"{_short(error.message)} (in {'.'.join(map(str, where)) or 'the document'})"
    return Problem(Spot(path, mark.line, mark.column), message)


def _short(message: str) -> str:
    """A message may quote the whole value, whose beginning and the reason at its end are enough."""
    return (
        message if len(message) <= _MOST_SHOWN else f"{message[: _MOST_SHOWN // 2]} ... {message[-_MOST_SHOWN // 2 :]}"
    )


def _mark(document: Any, where: list[Any]) -> Mark:
    """The place of the innermost key or item on the way ``where``."""
    mark, node = getattr(document, "mark", Mark(1, 1, 0)), document
    for part in where:
        if isinstance(node, Map) and part in node:
            mark, node = node.keys_at[part], node[part]
        elif isinstance(node, Seq) and isinstance(part, int):
            mark, node = node.items_at[part], node[part]
    return mark


def _unknown_key(key: str, schema_path: list[Any]) -> str:
    part: Any = schema()
    for name in schema_path:
        part = part[name]
    known = list(part.get("properties", {}))
    close = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
    return f"unknown {'verb' if 'run' in known else 'key'} {key!r}; {hint}"
