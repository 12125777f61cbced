"""Checking cases on several processors finds what one processor finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import check
from conformance.language.problem import MalformedCase
from conformance.tests.support import case, file_of, write

_FILES = 67


def _folder(root: Path, malformed: set[int]) -> Path:
    """Files of one case each; those that are ``malformed`` use a name that nobody gave."""
    for number in range(_FILES):
        value = "nobody" if number in malformed else "x"
        text = file_of(case(f"- expect: {{{value}.shape: '(3,)'}}"))
        write(root, text, f"chapter/topic{number:02}.yaml")
    return root


@pytest.fixture(params=[1, 2, 3])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("os.cpu_count", lambda: request.param)
    return int(request.param)


@pytest.mark.usefixtures("processors")
def test_every_file_is_counted_once(tmp_path: Path) -> None:
    assert check.check([_folder(tmp_path, set())]) == _FILES


@pytest.mark.usefixtures("processors")
def test_the_problems_of_every_file_are_told_in_order(tmp_path: Path) -> None:
    wrong = {0, 5, 6, 33, _FILES - 1}
    with pytest.raises(MalformedCase) as caught:
        check.check([_folder(tmp_path, wrong)])
    assert [problem.spot.file.name for problem in caught.value.problems] == [f"topic{n:02}.yaml" for n in sorted(wrong)]
    assert all("'nobody' is neither a variable of this case" in problem.message for problem in caught.value.problems)


def test_few_files_are_read_by_this_process_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "ProcessPoolExecutor", None)
    write(tmp_path, file_of(case("- expect: {x.shape: '(3,)'}")))
    assert check.check([tmp_path]) == 1
