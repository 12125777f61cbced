"""Cases as pytest items, in a pytest of their own."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

import conformance.run  # noqa: F401 - all that the plugin imports when it is used: pytester forgets what is first imported inside it
from conformance.engines import Engine, engine
from conformance.tests.support import case, file_of

pytest_plugins = ("pytester",)

GOOD = case("- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 6.]}", name="good")
BAD = case("- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 7.]}", name="bad", more="needs: [nn]")
CUDA = case("- expect: {x: [1., 2., 3.]}", name="on_cuda", more="needs: [cuda]")
LANES = [name for name in ("reference", "torch-cpu", "torch-cuda") if isinstance(engine(name), Engine)]
LANES += ["torch-sim"] if "torch-cpu" in LANES else []


_WARNINGS = "  error\n  ignore:Module already imported:pytest.PytestAssertRewriteWarning\n"
"""The plugin is imported already, by the pytest that plays these tests."""


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose folder ``suite`` holds cases; no plugin but ours is loaded there, which takes seconds."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    addopts = "--strict-markers -p no:cacheprovider -p conformance.pytest_plugin"
    pytester.makeini(f"[pytest]\nconformance_cases = suite\naddopts = {addopts}\nfilterwarnings =\n{_WARNINGS}")
    made = pytester.path / "suite" / "chapter"
    made.mkdir(parents=True)
    return made


def write(folder: Path, *cases: str, name: str = "topic") -> None:
    (folder / f"{name}.yaml").write_text(file_of(*cases), encoding="utf-8")


def test_every_case_is_an_item_on_every_engine_that_is_here(pytester: pytest.Pytester, folder: Path) -> None:
    write(folder, GOOD, BAD)
    result = pytester.runpytest("--collect-only", "-q")
    wanted = [f"chapter/topic::{name}[{lane}]" for name in ("good", "bad") for lane in LANES]
    result.stdout.fnmatch_lines([line.replace("[", "[[]") for line in wanted])


def test_an_item_passes_fails_or_is_skipped_with_its_reason(pytester: pytest.Pytester, folder: Path) -> None:
    write(folder, GOOD, BAD, CUDA)
    result = pytester.runpytest("-rs", "-k", "reference")
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*not run: needs cuda"])


def test_a_case_that_needs_a_fresh_process_gets_one(pytester: pytest.Pytester, folder: Path) -> None:
    write(folder, case("- expect: {x: [1., 2., 3.]}", name="fresh", more="needs: [fresh_process]"))
    pytester.runpytest("-k", "reference").assert_outcomes(passed=1)


def test_a_failure_tells_everything_that_is_needed(pytester: pytest.Pytester, folder: Path) -> None:
    write(folder, GOOD, BAD)
    result = pytester.runpytest("-k", "bad and reference")
    path = folder / "topic.yaml"
    line = path.read_text(encoding="utf-8").splitlines().index("  - expect: {x.grad: [2., 4., 7.]}") + 1
    result.stdout.fnmatch_lines(
        [
            "*Something holds.  (torch.Tensor)",
            f"{path}:{line}: x.grad: expected [[]2., 4., 7.[]], got [[]2., 4., 6.[]]: largest difference 1 at [[]2[]], *",
            "to reproduce: conformance show 'chapter/topic::bad' --as torch",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("-k", "good"), len(LANES)),
        (("-k", "good and reference"), 1),
        (("-m", "nn"), len(LANES)),
        (("-m", "not nn"), len(LANES)),
        (("-m", "chapter"), 2 * len(LANES)),
        (("suite/chapter/topic.yaml::good[reference]",), 1),
        (("suite/chapter",), 2 * len(LANES)),
    ],
)
def test_cases_are_chosen_by_name_marker_and_path(
    arguments: tuple[str, ...], chosen: int, pytester: pytest.Pytester, folder: Path
) -> None:
    write(folder, GOOD, BAD)
    result = pytester.runpytest(*arguments)
    assert sum(result.parseoutcomes().get(word, 0) for word in ("passed", "failed")) == chosen


def test_a_malformed_file_is_a_collection_error_with_its_place(pytester: pytest.Pytester, folder: Path) -> None:
    write(folder, GOOD)
    write(folder, case("- bakward: sum(x)"), name="wrong")
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"{folder / 'wrong.yaml'}:9:5: unknown verb 'bakward'; did you mean 'backward'[?]"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_cases_at_the_top_of_the_folder(pytester: pytest.Pytester, folder: Path) -> None:
    write(folder.parent, GOOD)
    result = pytester.runpytest("-k", "reference")
    result.assert_outcomes(passed=1)


def test_cases_are_spread_over_processes(pytester: pytest.Pytester, folder: Path) -> None:
    pytest.importorskip("xdist")
    write(folder, GOOD, BAD)
    result = pytester.runpytest("-p", "xdist", "-n", "2", "-k", "reference")
    result.assert_outcomes(passed=1, failed=1)


def test_without_a_folder_the_plugin_is_silent(pytester: pytest.Pytester, folder: Path) -> None:
    write(folder, GOOD)
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider -p conformance.pytest_plugin\n")
    pytester.makepyfile("def test_one(): pass")
    result = pytester.runpytest()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*not run*")
    assert "conformance" not in pytester.runpytest("--markers").stdout.str()


def test_the_plugin_is_found_by_pytest_itself() -> None:
    (found,) = entry_points(group="pytest11", name="conformance")
    assert found.value == "conformance.pytest_plugin"


def test_absent_engines_stand_in_the_header(pytester: pytest.Pytester, folder: Path) -> None:
    write(folder, GOOD)
    result = pytester.runpytest("-k", "nothing_at_all")
    for name in {"reference", "torch-cpu", "torch-cuda"} - set(LANES):
        result.stdout.fnmatch_lines([f"{name}: not run: *"])
