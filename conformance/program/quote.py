"""Python text with holes, as ast nodes that stand at a place in a YAML file.

``quote("with HEAD: BODY", mark, HEAD=expression, BODY=statements)``: a name in capitals is a hole. The template's own nodes
stand at ``mark``; what fills a hole keeps its place, so a traceback points at the YAML that made it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from typing import Any

from conformance.language.source import Mark

Hole = ast.expr | Sequence[ast.stmt] | Sequence[ast.expr]


@cache
def _template(text: str) -> tuple[ast.stmt, ...]:
    return tuple(ast.parse(text).body)


def quote(text: str, mark: Mark, **holes: Hole) -> list[ast.stmt]:
    """The statements of ``text``, its holes filled."""
    return [made for node in _template(text) for made in _statements(node, mark, holes)]


def quote_expression(text: str, mark: Mark, **holes: Hole) -> ast.expr:
    """The one expression of ``text``, its holes filled."""
    (statement,) = quote(text, mark, **holes)
    assert isinstance(statement, ast.Expr)
    return statement.value


def _statements(node: ast.stmt, mark: Mark, holes: dict[str, Hole]) -> list[ast.stmt]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Name):
        filled = holes.get(node.value.id)
        if isinstance(filled, list):
            return filled or [stand(ast.Pass(), mark)]
    return [_copy(node, mark, holes)]


def _copy(node: Any, mark: Mark, holes: dict[str, Hole]) -> Any:
    if isinstance(node, ast.Name) and node.id in holes:
        return holes[node.id]
    made = type(node)()
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            value = _copy_list(value, mark, holes)
        elif isinstance(value, ast.AST) and value._fields:
            value = _copy(value, mark, holes)
        setattr(made, name, value)
    return stand(made, mark)


def _copy_list(items: list[Any], mark: Mark, holes: dict[str, Hole]) -> list[Any]:
    made: list[Any] = []
    for item in items:
        if isinstance(item, ast.stmt):
            made += _statements(item, mark, holes)
            continue
        filled = _copy(item, mark, holes) if isinstance(item, ast.AST) else item
        made += filled if isinstance(filled, list) else [filled]
    return made


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
