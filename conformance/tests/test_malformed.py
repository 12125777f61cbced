"""Wrong input: one clear message with file, line and column, exit code 2, never a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.tests.refusing import SUM, assert_refused, check
from conformance.tests.support import HEAD, LEAF, case, file_of, write

GIVEN: dict[str, tuple[str, str]] = {
    "neither leaf nor const": ("x: {leav: [1.]}", "unknown key 'leav'; did you mean 'leaf'?"),
    "leaf and const": ("x: {leaf: [1.], const: [1.]}", "x: is either leaf: or const:"),
    "no values": ("x: {dtype: float32}", "x: is either leaf: or const:"),
    "a list": ("x: [1., 2.]", "[1.0, 2.0] is not a number; a tensor is written"),
    "a string": ("x: hello", "'hello' is not a number; a tensor is written {leaf: ...} or {const: ...}"),
    "ragged": ("x: {leaf: [[1., 2.], [3.]]}", "the literal is ragged"),
    "no data": ("x: {leaf: hello}", "'hello' is not a number"),
    "null": ("x: {leaf: null}", "is not a number"),
    "dtype": ("x: {leaf: [1.], dtype: float31}", "unknown dtype 'float31'; known are"),
    "generator": ("x: {leaf: {rand: [3]}}", "unknown key 'rand'; did you mean 'randn'?"),
    "two generators": ("x: {leaf: {randn: [3], ones: [3]}}", "more than 1"),
    "huge": ("x: {leaf: {randn: [100000, 100000, 100000]}}", "holds more than 16777216 elements"),
    "negative": ("x: {leaf: {randn: [-1]}}", "minimum"),
    "fraction": ("x: {leaf: {randn: [2.0]}}", "a shape is a list of whole numbers"),
    "a size that is no number": ("x: {leaf: {randn: [n]}}", "a shape is a list of whole numbers"),
    "channels_last in 2 dimensions": (
        "x: {leaf: [[1., 2.]], layout: channels_last}",
        "layout channels_last needs 3 dimensions",
    ),
    "transposed in 1 dimension": ("x: {leaf: [1., 2.], layout: transposed}", "layout transposed needs 2 dimensions"),
    "sliced in 0 dimensions": ("x: {leaf: 1., layout: sliced}", "layout sliced needs 1 dimensions"),
    "unknown layout": ("x: {leaf: [1.], layout: fortran}", "fortran"),
    "a leaf of integers": (
        "x: {leaf: [1, 2]}",
        "a leaf has a floating or complex dtype, not int64; write 1. for 1, or const:",
    ),
    "complex in a real dtype": ("x: {leaf: [1+2j], dtype: float32}", "complex values do not fit the dtype float32"),
    "too large for a dtype": ("x: {const: [300], dtype: uint8}", "the values do not fit the dtype uint8"),
    "nan in integers": ("x: {const: [nan], dtype: int64}", "the values do not fit the dtype int64"),
    "a keyword": ("for: {leaf: [1.]}", "'for' is a word of Python's"),
    "a leading underscore": ("_x: {leaf: [1.]}", "_x"),
    "numpy": ("numpy: 3", "'numpy' has a meaning of its own"),
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_wrong_input_is_refused_where_it_stands(name: str, tmp_path: Path) -> None:
    given, fragment = GIVEN[name]
    path = write(tmp_path, file_of(case('- observe: ["1"]', given)))
    assert_refused(check(path), path, fragment, line=7)


DEFINE: dict[str, tuple[str, str]] = {
    "unknown key": ("f: {take: [x]}", "unknown key 'take'; did you mean 'takes'?"),
    "unknown method": ("F1: {function: {forwards: {returns: 1}}}", "unknown key 'forwards'; did you mean 'forward'?"),
    "no identifier": ("f: {takes: [2x]}", "'2x' is no parameter"),
    "a keyword": ("f: {takes: [class]}", "'class' is a word of Python's"),
    "a name of a keyword": ("class: {takes: [x]}", "'class' is a word of Python's"),
    "code in a parameter": ("f: {takes: ['x=1): print(1) #']}", "is no parameter"),
    "an annotation": ("f: {takes: ['x: print(1)']}", "is no parameter"),
    "two parameters in one": ("f: {takes: ['x, y']}", "is no parameter"),
    "a computed default": ("f: {takes: [x=y]}", "a default in takes: must be a literal"),
    "twice the same parameter": ("f: {takes: [x, x]}", "the parameter 'x' stands twice"),
    "a default before none": ("f: {takes: [x=1, y]}", "is no parameter list"),
    "takes a string": ("f: {takes: x}", "is not of type \"array\""),
    "raises an unknown error": ("f: {raises: {NoSuchError: text}}", "'NoSuchError' is neither"),
    "yields nothing": ("f: {yields: []}", "less than 1"),
    "unknown name in returns": ("f: {takes: [x], returns: y}", "'y' is neither a variable"),
    "unknown decorator": ("f: {decorated_by: cached}", "'cached' is neither a variable"),
    "steps without a verb": ("f: {steps: [{}]}", "a step has exactly one verb; this one has none"),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFINE)
def test_a_wrong_definition_is_refused_where_it_stands(name: str, tmp_path: Path) -> None:
    define, fragment = DEFINE[name]
    path = write(tmp_path, file_of(case('- observe: ["1"]', given="", define=define)))
    assert_refused(check(path), path, fragment, line=7)


MORE: dict[str, tuple[str, str]] = {
    "unknown key of a case": ("cover: [a]", "unknown key 'cover'; did you mean 'covers'?"),
    "covers a string": ("covers: x", 'is not of type "array"'),
    "covers nothing": ("covers: []", "less than 1"),
    "covers an unknown claim": ("covers: [no.such.claim]", "covers the unknown claim 'no.such.claim'"),
    "covers twice": ("covers: [a, a]", "non-unique"),
    "needs the unknown": ("needs: [gpu]", "gpu"),
    "each that is no list": ("each: {n: 3}", 'is not of type "array"'),
    "each of nothing": ("each: {n: []}", "less than 1"),
    "each of an unknown name": ("each: {n: [no_such_name]}", "'no_such_name' is neither a variable"),
    "each of a mapping": ("each: {n: [{a: 1}]}", "is not allowed for"),
    "each with the name of an input": ("each: {x: [1]}", "the name 'x' stands in two of given:, define: and each:"),
    "define with the name of an input": (
        "define: {x: {returns: 1}}",
        "the name 'x' stands in two of given:, define: and each:",
    ),
    "each with a keyword": ("each: {if: [1]}", "'if' is a word of Python's"),
    "since a number": ("since: 2.13", 'is not of type "string"'),
    "since no version": ("since: new", "new"),
    "since after until": ("since: '2.13'\nuntil: '2.11'", "since 2.13 is not before until 2.11: the case never runs"),
    "since equals until": ("since: '2.11'\nuntil: '2.11'", "the case never runs"),
}


@pytest.mark.parametrize("name", MORE)
def test_a_wrong_key_of_a_case_is_refused(name: str, tmp_path: Path) -> None:
    more, fragment = MORE[name]
    path = write(tmp_path, file_of(case(SUM, more=more)))
    result = check(path)
    assert_refused(result, path, fragment)
    assert re.search(r"yaml:[4-7]:\d+: ", result.stderr)


STEP = "- case: a\n  says: b\n  steps: [{observe: ['1']}]\n"
FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is empty; a case file starts with 'about:'"),
    "only a comment": ("# nothing\n", "is empty"),
    "binary": (bytes(range(256)), "cannot be read as UTF-8 text"),
    "a null character": (HEAD + STEP.replace("says: b", 'says: "a\\0b"'), "a null character is not accepted"),
    "an anchor that holds itself": ("about: &a [*a]\nsource: b\ncases: *a\n", "anchors and aliases are not accepted"),
    "aliases that multiply": (
        "about: a\nsource: b\ncases:\n- &a [x, x]\n" + "".join(f"- &b{n} [*a, *a]\n" for n in range(40)),
        "anchors and aliases are not accepted",
    ),
    "nested without end": ("about: a\nsource: b\ncases: " + "[" * 5000, "nested deeper than 100 levels"),
    "a key that is nan": (HEAD + STEP.replace("says: b", "says: b\n  nan: 1"), "unknown key 'nan'"),
    "a key that is a list": (HEAD + STEP.replace("says: b", "says: b\n  [a]: 1"), "a key must be a string"),
    "UTF-16": ((HEAD + STEP).encode("utf-16"), "cannot be read as UTF-8 text"),
    "Latin-1": ((HEAD + STEP).replace("says: b", "says: \xe9").encode("latin-1"), "cannot be read as UTF-8 text"),
    "control characters": (b"about: \x01\n", "is not YAML"),
    "no YAML": ("about: [1, 2\n", "is not YAML"),
    "tabs": ("about: a\n\tsource: b\n", "is not YAML"),
    "a scalar": ("hello", 'is not of type "object"'),
    "a list": ("- a\n- b\n", 'is not of type "object"'),
    "a number": ("3", 'is not of type "object"'),
    "a directive": ("%YAML 1.1\n---\nabout: a\n", "YAML directives are not accepted"),
    "two documents": (HEAD + STEP + "---\nabout: b\n", "a second document begins here"),
    "no cases": ("about: a\nsource: b\n", '"cases" is a required property'),
    "cases that are none": ("about: a\nsource: b\ncases: []\n", "less than 1"),
    "cases that are a string": ("about: a\nsource: b\ncases: x\n", 'is not of type "array"'),
    "an unknown key": ("abuot: a\n" + HEAD + STEP, "unknown key 'abuot'; did you mean 'about'?"),
    "about a number": ("about: 3\nsource: b\ncases:\n" + STEP, '3 is not of type "string"'),
    "steps a number": (HEAD + "- case: a\n  says: b\n  steps: 3\n", '3 is not of type "array"'),
    "given a list": (
        HEAD + "- case: a\n  says: b\n  given: [x]\n  steps: [{observe: ['1']}]\n",
        'is not of type "object"',
    ),
    "steps without a step": (HEAD + "- case: a\n  says: b\n  steps: []\n", "less than 1"),
    "no steps": (HEAD + "- case: a\n  says: b\n", '"steps" is a required property'),
    "a capital in the name": (HEAD + STEP.replace("case: a", "case: A"), "A"),
    "a name twice": (HEAD + STEP + STEP, "the case 'a' stands twice; the first is in line 4"),
    "nothing asserted": (HEAD + "- case: a\n  says: b\n  steps: [{run: '1'}]\n", "the case asserts nothing"),
    "nothing but the word expect": (
        HEAD + "- case: a\n  says: We expect b.\n  define: {f: {returns: 1}}\n  steps: [{run: f()}]\n",
        "the case asserts nothing",
    ),
    "a surrogate": (HEAD + STEP.replace("says: b", 'says: "\\ud800"'), ""),
}


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file_is_refused(name: str, tmp_path: Path) -> None:
    text, fragment = FILES[name]
    path = write(tmp_path, text)
    assert_refused(check(path), path, fragment)


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "about: 3\nsource: 4\ncases: 5\n", "chapter/one.yaml")
    write(tmp_path, "", "chapter/two.yaml")
    result = check(tmp_path)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "4 problems"
    assert result.stderr.count("one.yaml:") == 3


def test_each_tells_a_problem_once(tmp_path: Path) -> None:
    path = write(tmp_path, file_of(case("- run: summ(x)\n" + SUM, more="each: {n: [1, 2, 3]}")))
    assert_refused(check(path), path, "'summ'", line=10)


@pytest.mark.parametrize(
    ("place", "fragment"), [("empty", "is a folder without cases (no .yaml file)"), ("missing.yaml", "does not exist")]
)
def test_a_path_without_cases(place: str, fragment: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert_refused(check(tmp_path / place), tmp_path / place, fragment)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "no/such::case", "--engine", "reference"],
        ["run", "--engine", "no-such-engine"],
        ["run", "--engine", "torch-"],
        ["show", "no/such::case"],
        ["show", "*", "--as", "torch"],
        ["engines", "no-such-engine"],
        ["coverage", "--results", "no/such.jsonl"],
        ["report", "no/such.jsonl"],
    ],
)
def test_a_wrong_argument_ends_with_2_and_one_line(arguments: list[str], tmp_path: Path) -> None:
    if arguments[0] == "run":
        arguments = [*arguments, "--output", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("conformance: ")
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "results.jsonl").exists()


@pytest.mark.parametrize(
    ("text", "fragment"), [(file_of(case("- bakward: sum(x)")), "did you mean 'backward'?"), (b"\xff\xfe\x00", "UTF-8")]
)
def test_the_command_itself_ends_so(text: str | bytes, fragment: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "check", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_right_is_accepted(tmp_path: Path) -> None:
    path = write(tmp_path, file_of(case(SUM, LEAF)))
    result = check(path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "1 cases, nothing to complain about\n"
