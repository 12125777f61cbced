"""Python text with holes, as ast nodes that stand at a place in a YAML file.

``quote("with HEAD: BODY", mark, HEAD=expression, BODY=statements)``: a name in capitals is a hole. The template's own nodes
stand at ``mark``; what fills a hole keeps its place, so a traceback points at the YAML that made it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from conformance.language.source import Mark

Hole = ast.expr | Sequence[ast.stmt] | Sequence[ast.expr]


def quote(text: str, mark: Mark, **holes: Hole) -> list[ast.stmt]:
    """The statements of ``text``, its holes filled."""
    return [made for make in _template(text) for made in make(mark, holes)]


def quote_expression(text: str, mark: Mark, **holes: Hole) -> ast.expr:
    """The one expression of ``text``, its holes filled."""
    (statement,) = quote(text, mark, **holes)
    assert isinstance(statement, ast.Expr)
    return statement.value


Filled = Callable[[Mark, dict[str, Any]], Any]


@cache
def _template(text: str) -> list[Filled]:
    """``text`` is parsed once, into functions that build its statements anew, each a list."""
    return [_statements(node) for node in ast.parse(text).body]


def _statements(node: ast.stmt) -> Filled:
    build = _node(node)
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Name)):
        return lambda mark, holes: [build(mark, holes)]
    name = node.value.id

    def fill(mark: Mark, holes: dict[str, Any]) -> list[ast.stmt]:
        filled = holes.get(name)
        return filled or [stand(ast.Pass(), mark)] if isinstance(filled, list) else [build(mark, holes)]

    return fill


def _node(node: ast.AST) -> Filled:
    kind, same = type(node), {name: value for name, value in ast.iter_fields(node) if not _is_made_anew(value)}
    built = [(name, _field(value)) for name, value in ast.iter_fields(node) if name not in same]

    def build(mark: Mark, holes: dict[str, Any]) -> Any:
        return stand(kind(**same, **{name: fill(mark, holes) for name, fill in built}), mark)

    if isinstance(node, ast.Name):
        name = node.id
        return lambda mark, holes: holes[name] if name in holes else build(mark, holes)
    return build


def _field(value: Any) -> Filled:
    if not isinstance(value, list):
        return _node(value)
    items = [_statements(item) if isinstance(item, ast.stmt) else _node(item) for item in value]

    def build(mark: Mark, holes: dict[str, Any]) -> list[Any]:
        made: list[Any] = []
        for fill in items:
            filled = fill(mark, holes)
            made += filled if isinstance(filled, list) else [filled]
        return made

    return build


def _is_made_anew(value: Any) -> bool:
    """Whether a field differs from one filling to the next. A context, an operator and a name do not; a list may be grown."""
    return isinstance(value, list) or (isinstance(value, ast.AST) and bool(value._fields))


def stand(node: Any, mark: Mark) -> Any:
    """Put one node at ``mark``."""
    node.lineno = node.end_lineno = mark.line
    node.col_offset, node.end_col_offset = mark.offset, mark.offset + mark.length
    return node


def constant(value: Any, mark: Mark) -> ast.expr:
    """A literal: a number (nan, inf and complex included), a string, None, or a nested list or tuple of them."""
    if isinstance(value, list | tuple):
        kind = ast.List if isinstance(value, list) else ast.Tuple
        return stand(kind([constant(item, mark) for item in value], ast.Load()), mark)  # type: ignore[no-any-return]
    if isinstance(value, bool | int | str | None) or (isinstance(value, float) and 0 <= value < _INFINITY):
        return stand(ast.Constant(value), mark)  # type: ignore[no-any-return]
    return quote_expression(_spelled(value), mark)


_INFINITY = float("inf")


def _spelled(value: float | complex) -> str:
    """How Python writes a number that is no single literal."""
    if isinstance(value, complex):
        return f"complex({_spelled(value.real)}, {_spelled(value.imag)})"
    return repr(value) if -_INFINITY < value < _INFINITY else f"float('{value}')"
