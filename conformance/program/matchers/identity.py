"""Matchers on which object or which memory something is."""

from __future__ import annotations

import ast
from typing import Any

from conformance.language.model import Placed
from conformance.program.emission import Emission
from conformance.program.verb import EXPRESSION, Matcher
from conformance.transcript import PlainSeen, Seen


class _Fact(Matcher):
    """A matcher whose probe is a yes-or-no question about the path."""

    question: str
    words: str

    def probe(self, path: ast.expr, argument: Placed, to: Emission) -> ast.expr:
        return to.quote_expression(self.question, argument.mark, PATH=path, OTHER=to.expression(*argument))

    def test(self, seen: Seen, argument: Any) -> str | None:
        if isinstance(seen, PlainSeen) and seen.value is True:
            return None
        return f"expected {self.words} {argument}, which it is not" + (
            "" if isinstance(seen, PlainSeen) else f" ({seen})"
        )

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        return to.quote("assert FACT", argument.mark, FACT=self.probe(path, argument, to))


class SameObjectAs(_Fact):
    """The very same Python object.

    ```yaml
    node.variable: {same_object_as: x}
    ```
    """

    key = "same_object_as"
    schema = EXPRESSION
    question = "PATH is OTHER"
    words = "the same object as"


class SharesMemoryWith(_Fact):
    """A tensor over the same storage.

    ```yaml
    x.detach(): {shares_memory_with: x}
    ```
    """

    key = "shares_memory_with"
    schema = EXPRESSION
    question = "PATH.untyped_storage().data_ptr() == OTHER.untyped_storage().data_ptr()"
    words = "a tensor over the storage of"
