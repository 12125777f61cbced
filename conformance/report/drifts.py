"""The drifts that a case declares: the pieces of its YAML that say what is documented and what torch does."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from conformance.report.model import Case


@dataclass(frozen=True)
class DeclaredDrift:
    """One drift: line and path of the expectation, and the two sides as they are written."""

    line: int
    path: str
    documented: str
    torch: str


def declared(case: Case) -> list[DeclaredDrift]:
    """The drifts that a case's YAML declares, in order. YAML that cannot be read declares none."""
    if "drift" not in case.yaml:
        return []
    try:
        root = yaml.compose(case.yaml, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    return list(_find(root, case, "", case.line)) if root is not None else []


def _find(node: yaml.Node, case: Case, path: str, line: int) -> Iterator[DeclaredDrift]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _find(item, case, path, line)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        name = str(key.value)
        if name == "drift" and (sides := _sides(value, case.yaml)):
            yield DeclaredDrift(line, path, *sides)
        else:
            yield from _find(value, case, name, case.line + key.start_mark.line)


def _sides(node: yaml.Node, text: str) -> tuple[str, str] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    sides = {str(key.value): _written(value, text) for key, value in node.value}
    return (sides["documented"], sides["torch"]) if {"documented", "torch"} <= sides.keys() else None


def _written(node: yaml.Node, text: str) -> str:
    piece = text[node.start_mark.index : node.end_mark.index].rstrip()
    return textwrap.dedent(" " * node.start_mark.column + piece)
