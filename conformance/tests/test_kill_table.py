"""The kill table: what counts as a kill, what is proven by it, and what an interrupt leaves of it."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance import console
from conformance.cli import main
from conformance.mutants import Mutant, patched
from conformance.mutants.command import ended_as_interrupted
from conformance.mutants.kill import Played, doing_here, kill
from conformance.mutants.markdown import as_markdown
from conformance.mutants.table import How, KillTable, Standing, proves
from conformance.run import Suite
from conformance.tests.mutating import (
    BY_NAME,
    CLAIMS,
    FREED,
    HOOK,
    TWICE,
    VERSION,
    bench,
    made,
    table_of,
)
from conformance.tests.support import program

torch: Any = pytest.importorskip("torch")


def test_a_mutant_that_breaks_too_much_is_too_coarse() -> None:
    one, several = BY_NAME["replaces_gradients"], [made(TWICE), made(FREED), made(HOOK)]
    assert not table_of(several[:1], [one], 5).coarse(one.name)
    table = table_of(several[:1], [one], 3)
    assert table.coarse(one.name)
    assert table.useless() == table.cases


def raising(error: BaseException) -> Mutant:
    def change(torch: Any) -> contextlib.AbstractContextManager[None]:
        def broken(*_: Any, **__: Any) -> None:
            raise error

        return patched(torch.Tensor, "backward", broken)

    return Mutant("broken", "It raises.", (), None, change)


@pytest.mark.parametrize("error", [ValueError("lost"), SystemExit(1)])
def test_what_a_mutant_raises_is_a_kill(error: BaseException) -> None:
    assert bench([made(TWICE)], [raising(error)]).kills("chapter/topic::a_case", "broken")


def test_an_interrupt_goes_through_and_undoes_the_mutant() -> None:
    backward = torch.Tensor.backward
    with pytest.raises(KeyboardInterrupt):
        bench([made(TWICE)], [raising(KeyboardInterrupt())]).kills("chapter/topic::a_case", "broken")
    assert torch.Tensor.backward is backward


def test_what_does_not_conform_counts_nowhere() -> None:
    table = table_of([made("- expect: {x: [7., 7., 7.]}")], [BY_NAME["forgets_hooks"]])
    assert (table.cases, table.killers) == ([], {"forgets_hooks": {}})


def test_a_kill_after_which_the_case_fails_does_not_count() -> None:
    one, steps = BY_NAME["replaces_gradients"], made(TWICE)
    playing = bench([steps], [one])
    playing.conforms = lambda case: False  # type: ignore[method-assign]
    assert list(playing.kill(one.name, [steps.case.id], 5)) == [Played(disturbed=True)]


def test_an_interrupt_keeps_what_is_known() -> None:
    steps, changes = made(TWICE), [BY_NAME["replaces_gradients"], BY_NAME["sum:gradient"]]

    def interrupt(name: str) -> None:
        raise KeyboardInterrupt

    table = kill([steps], changes, doing_here(bench([steps], changes)), Suite((steps,), CLAIMS, Path()), interrupt)
    assert table.interrupted
    assert (list(table.killers), table.planned) == (["replaces_gradients"], 2)
    assert "Interrupted: 1 of 2 mutants" in as_markdown(table, "torch-cpu")


def test_an_end_from_outside_is_an_interrupt() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), ended_as_interrupted():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("steps", "mutant", "how"),
    [
        (TWICE, "replaces_gradients", {How.EXPECT}),
        (FREED, "backward_keeps_the_graph", {How.RAISES}),
        (TWICE, "broken", {How.CRASHES}),
    ],
)
def test_a_kill_says_how_the_case_failed(steps: str, mutant: str, how: set[How]) -> None:
    one = BY_NAME.get(mutant) or raising(KeyError("lost"))
    assert bench([made(steps)], [one]).kills("chapter/topic::a_case", one.name) == how


def test_an_error_is_proven_by_what_raises_it() -> None:
    claim = CLAIMS["backward.retain-graph.default-frees"]
    error, value = made(FREED).case, made(TWICE).case
    assert not proves(claim, error, frozenset({How.EXPECT}))
    assert proves(claim, error, frozenset({How.EXPECT, How.RAISES}))
    assert proves(claim, value, frozenset({How.EXPECT}))


COVERING = "covers: [backward.accumulate.adds]"


@pytest.mark.parametrize(
    ("steps", "changes", "standing"),
    [
        (TWICE, ["replaces_gradients", "sum:gradient"], Standing.PROVEN),
        (TWICE, ["sum:gradient"], Standing.NOTICED),
        (TWICE, ["forgets_hooks"], Standing.UNNOTICED),
    ],
)
def test_a_claim_is_proven_by_a_mutant_of_its_behaviour(steps: str, changes: list[str], standing: Standing) -> None:
    covering = program(steps, more=COVERING)
    (proof,) = table_of([covering], [BY_NAME[name] for name in changes]).proofs().values()
    assert proof.standing is standing


def test_a_cover_that_tests_something_else_is_unproven() -> None:
    lying = program(VERSION, more=COVERING).case
    table = KillTable([lying, replace(made(TWICE).case, id="honest")], CLAIMS, 100)
    table.add(BY_NAME["replaces_gradients"], {"honest": frozenset({How.EXPECT})}, 2)
    table.add(BY_NAME["versions_stay_at_zero"], {lying.id: frozenset({How.EXPECT})}, 1)
    assert table.proofs()["backward.accumulate.adds"].standing is Standing.UNPROVEN


def test_a_mutant_about_what_is_covered_survives_where_nothing_kills_it() -> None:
    covering = program("- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 6.]}", more=COVERING)
    assert table_of([covering], [BY_NAME["replaces_gradients"]]).survivors == ["replaces_gradients"]
    assert table_of([made(TWICE)], [BY_NAME["forgets_hooks"]]).survivors == []


def test_the_page_and_the_terminal_name_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    covering = program("- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 6.]}", more=COVERING)
    table = table_of([covering], [BY_NAME["replaces_gradients"]])
    console.kills(table)
    for shown in (capsys.readouterr().out, as_markdown(table, "torch-cpu")):
        assert "replaces_gradients" in shown
        assert "chapter/topic::a_case" in shown


def test_the_command_plays_in_several_processes() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "mutants.md"
        select = "backward_and_grad/accumulation"
        done = CliRunner().invoke(
            main, ["mutants", select, "--engine", "reference", "--jobs", "2", "--output", str(page)]
        )
        assert done.exit_code in (0, 1), done.output
        assert "| `replaces_gradients` |" in page.read_text()


def test_the_command_refuses_an_engine_that_is_not_here() -> None:
    done = CliRunner().invoke(main, ["mutants", "--engine", "torch-nowhere"])
    assert done.exit_code == 2
    assert "torch-nowhere is not here" in done.output
