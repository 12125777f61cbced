"""The inventory: malformed entries are refused where they stand, and the suite's own is kept as WRITING.md says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conformance.language import source
from conformance.language.inventory import read_inventory
from conformance.language.problem import MalformedCase
from conformance.language.reader import INVENTORY, cases_root

GOOD = "- id: a.b\n  source: a page § a section\n  claim: Something holds.\n"

WRONG: dict[str, tuple[str, str]] = {
    "no list": ("id: a.b\n", "an inventory file is a list of claims"),
    "empty": ("", "is empty"),
    "an entry that is no mapping": ("- a.b\n", "a claim is a mapping with id, source and claim"),
    "no source": ("- id: a.b\n  claim: Something holds.\n", "the claim lacks source"),
    "a claim that is a number": (GOOD.replace("Something holds.", "3"), "the claim lacks claim"),
    "an unknown key": (GOOD + "  sauce: b\n", "unknown key 'sauce' in a claim"),
    "an id twice": (GOOD + GOOD, "the id 'a.b' stands twice"),
    "documented in words": (GOOD + "  documented: maybe\n", "documented: is true or false, not 'maybe'"),
    "an empty reason": (GOOD + "  not_expressible: ''\n", "not_expressible: is a sentence"),
    "a reason that is none": (GOOD + "  not_expressible: true\n", "not_expressible: is a sentence"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_entry_is_refused_where_it_stands(name: str, tmp_path: Path) -> None:
    text, fragment = WRONG[name]
    file = tmp_path / INVENTORY / "01_chapter.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MalformedCase, match=re.escape(fragment)) as caught:
        read_inventory(tmp_path)
    assert str(caught.value).startswith(str(file))


def entries() -> list[tuple[str, Any]]:
    """Every entry of the suite's own inventory, with the name of its file."""
    files = sorted((cases_root() / INVENTORY).glob("*.yaml"))
    return [(file.stem, entry) for file in files for entry in source.load(file)]


def test_a_claim_of_the_documentation_names_its_public_page() -> None:
    told = [e for chapter, e in entries() if e.get("documented", True) and chapter != "notebooks"]
    assert [e["id"] for e in told if not str(e.get("url")).startswith("https://docs.pytorch.org/")] == []


def test_ids_are_words_with_dots_and_hyphens() -> None:
    assert [e["id"] for _, e in entries() if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", e["id"])] == []


def test_a_claim_is_a_sentence_and_so_is_a_reason() -> None:
    for _, entry in entries():
        assert re.fullmatch(r"\S.*\s.*[.)!?\"']", entry["claim"]), f"{entry['id']}: {entry['claim']}"
        reason = entry.get("not_expressible", "It is longer than five words.")
        assert reason.endswith("."), f"{entry['id']}: {reason}"
        assert len(reason.split()) > 5, f"{entry['id']}: {reason}"
