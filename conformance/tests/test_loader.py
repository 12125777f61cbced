"""The loader: a place for every key, YAML 1.2 scalars, characters of any width, the model that comes out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from conformance.language.problem import MalformedCase
from conformance.language.reader import cases_root, read_all, select
from conformance.language.source import Map, Mark, Seq, parse
from conformance.tests.support import case, cases_of, file_of, write

PATH = Path("made_up.yaml")
TEXT = """\
first: 1
"quoted key": "a, b"
nested:
  list: [1., {deep: x}]
  block: |
    two
    lines
  wide: "é" # a comment
  é: x.grad
"""


def parsed(text: str) -> Any:
    return parse(text, PATH)


def test_every_key_and_every_value_knows_its_place() -> None:
    document = parsed(TEXT)
    assert isinstance(document, Map)
    places = {key: document.keys_at[key][:2] for key in document}
    assert places == {"first": (1, 1), "quoted key": (2, 1), "nested": (3, 1)}
    nested = document["nested"]
    assert nested.keys_at["list"][:2] == (4, 3)
    assert nested.values_at["list"][:2] == (4, 9)
    assert [at[:2] for at in nested["list"].items_at] == [(4, 10), (4, 14)]
    assert nested["list"][1].keys_at["deep"][:2] == (4, 15)
    assert nested.values_at["block"][:2] == (5, 10)
    assert nested["block"] == "two\nlines\n"


def test_columns_count_characters_and_offsets_bytes() -> None:
    mark = parsed(TEXT)["nested"].values_at["é"]
    assert mark == Mark(line=9, column=6, offset=6, plain=True, length=6)
    assert parsed("日本: x")  # three bytes a character
    assert parsed("日本: x").values_at["日本"].offset == len("日本: ".encode())


def test_only_a_plain_scalar_on_one_line_is_plain() -> None:
    document = parsed('a: plain\nb: "quoted"\nc: two\n  lines\nd: |\n  block\n')
    assert [document.values_at[key].plain for key in "abcd"] == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-1", -1), ("+1", 1), ("007", 7), ("0o17", 15), ("0x1F", 31), ("0b11", "0b11"), ("1_000", "1_000"),
        ("1.", 1.0), (".5", 0.5), ("1e-3", 1e-3), ("1E5", 1e5), ("-1.5e+3", -1500.0), ("1e", "1e"), (".", "."),
        ("true", True), ("false", False), ("True", "True"), ("on", "on"), ("no", "no"), ("yes", "yes"), ("y", "y"),
        ("null", None), ("~", "~"), ("Null", "Null"), ("inf", math.inf), ("-inf", -math.inf), (".inf", math.inf),
        ("12:30", "12:30"), ("2026-01-01", "2026-01-01"), ("1+2j", "1+2j"), ("'1'", "1"), ('"true"', "true"), ("''", ""),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = parsed(f"key: {text}")["key"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("text", ["nan", ".nan"])
def test_nan_is_a_number(text: str) -> None:
    assert math.isnan(parsed(f"[{text}]")[0])


def test_a_key_is_a_string_whatever_it_looks_like() -> None:
    assert list(parsed("1: a\ntrue: b\nnull: c\n")) == ["1", "true", "null"]


@pytest.mark.parametrize(
    ("text", "place", "fragment"),
    [
        ("a: 1\na: 2", "2:1", "the key 'a' stands twice; the first is in line 1"),
        ("{1: a, 1: b}", "1:8", "the key '1' stands twice"),
        ("a:\n- b: &x 1", "2:6", "anchors and aliases"),
        ("é: !t 1", "1:4", "the tag '!t' is not accepted"),
        ("a: {y: where(x > 0, x, 0)}", "1:21", "the comma split the expression"),
        ("a: [1,\n", "2:1", "is not YAML"),
    ],
)
def test_a_refusal_tells_line_and_column_in_characters(text: str, place: str, fragment: str) -> None:
    with pytest.raises(MalformedCase) as refused:
        parsed(text)
    assert str(refused.value).startswith(f"made_up.yaml:{place}: ")
    assert fragment in str(refused.value)


def test_line_ends_and_a_byte_order_mark_are_no_matter(tmp_path: Path) -> None:
    text = file_of(case("- expect: {x: [1., 2., 3.]}"))
    for number, changed in enumerate([text, text.replace("\n", "\r\n"), "\ufeff" + text]):
        (file,) = read_all([write(tmp_path, changed, f"r{number}/chapter/topic.yaml")])
        assert file.cases[0].steps[0].mark.line == 9


def test_the_model_of_a_case() -> None:
    text = file_of(
        case(
            "- expect: {x: [1.]}", "x: {leaf: [1.], dtype: d}\nn: 3", more="each: {d: [float32, float64]}\nneeds: [nn]"
        ),
        case("- observe: ['1']", "", name="second"),
    )
    first, other, last = cases_of(text)
    assert (first.id, other.id) == ("chapter/topic::a_case[d=float32]", "chapter/topic::a_case[d=float64]")
    assert (first.choice, first.needs) == ((("d", "float32"),), frozenset({"nn"}))
    assert [(given.name, given.leaf, given.tensor, given.dtype) for given in other.given] == [
        ("x", True, True, "float64"),
        ("n", False, False, None),
    ]
    assert (last.says, last.source, last.given) == ("Something holds.", "torch.Tensor", ())
    assert first.yaml.startswith("- case: a_case\n")
    assert "second" not in first.yaml
    assert last.yaml.endswith("- observe: ['1']")


def test_chapter_and_topic_are_the_place_in_the_folder(tmp_path: Path) -> None:
    text = file_of(case("- observe: ['1']", ""))
    for place in ("hooks/order.yaml", "nn/modules/linear.yaml", "alone.yaml", "behaviours/claims.yaml"):
        write(tmp_path / "suite", text, place)
    found = {(file.chapter, file.topic) for file in read_all([tmp_path / "suite"])}
    assert found == {("hooks", "order"), ("nn/modules", "linear"), ("suite", "alone")}


def test_the_suite_has_cases_and_unique_ids() -> None:
    ids = [made.id for file in read_all() for made in file.cases]
    assert ids
    assert len(set(ids)) == len(ids)
    assert (cases_root() / "behaviours").is_dir()


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("chapter", 3), ("topic", 3), ("chapter/topic", 3), ("chapter/topic::a", 2), ("chapter/topic::a[n=1]", 1),
        ("a", 0), ("a[n=1]", 1), ("chapter/topic::*", 3), ("*n=?]", 2), ("b", 1), ("chap*", 3),
    ],
)  # fmt: skip
def test_a_selection(pattern: str, chosen: int) -> None:
    text = file_of(
        case("- observe: ['1']", "", name="a", more="each: {n: [1, 2]}"), case("- observe: ['1']", "", name="b")
    )
    cases = cases_of(text)
    if chosen:
        assert len(select(cases, [pattern])) == chosen
    else:
        with pytest.raises(ValueError, match="no case is named by"):
            select(cases, [pattern])


def test_several_patterns_choose_each_case_once_in_order() -> None:
    text = file_of(case("- observe: ['1']", "", name="a"), case("- observe: ['1']", "", name="b"))
    assert [made.name for made in select(cases_of(text), ["b", "*", "a"])] == ["a", "b"]


def test_a_sequence_knows_its_own_place() -> None:
    document = parsed("a:\n  - 1\n  - 2\n")
    assert isinstance(document["a"], Seq)
    assert [at.line for at in document["a"].items_at] == [2, 3]
