"""The command line: quick, quiet, exit codes that mean something."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import conformance.run
from conformance.cli import main
from conformance.engines import Absent
from conformance.language.reader import read_all
from conformance.program.compile import compile_all
from conformance.run import Suite
from conformance.tests.support import case, cases_of, file_of

GOOD = case("- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 6.]}", name="good")
BAD = case("- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 7.]}", name="bad")
CRASHES = case("- run: x.view(5)\n- expect: {x.grad: null}", name="crashes")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the suite consist of these cases."""

    def consist(*cases: str) -> None:
        programs = tuple(compile_all(cases_of(file_of(*cases))))
        monkeypatch.setattr(conformance.run, "load", lambda paths=(), patterns=(): Suite(programs, {}, Path("cases")))

    return consist


LOADED = "import sys\nfrom conformance.cli import main\nmain({arguments!r}, standalone_mode=False)\nprint(*sys.modules)"


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = LOADED.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {
        "torch",
        "numpy",
        "yaml",
        "jinja2",
        "rich",
        "jsonschema_rs",
        "reference_impl",
        "conformance.run",
    }


def test_help_takes_no_longer_than_python_and_click() -> None:
    """The best of five, for the machine has other work."""
    bare, ours = "import click", LOADED.format(arguments=["--help"])
    assert min(_seconds(ours) for _ in range(5)) < 2 * min(_seconds(bare) for _ in range(5)) + 0.1


def _seconds(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def test_help_names_every_command_and_run_explains_its_exit_codes() -> None:
    text = invoke("--help").output
    assert all(
        f"\n  {command} " in text for command in ("run", "check", "show", "coverage", "engines", "report", "compare")
    )
    text = " ".join(invoke("run", "--help").output.split())
    assert "Exits 0 when everything that ran conforms or is a known difference, 1 when something else does not" in text


def test_a_run_imports_no_engine_into_its_own_process(tmp_path: Path) -> None:
    lanes = ["--engine", "reference", "--engine", "torch-cpu"]
    arguments = ["run", "grad_modes/no_grad", *lanes, "--no-timing", "--output", str(tmp_path)]
    code = (
        "import sys, time\nfrom conformance.cli import main\n"
        f"try: main({arguments!r}, standalone_mode=False)\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "reference_impl"} & set(done.stdout.splitlines()[-1].split())
    assert '"kind":"footer"' in (tmp_path / "results.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("cases", "code", "words"),
    [
        ([GOOD], 0, ["1 passed"]),
        ([GOOD, BAD], 1, ["1 passed, 1 failed", "FAILED chapter/topic::bad [reference]", "made_up.yaml:"]),
        ([CRASHES], 1, ["1 errored", "ERRORED chapter/topic::crashes [reference]"]),
        ([case("- expect: {x: [1., 2., 3.]}", more="needs: [cuda]")], 0, ["1 not run"]),
    ],
)
def test_run_tells_in_words_and_by_its_exit_code(
    cases: list[str], code: int, words: list[str], suite: Any, tmp_path: Path
) -> None:
    suite(*cases)
    result = invoke("run", "--engine", "reference", "--output", str(tmp_path), "--no-timing")
    assert result.exit_code == code, result.output
    assert all(word in result.output for word in words), result.output
    assert f"report: {(tmp_path / 'index.html').resolve()}" in result.output
    assert "Traceback" not in result.output
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (lines[0]["kind"], lines[-1]["kind"]) == ("header", "footer")


def test_a_failure_tells_how_to_reproduce_it(suite: Any, tmp_path: Path) -> None:
    suite(BAD)
    output = invoke("run", "--engine", "reference", "--output", str(tmp_path), "--no-timing").output
    assert "x.grad: expected [2., 4., 7.], got [2., 4., 6.]: largest difference 1 at [2]" in output
    assert "conformance show 'chapter/topic::bad' --as torch" in output


def test_without_a_terminal_there_is_no_progress_and_no_colour(suite: Any, tmp_path: Path) -> None:
    suite(GOOD)
    result = invoke("run", "--engine", "reference", "--output", str(tmp_path), "--no-timing")
    assert result.stderr == ""
    assert "\x1b" not in result.stdout
    assert "\r" not in result.stdout


def test_the_table_has_a_column_for_every_lane_and_absent_ones_say_why(suite: Any, tmp_path: Path) -> None:
    from conformance.engines import engine

    suite(GOOD)
    output = invoke("run", "--output", str(tmp_path), "--no-timing").output
    assert all(name in output for name in ("chapter", "reference", "torch-cpu", "torch-cuda"))
    for name in ("torch-cpu", "torch-cuda"):
        lane = engine(name)
        assert (f"{name}: not run: " in output) is isinstance(lane, Absent)
        if isinstance(lane, Absent):
            assert f"{name}: not run: {lane.reason}" in output


def test_engines_says_what_there_is_and_why_not() -> None:
    result = invoke("engines", "reference", "torch-cuda", "torch-no_such_device")
    assert result.exit_code == 0
    first, cuda, none = result.output.splitlines()
    assert first == "reference    torch 2.13 on cpu"
    assert cuda.startswith(("torch-cuda   not run: ", "torch-cuda   torch "))
    assert "not run: torch " in none


def test_show_prints_the_three_forms() -> None:
    found = read_all()[0].cases[0]
    assert invoke("show", found.id).output == found.yaml + "\n"
    assert invoke("show", found.id, "--as", "torch").output.startswith(f'"""{found.id}\n')
    model = json.loads(invoke("show", found.id, "--as", "json").output)
    assert model["id"] == found.id
    assert len(model["steps"]) == len(found.steps)


def test_check_counts_the_suite() -> None:
    result = invoke("check")
    assert result.exit_code == 0, result.output
    assert result.output == f"{sum(len(file.cases) for file in read_all())} cases, nothing to complain about\n"


def test_coverage_and_report_read_the_results_of_a_run(suite: Any, tmp_path: Path) -> None:
    suite(GOOD)
    invoke("run", "--engine", "reference", "--output", str(tmp_path), "--no-timing")
    results = str(tmp_path / "results.jsonl")
    assert invoke("coverage", "--results", results).exit_code == 0  # no claims: none is uncovered
    again = invoke("report", results, "--output", str(tmp_path / "again"))
    assert again.exit_code == 0, again.output
    assert (tmp_path / "again" / "index.html").is_file()


def test_coverage_ends_with_1_where_torch_took_no_part(tmp_path: Path) -> None:
    invoke("run", "notebooks", "--engine", "reference", "--output", str(tmp_path), "--no-timing")
    result = invoke("coverage", "--results", str(tmp_path / "results.jsonl"))
    assert result.exit_code == 1
    assert "torch-cpu did not take part in this run: nothing is covered" in result.output


def test_shuffle_is_written_down(suite: Any, tmp_path: Path) -> None:
    suite(GOOD, BAD, CRASHES)
    invoke("run", "--engine", "reference", "--output", str(tmp_path), "--no-timing", "--shuffle", "5")
    header = json.loads((tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (header["seed"], header["shuffled"]) == (5, True)


def test_a_folder_that_cannot_be_written_ends_with_2(suite: Any, tmp_path: Path) -> None:
    suite(GOOD)
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = invoke("run", "--engine", "reference", "--output", str(tmp_path / "file" / "folder"), "--no-timing")
    assert result.exit_code == 2
    assert result.stderr.startswith("conformance: ")
