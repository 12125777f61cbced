"""Mutants: each changes one behaviour, is noticed by a case about it, and is gone without a trace afterwards."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance import console
from conformance.cli import main
from conformance.language.inventory import read_inventory
from conformance.mutants import Mutant, mutants, patched
from conformance.mutants.command import ended_as_interrupted
from conformance.mutants.kill import Bench, Played, doing_here, kill
from conformance.mutants.markdown import as_markdown
from conformance.mutants.mutant import mutant, places
from conformance.mutants.nodes import node_kinds
from conformance.mutants.reach import Reach
from conformance.mutants.table import How, KillTable, Standing, proves
from conformance.program.compile import Program
from conformance.run import Suite, load
from conformance.tests.support import lane, program

torch: Any = pytest.importorskip("torch")

BY_NAME = {made.name: made for name in ("torch-cpu", "reference") for made in mutants(name)}
TWICE = """
    - backward: sum(x * x)
    - backward: sum(x * x)
    - expect: {x.grad: [4., 8., 12.]}
"""
FREED = """
    - let: {y: sum(x * x)}
    - backward: y
    - backward: y
      raises: {RuntimeError: backward through the graph a second time}
"""
UNUSED = """
    - let: {z: leaf(2.), y: sum(x)}
    - run: "autograd.grad(y, z)"
      raises: {RuntimeError: not have been used in the graph}
"""
HOOK = """
    - run: x.register_hook(double)
    - backward: sum(x * 3)
    - expect: {x.grad: [6., 6., 6.]}
"""
REMOVED = """
    - let: {handle: x.register_hook(double)}
    - run: handle.remove()
    - backward: sum(x * 3)
    - expect: {x.grad: [3., 3., 3.]}
"""
MODES = """
    - with: no_grad()
      do:
      - let: {y: x * 2}
    - expect: {y.requires_grad: false}
"""
VERSION = """
    - let: {y: x.detach()}
    - run: y.add_(1)
    - expect: {x._version: 1}
"""
VIEW = """
    - let: {y: "x.view(3, 1)"}
    - expect: {y: {shares_memory_with: x}}
"""
RELU = """
    - let: {y: relu(x - 1)}
    - backward: sum(y)
    - expect: {x.grad: [0., 1., 1.]}
"""
KILLED_BY = {
    "replaces_gradients": TWICE,
    "backward_keeps_the_graph": FREED,
    "Tensor.backward:words": FREED,
    "forgets_hooks": HOOK,
    "hooks_only_look": HOOK,
    "handles_do_not_remove": REMOVED,
    "no_grad_records": MODES,
    "versions_stay_at_zero": VERSION,
    "view_copies": VIEW,
    "relu:kinks": RELU,
    "engine_frees_nothing": FREED,
    "freed_graphs_have_other_words": FREED,
    "writes_are_not_counted": VERSION,
}


def made(steps: str) -> Program:
    return program(steps, define="double: {takes: [grad], returns: grad * 2}" if "double" in steps else "")


CLAIMS = read_inventory()


def engine_of(one: Mutant) -> str:
    return "reference" if one.only == "reference" else "torch-cpu"


def bench(programs: list[Program], changes: list[Mutant]) -> Bench:
    return Bench(programs, lane(engine_of(changes[0])), None, changes)


def table_of(programs: list[Program], changes: list[Mutant], size: int = 100) -> KillTable:
    """The table of these cases among ``size``."""
    suite = Suite((*programs, *[programs[0]] * (size - len(programs))), CLAIMS, Path())
    return kill(programs, changes, doing_here(bench(programs, changes)), suite)


@pytest.mark.parametrize("name", KILLED_BY)
def test_a_mutant_is_killed_by_a_case_about_it(name: str) -> None:
    one, steps = BY_NAME[name], made(KILLED_BY[name])
    table = table_of([steps], [one])
    assert table.cases == [steps.case]
    assert list(table.killers[name]) == [steps.case.id]
    assert table.survivors == []
    assert table.useless() == []


@pytest.mark.parametrize("name", KILLED_BY)
def test_a_case_reaches_the_mutants_that_it_kills(name: str) -> None:
    one, steps = BY_NAME[name], made(KILLED_BY[name])
    assert list(bench([steps], [one]).reach([steps.case.id])) == [{name}]


def test_a_case_does_not_reach_what_it_never_calls() -> None:
    steps, changes = made(TWICE), [BY_NAME["forgets_hooks"], BY_NAME["relu:gradient"], BY_NAME["sum:gradient"]]
    assert list(bench([steps], changes).reach([steps.case.id])) == [{"sum:gradient"}]


def test_what_can_not_be_watched_is_reached_by_every_case() -> None:
    one = Mutant("constant", "It changes a constant.", (), None, lambda torch: patched(torch, "pi", 3))
    assert list(bench([made(TWICE)], [one]).reach(["chapter/topic::a_case"])) == [{"constant"}]


def test_what_the_harness_calls_is_not_reached() -> None:
    steps, changes = made(TWICE), [BY_NAME["requires_grad_can_not_be_switched_off"], BY_NAME["no_grad_records"]]
    assert list(bench([steps], changes).reach([steps.case.id])) == [set()]


def test_watching_leaves_no_trace() -> None:
    namespace, changes = lane("torch-cpu").torch, mutants("torch-cpu")
    before = snapshot(namespace)
    with Reach(changes, namespace).watching():
        assert snapshot(namespace) != before
    assert snapshot(namespace) == before


SAMPLE = {
    "replaces_gradients": "backward_and_grad/accumulation::passes_add_up",
    "relu:kinks": "subgradients/convex::relu_has_gradient_zero_at_zero",
    "jacobian_is_scaled": "functional/common::other_arguments_are_captured",
    "transpose_copies": "views/operations::transposing_operations_are_views",
    "__truediv__:gradient": "backward_and_grad/roots::the_chain_rule_through_a_quotient",
    "handles_do_not_remove_at_the_end": "hooks/tensor_hooks::a_handle_ends_its_hook_at_the_end_of_a_block",
    "autograd.grad:allow_unused": "backward_and_grad/unused_inputs",
}
"""Some kills of the suite's own cases: mutant, and a selection in which one case kills it."""


def test_cases_of_the_suite_kill_mutants() -> None:
    suite = load(patterns=list(SAMPLE.values()))
    playing = bench(list(suite.programs), [BY_NAME[name] for name in SAMPLE])
    killers = {name: [case for case in playing.programs if case.startswith(start)] for name, start in SAMPLE.items()}
    assert [name for name, cases in killers.items() if not any(playing.kills(case, name) for case in cases)] == []


def owners(namespace: Any) -> Iterator[tuple[str, Any]]:
    """Everything that mutants patch in, by name."""
    root = namespace.__name__
    paths = ["", ".autograd", ".autograd.graph", ".autograd.functional", ".autograd.forward_ad", ".nn.functional"]
    if root == "reference_impl":
        inner = "accumulate anomaly clock dual engine hooks inplace packing rare saved views"
        paths += [f".graph.{name}" for name in inner.split()] + [".autograd.custom", ".autograd.applying", ".leaf"]
    for path in paths:
        module = importlib.import_module(root + path)
        yield path, module
        for name, value in list(vars(module).items()):
            if isinstance(value, type) and value.__module__.startswith(("torch.", root)):
                yield f"{path}.{name}", value
    for kind in node_kinds(namespace):
        yield f"nodes.{kind.__name__}", kind


def snapshot(namespace: Any) -> dict[str, dict[str, int]]:
    return {
        path: {name: id(value) for name, value in vars(owner).items() if not isinstance(value, int)}  # but no counters
        for path, owner in owners(namespace)
    }


@pytest.mark.parametrize("name", ["torch-cpu", "reference"])
def test_every_mutant_is_undone_completely(name: str) -> None:
    namespace = lane(name).torch

    def enter_and_fail_in_each() -> None:
        for one in mutants(name):
            lacking = AttributeError if one.made else ZeroDivisionError
            with contextlib.suppress(ZeroDivisionError, lacking), one.change(namespace):
                raise ZeroDivisionError

    enter_and_fail_in_each()  # what loads late is loaded now
    before = snapshot(namespace)
    enter_and_fail_in_each()
    assert snapshot(namespace) == before


@pytest.mark.parametrize("name", ["torch-cpu", "reference"])
def test_every_mutant_says_what_it_changes_and_patches_something(name: str) -> None:
    for one in mutants(name):
        assert one.about.endswith("."), one.name
        assert one.made or places(one, lane(name).torch), one.name


def test_every_glob_of_a_mutant_names_a_claim() -> None:
    globs = {glob for one in BY_NAME.values() if not one.made for glob in one.claims}
    assert [glob for glob in globs if not any(fnmatchcase(claim, glob) for claim in CLAIMS)] == []


def test_two_mutants_of_one_name_are_refused() -> None:
    def forgets_hooks(torch: Any) -> contextlib.AbstractContextManager[None]:
        """Another one."""
        return contextlib.nullcontext()

    with pytest.raises(ValueError, match="two mutants are called 'forgets_hooks'"):
        mutant("hooks")(forgets_hooks)


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
