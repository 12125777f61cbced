"""Mutants: each changes one behaviour, is noticed by a case about it, and is gone without a trace afterwards."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from conformance import console
from conformance.cli import main
from conformance.mutants import Mutant, mutants, patched
from conformance.mutants.kill import kill, kills
from conformance.mutants.mutant import mutant
from conformance.program.compile import Program
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
    "backward_has_other_words": FREED,
    "forgets_hooks": HOOK,
    "hooks_only_look": HOOK,
    "handles_do_not_remove": REMOVED,
    "no_grad_records": MODES,
    "versions_stay_at_zero": VERSION,
    "view_copies": VIEW,
    "relu_passes_at_zero": RELU,
    "engine_frees_nothing": FREED,
    "freed_graphs_have_other_words": FREED,
    "writes_are_not_counted": VERSION,
}


def made(steps: str) -> Program:
    return program(steps, define="double: {takes: [grad], returns: grad * 2}" if "double" in steps else "")


def engine_of(one: Mutant) -> str:
    return "reference" if one.only == "reference" else "torch-cpu"


@pytest.mark.parametrize("name", KILLED_BY)
def test_a_mutant_is_killed_by_a_case_about_it(name: str) -> None:
    one, steps = BY_NAME[name], made(KILLED_BY[name])
    table = kill([steps], lane(engine_of(one)), None, [one], 100)
    assert table.cases == [steps.case]
    assert table.killers == {name: [steps.case.id]}
    assert table.survivors == []
    assert table.useless() == []


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
            with contextlib.suppress(ZeroDivisionError), one.change(namespace):
                raise ZeroDivisionError

    enter_and_fail_in_each()  # what loads late is loaded now
    before = snapshot(namespace)
    enter_and_fail_in_each()
    assert snapshot(namespace) == before


@pytest.mark.parametrize("one", BY_NAME.values(), ids=list(BY_NAME))
def test_every_mutant_says_what_it_changes(one: Mutant) -> None:
    assert one.about.endswith(".")
    assert one.chapters


def test_two_mutants_of_one_name_are_refused() -> None:
    def forgets_hooks(torch: Any) -> contextlib.AbstractContextManager[None]:
        """Another one."""
        return contextlib.nullcontext()

    with pytest.raises(ValueError, match="two mutants are called 'forgets_hooks'"):
        mutant("hooks")(forgets_hooks)


def test_a_mutant_that_breaks_too_much_is_too_coarse() -> None:
    one, several = BY_NAME["replaces_gradients"], [made(TWICE), made(FREED), made(HOOK)]
    assert not kill(several, lane("torch-cpu"), None, [one], 5).coarse(one.name)
    table = kill(several, lane("torch-cpu"), None, [one], 3)
    assert table.coarse(one.name)
    assert table.useless() == table.cases


def raising(error: BaseException) -> Mutant:
    def change(torch: Any) -> contextlib.AbstractContextManager[None]:
        def broken(*_: Any, **__: Any) -> None:
            raise error

        return patched(torch.Tensor, "backward", broken)

    return Mutant("broken", "It raises.", ("hooks",), None, change)


@pytest.mark.parametrize("error", [ValueError("lost"), SystemExit(1)])
def test_what_a_mutant_raises_is_a_kill(error: BaseException) -> None:
    assert kills(made(TWICE), lane("torch-cpu"), None, raising(error))


def test_an_interrupt_goes_through_and_undoes_the_mutant() -> None:
    backward = torch.Tensor.backward
    with pytest.raises(KeyboardInterrupt):
        kills(made(TWICE), lane("torch-cpu"), None, raising(KeyboardInterrupt()))
    assert torch.Tensor.backward is backward


def test_what_does_not_conform_counts_nowhere() -> None:
    wrong = made("- expect: {x: [7., 7., 7.]}")
    table = kill([wrong], lane("torch-cpu"), None, [BY_NAME["forgets_hooks"]], 1)
    assert (table.cases, table.survivors) == ([], ["forgets_hooks"])


def test_the_table_names_what_is_useless_and_what_survives(capsys: pytest.CaptureFixture[str]) -> None:
    table = kill([made(TWICE)], lane("torch-cpu"), None, [BY_NAME["forgets_hooks"]], 1)
    console.kills(table)
    shown = capsys.readouterr().out
    assert "kills nothing: chapter/topic::a_case" in shown
    assert "survives: forgets_hooks" in shown


def test_the_command_refuses_an_engine_that_is_not_here() -> None:
    done = CliRunner().invoke(main, ["mutants", "--engine", "torch-nowhere"])
    assert done.exit_code == 2
    assert "torch-nowhere is not here" in done.output
