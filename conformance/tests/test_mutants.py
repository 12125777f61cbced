"""Mutants: each changes one behaviour, is noticed by a case about it, and is gone without a trace afterwards."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from conformance.mutants import Mutant, mutants, patched
from conformance.mutants.areas.nodes import node_kinds
from conformance.mutants.mutant import mutant, places
from conformance.mutants.reach import Reach
from conformance.run import load
from conformance.tests.mutating import (
    BY_NAME,
    CLAIMS,
    FREED,
    HOOK,
    MODES,
    RELU,
    REMOVED,
    TWICE,
    VERSION,
    VIEW,
    bench,
    made,
    table_of,
)
from conformance.tests.support import lane

torch: Any = pytest.importorskip("torch")

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


PUT_THERE = {"NotImplementedError", "GradcheckError", "__bool__"}
"""What mutants put where nothing was, or a built-in."""


@pytest.mark.parametrize("engine", ["reference", "torch-cpu"])
def test_what_a_mutant_changes_is_there(engine: str) -> None:
    namespace = lane(engine).torch
    missed = {
        made.name: place
        for made in mutants(engine)
        for owner, place in places(made, namespace)
        if place not in PUT_THERE and not hasattr(owner, place)
    }
    assert missed == {}


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
    "functional.jacobian:scaled": "functional/common::other_arguments_are_captured",
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
        paths += [f".graph.{name}" for name in inner.split()]
        paths += [".autograd.custom", ".autograd.applying", ".methods.leaf"]
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
