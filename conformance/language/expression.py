"""Expressions: a small, closed part of Python's own, parsed and never evaluated from text.

Numbers, strings, True, False, None, ``...``, names, tuples, lists, ``+ - * / // % ** @``, comparisons, ``is``, ``in``,
``and or not``, calls with keywords, attributes, subscripts and slices. A name is a variable of the case, or one of the
closed vocabulary; an attribute likewise. Whatever else Python has (lambda, comprehension, dunder, walrus, f-string ...)
is refused with a message that says what to do.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from conformance.language.problem import MalformedCase, Spot, malformed
from conformance.language.source import Mark
from conformance.language.vocabulary import vocabulary

_OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn),
    *(ast.And, ast.Or, ast.Not, ast.USub, ast.UAdd),
)
_PLAIN = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.keyword, ast.Tuple, ast.List),
    *(ast.Subscript, ast.Slice, ast.Starred),
)
_REFUSED: dict[type[ast.AST], str] = {
    ast.Lambda: "a lambda is not part of the language; write a function under define:",
    ast.ListComp: "a comprehension is not part of the language; use repeat:, or write the values out",
    ast.SetComp: "a comprehension is not part of the language; use repeat:, or write the values out",
    ast.DictComp: "a comprehension is not part of the language; use repeat:, or write the values out",
    ast.GeneratorExp: "a comprehension is not part of the language; use repeat:, or write the values out",
    ast.NamedExpr: "':=' is not part of the language; bind the name with let:",
    ast.JoinedStr: "an f-string is not part of the language",
    ast.Await: "await is not part of the language",
    ast.Yield: "yield stands under define:, as yields:",
    ast.YieldFrom: "yield stands under define:, as yields:",
    ast.IfExp: "a conditional is not part of the language; use where(...), or if: as a step",
    ast.Dict: "a dict display is not part of the language; use dict(key=value)",
    ast.Set: "a set display is not part of the language; use a tuple",
    ast.BitAnd: "'&' is not part of the language; use 'and' or logical_and",
    ast.BitOr: "'|' is not part of the language; use 'or' or logical_or",
}


_MOST_SHOWN = 80
_DEEPEST = 60


@dataclass
class Scope:
    """What the names of one case mean: its variables and definitions, the attributes that it sets itself.

    ``used`` collects the vocabulary that the case's expressions use, as Python paths (``torch.sum``).
    """

    file: Path
    variables: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)


def resolve(text: str, mark: Mark, scope: Scope) -> ast.expr:
    """``text`` as an ast in which vocabulary stands under its Python path and every node points into the YAML file.

    Raises MalformedCase for what is outside the grammar, for unknown names and for unknown attributes.
    """
    try:
        resolved: ast.expr = _Resolver(scope, mark).visit(_parsed(text.strip()))
        return resolved
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        deep = isinstance(error, RecursionError | MemoryError)
        reason = "it is nested too deeply" if deep else getattr(error, "msg", None) or str(error)
        shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} ..."
        spot = Spot(scope.file, mark.line, mark.column)
        raise malformed(spot, f"{shown!r} is not an expression: {reason}") from None


@cache
def _parsed(text: str) -> ast.expr:
    """The same few expressions stand in many cases; the resolver builds new nodes and leaves these as they are."""
    return ast.parse(text, mode="eval").body


class _Resolver:
    def __init__(self, scope: Scope, mark: Mark) -> None:
        self.scope = scope
        self.mark = mark
        self.depth = 0

    def visit(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name | ast.Attribute):
            return self.path(node)
        handler: Callable[[ast.AST], ast.expr] = self.constant if isinstance(node, ast.Constant) else self.plain
        self.depth += 1
        if self.depth > _DEEPEST:
            raise RecursionError
        made = self.stand(handler(node), node)
        self.depth -= 1
        return made

    def stand(self, made: Any, source: Any) -> Any:
        """Give ``made`` the place of ``source``: exact in a plain one-line scalar, else the whole scalar."""
        mark = self.mark
        made.lineno = made.end_lineno = mark.line
        if mark.plain and source.lineno == 1:
            made.col_offset, made.end_col_offset = mark.offset + source.col_offset, mark.offset + source.end_col_offset
        else:
            made.col_offset, made.end_col_offset = mark.offset, mark.offset + mark.length
        return made

    def refuse(self, node: ast.AST, message: str) -> MalformedCase:
        column = self.mark.column
        if self.mark.plain and getattr(node, "lineno", 1) == 1:
            column += getattr(node, "col_offset", 0)
        return malformed(Spot(self.scope.file, self.mark.line, column), message)

    def constant(self, node: ast.AST) -> ast.expr:
        assert isinstance(node, ast.Constant)
        if isinstance(node.value, bytes):
            raise self.refuse(node, "bytes are not part of the language")
        return ast.Constant(node.value)

    def plain(self, node: ast.AST) -> ast.expr:
        if not isinstance(node, _PLAIN):
            what = _REFUSED.get(type(node), f"{type(node).__name__} is not part of the language")
            raise self.refuse(node, what)
        made: Any = type(node).__new__(type(node))
        for name, value in ast.iter_fields(node):
            setattr(made, name, self.part(value, node))
        return made  # type: ignore[no-any-return]

    def part(self, value: object, parent: ast.AST) -> object:
        if isinstance(value, list):
            return [self.part(item, parent) for item in value]
        if isinstance(value, ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
            if not isinstance(value, _OPERATORS):
                what = _REFUSED.get(type(value), f"{type(value).__name__} is not part of the language")
                raise self.refuse(parent, what)
            return value
        if isinstance(value, ast.keyword):
            if value.arg is not None and value.arg.startswith("__"):
                raise self.refuse(value, f"{value.arg!r}: names with two leading underscores are not accepted")
            return self.stand(self.plain(value), value)
        if isinstance(value, ast.expr_context):
            return ast.Load()
        return self.visit(value) if isinstance(value, ast.expr) else value

    def path(self, node: ast.AST) -> ast.expr:
        """A name, or attributes after a name, or attributes after any other expression."""
        attributes: list[ast.Attribute] = []
        root: ast.AST = node
        while isinstance(root, ast.Attribute):
            attributes.insert(0, root)
            root = root.value
        if isinstance(root, ast.Name):
            made, taken = self.name(root, [root.id, *(a.attr for a in attributes)])
        else:
            made, taken = self.visit(root), 1  # type: ignore[arg-type]
        for attribute in attributes[taken - 1 :]:
            self.check_attribute(attribute)
            made = self.stand(ast.Attribute(made, attribute.attr, ast.Load()), attribute)
        return made

    def name(self, root: ast.Name, parts: list[str]) -> tuple[ast.expr, int]:
        words, scope = vocabulary(), self.scope
        if parts[0] in scope.variables:
            return self.stand(ast.Name(parts[0], ast.Load()), root), 1
        if any(part.startswith("__") for part in parts):
            raise self.refuse(root, f"{'.'.join(parts)!r}: names with two leading underscores are not accepted")
        found = words.lookup(parts)
        if found is None:
            raise self.refuse(root, self.unknown(parts))
        python, taken = found
        scope.used.add(python)
        first, *rest = python.split(".")
        made: ast.expr = self.stand(ast.Name(first, ast.Load()), root)
        for part in rest:
            made = self.stand(ast.Attribute(made, part, ast.Load()), root)
        return made, taken

    def unknown(self, parts: list[str]) -> str:
        words = vocabulary()
        name = parts[0]
        if name in words.modules or name == "torch":
            name = ".".join(parts[:2]) if name != "torch" else ".".join(parts[1:2]) or "torch"
            return f"{name!r} is not in the vocabulary{words.suggestion(name)}"
        hint = words.suggestion(name, sorted(self.scope.variables))
        return f"{name!r} is neither a variable of this case nor in the vocabulary{hint}"

    def check_attribute(self, node: ast.Attribute) -> None:
        words, scope = vocabulary(), self.scope
        if node.attr.startswith("__"):
            raise self.refuse(node, f"{node.attr!r}: names with two leading underscores are not accepted")
        if node.attr not in words.attributes and node.attr not in scope.attributes:
            raise self.refuse(
                node,
                f"the attribute {node.attr!r} is not in the vocabulary"
                f"{words.attribute_suggestion(node.attr, sorted(scope.attributes))}",
            )
