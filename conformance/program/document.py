"""What is generated from the verbs and matchers: schema.json, and the verb reference in cases/README.md.

``python -m conformance.program.document`` writes both; a test notices when either is stale.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.language.data import GENERATORS
from conformance.language.model import NEEDS
from conformance.language.schema import SCHEMA_FILE
from conformance.language.vocabulary import vocabulary
from conformance.program.definition import METHODS
from conformance.program.helpers import PRELUDE
from conformance.program.inputs import DTYPES, LAYOUTS
from conformance.program.verb import MATCHERS, VERBS, Matcher, Verb, options

_BEGIN, _END = "<!-- generated: begin -->", "<!-- generated: end -->"
_NO_MAPPING = {"not": {"type": "object"}}
"""Any data. No list of types says it: a validator knows neither nan nor inf, which are numbers here."""
_TEXT = {"type": "string", "minLength": 1}
_VERSION = {"type": "string", "pattern": r"^[0-9]+\.[0-9]+$"}
_COMPOUNDS = {
    "either": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/expected"}},
    "drift": options(
        {"documented": {"$ref": "#/$defs/expected"}, "torch": {"$ref": "#/$defs/expected"}}, {"note": _TEXT}
    ),
}


def schema() -> dict[str, Any]:
    """The JSON Schema of a case file, assembled from the verbs and matchers."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of autograd-conformance cases",
        **options(
            {
                "about": _TEXT,
                "source": _TEXT,
                "cases": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/case"}},
            },
            {"needs": {"$ref": "#/$defs/needs"}},
        ),
        "$defs": _definitions(),
    }


def _definitions() -> dict[str, Any]:
    matchers = {key: matcher.schema for key, matcher in MATCHERS.items() if key not in ("equals", "calls")}
    return {
        "name": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"},
        "expression": {"type": "string", "minLength": 1},
        "data": _NO_MAPPING,
        "value": {
            "if": {"type": "object"},
            "then": options({"each": {"type": "array", "items": {"$ref": "#/$defs/value"}}}),
        },
        "expected": {
            "if": {"type": "object"},
            "then": {
                "type": "object",
                "properties": {**matchers, **_COMPOUNDS},
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
            },
        },
        "calls": {"type": "array", "items": _call()},
        "dtype": {"enum": list(DTYPES)},
        "needs": {"type": "array", "items": {"enum": list(NEEDS)}, "uniqueItems": True},
        "error": _error(),
        "declared_error": _declared_error(),
        "callable": _callable(),
        "definition": _definition(),
        "function": _function(),
        "step": {
            "type": "object",
            "properties": {
                **{key: verb.schema for key, verb in VERBS.items()},
                "raises": {"$ref": "#/$defs/declared_error"},
                "warns": {"if": {"type": "null"}, "then": {}, "else": {"$ref": "#/$defs/declared_error"}},
                "do": {"$ref": "#/$defs/steps"},
                "else": {"$ref": "#/$defs/steps"},
            },
            "additionalProperties": False,
        },
        "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
        "given": _given(),
        "case": _case(),
    }


def _call() -> dict[str, Any]:
    handed = {
        "if": {"type": "object"},
        "then": options({"each": {"type": "array", "items": _NO_MAPPING}}),
    }
    return {
        "if": {"type": "object"},
        "then": {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": handed},
        "else": {"type": "string"},
    }


def _error() -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"pattern": "^[A-Z][A-Za-z]*$"},
        "additionalProperties": {
            "if": {"type": "object"},
            "then": options({"matches": {"type": "string", "format": "regex"}}),
            "else": {"type": "string"},
        },
    }


def _declared_error() -> dict[str, Any]:
    side = {"if": {"type": "null"}, "then": {}, "else": {"$ref": "#/$defs/error"}}
    return {
        "if": {"type": "object", "required": ["drift"]},
        "then": options({"drift": options({"documented": side, "torch": side}, {"note": _TEXT})}),
        "else": {"$ref": "#/$defs/error"},
    }


def _callable() -> dict[str, Any]:
    keys: dict[str, Any] = {
        "takes": {"type": "array", "items": {"type": "string"}},
        "steps": {"$ref": "#/$defs/steps"},
        "returns": {"$ref": "#/$defs/value"},
        "yields": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/value"}},
        "raises": {**_error(), "additionalProperties": {"type": "string"}},
        "decorated_by": {"$ref": "#/$defs/expression"},
    }
    return options({}, keys)


def _definition() -> dict[str, Any]:
    return {
        "if": {"type": "object", "required": ["function"]},
        "then": options({"function": {"$ref": "#/$defs/function"}}),
        "else": {
            "if": {"type": "object", "required": ["class"]},
            "then": options({"class": _class()}),
            "else": {"$ref": "#/$defs/callable"},
        },
    }


def _class() -> dict[str, Any]:
    methods = {"type": "object", "propertyNames": {"$ref": "#/$defs/name"}}
    methods["additionalProperties"] = {"$ref": "#/$defs/callable"}
    return options({}, {"of": {"$ref": "#/$defs/expression"}, "methods": methods})


def _function() -> dict[str, Any]:
    methods = {key: {"$ref": "#/$defs/callable"} for key in METHODS}
    return options(
        {},
        {
            **methods,
            "attributes": {
                "type": "object",
                "propertyNames": {"$ref": "#/$defs/name"},
                "additionalProperties": {"$ref": "#/$defs/value"},
            },
            "static": {"type": "boolean"},
        },
    )


def _given() -> dict[str, Any]:
    shape = {"type": "array", "items": {"if": {"type": "integer"}, "then": {"minimum": 0}, "else": {"type": "string"}}}
    data = {
        "if": {"type": "object"},
        "then": {**options({}, dict.fromkeys(GENERATORS, shape)), "minProperties": 1, "maxProperties": 1},
        "else": {"$ref": "#/$defs/data"},
    }
    extra: dict[str, Any] = {"dtype": {"type": "string"}, "layout": {"enum": list(LAYOUTS)}}
    return {
        "if": {"type": "object"},
        "then": options({}, {"leaf": data, "const": data, **extra}),
    }


def _choices() -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": _NO_MAPPING}


def _case() -> dict[str, Any]:
    names = {"type": "object", "minProperties": 1, "propertyNames": {"$ref": "#/$defs/name"}}
    return options(
        {
            "case": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
            "says": _TEXT,
            "steps": {"$ref": "#/$defs/steps"},
        },
        {
            "covers": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
            "source": _TEXT,
            "given": {**names, "additionalProperties": {"$ref": "#/$defs/given"}},
            "define": {**names, "additionalProperties": {"$ref": "#/$defs/definition"}},
            "needs": {"$ref": "#/$defs/needs"},
            "each": {**names, "additionalProperties": _choices()},
            "since": _VERSION,
            "until": _VERSION,
        },
    )


def reference() -> str:
    """The verb reference, as Markdown."""
    parts = ["### Verbs\n", *(_entry(verb) for verb in VERBS.values())]
    parts += ["### Matchers\n", *(_entry(matcher) for matcher in MATCHERS.values())]
    parts += [
        "### Generators\n",
        "\n".join(f"- `{name}: [shape]`: {fill.__doc__}" for name, fill in GENERATORS.items()) + "\n",
    ]
    parts += ["### Helpers\n", "\n".join(_helpers()) + "\n"]
    parts += ["### Needs\n", "\n".join(f"- `{name}`: {meaning}" for name, meaning in NEEDS.items()) + "\n"]
    return "\n".join(parts)


def _helpers() -> Iterator[str]:
    """What cases may call that is neither torch's nor Python's, by signature and docstring."""
    wanted = vocabulary().helpers
    for node in ast.parse(PRELUDE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name in wanted:
            yield f"- `{node.name}({_parameters(node)})`: {_told(node)}"
        if isinstance(node, ast.ClassDef) and node.name in wanted:
            yield f"- `{node.name}()`: {_told(node)}"
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and not m.name.startswith("__")]
            yield from (f"    - `.{m.name}({_parameters(m)})`: {_told(m)}" for m in methods)


def _parameters(function: ast.FunctionDef) -> str:
    plain = ast.parse(ast.unparse(function)).body[0]
    assert isinstance(plain, ast.FunctionDef)
    arguments = plain.args
    arguments.args = [a for a in arguments.args if a.arg not in ("self", "cls")]
    for argument in [*arguments.args, *filter(None, [arguments.vararg, arguments.kwarg])]:
        argument.annotation = None
    return ast.unparse(arguments)


def _told(node: ast.FunctionDef | ast.ClassDef) -> str:
    return " ".join((ast.get_docstring(node) or "").split())


def _entry(thing: Verb | Matcher) -> str:
    return f"#### `{thing.key}`\n\n{inspect.cleandoc(thing.__doc__ or '')}\n"


def readme_with_reference(text: str) -> str:
    """``text`` of cases/README.md with the reference between its marks renewed."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{reference()}\n{_END}{after}"


def main() -> None:
    """Renew the schema and the reference in cases/README.md."""
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    readme = Path(__file__).parents[2] / "cases" / "README.md"
    readme.write_text(readme_with_reference(readme.read_text(encoding="utf-8")), encoding="utf-8")


def schema_text() -> str:
    """The schema as it stands in schema.json."""
    return json.dumps(schema(), indent=1) + "\n"


if __name__ == "__main__":
    main()
