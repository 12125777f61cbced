"""The snapshot in reports/published, from what ``tox run -e report,torch2.11,...`` has left in reports/.

``python -m conformance.report.publish`` writes the report, its results, its summary, badge and picture, and what changed from
each version of torch to the next. reports/README.md says when to do it.
"""

from __future__ import annotations

import gzip
import re
import shutil
from itertools import pairwise
from pathlib import Path

from conformance.changes import as_markdown, changes
from conformance.report import Results, read_results, summary, write_badge, write_page

REPORTS = Path("reports")
_WINDOW = {"width": 1280, "height": 900}


def publish(reports: Path) -> Path:
    """Write the snapshot and return its folder.

    Raises ValueError for a run that did not come to its end, and where a file would name a folder of this machine.
    """
    folder = reports / "published"
    folder.mkdir(exist_ok=True)
    results = _whole(reports / "results.jsonl")
    write_page(results, folder / "index.html")
    write_badge(results, folder / "badge.svg")
    (folder / "summary.md").write_text(summary(results), encoding="utf-8")
    packed = gzip.compress((reports / "results.jsonl").read_bytes(), mtime=0)
    for old, new in pairwise(sorted(reports.glob("torch*/results.jsonl"), key=_version)):
        name = f"{old.parent.name}-to-{new.parent.name}.md"
        (folder / name).write_text(as_markdown(changes(_whole(old), _whole(new))), encoding="utf-8")
    _holds_no_folder(folder, gzip.decompress(packed).decode("utf-8"))
    (folder / "results.jsonl.gz").write_bytes(packed)
    _picture(folder / "index.html", folder / "report.png")
    return folder


def _whole(path: Path) -> Results:
    results = read_results(path)
    if not results.whole:
        raise ValueError(f"{path}: this run did not come to its end; it is not published")
    return results


def _version(path: Path) -> tuple[int, ...]:
    """torch2.9 comes before torch2.11."""
    return tuple(int(part) for part in path.parent.name.removeprefix("torch").split("."))


def _holds_no_folder(folder: Path, results: str) -> None:
    texts = {
        path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.suffix in (".html", ".md")
    }
    for name, text in (texts | {"results.jsonl": results}).items():
        for place in (Path.cwd(), Path.home()):
            if len(place.parts) > 1 and re.search(rf"(?<![\w.]){re.escape(str(place))}\b", text):
                raise ValueError(f"{name} names the folder {place} of this machine; it is not published")


def _picture(page: Path, picture: Path) -> None:
    """The first view of the page, in chromium without a window."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport=_WINDOW)
        view.goto(page.resolve().as_uri())
        view.wait_for_selector("body[data-shown]")
        view.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    print(publish(REPORTS))
