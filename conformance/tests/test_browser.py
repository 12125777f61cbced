"""The report in a real browser: chromium, without a window, from a file."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.report import read_results, write_all
from conformance.tests import test_growth
from conformance.tests.report_results import run, write
from conformance.tests.test_report_files import hostile

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.filterwarnings("default::ResourceWarning"),
]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as profile, playwright.sync_playwright() as started:
        context = started.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=FLAGS, viewport={"width": 1400, "height": 900}
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context
        context.close()


class Report:
    """A report opened in a tab of its own, with what the tab asked for and complained about."""

    def __init__(self, browser: Any, path: Path) -> None:
        self.path, self.page = path, browser.new_page()
        self.page.set_default_timeout(10_000)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, hash: str = "#/") -> Report:
        self.page.goto("about:blank")
        self.page.goto(f"{self.path.as_uri()}{hash}")
        self.page.wait_for_selector("body[data-shown]")
        return self

    @property
    def hash(self) -> str:
        return str(self.page.url).partition("#")[2]

    def rows(self) -> Any:
        return self.page.locator("#cases a.row:visible")

    def shows(self, hash: str) -> None:
        """Wait until this address is shown."""
        self.page.wait_for_selector(f'body[data-shown="#{hash}"]')

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    return write_all(read_results(write(folder / "results.jsonl", run(60, 50))), folder)


@pytest.fixture
def report(browser: Any, path: Path) -> Iterator[Report]:
    opened = Report(browser, path).open()
    yield opened
    assert opened.complaints == []
    assert {url.partition("#")[0] for url in opened.requests} <= {path.as_uri(), "about:blank"} | _inline(opened)
    opened.page.close()


def _inline(report: Report) -> set[str]:
    return {url for url in report.requests if url.startswith("data:")}


@pytest.mark.parametrize("view", ["", "cases", "notebooks", "coverage", "drift", "timing", "nowhere", "case/nowhere"])
def test_every_view_opens_from_its_address_and_asks_for_nothing(report: Report, view: str) -> None:
    report.open(f"#/{view}")
    assert report.page.locator("main > .view:visible").count() == 1
    assert report.page.locator("main > .view:visible").inner_text().strip()


def test_the_counts_lead_to_the_cases_behind_them(report: Report) -> None:
    link = report.page.locator("#overview .lane a", has_text="failed").first
    number = int(re.sub(r"\D", "", link.inner_text()))
    link.click()
    report.shows("/cases?engine=reference&verdict=failed")
    assert report.rows().count() == number
    assert report.page.locator(".filters select[name=engine]").first.input_value() == "reference"


def test_filters_work_and_are_kept_in_the_address(report: Report) -> None:
    report.open("#/cases")
    assert report.rows().count() == 60
    report.page.select_option("#cases select[name=chapter]", "notebooks")
    report.shows("/cases?chapter=notebooks")
    assert report.rows().count() == 20
    report.page.click("#cases .chip[data-verdict=drifting]")
    report.shows("/cases?chapter=notebooks&verdict=drifting")
    drifting = report.rows().count()
    assert 0 < drifting < 20
    report.page.click("#cases .chip[data-verdict=failed]")
    report.shows("/cases?chapter=notebooks&verdict=drifting,failed")
    assert report.rows().count() > drifting
    report.open(f"#{report.hash}")
    assert report.rows().count() > drifting
    assert report.page.locator("#cases .chip[aria-pressed=true]").count() == 2
    report.page.go_back()
    report.page.go_back()
    report.open("#/cases?need=nn&q=ZERO+tie")
    assert all("zero" in text.lower() for text in report.rows().all_inner_texts())
    report.page.click("#cases .clear")
    report.shows("/cases")
    assert report.rows().count() == 60


def test_typing_searches_without_filling_the_history(report: Report) -> None:
    report.open("#/cases")
    before = report.page.evaluate("history.length")
    name = report.page.locator("#cases a.row .name").nth(7).inner_text().split()[0]
    report.press("/")
    report.page.keyboard.type(name)
    report.shows(f"/cases?q={name}")
    assert report.rows().count() == 1
    assert report.page.evaluate("history.length") == before


def test_a_case_opens_from_its_address_and_tells_all(report: Report) -> None:
    report.open("#/cases?verdict=failed")
    case = report.rows().first.get_attribute("data-id")
    report.open(f"#/case/{case}")
    panel = report.page.locator("#cases .panel")
    text = panel.inner_text()
    assert "torch-cpu agrees with the declaration: this engine is the odd one out" in text
    assert "this build of torch has no CUDA" in text
    assert panel.locator(".line.wrong").count() == 1
    assert panel.locator(".saw.wrong").count() == 1
    assert "import torch" in text
    assert report.page.locator("#cases a.row[aria-current=true]").get_attribute("data-id") == case
    panel.locator(".covers .claim").first.wait_for()


def test_the_script_is_copied_whole(report: Report) -> None:
    report.open("#/cases?verdict=drifting")
    report.rows().first.click()
    report.page.wait_for_selector("#cases .panel .copy")
    shown = report.page.locator("#cases .panel .code").last
    shown.locator(".copy").click()
    copied = report.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith('"""')
    assert copied.strip() == shown.locator("pre").inner_text().strip()
    compile(copied, "script", "exec")


def test_the_keyboard_suffices(report: Report) -> None:
    report.open("#/cases?chapter=notebooks")
    ids = [row.get_attribute("data-id") for row in report.rows().all()]
    report.press("j", "j", "ArrowDown", "k")
    focused = "document.activeElement.dataset.id"
    assert report.page.evaluate(focused) == ids[1]
    report.press("Enter")
    report.shows(f"/case/{ids[1]}?chapter=notebooks")
    report.press("j")
    report.shows(f"/case/{ids[2]}?chapter=notebooks")
    report.press("Escape")
    report.shows("/cases?chapter=notebooks")
    assert report.page.locator("#cases .panel").is_hidden()
    assert report.page.evaluate(focused) == ids[2]


def test_a_notebook_stands_cell_by_cell(report: Report) -> None:
    report.open("#/notebooks/002_3b17")
    assert report.page.locator("#notebooks h1").inner_text() == "002_3b17"
    labels = report.page.locator("#notebooks .cell h2").all_inner_texts()
    assert labels == sorted(labels)
    assert labels[0] == "In [1]"
    assert report.page.locator("#notebooks .cell .by .glyphs").count() > 0


def test_claims_are_filtered_by_their_state(report: Report) -> None:
    report.open("#/coverage")
    report.page.locator("#coverage table td a").first.click()
    report.page.wait_for_selector("#coverage output:not(:has-text('50 of'))")
    chosen = int(report.page.locator("#coverage output").inner_text().split()[0])
    assert report.page.locator("#coverage .claim-entry").count() == chosen
    assert set(report.page.locator("#coverage .claim-entry .state").all_inner_texts()) == {"covered"}


def test_a_drift_shows_its_script_when_asked(report: Report) -> None:
    report.open("#/drift")
    entry = report.page.locator(".drift-entry", has_text="[0.5, 0.5]").first
    entry.locator("summary").first.click()
    entry.locator("figure.code pre").first.wait_for()
    assert "import torch" in entry.inner_text()


def test_times_are_listed_from_slow_to_fast(report: Report) -> None:
    report.open("#/timing")
    ratios = [float(text.split("×")[0]) for text in report.page.locator("#timing .row .ratio").all_inner_texts()]
    assert len(ratios) > 20
    assert ratios == sorted(ratios, reverse=True)
    report.page.locator("#timing svg.chart").click(position={"x": 600, "y": 100})
    report.page.wait_for_selector("#cases .panel:visible h2")


def test_growth_has_a_chart_a_division_and_a_table(browser: Any, tmp_path: Path) -> None:
    made = write_all(read_results(write(tmp_path / "r.jsonl", test_growth.lines())), tmp_path)
    report = Report(browser, made).open("#/timing")
    (pane,) = report.page.locator("#timing .pane").all()
    assert pane.locator("svg.chart .marker").count() == 2 * 3
    assert pane.locator("svg.chart path.band").count() == 1
    divisions = pane.locator(".division .ratio").all_inner_texts()
    assert [" ".join(text.split()) for text in divisions] == ["1 : 1 forward : backward"] * 2
    pane.locator("summary").click()
    row = " ".join(pane.locator("tbody tr").all_inner_texts()[2].split())
    assert row == "100 4.00 ms ± 800 µs 2.50 kB at most 0.50× 8.00 ms ± 1.60 ms"
    costs = report.page.locator("#timing .costs tbody td").all_inner_texts()
    assert [" ".join(text.split()) for text in costs] == ["1.50×", "1.02× within the noise"]
    assert report.complaints == []
    report.page.close()


def test_hostile_text_does_nothing(browser: Any, tmp_path: Path) -> None:
    made = write_all(read_results(write(tmp_path / "r.jsonl", hostile(run(24, 20)))), tmp_path)
    report = Report(browser, made)
    for view in ("", "cases", "notebooks", "coverage", "drift", "timing"):
        report.open(f"#/{view}")
        assert report.page.locator("img").count() == 0
    report.open("#/cases?verdict=failed")
    report.rows().first.click()
    report.page.wait_for_selector("#cases .panel:visible")
    assert "</script><img" in report.page.locator("#cases .panel h2").inner_text()
    assert report.page.title().startswith("Autograd conformance")
    assert report.complaints == []
    report.page.close()


def test_a_torn_and_an_empty_run_open_without_complaint(browser: Any, tmp_path: Path) -> None:
    for name, lines in {"torn": run(24, 10)[:-20], "header": run(24, 10)[:1], "empty": run(0, 0)}.items():
        made = write_all(read_results(write(tmp_path / f"{name}.jsonl", lines)), tmp_path / name)
        report = Report(browser, made)
        for view in ("", "cases", "notebooks", "coverage", "drift", "timing"):
            report.open(f"#/{view}")
        assert report.complaints == []
        report.page.close()


@pytest.mark.slow
def test_three_thousand_cases_are_ready_in_time(browser: Any, tmp_path: Path) -> None:
    made = write_all(read_results(write(tmp_path / "r.jsonl", run(3000, 2000))), tmp_path)
    report, mark = Report(browser, made), "performance.getEntriesByName('shown')[0].startTime"
    ready = [report.open("#/cases").page.evaluate(mark) for _ in range(3)]
    assert report.rows().count() == 3000
    assert min(ready) < 1500
    report.page.close()
