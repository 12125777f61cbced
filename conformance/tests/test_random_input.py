"""Whatever stands in a file, it is accepted or refused with a place; nothing else ever comes out, and no code runs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.language.lint import lint
from conformance.language.problem import MalformedCase
from conformance.language.reader import cases_root
from conformance.program.compile import compile_all
from conformance.program.script import script
from conformance.show import rendered
from conformance.tests.support import HEAD, case, cases_of, file_of

SINK = Path(__file__).with_name("kitchen_sink.yaml").read_text(encoding="utf-8")
SUITE = sorted(path.read_text(encoding="utf-8") for path in (cases_root() / "notebooks").glob("*.yaml"))


def accepted(text: str) -> bool:
    """Whether the text is a file of cases, after everything that is done with a case without playing it."""
    try:
        cases = cases_of(text)
        compile_all(cases)
        lint(cases, ())
    except MalformedCase:
        return False
    for made in cases:
        compile(script(made), "script", "exec")
        rendered(made, "json")
    return True


def test_the_text_that_is_changed_is_right() -> None:
    assert accepted(SINK)
    assert len(cases_of(SINK)) == 4


_WORDS = """about source cases case says given define steps leaf const dtype layout takes returns function forward backward let
    run expect observe with do else raises warns repeat over as while if set del join thread collect gradcheck of at each tuple
    either drift documented torch null true nan inf 1. 2 -3 1e400 0x1F 1+2j x y sum(x) x.grad [1.,2.] {x: 1} lambda __import__
    "sum( !!str &a *a << ? | > - , : # % @ ` ' " { } [ ] \t"""
YAML_ISH = st.lists(st.sampled_from([*_WORDS.split(), "\n", "\n  ", "\n    ", "\n- ", ": ", "- "]), max_size=40).map(
    " ".join
)


@given(YAML_ISH)
@settings(max_examples=150, deadline=None)
@example("? \n").via("a key without a key")
@example("- - - - -\n").via("items without a value")
@example("about: 1e400\nsource: \u2028\ncases: 0o9\n").via("odd scalars")
def test_text_that_looks_like_yaml(text: str) -> None:
    accepted(text)
    accepted(HEAD + "- case: a\n  says: b\n  steps:\n  - " + text)


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
@example("__import__('os').system('touch owned')").via("code")
@example("x.__class__.__mro__[-1].__subclasses__()").via("the way to every class")
@example("1 if x else 2").via("a conditional")
def test_any_text_as_an_expression(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    accepted(file_of(case(f"- observe: [{quoted}]")))


def _cut(lines: list[str], at: int, draw: random.Random) -> None:
    del lines[at]


def _repeat(lines: list[str], at: int, draw: random.Random) -> None:
    lines.insert(at, lines[at])


def _swap(lines: list[str], at: int, draw: random.Random) -> None:
    other = draw.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _indent(lines: list[str], at: int, draw: random.Random) -> None:
    lines[at] = "  " + lines[at] if draw.random() < 0.5 else lines[at][2:]


def _character(lines: list[str], at: int, draw: random.Random) -> None:
    line = lines[at] or " "
    place = draw.randrange(len(line))
    lines[at] = line[:place] + draw.choice("[]{}():,-'\"#&*!|>%@`0.j_ \t\\é\x00") + line[place + draw.randrange(2) :]


def _word(lines: list[str], at: int, draw: random.Random) -> None:
    words = lines[at].split(" ")
    words[draw.randrange(len(words))] = draw.choice(_WORDS.split())
    lines[at] = " ".join(words)


Place = tuple[str | int, ...]
ODD: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        2**70,
        1e400,
        float("nan"),
        "",
        " ",
        "x",
        "sum(x)",
        "lambda: 0",
        "x is 1",
        "a" * 999,
        "é",
        "\0",
        "<<",
    ),
    *([], [[]], [1, "x"], [1, [2]], [True, 1], {}, {"x": 1}, {1: 2}, {"": ""}, {"each": 1}, {"each": {"each": []}}),
    *({"drift": {}}, {"drift": {"documented": 1, "torch": 2}}, {"either": [1]}, {"tuple": [{"either": [1, 2]}]}),
    *({"function": {}}, {"class": {}}, {"randn": [2**40]}, {"leaf": {"randn": ["n"]}}, {"matches": "("}),
]
"""What stands nowhere, or only elsewhere."""


def _places(node: Any, place: Place = ()) -> Iterator[Place]:
    yield place
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield from _places(value, (*place, key))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=120, deadline=None)
def test_an_odd_value_in_any_place(seed: int) -> None:
    draw = random.Random(seed)
    document: Any = {"all": yaml.safe_load(SINK)}
    *way, last = draw.choice(list(_places(document["all"], ("all",))))
    node = document
    for key in way:
        node = node[key]
    node[last] = draw.choice(ODD)
    accepted(yaml.safe_dump(document["all"], sort_keys=False, default_flow_style=draw.choice([None, True, False])))


CHANGES: list[Callable[[list[str], int, random.Random], None]] = [_cut, _repeat, _swap, _indent, _character, _word]


@pytest.mark.parametrize("text", [SINK, *SUITE[:2]], ids=["kitchen_sink", *map(str, range(len(SUITE[:2])))])
@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_changed_file(text: str, seed: int) -> None:
    draw = random.Random(seed)
    lines = text.splitlines()
    for _ in range(draw.randint(1, 3)):
        draw.choice(CHANGES)(lines, draw.randrange(len(lines)), draw)
    accepted("\n".join(lines) + "\n")
