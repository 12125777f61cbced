"""What changed between two results files: every kind of change is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.changes import as_markdown, as_text
from conformance.changes.model import Kind
from conformance.cli import main
from conformance.tests.changing import Edit, compared, fail, verdict
from conformance.tests.report_results import Line, run, write


def test_a_run_compared_with_itself_has_not_changed() -> None:
    found = compared(lambda lines: None)
    assert not found.worse
    assert as_text(found).endswith("\n\nNothing changed.\n")
    assert "Nothing changed." in as_markdown(found)


@pytest.mark.parametrize("was", ["passed", "drifting"])
def test_a_new_failure_is_named_with_its_place(was: str) -> None:
    found = compared(lambda lines: fail(verdict(lines, status=was)))
    (change,) = found.verdicts
    assert (change.kind, found.worse) == (Kind.NEW_FAILURE, True)
    text = as_text(found)
    assert f"1 newly failing\n  {change.case.id} on torch-cpu: {was} -> failed\n" in text
    assert f"{change.case.file}:7: x.grad: expected 1., got 2." in text


def test_of_a_long_finding_the_middle_is_left_out() -> None:
    long = f"expected [{'1., ' * 99}], got [{'2., ' * 99}]: largest difference 1"
    text = as_text(compared(lambda lines: fail(verdict(lines), long)))
    line = next(line for line in text.splitlines() if "x.grad" in line)
    assert len(line) < 300
    assert "expected [1., 1." in line
    assert line.endswith("2., ]: largest difference 1")


def unsupported(lines: list[Line]) -> None:
    verdict(lines).update(status="unsupported", detail="torch.svd", time=None)


def too_old(lines: list[Line]) -> None:
    verdict(lines).update(status="not run", detail="held until torch 2.13, this is 2.13", time=None)


def known(lines: list[Line]) -> None:
    fail(verdict(lines), known="rounds otherwise")


def surprising(lines: list[Line]) -> None:
    fail(verdict(lines))


def healthy(lines: list[Line]) -> None:
    """Leaves the verdict as it is."""


@pytest.mark.parametrize(
    ("before", "status", "changed", "kind"),
    [
        (healthy, "passed", {"status": "drifting"}, Kind.DRIFTS),
        (healthy, "drifting", {"status": "passed"}, Kind.DRIFTS_NO_MORE),
        (healthy, "passed", {"status": "errored", "detail": "line 3: KeyError: 1"}, Kind.NEW_FAILURE),
        (healthy, "passed", {"status": "not run", "detail": "holds since torch 2.14"}, Kind.LOST),
        (unsupported, "unsupported", {"status": "passed", "detail": ""}, Kind.GAINED),
        (unsupported, "unsupported", {"status": "failed"}, Kind.NEW_FAILURE),
        (unsupported, "unsupported", {"detail": "torch.eig"}, Kind.REASON),
        (unsupported, "unsupported", {"status": "not run"}, Kind.REASON),
        (too_old, "not run", {"detail": "held until torch 2.13, this is 2.14"}, None),
        (too_old, "not run", {"detail": "holds since torch 2.15, this is 2.14"}, Kind.REASON),
        (surprising, "failed", {"status": "passed", "findings": []}, Kind.MENDED),
        (surprising, "failed", {"status": "unsupported", "findings": []}, Kind.LOST),
        (surprising, "failed", {"status": "errored"}, Kind.OTHERWISE),
        (surprising, "failed", {"known": "rounds otherwise"}, Kind.OTHERWISE),
        (known, "failed", {"known": None}, Kind.NEW_FAILURE),
        (known, "failed", {"known": "another reason"}, Kind.OTHERWISE),
        (known, "failed", {"status": "drifting", "findings": [], "known": None}, Kind.MENDED),
        (healthy, "passed", {"status": "failed", "known": "rounds otherwise"}, Kind.NEW_KNOWN),
    ],
)
def test_each_change_of_verdict_has_its_kind(before: Edit, status: str, changed: Line, kind: Kind | None) -> None:
    found = compared(lambda lines: verdict(lines, status=status).update(changed), before=before)
    assert [change.kind for change in found.verdicts] == ([kind] if kind else [])
    assert found.worse is (kind is Kind.NEW_FAILURE)
    for change in found.verdicts:
        assert all(text in as_text(found) for text in (change.case.id, change.case.says))


def test_a_failure_that_fails_in_another_way_shows_both() -> None:
    edit = lambda lines: fail(verdict(lines, status="failed"), "expected 1., got 3.", line=9)  # noqa: E731
    found = compared(edit, before=surprising)
    assert [change.kind for change in found.verdicts] == [Kind.OTHERWISE]
    assert not found.worse
    assert "was: line 7: x.grad: expected 1., got 2.\n" in as_text(found)
    assert ".yaml:9: x.grad: expected 1., got 3.\n" in as_text(found)


def test_a_failure_that_only_moved_in_its_file_has_not_changed() -> None:
    edit = lambda lines: fail(verdict(lines, status="failed"), line=99)  # noqa: E731
    assert as_text(compared(edit, before=surprising)).endswith("Nothing changed.\n")


def test_an_error_that_only_moved_in_its_file_has_not_changed() -> None:
    def died(lines: list[Line], line: int, status: str = "passed") -> None:
        verdict(lines, status=status).update(status="errored", detail=f"line {line}: the process was killed", time=None)

    found = compared(lambda lines: died(lines, 9, "errored"), before=lambda lines: died(lines, 7))
    assert found.verdicts == ()


def remove(lines: list[Line], case: str) -> None:
    lines[:] = [line for line in lines if case not in (line.get("id"), line.get("case"))]
    lines[0]["cases"] -= 1


def test_added_and_removed_cases_are_named_and_an_added_failure_is_new() -> None:
    ids = [line["id"] for line in run() if line["kind"] == "case"]
    found = compared(lambda lines: remove(lines, ids[0]), before=lambda lines: None)
    assert ([case.id for case in found.removed], found.worse, found.verdicts) == ([ids[0]], False, ())
    assert f"1 removed\n  {ids[0]}" in as_text(found)
    whole = run()
    fail(next(line for line in whole if line.get("case") == ids[0] and line["engine"] == "torch-cpu"))
    found = compared(lambda lines: lines.__setitem__(slice(None), whole), before=lambda lines: remove(lines, ids[0]))
    assert [case.id for case in found.added] == [ids[0]]
    assert [(c.kind, c.case.id, c.old) for c in found.verdicts] == [(Kind.NEW_FAILURE, ids[0], None)]
    assert "new case -> failed" in as_text(found)


def test_a_case_that_was_edited_says_so() -> None:
    def edit(lines: list[Line]) -> None:
        found = verdict(lines)
        fail(found)
        next(line for line in lines if line.get("id") == found["case"])["yaml"] += "\n  - expect: {x.grad: [1.]}"

    found = compared(edit)
    assert found.verdicts[0].edited
    assert "(the case was edited too)" in as_text(found)


def drop_engine(lines: list[Line], name: str) -> None:
    lines[0]["engines"] = [engine for engine in lines[0]["engines"] if engine["name"] != name]
    lines[:] = [line for line in lines if line.get("engine") != name]


def test_a_lane_of_one_run_only_is_one_sentence_and_its_failures_are_new() -> None:
    gone = compared(lambda lines: drop_engine(lines, "reference"))
    assert (len(gone.remarks), gone.verdicts, gone.worse) == (1, (), False)
    assert gone.remarks[0].startswith("reference took part in the old run only: 18 passed, 2 drifting, 1 failed")
    back = run()
    found = compared(lambda lines: lines.__setitem__(slice(None), back), before=lambda s: drop_engine(s, "reference"))
    assert found.remarks[0].startswith("reference took part in the new run only: 18 passed")
    assert {change.kind for change in found.verdicts} == {Kind.NEW_FAILURE}
    assert len(found.verdicts) == 2


def test_an_engine_that_became_absent_is_one_sentence() -> None:
    def edit(lines: list[Line]) -> None:
        lines[0]["engines"][1] = {"name": "torch-cpu", "absent": "torch is not installed"}
        for line in lines:
            if line.get("engine") == "torch-cpu":
                line |= {"status": "not run", "detail": "torch is not installed", "time": None, "seen": []}

    found = compared(edit)
    assert found.verdicts == ()
    assert found.remarks[-1].startswith("torch-cpu took part in the old run only")


def test_two_engines_can_be_compared() -> None:
    found = compared(lambda lines: None, "torch-cpu=reference")
    assert str(found.verdicts[0].lane) == "torch-cpu=reference"
    assert {change.kind for change in found.verdicts} == {Kind.NEW_FAILURE, Kind.LOST}
    one = compared(lambda lines: fail(verdict(lines, "reference")), "torch-cpu")
    assert one.verdicts == ()
    with pytest.raises(ValueError, match="the new results have no engine 'abacus'; they have reference, torch-cpu"):
        compared(lambda lines: None, "torch-cpu=abacus")


def test_a_new_run_that_did_not_come_to_its_end_may_hide_failures() -> None:
    judged = [line for line in run() if line["kind"] != "footer"]
    place = next(place for place, line in enumerate(judged) if line["kind"] == "verdict" and place > 80)

    def cut(lines: list[Line]) -> None:
        lines[:] = judged[:place]

    found = compared(cut)
    assert found.worse
    assert {change.kind for change in found.verdicts} == {Kind.LOST, Kind.REASON}
    assert "The new results: The run was torn" in as_text(found)
    old = compared(lambda lines: lines.__setitem__(slice(None), run()), before=cut)
    assert {change.kind for change in old.verdicts} == {Kind.GAINED, Kind.REASON, Kind.NEW_FAILURE}
    assert "The old results: The run was torn" in as_text(old)


def test_a_run_that_lost_its_footer_alone_is_judged_as_it_stands() -> None:
    found = compared(lambda lines: lines.__setitem__(slice(None), [x for x in lines if x["kind"] != "footer"]))
    assert (found.worse, found.verdicts) == (False, ())


def test_other_selections_are_remarked() -> None:
    found = compared(lambda lines: lines[0].update(selected=["hooks"]))
    assert found.remarks == ("The runs played different selections: everything and hooks.",)


def test_markdown_is_cut_where_it_is_long_and_means_itself() -> None:
    def edit(lines: list[Line]) -> None:
        for line in lines:
            if line.get("engine") == "torch-cpu" and line.get("status") == "passed":
                fail(line, "<b>got</b> `x` | *y*")

    text = as_markdown(compared(edit, cases=80))
    assert "### 70 newly failing\n\n- <code>" in text
    assert "\n- and 20 more" in text
    assert r"&lt;b&gt;got&lt;/b&gt; \`x\` \| \*y\*" in text
    assert "<b>" not in text
    hostile = lambda lines: verdict(lines).update(status="not run", detail="<b>no *device*</b>")  # noqa: E731
    assert r"&lt;b&gt;no \*device\*&lt;/b&gt;" in as_markdown(compared(hostile))


@pytest.mark.parametrize(("edit", "code"), [(lambda lines: None, 0), (lambda lines: fail(verdict(lines)), 1)])
def test_the_command_ends_with_1_on_a_new_failure(tmp_path: Path, edit: Edit, code: int) -> None:
    old, new = run(), run()
    edit(new)
    files = [str(write(tmp_path / name, lines)) for name, lines in (("old", old), ("new", new))]
    result = CliRunner().invoke(main, ["compare", *files, "--as", "markdown"])
    assert (result.exit_code, result.output.startswith("## Changes\n")) == (code, True)
    back = CliRunner().invoke(main, ["compare", *reversed(files)])
    assert back.exit_code == 0, "what was mended is no failure"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["old", "nowhere"], "No such file"),
        (["old", "torn"], "torn:1: the file is empty"),
        (["old", "other"], "this is format 0; what reads it knows format"),
        (["old", "old", "--engine", "abacus"], "no engine 'abacus'"),
        (["old"], "Missing argument 'NEW'"),
    ],
)
def test_wrong_use_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = run()
    write(Path("old"), lines)
    Path("torn").write_text("", encoding="utf-8")
    write(Path("other"), [lines[0] | {"format": 0}, *lines[1:]])
    result = CliRunner().invoke(main, ["compare", *arguments])
    assert result.exit_code == 2
    assert message in result.stderr
