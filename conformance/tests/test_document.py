"""What is generated from verbs and matchers is not stale, and everything that has a name is explained."""

from __future__ import annotations

import json
import re

import pytest

from conformance.language.data import GENERATORS
from conformance.language.model import NEEDS
from conformance.language.reader import cases_root
from conformance.language.schema import SCHEMA_FILE
from conformance.language.vocabulary import vocabulary
from conformance.program import document
from conformance.program.verb import MATCHERS, VERBS

README = cases_root() / "README.md"
RENEW = "run python -m conformance.program.document"


def test_the_schema_is_not_stale() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == document.schema_text(), RENEW


def test_the_schema_is_a_json_schema_without_loose_ends() -> None:
    schema = json.loads(document.schema_text())
    text = json.dumps(schema)
    for name in schema["$defs"]:
        assert f'"#/$defs/{name}"' in text, f"{name} is defined and used nowhere"


def test_the_reference_in_the_readme_is_not_stale() -> None:
    text = README.read_text(encoding="utf-8")
    assert document.readme_with_reference(text) == text, RENEW


@pytest.mark.parametrize("name", [*VERBS, *MATCHERS, *GENERATORS, *NEEDS])
def test_the_readme_explains(name: str) -> None:
    assert f"`{name}`" in README.read_text(encoding="utf-8") or f"`{name}: [" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", vocabulary().helpers)
def test_the_readme_explains_the_helper(name: str) -> None:
    assert re.search(rf"- `{name}\(.*\)`: .+", README.read_text(encoding="utf-8"))


@pytest.mark.parametrize("thing", [*VERBS.values(), *MATCHERS.values()], ids=[*VERBS, *MATCHERS])
def test_a_sentence_comes_first(thing: object) -> None:
    first = (thing.__doc__ or "").strip().splitlines()[0]
    assert first.endswith((".", ")."))
    assert len(first) > 15


def test_every_key_of_a_file_and_of_a_case_is_explained() -> None:
    text, schema = README.read_text(encoding="utf-8"), document.schema()
    keys = {*schema["properties"], *schema["$defs"]["case"]["properties"]}
    assert [key for key in sorted(keys) if f"`{key}`" not in text and f"\n{key}:" not in text] == []
