"""The published snapshot: the right files, the same from the same results, nothing of the machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.report import publish, read_results
from conformance.tests.report_results import Line, run, write

FILES = {
    "badge.svg",
    "index.html",
    "results.jsonl.gz",
    "summary.md",
    "torch2.9-to-torch2.11.md",
    "torch2.11-to-torch2.13.md",
}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """What the environments report, torch2.9, torch2.11 and torch2.13 leave behind."""
    for name in ("", "torch2.13", "torch2.9", "torch2.11"):
        (tmp_path / name).mkdir(exist_ok=True)
        write(tmp_path / name / "results.jsonl", run())
    return tmp_path


@pytest.fixture
def no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "_picture", lambda page, picture: None)


@pytest.mark.usefixtures("no_picture")
def test_a_snapshot_is_the_same_from_the_same_results(reports: Path) -> None:
    folder = publish.publish(reports)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == FILES
    assert read_results(folder / "results.jsonl.gz") == read_results(reports / "results.jsonl")
    publish.publish(reports)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


@pytest.mark.usefixtures("no_picture")
@pytest.mark.parametrize("name", ["", "torch2.11"])
def test_a_run_that_did_not_come_to_its_end_is_not_published(reports: Path, name: str) -> None:
    write(reports / name / "results.jsonl", run()[:-1])
    with pytest.raises(ValueError, match="did not come to its end"):
        publish.publish(reports)


@pytest.mark.usefixtures("no_picture")
def test_what_names_a_folder_of_the_machine_is_not_published(reports: Path) -> None:
    lines: list[Line] = run()
    next(line for line in lines if line["kind"] == "case")["says"] = f"See {Path.cwd()}/cases."
    write(reports / "results.jsonl", lines)
    with pytest.raises(ValueError, match="names the folder"):
        publish.publish(reports)
    assert not (reports / "published" / "results.jsonl.gz").exists()


@pytest.mark.browser
@pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), reason="there is no chromium here"
)
def test_the_picture_is_small_enough_for_a_readme(reports: Path) -> None:
    pytest.importorskip("playwright")
    picture = (publish.publish(reports) / "report.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert 20_000 < len(picture) < 300_000
