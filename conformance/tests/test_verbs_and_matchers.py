"""Every verb and every matcher: passes where right, fails where wrong, and the script says the same as the judge."""

from __future__ import annotations

import inspect
import re
from textwrap import indent

import pytest

from conformance.judge import Status
from conformance.language.problem import MalformedCase
from conformance.program.compile import compile_all
from conformance.program.verb import MATCHERS, VERBS
from conformance.tests.support import (
    DEFINE,
    case,
    cases_of,
    file_of,
    judged_on,
    messages,
    outcome,
    program,
    run_script,
)

pytest.importorskip("torch")

GOOD_BAD: dict[str, tuple[str, str]] = {
    # verb or matcher: steps that hold, and steps that differ by what makes them wrong
    "let": (
        "- let: {y: x * 2, v: [1., 2.]}\n- expect: {y: [2., 4., 6.], v: [1., 2.]}",
        "- let: {y: x * 2}\n- expect: {y: [2., 4., 7.]}",
    ),
    "run": (
        "- run: x.detach().mul_(2)\n- expect: {x: [2., 4., 6.]}",
        "- run: x.detach().mul(2)\n- expect: {x: [2., 4., 6.]}",
    ),
    "set": (
        "- set:\n    x.grad: [1., 1., 1.]\n- expect: {x.grad: [1., 1., 1.]}",
        "- set:\n    x.grad: null\n- expect: {x.grad: [1., 1., 1.]}",
    ),
    "augment": (
        "- augment:\n    x.data: {'*=': 2}\n- expect: {x: [2., 4., 6.]}",
        "- augment:\n    x.data: {'+=': 2}\n- expect: {x: [2., 4., 6.]}",
    ),
    "del": (
        "- let: {y: x * 2}\n- del: [y]\n- run: y\n  raises: {NameError: y}",
        "- let: {y: x * 2}\n- run: y\n  raises: {NameError: y}",
    ),
    "collect": (
        "- let: {y: list(), alive: weakref(x)}\n- run: y.append(y)\n- collect: true\n- expect: {len(y): 1}",
        "- collect: true\n- expect: {len(x): 4}",
    ),
    "backward": (
        "- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 6.]}",
        "- backward: sum(x * 2)\n- expect: {x.grad: [2., 4., 6.]}",
    ),
    "gradcheck": (
        "- gradcheck: {of: sin, at: [x.double()]}",
        "- gradcheck: {of: sin, at: [x.double()], raise_exception: false, eps: 1.5}",
    ),
    "with": (
        "- with: no_grad()\n  do:\n  - let: {y: x * 2}\n- expect: {y.requires_grad: false}",
        "- with: enable_grad()\n  do:\n  - let: {y: x * 2}\n- expect: {y.requires_grad: false}",
    ),
    "repeat": (
        "- repeat: 3\n  do:\n  - backward: sum(x)\n- expect: {x.grad: [3., 3., 3.]}",
        "- repeat: 2\n  do:\n  - backward: sum(x)\n- expect: {x.grad: [3., 3., 3.]}",
    ),
    "if": (
        "- if: x.sum() > 0\n  do:\n  - let: {y: 1}\n  else:\n  - let: {y: 2}\n- expect: {y: 1}",
        "- if: x.sum() < 0\n  do:\n  - let: {y: 1}\n  else:\n  - let: {y: 2}\n- expect: {y: 1}",
    ),
    "thread": (
        "- thread: worker\n  do:\n  - let: {y: x * 2}\n- join: [worker]\n- expect: {y: [2., 4., 6.]}",
        "- thread: worker\n  do:\n  - let: {y: x * 3}\n- join: [worker]\n- expect: {y: [2., 4., 6.]}",
    ),
    "join": (
        "- thread: worker\n  do:\n  - run: fails()\n- join: [worker]\n  raises: {ValueError: no value}",
        "- thread: worker\n  do:\n  - run: x + 1\n- join: [worker]\n  raises: {ValueError: no value}",
    ),
    "expect": ("- expect: {x: [1., 2., 3.]}", "- expect: {x: [1., 2., 3.5]}"),
    "observe": ("- observe: [x, x.grad]", "- observe: [x.grad.sum()]"),
    "equals": ("- expect: {x.shape: [3], str(x.dtype): torch.float32}", "- expect: {x.shape: [4]}"),
    "within": ("- expect: {x: {within: [[1.1, 2., 3.], 0.2]}}", "- expect: {x: {within: [[1.5, 2., 3.], 0.1]}}"),
    "tuple": (
        "- expect: {'(x, None)': {tuple: [[1., 2., 3.], null]}}",
        "- expect: {'[x, None]': {tuple: [[1., 2., 3.], null]}}",
    ),
    "calls": (
        "- run: pair(double(x), None)\n- expect: {calls: [{double: [1., 2., 3.]}, {pair: {each: [[2., 4., 6.], null]}}]}",
        "- run: double(pair(x, None))\n- expect: {calls: [{double: [1., 2., 3.]}, {pair: {each: [[2., 4., 6.], null]}}]}",
    ),
    "dtype": ("- expect: {x.double(): {dtype: float64}}", "- expect: {x: {dtype: float64}}"),
    "shape": ("- expect: {'x.view(3, 1)': {shape: [3, 1]}}", "- expect: {x: {shape: [3, 1]}}"),
    "strides": ("- expect: {'x.expand(2, 3)': {strides: [0, 1]}}", "- expect: {'x.repeat(2, 1)': {strides: [0, 1]}}"),
    "repr": (
        "- expect: {x.sum(): {repr: 'tensor(6., grad_fn=<SumBackward0>)'}}",
        "- expect: {x.detach().sum(): {repr: 'tensor(6., grad_fn=<SumBackward0>)'}}",
    ),
    "same_object_as": ("- expect: {x: {same_object_as: x}}", "- expect: {x.detach(): {same_object_as: x}}"),
    "shares_memory_with": (
        "- expect: {x.detach(): {shares_memory_with: x}}",
        "- expect: {x.clone(): {shares_memory_with: x}}",
    ),
    "raises": (
        "- expect: {x.backward(): {raises: {RuntimeError: 'only for scalar outputs'}}}",
        "- expect: {x.sum().backward(): {raises: {RuntimeError: 'only for scalar outputs'}}}",
    ),
    "either": (
        "- expect: {x: {either: [[9., 9.], {shape: [3]}, null]}}",
        "- expect: {x: {either: [[9., 9.], {shape: [4]}, null]}}",
    ),
    "drift": (
        "- expect: {x: {drift: {documented: null, torch: [1., 2., 3.]}}}",
        "- expect: {x: {drift: {documented: null, torch: [1., 2., 4.]}}}",
    ),
}


def test_the_table_holds_every_verb_and_matcher() -> None:
    assert set(GOOD_BAD) == {*VERBS, *MATCHERS, "either", "drift"}


def needs(steps: str) -> str:
    return "needs: [threads]" if "thread:" in steps else ""


@pytest.mark.parametrize("key", GOOD_BAD)
def test_what_is_right_passes(key: str) -> None:
    steps = GOOD_BAD[key][0]
    status, found = outcome(steps, more=needs(steps))
    assert found == ""
    assert status is (Status.DRIFTING if key == "drift" else Status.PASSED)


@pytest.mark.parametrize("key", GOOD_BAD)
def test_what_is_wrong_fails(key: str) -> None:
    steps = GOOD_BAD[key][1]
    status, found = outcome(steps, more=needs(steps))
    assert status is Status.FAILED
    assert len(found.splitlines()) == 1


def test_an_expectation_in_a_hook_and_in_a_loop_holds_every_time() -> None:
    hook = "hook:\n  takes: [grad]\n  steps:\n  - expect:\n      grad.sum(): %s\n"
    steps = """
    - run: x.register_hook(hook)
    - repeat: 2
      do:
      - backward: sum(x)
      - expect: {x.grad.mean(): {either: [1., %s]}}
    """
    assert outcome(steps % "2.", define=hook % "3.") == (Status.PASSED, "")
    status, found = outcome(steps % "9.", define=hook % "3.")
    assert status is Status.FAILED
    assert "time 2: none of the documented possibilities" in found
    status, found = outcome(steps % "2.", define=hook % "4.")
    assert found.count("grad.sum(): time") == 2


@pytest.mark.parametrize(
    "steps",
    [
        "- repeat: 0\n  do:\n  - expect: {x: [1., 2., 3.]}",
        "- if: x.sum() < 0\n  do:\n  - run: fails()\n    raises: {ValueError: no}",
        "- with: no_grad()\n  do:\n  - run: fails()\n  - expect: {x: [1., 2., 3.]}\n  raises: {ValueError: no}",
    ],
)
def test_what_is_never_reached_has_not_passed(steps: str) -> None:
    _, verdict = judged_on(program(steps, define=DEFINE))
    assert verdict.status is Status.FAILED
    assert "was never reached" in messages(verdict)


def test_an_error_that_nobody_declared_ends_the_case() -> None:
    status, found = outcome("- expect: {x: [1., 2., 3.]}\n- run: fails()\n- expect: {x: [9.]}")
    assert status is Status.ERRORED
    assert found.endswith("step: raised ValueError: no value")


def test_each_plays_once_for_every_choice() -> None:
    text = file_of(
        case(
            "- expect: {x: {shape: [3]}, k: {either: [2, 3]}}",
            "x: {leaf: {ones: [n]}, dtype: d}\nk: n",
            more="each: {n: [2, 3], d: [float32]}",
        )
    )
    assert [made.name for made in cases_of(text)] == ["a_case[n=2,d=float32]", "a_case[n=3,d=float32]"]
    by_case = [judged_on(made)[1].status for made in compile_all(cases_of(text))]
    assert by_case == [Status.FAILED, Status.PASSED]


def test_a_choice_may_name_inputs_and_definitions() -> None:
    text = file_of(
        case(
            "- expect: {f(a): {either: [[10., 20., 30.], [-1., -2., -3.]]}, Marked.generate_vmap_rule: [1., 2., 3.]}",
            define="ten: {takes: [t], returns: t * 10}\nMarked: {function: {attributes: {generate_vmap_rule: a}}}",
            more="each: {f: [ten, neg], a: [x.detach()]}",
        )
    )
    cases = cases_of(text)
    assert [judged_on(made)[1].status for made in compile_all(cases)] == [Status.PASSED, Status.PASSED]
    run_script(cases[0])


def examples() -> list[tuple[str, str]]:
    """The YAML in the documentation of every verb and matcher."""
    things = {**VERBS, **MATCHERS}
    found = [(key, text) for key, thing in things.items() for text in _fenced(thing.__doc__ or "")]
    return [(key, text if key in VERBS else f"- expect:\n{indent(text, '    ')}") for key, text in found]


def _fenced(text: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", inspect.cleandoc(text), re.DOTALL)


def test_everything_is_documented_with_an_example() -> None:
    assert {key for key, _ in examples()} == {*VERBS, *MATCHERS}


AROUND = """
- let:
    y: x * x
    z: x + 1
    a: [[1., 2.], [3., 4.]]
    loss: x.sum()
    node: y.grad_fn
    ctx: x
    constant: 3
    worker: x
"""
AROUND_DEFINE = """
double: {takes: [grad], returns: grad * 2}
after: {takes: [tensor]}
pair: {takes: [a, b]}
Square: {function: {forward: {takes: [ctx, x], returns: x}}}
Wrong: {function: {forward: {takes: [ctx, x], returns: x}}}
"""


@pytest.mark.parametrize(("key", "text"), examples(), ids=[key for key, _ in examples()])
def test_an_example_of_the_documentation_compiles(key: str, text: str) -> None:
    made = program(f"{AROUND.strip()}\n{text}", define=AROUND_DEFINE, more=needs(text))
    assert made.expectations or made.guards or key not in MATCHERS


def test_a_verb_that_governs_needs_its_steps() -> None:
    with pytest.raises(MalformedCase, match="needs do:"):
        program("- if: x.sum() > 0\n- expect: {x: 1}")
