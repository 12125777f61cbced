"""Known differences: failures that stay failures and are no surprise, and the list that may not go stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.judge import Status, Verdict
from conformance.known import apply_known, read_known
from conformance.language.problem import MalformedCase


def known_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "known_differences.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_failure_that_is_known_stays_a_failure_and_says_why() -> None:
    verdict = Verdict("a/b::c", "reference", Status.FAILED, "line 3: x")
    apply_known(verdict, {"a/b::c": "not yet"}, compared=True)
    assert verdict.status is Status.FAILED
    assert verdict.known == "not yet"
    assert "not yet" in verdict.detail


@pytest.mark.parametrize("status", [Status.PASSED, Status.DRIFTING, Status.UNSUPPORTED])
def test_a_known_difference_that_is_gone_is_a_failure(status: Status) -> None:
    verdict = Verdict("a/b::c", "reference", status)
    apply_known(verdict, {"a/b::c": "not yet"}, compared=True)
    assert verdict.status is Status.FAILED
    assert verdict.known is None
    assert "take it off the list" in verdict.findings[0].message


def test_without_an_oracle_nothing_tells_that_a_difference_is_gone() -> None:
    verdict = Verdict("a/b::c", "reference", Status.PASSED)
    apply_known(verdict, {"a/b::c": "not yet"}, compared=False)
    assert verdict.status is Status.PASSED


def test_a_failure_that_nobody_knew_of_is_left_alone() -> None:
    verdict = Verdict("a/b::d", "reference", Status.ERRORED)
    apply_known(verdict, {"a/b::c": "not yet"}, compared=True)
    assert verdict.known is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", "is a list"),
        ("- {case: a}\n", "has a case: and a reason:"),
        ("- {case: a, reason: 3}\n", "has a case: and a reason:"),
        ("- {case: a, reason: b}\n- {case: a, reason: c}\n", "stands twice"),
    ],
)
def test_a_malformed_list_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(MalformedCase, match=message):
        read_known(known_file(tmp_path, text))


def test_every_known_difference_of_the_reference_names_a_case() -> None:
    import reference_impl
    from conformance.language.reader import read_all

    known = read_known(Path(reference_impl.__file__).with_name("known_differences.yaml"))
    assert set(known) <= {case.id for file in read_all() for case in file.cases}
