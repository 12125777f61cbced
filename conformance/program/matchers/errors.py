"""The matcher for a path whose evaluation raises, and how declared errors and warnings are compared with seen ones."""

from __future__ import annotations

import ast
import re
from typing import Any

from conformance.closeness import collapse
from conformance.language.model import Placed
from conformance.language.source import Map
from conformance.program.emission import Emission
from conformance.program.messages import check_patterns, declared_pattern
from conformance.program.verb import Matcher
from conformance.transcript import ErrorSeen, Seen, WarningSeen


def error_differs(seen: ErrorSeen | WarningSeen | Seen | None, declared: Any) -> str | None:
    """None where ``seen`` is of the declared class (or derived from it) with the declared text, else the difference."""
    ((kind, text),) = declared.items()
    if not isinstance(seen, ErrorSeen | WarningSeen):
        return f"expected {kind}, " + ("nothing was raised" if seen is None else f"got {seen}")
    if kind not in seen.classes:
        return f"expected {kind}, got {seen}"
    pattern = declared_pattern(text)
    if re.search(pattern, collapse(seen.message)):
        return None
    return f"expected {kind} with {pattern if isinstance(text, Map) else text!r}, got {collapse(seen.message)!r}"


class Raises(Matcher):
    """Evaluating the path raises: the class or a base of it, and a literal part of the message (or `{matches: regex}`).

    ```yaml
    x.grad.sum(): {raises: {AttributeError: "no attribute 'sum'"}}
    ```
    """

    key = "raises"
    schema = {"$ref": "#/$defs/error"}

    def check(self, argument: Placed, to: Emission) -> None:
        check_patterns(argument, to.case)

    def test(self, seen: Seen, argument: Any) -> str | None:
        return error_differs(seen, argument)

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        ((kind, text),) = argument.value.items()
        return to.quote(
            f"with raises({kind!r}, {declared_pattern(text)!r}): PATH",
            argument.mark,
            PATH=[ast.copy_location(ast.Expr(path), path)],
        )
