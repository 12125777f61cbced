"""From files to cases: load, validate against schema.json, and read the model off."""

from __future__ import annotations

import fnmatch
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from conformance.language import source
from conformance.language.data import GENERATORS
from conformance.language.model import VERB_COMPANIONS, Case, CaseFile, Given, Placed, Step
from conformance.language.problem import MalformedCase, Problem, Spot, malformed
from conformance.language.schema import validate
from conformance.language.source import Map, Mark, Seq

INVENTORY = "behaviours"
"""The folder under the root of the cases that holds the inventory and no cases."""


def cases_root() -> Path:
    """The folder of the suite's own cases: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_cases"
    return installed if installed.is_dir() else package.parent / "cases"


def case_files(paths: Iterable[Path]) -> list[tuple[Path, Path]]:
    """The case files at or under each path, with the root that names their chapter. Sorted; without the inventory.

    Raises MalformedCase for a path that does not exist and for a folder without cases.
    """
    found: list[tuple[Path, Path]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*.yaml") if INVENTORY not in p.relative_to(path).parts)
            if not inside:
                raise malformed(Spot(path), "is a folder without cases (no .yaml file)")
            found += [(file, path) for file in inside]
        elif path.is_file():
            found.append((path, path.parent.parent))
        else:
            raise malformed(Spot(path), "does not exist")
    return found


@cache
def read_file(path: Path, root: Path) -> CaseFile:
    """One file of cases. Raises MalformedCase with every problem that the schema finds."""
    relative = path.relative_to(root).with_suffix("")
    chapter = "/".join(relative.parts[:-1]) or root.name
    return read_text(source.text_of(path), path, chapter, relative.name)


def read_text(text: str, path: Path, chapter: str = "none", topic: str = "none") -> CaseFile:
    """``read_file`` for text that is already in memory; ``path`` only names it."""
    document = source.parse(text, path)
    validate(document, path)
    reading = _Reading(path, document, chapter, topic, text.splitlines())
    return CaseFile(path, chapter, topic, document["about"], document["source"], tuple(reading.cases()))


def read_steps(items: Seq, file: Path) -> tuple[Step, ...]:
    """The steps of a list; each has exactly one key that is not a companion."""
    return tuple(_step(item, file) for item in items)


def _step(item: Map, file: Path) -> Step:
    verbs = [key for key in item if key not in VERB_COMPANIONS]
    if len(verbs) != 1:
        found = ", ".join(verbs) if verbs else "none"
        raise malformed(
            Spot(file, item.mark.line, item.mark.column), f"a step has exactly one verb; this one has {found}"
        )
    verb = verbs[0]
    return Step(
        verb=verb,
        mark=item.keys_at[verb],
        argument=Placed(item[verb], item.values_at[verb]),
        raises=_placed(item, "raises"),
        warns=_placed(item, "warns"),
        do=read_steps(item["do"], file) if "do" in item else (),
        otherwise=read_steps(item["else"], file) if "else" in item else (),
    )


def _placed(item: Map, key: str) -> Placed | None:
    return Placed(item[key], item.values_at[key]) if key in item else None


class _Reading:
    def __init__(self, path: Path, document: Map, chapter: str, topic: str, lines: Sequence[str]) -> None:
        self.path, self.document, self.chapter, self.topic, self.lines = path, document, chapter, topic, lines

    def cases(self) -> Iterator[Case]:
        items: Seq = self.document["cases"]
        starts = [at.line for at in items.items_at]
        ends = [*starts[1:], len(self.lines) + 1]
        seen: dict[str, int] = {}
        for item, start, end in zip(items, starts, ends, strict=True):
            name, mark = item["case"], item.values_at["case"]
            if name in seen:
                raise malformed(
                    Spot(self.path, mark.line, mark.column),
                    f"the case {name!r} stands twice; the first is in line {seen[name]}",
                )
            seen[name] = mark.line
            text = "\n".join(self.lines[start - 1 : end - 1]).rstrip()
            for choice in _choices(item.get("each")):
                yield self.case(item, mark, text, choice)

    def case(self, item: Map, mark: Mark, text: str, choice: tuple[tuple[str, Any], ...]) -> Case:
        suffix = f"[{','.join(f'{key}={value}' for key, value in choice)}]" if choice else ""
        name = item["case"] + suffix
        chosen = dict(choice)
        given: Any = item.get("given") or {}
        return Case(
            id=f"{self.chapter}/{self.topic}::{name}",
            name=name,
            says=item["says"],
            file=self.path,
            mark=mark,
            chapter=self.chapter,
            topic=self.topic,
            source=item.get("source", self.document["source"]),
            covers=tuple(item.get("covers", ())),
            given=tuple(self.given(key, value, given.keys_at[key], chosen) for key, value in given.items()),
            define=item.get("define"),
            steps=read_steps(item["steps"], self.path),
            needs=frozenset([*self.document.get("needs", ()), *item.get("needs", ())]),
            since=item.get("since"),
            until=item.get("until"),
            choice=choice,
            yaml=text,
        )

    def given(self, name: str, value: Any, mark: Mark, chosen: dict[str, Any]) -> Given:
        if not isinstance(value, Map):
            return Given(name, mark, chosen.get(value, value) if isinstance(value, str) else value, tensor=False)
        key = "leaf" if "leaf" in value else "const"
        if len(value.keys() & {"leaf", "const"}) != 1:
            raise malformed(Spot(self.path, mark.line, mark.column), f"{name}: is either leaf: or const:")
        data, generator = value[key], None
        if isinstance(data, Map):
            ((generator, data),) = data.items()
            if generator not in GENERATORS:
                raise malformed(Spot(self.path, mark.line, mark.column), f"unknown generator {generator!r}")
            data = [chosen.get(size, size) if isinstance(size, str) else size for size in data]
        dtype = value.get("dtype")
        return Given(
            name=name,
            mark=value.values_at[key],
            data=data,
            leaf=key == "leaf",
            dtype=None if dtype is None else chosen.get(dtype, dtype),
            generator=generator,
            layout=value.get("layout"),
        )


def _choices(each: Map | None) -> Iterator[tuple[tuple[str, Any], ...]]:
    """One tuple of (name, value) for every combination of ``each``."""
    pairs = [[(key, value) for value in values] for key, values in (each or {}).items()]
    return iter(itertools.product(*pairs))


def select(cases: Iterable[Case], patterns: Sequence[str]) -> list[Case]:
    """The cases that any pattern names: a chapter, a topic, chapter/topic, or chapter/topic::case, each with globs.

    A case that ``each`` multiplies is also named without its brackets. Raises ValueError for a pattern that names nothing.
    """
    everything = list(cases)
    if not patterns:
        return everything
    chosen: dict[str, Case] = {}
    for pattern in patterns:
        matching = [case for case in everything if _named(case, pattern)]
        if not matching:
            raise ValueError(f"no case is named by {pattern!r}")
        chosen.update((case.id, case) for case in matching)
    return [case for case in everything if case.id in chosen]


def _named(case: Case, pattern: str) -> bool:
    bare = re.sub(r"\[.*\]$", "", case.id)
    topic = f"{case.chapter}/{case.topic}"
    names = (case.id, bare, case.name, case.chapter, case.topic, topic)
    return pattern in names or any(fnmatch.fnmatchcase(name, pattern) for name in names)


def read_all(paths: Sequence[Path] = ()) -> list[CaseFile]:
    """Every case file at or under the paths (default: the suite's own). Raises MalformedCase with all problems of all files."""
    problems: list[Problem] = []
    files: list[CaseFile] = []
    for path, root in case_files([Path(p).resolve() for p in paths] or [cases_root()]):
        try:
            files.append(read_file(path, root))
        except MalformedCase as error:
            problems += error.problems
    if problems:
        raise MalformedCase(problems)
    return files
