"""Reading results files: whole ones, torn ones, wrong ones."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from conformance.judge import Status
from conformance.report import MalformedResults, read_results
from conformance.tests.report_results import ENGINES, HOSTILE, Line, run, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def test_a_whole_run_is_read(path: Path) -> None:
    lines = run(cases=24, claims=10)
    results = read_results(write(path, lines))
    assert not results.torn
    assert (len(results.claims), len(results.cases), len(results.verdicts)) == (10, 24, 72)
    assert [engine.name for engine in results.engines] == [engine["name"] for engine in ENGINES]
    told = next(line for line in lines if line["kind"] == "verdict" and line["findings"])
    verdict = results.verdicts[told["case"], told["engine"]]
    assert verdict.status == told["status"]
    assert [vars(finding) for finding in verdict.findings] == told["findings"]
    assert results.noise == 0.06


def test_a_gzipped_run_is_read_too(path: Path) -> None:
    plain = write(path, run())
    packed = path.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_results(packed) == read_results(plain)
    packed.write_bytes(packed.read_bytes()[:-100])
    with pytest.raises(MalformedResults, match=r"results\.jsonl\.gz:1: this is no gzip file, or not all of one"):
        read_results(packed)


def test_cases_stand_in_the_order_of_their_files_however_they_were_played(path: Path) -> None:
    lines = run()
    cases = [line for line in lines if line["kind"] == "case"]
    others = [line for line in lines if line["kind"] != "case"]
    shuffled = read_results(write(path, [*others[:1], *reversed(cases), *others[1:]]))
    assert shuffled.cases == read_results(write(path, lines)).cases
    assert shuffled.cases[0].chapter == "notebooks"  # the first chapter of this inventory


@pytest.mark.parametrize("cut", [1, 7, 100, 1000])
def test_a_file_cut_anywhere_is_a_torn_run(path: Path, cut: int) -> None:
    whole = write(path, run()).read_bytes()
    path.write_bytes(whole[:-cut])
    results = read_results(path)
    assert results.torn == (cut > 1)
    assert len(results.cases) == 24


def test_what_a_torn_run_did_not_reach_is_not_run_and_says_why(path: Path) -> None:
    lines = run()
    first = next(i for i, line in enumerate(lines) if line["kind"] == "verdict")
    results = read_results(write(path, lines[: first + 1]))
    verdicts = [results.verdict(case, engine) for case in results.cases for engine in results.engines]
    missing = [v for v in verdicts if (v.case, v.engine) not in results.verdicts]
    assert len(missing) == 71
    assert {v.status for v in missing} == {Status.NOT_RUN}
    assert {v.detail for v in missing} == {"the run ended before this case", "this build of torch has no CUDA"}


def test_a_tear_inside_a_character_is_a_tear(path: Path) -> None:
    lines = [json.dumps(line, ensure_ascii=False).encode() for line in run()[:3]]
    path.write_bytes(b"\n".join(lines) + b'\n{"kind":"case","says":"\xe2\x88')
    assert read_results(path).torn


def test_a_broken_line_in_the_middle_is_named(path: Path) -> None:
    lines = write(path, run()).read_text().splitlines()
    lines[4] = lines[4][:-5]
    path.write_text("\n".join(lines))
    with pytest.raises(MalformedResults, match=r"results\.jsonl:5: this line is not JSON"):
        read_results(path)


def changed(lines: list[Line], kind: str, /, **changes: Any) -> list[Line]:
    """The lines with the first one of a kind changed; None takes a key away."""
    at = next(i for i, line in enumerate(lines) if line["kind"] == kind)
    line = {key: value for key, value in (lines[at] | changes).items() if value is not None}
    return [*lines[:at], line, *lines[at + 1 :]]


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("header", {"format": 3}, r":1: this is format 3; what reads it knows format 2"),
        ("header", {"cases": "many"}, r":1: 'cases' must be int, not str"),
        ("header", {"timing": 1}, r":1: 'timing' must be bool, not int"),
        ("claim", {"claim": None}, r":2: 'claim' is missing"),
        ("case", {"covers": [1]}, r":42: 'covers' must hold str, not int"),
        ("verdict", {"status": "fine"}, r":66: unknown status 'fine'"),
        ("verdict", {"case": "nowhere"}, r":66: a verdict on 'nowhere', which is no case of this file"),
        ("verdict", {"engine": "abacus"}, r":66: a verdict of 'abacus', which is no engine of this file"),
        ("verdict", {"engine": "torch-cpu"}, r":67: a second verdict of 'torch-cpu'"),
        ("time", {"time": {"total": {"min": 1.0}}}, r":138: 'median' is missing"),
        ("time", {"engine": "torch-cuda", "case": "c"}, r":138: a time of 'torch-cuda' on 'c', which has no verdict"),
        ("verdict", {"kind": "rumour"}, r":66: unknown kind 'rumour'"),
        ("footer", {"kind": "header"}, r":186: a results file has one header"),
    ],
)
def test_a_line_that_is_not_what_it_should_be_is_named(
    path: Path, kind: str, changes: dict[str, Any], message: str
) -> None:
    write(path, changed(run(), kind, **changes))
    with pytest.raises(MalformedResults, match=r"results\.jsonl" + message):
        read_results(path)


@pytest.mark.parametrize("text", ["", "\n\n", "{", "[]\n", '{"kind": "footer"}\n', "null\n"])
def test_a_file_without_a_header_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(MalformedResults, match=r"results\.jsonl:1: "):
        read_results(path)


def test_numbers_that_json_lacks_are_refused(path: Path) -> None:
    text = write(path, run()).read_text()
    path.write_text(text.replace('"cases": 24', '"cases": NaN'))
    with pytest.raises(MalformedResults, match="NaN is no JSON number"):
        read_results(path)


def test_a_lone_surrogate_becomes_a_character_that_can_be_written(path: Path) -> None:
    results = read_results(write(path, changed(run(), "claim", claim=HOSTILE)))
    text = next(iter(results.claims.values())).claim
    assert text == HOSTILE.replace("\ud800", "?")
