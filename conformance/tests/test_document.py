"""What is generated from verbs and matchers is not stale, and everything that has a name is explained."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformance.language.data import GENERATORS
from conformance.language.model import NEEDS
from conformance.language.reader import cases_root
from conformance.language.schema import SCHEMA_FILE
from conformance.language.vocabulary import vocabulary
from conformance.program import document
from conformance.program.verb import MATCHERS, VERBS
from conformance.run import load

README = cases_root() / "README.md"
CHECKOUT = Path(__file__).parents[2]
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


def test_the_case_on_the_front_page_is_one_of_ours() -> None:
    (shown,) = re.findall(r"```yaml\n(- case: .*?)```", page("README.md"), re.DOTALL)
    assert any(shown in path.read_text(encoding="utf-8") for path in cases_root().glob("*/*.yaml"))


@pytest.mark.parametrize("name", ["README.md", "cases/README.md", "cases/WRITING.md", "reference_impl/README.md"])
def test_what_a_page_names_is_there(name: str) -> None:
    text = page(name)
    for pattern in set(re.findall(r"'(\w+/\w+::[\w*]+)'", text)):
        assert load(patterns=(pattern,)).programs
    named = re.findall(r"(?<![\w/.])((?:cases|conformance|constraints|reference_impl)/[\w/.-]+\w)", text)
    linked = [str(Path(name).parent / link) for link in re.findall(r"\]\(([\w./-]+)(?:#[\w-]*)?\)", text)]
    assert [path for path in (*named, *linked) if not (CHECKOUT / path).exists()] == []


def page(name: str) -> str:
    if not (CHECKOUT / name).is_file():
        pytest.skip("not a checkout")
    return (CHECKOUT / name).read_text(encoding="utf-8")
