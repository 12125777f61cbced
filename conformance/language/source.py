"""YAML text to plain data in which every key and every item knows its line and column.

Strict on purpose (see cases/README.md, "The YAML that we accept"): YAML 1.2 scalars, no anchors, aliases, tags,
directives or second documents, no duplicate keys, no key without a value. PyYAML's C parser gives the events; nothing is
ever constructed from a tag, so a file from a stranger is safe to load.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from conformance.language.problem import MalformedCase, Spot, malformed

_Parser: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # only its events are used
_DEEPEST = 100


class Mark(NamedTuple):
    """Where a key or a value stands.

    ``line`` and ``column`` count from 1, in characters; ``offset`` counts from 0, in UTF-8 bytes, as Python's ast does.
    ``plain`` tells a one-line scalar without quotes: only there do the offsets inside an expression hold.
    """

    line: int
    column: int
    offset: int
    plain: bool = False
    length: int = 1


_mark = tuple.__new__  # a NamedTuple's own __new__ costs more than the rest of a scalar


class Map(dict[str, Any]):
    """A YAML mapping. ``keys_at`` and ``values_at`` hold the mark of each key and of its value."""

    __slots__ = ("keys_at", "mark", "values_at")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.keys_at: dict[str, Mark] = {}
        self.values_at: dict[str, Mark] = {}

    @classmethod
    def single(cls, key: str, value: Any, mark: Mark) -> Map:
        """The mapping ``{key: value}``, all of it at ``mark``."""
        made = cls(mark)
        made[key], made.keys_at[key], made.values_at[key] = value, mark, mark
        return made


class Seq(list[Any]):
    """A YAML sequence. ``items_at`` holds the mark of each item."""

    __slots__ = ("items_at", "mark")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.items_at: list[Mark] = []


_WORDS: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    **dict.fromkeys(("nan", ".nan"), float("nan")),
    **dict.fromkeys(("inf", ".inf", "+inf", "+.inf"), float("inf")),
    **dict.fromkeys(("-inf", "-.inf"), float("-inf")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_RADIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def scalar(text: str) -> Any:
    """The value of a plain scalar by YAML 1.2's core schema, with ``nan`` and ``inf`` as numbers.

    ``on``, ``no`` and ``~`` are strings; ``1e-3`` is a number.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[:1] in "+-.0123456789":
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _RADIX.fullmatch(text):
            return int(text, 0)
    return text


def text_of(path: Path) -> str:
    """The text of a file. Raises MalformedCase where it cannot be read as UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise malformed(Spot(path), f"cannot be read as UTF-8 text ({error})") from None


def load(path: Path) -> Any:
    """Read one file. Raises MalformedCase with file:line:column for whatever is not plain, strict YAML."""
    return parse(text_of(path), path)


def parse(text: str, path: Path) -> Any:
    """``load`` for text that is already in memory; ``path`` only names it."""
    try:
        return _Builder(path, text).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        spot = Spot(path, mark.line + 1, mark.column + 1) if mark else Spot(path)
        what = getattr(error, "problem", None) or str(error).replace("\n", " ")
        raise malformed(spot, f"is not YAML: {what}") from None


class _Builder:
    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.next: Callable[[], Any] = _Parser(text).get_event
        self.lines = None if text.isascii() else text.splitlines()
        self.depth = 0

    def refuse(self, at: Any, message: str) -> MalformedCase:
        return malformed(Spot(self.path, at.line + 1, at.column + 1), message)

    def mark(self, event: Any, scalar: bool) -> Mark:
        start = event.start_mark
        line, column = start.line, start.column
        offset = column
        if self.lines is not None and line < len(self.lines):
            offset = len(self.lines[line][:column].encode())
        if scalar and not event.style:
            end = event.end_mark
            if end.line == line:
                return _mark(Mark, (line + 1, column + 1, offset, True, end.column - column))
        return _mark(Mark, (line + 1, column + 1, offset, False, 1))

    def document(self) -> Any:
        self.next()
        start = self.next()
        if isinstance(start, yaml.StreamEndEvent):
            raise malformed(Spot(self.path), "is empty; a case file starts with 'about:'")
        if start.version or start.tags:
            raise self.refuse(start.start_mark, "YAML directives are not accepted; remove the line")
        value, _ = self.node(self.next(), in_flow=False)
        self.next()
        after = self.next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self.refuse(after.start_mark, "a second document begins here; keep one document a file")
        return value

    def node(self, event: Any, in_flow: bool) -> tuple[Any, Mark]:
        kind = type(event)
        if kind is yaml.AliasEvent or event.anchor is not None:
            raise self.refuse(event.start_mark, "anchors and aliases are not accepted; write the value out")
        if event.tag is not None:
            raise self.refuse(event.start_mark, f"the tag {event.tag!r} is not accepted; a case holds plain data only")
        if kind is yaml.ScalarEvent:
            if "\0" in event.value:
                raise self.refuse(event.start_mark, "a null character is not accepted")
            return event.value if event.style else self.scalar(event), self.mark(event, True)
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.refuse(event.start_mark, f"nested deeper than {_DEEPEST} levels")
        mark = self.mark(event, False)
        flow = in_flow or bool(event.flow_style)
        value = self.mapping(mark, flow) if kind is yaml.MappingStartEvent else self.sequence(mark, flow)
        self.depth -= 1
        return value, mark

    def scalar(self, event: Any) -> Any:
        try:
            return scalar(event.value)
        except ValueError:
            raise self.refuse(event.start_mark, f"a number of {len(event.value)} digits is too long") from None

    def mapping(self, mark: Mark, in_flow: bool) -> Map:
        result = Map(mark)
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            key, key_mark = self.node(event, in_flow)
            if not isinstance(key, str):
                if not isinstance(event, yaml.ScalarEvent):
                    raise self.refuse(event.start_mark, "a key must be a string")
                key = event.value
            if key in result:
                first = result.keys_at[key].line
                raise self.refuse(event.start_mark, f"the key {key!r} stands twice; the first is in line {first}")
            named, event = event, self.next()
            if _is_absent(event):
                raise self.refuse(named.start_mark, _absent_message(key, in_flow))
            result[key], result.values_at[key] = self.node(event, in_flow)
            result.keys_at[key] = key_mark
        return result

    def sequence(self, mark: Mark, in_flow: bool) -> Seq:
        result = Seq(mark)
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            if _is_absent(event):
                raise self.refuse(event.start_mark, "an item without a value; write null if that is meant")
            value, item_mark = self.node(event, in_flow)
            result.append(value)
            result.items_at.append(item_mark)
        return result


def _is_absent(event: Any) -> bool:
    return type(event) is yaml.ScalarEvent and event.value == "" and not event.style and event.implicit[0]


def _absent_message(key: str, in_flow: bool) -> str:
    if in_flow:
        return f"the key {key!r} has no value: the comma split the expression: quote it"
    return f"the key {key!r} has no value; write null if that is meant"
