"""The gate of coverage: no claim without a case or a reason, no reason that a case refutes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import conformance.run
from conformance.cli import main
from conformance.language.gate import complaints
from conformance.run import Suite, load


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load()


def of(suite: Suite) -> list[str]:
    return complaints((program.case for program in suite.programs), suite.claims)


def test_every_claim_has_a_case_or_a_reason_and_no_reason_is_stale(suite: Suite) -> None:
    assert of(suite) == []


def test_a_claim_loses_its_only_case(suite: Suite) -> None:
    lost = suite.programs[0].case.covers[0]
    kept = tuple(program for program in suite.programs if lost not in program.case.covers)
    assert f"no case covers {lost}, and not_expressible: gives no reason" in "\n".join(
        of(replace(suite, programs=kept))
    )


def test_a_reason_goes_stale(suite: Suite) -> None:
    covered = suite.programs[0].case.covers[0]
    claims = suite.claims | {covered: replace(suite.claims[covered], not_expressible="it is too hard")}
    found = "\n".join(of(replace(suite, claims=claims)))
    assert f"{covered} is declared not expressible, but {suite.programs[0].case.id} covers it" in found


def coverage(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["coverage", *arguments])


@pytest.fixture
def few(suite: Suite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Suite:
    """Makes the suite consist of two cases and what they cover, and a fresh folder the current one."""
    programs = suite.programs[:2]
    covered = {claim for program in programs for claim in program.case.covers}
    made = replace(suite, programs=programs, claims={claim: suite.claims[claim] for claim in covered})
    monkeypatch.setattr(conformance.run, "load", lambda paths=(), patterns=(): made)
    monkeypatch.chdir(tmp_path)
    return made


def test_without_results_it_counts_what_is_written_and_says_what_to_run(few: Suite) -> None:
    result = coverage()
    assert result.exit_code == 0, result.output
    assert "counted without a run: there is no reports/results.jsonl" in result.output
    assert "conformance run && conformance coverage" in result.output


def test_without_results_it_ends_with_1_for_a_claim_without_case_and_reason(few: Suite) -> None:
    claim = next(iter(few.claims.values()))
    few.claims["one.more"] = replace(claim, id="one.more", not_expressible=None)
    result = coverage()
    assert result.exit_code == 1
    assert "no case covers one.more, and not_expressible: gives no reason" in result.output


def test_it_counts_execution_and_notices_results_of_other_cases(few: Suite, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    assert CliRunner().invoke(main, ["run", "--engine", "torch-cpu", "--no-timing"]).exit_code == 0
    result = coverage()
    assert result.exit_code == 0, result.output
    assert "claims covered by execution (100.0%)" in result.output
    lines = (tmp_path / "reports" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    changed = [json.loads(line) for line in lines]
    next(line for line in changed if line["kind"] == "case")["covers"] = []
    (tmp_path / "reports" / "results.jsonl").write_text("\n".join(map(json.dumps, changed)), encoding="utf-8")
    assert "2 cases or claims have changed since reports/results.jsonl was written" in coverage().output


def test_a_results_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    result = coverage("--results", str(tmp_path / "none.jsonl"))
    assert result.exit_code == 2
    assert "none.jsonl" in result.stderr
