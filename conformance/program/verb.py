"""What a verb is, and what a matcher is: one small class each, in one place.

A verb owns its key, its JSON Schema, its documentation (the docstring: a sentence, then examples) and the Python that it
emits. A matcher owns its key, its schema, its documentation, its probe (what is recorded, compiled in), its test (the
judge's) and its assertion (for the standalone script). Subclassing registers.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from conformance.language.model import Placed, Step
from conformance.transcript import Seen

if TYPE_CHECKING:
    from conformance.program.emission import Emission

Schema = dict[str, Any]

EXPRESSION: Schema = {"$ref": "#/$defs/expression"}
VALUE: Schema = {"$ref": "#/$defs/value"}
NAME: Schema = {"$ref": "#/$defs/name"}
EXPECTED: Schema = {"$ref": "#/$defs/expected"}


def options(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """The schema of a mapping with just these keys."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


class Verb(ABC):
    """One verb. ``companions`` are the keys that may stand beside it, besides raises and warns."""

    key: ClassVar[str]
    schema: ClassVar[Schema]
    companions: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        if "key" in vars(cls):
            VERBS[cls.key] = cls()

    @abstractmethod
    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        """The Python of one step."""

    def binds(self, step: Step) -> list[str]:
        """The variables that the step makes."""
        return []


class Matcher(ABC):
    """One way to say what is expected at a path. ``argument`` is what the YAML says under the key."""

    key: ClassVar[str]
    schema: ClassVar[Schema]

    def __init_subclass__(cls) -> None:
        if "key" in vars(cls):
            MATCHERS[cls.key] = cls()

    def check(self, argument: Placed, to: Emission) -> None:  # noqa: B027
        """Raise MalformedCase where the argument cannot be meant, beyond what the schema sees."""

    def probe(self, path: ast.expr, argument: Placed, to: Emission) -> ast.expr:
        """The expression whose value is recorded; the path itself unless the matcher needs more."""
        return path

    @abstractmethod
    def test(self, seen: Seen, argument: Any) -> str | None:
        """None where ``seen`` is as declared, else the difference in words."""

    @abstractmethod
    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        """The same test as Python for a standalone script."""


VERBS: dict[str, Verb] = {}
MATCHERS: dict[str, Matcher] = {}
