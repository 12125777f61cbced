"""What holds beside a literal, a drift, an error or a warning that a case declares, and what does not."""

from __future__ import annotations

import pytest

from conformance.judge import Status
from conformance.tests.support import outcome

pytest.importorskip("torch")

LITERALS: list[tuple[str, str, bool]] = [
    # an expression, a literal, whether the one is the other
    ("tensor([1., 2.])", "[1., 2.]", True),
    ("tensor([1., 2.])", "[1, 2]", False),
    ("tensor([1, 2])", "[1, 2]", True),
    ("tensor([1, 2])", "[1., 2.]", False),
    ("tensor([True, False])", "[true, false]", True),
    ("tensor([True, False])", "[1, 0]", False),
    ("tensor([1, 0])", "[true, false]", False),
    ("tensor([1j, 2])", "['1j', 2]", True),
    ("tensor([1., 2.])", "['1+0j', 2]", False),
    ("tensor([1j, 2])", "['1j', 3]", False),
    ("tensor(2.)", "2.", True),
    ("tensor(2.)", "[2.]", False),
    ("tensor([2.])", "2.", False),
    ("tensor([[1., 2.]])", "[1., 2.]", False),
    ("tensor([])", "[]", True),
    ("zeros(2, 0)", "[[], []]", True),
    ("zeros(2, 0)", "[]", False),
    ("tensor([])", "[1.]", False),
    ("tensor([float('nan')])", "[nan]", True),
    ("tensor([1.])", "[nan]", False),
    ("tensor([float('nan')])", "[1.]", False),
    ("tensor([float('inf')])", "[inf]", True),
    ("tensor([float('-inf')])", "[inf]", False),
    ("tensor([3e38])", "[inf]", False),
    ("tensor([1.00001])", "[1.]", True),
    ("tensor([1.0001])", "[1.]", False),
    ("tensor([1.0001], dtype=bfloat16)", "[1.]", True),
    ("tensor([1.00001], dtype=float64)", "[1.]", False),
    ("tensor([2 ** 40 + 1])", "[1099511627777]", True),
    ("tensor([2 ** 40 + 1])", "[1099511627776]", False),
    ("2", "2", True),
    ("2", "2.", False),
    ("2.", "2", False),
    ("2.", "2.", True),
    ("True", "true", True),
    ("True", "1", False),
    ("1", "true", False),
    ("2j", "2j", True),
    ("2 ** 100", "2", False),
    ("float('nan')", "nan", True),
    ("None", "null", True),
    ("0", "null", False),
    ("tensor(0.)", "null", False),
    ("None", "0", False),
    ("'text'", "text", True),
    ("'text'", "Text", False),
    ("'1'", "'1'", True),
    ("1", "'1'", False),
    ("float32", "torch.float32", True),
    ("float32", "float32", False),
    ("str(tensor([1.]))", "tensor([1.])", True),
    ("tensor([1.])", "tensor([1.])", False),
    ("repr(sum)[:9] + ' at 0xDEAD'", "'<built-in at 0x12'", True),
    ("[1, 2]", "[1, 2]", True),
    ("[1, 2]", "[1, 3]", False),
    ("[1, 2]", "[1]", False),
    ("[1, None, 'a']", "[1, null, a]", True),
    ("[1, None, 'a']", "[1, 0, a]", False),
    ("['a', 'b']", "[a, b]", True),
    ("['a', 'b']", "[a, c]", False),
    ("(1, 2)", "[1, 2]", False),
    ("(1, 2)", "{tuple: [1, 2]}", True),
    ("[1, 2]", "{tuple: [1, 2]}", False),
    ("(1, 2)", "{tuple: [1]}", False),
    ("(1, 2)", "{tuple: [1, 3]}", False),
    ("()", "{tuple: []}", True),
    ("((1, 2), (3, (4,)))", "{tuple: [{tuple: [1, 2]}, {tuple: [3, {tuple: [4]}]}]}", True),
    ("((1, 2), (3, (4,)))", "{tuple: [{tuple: [1, 2]}, {tuple: [3, {tuple: [5]}]}]}", False),
    ("((1, 2), 3)", "{tuple: [{tuple: [1, 2]}, {tuple: [3]}]}", False),
    ("torch.Size([1, 2])", "[1, 2]", True),
    ("torch.Size([1, 2])", "{tuple: [1, 2]}", False),
    ("max(tensor([1., 3.]), 0)", "{tuple: [3., 1]}", True),
    ("max(tensor([1., 3.]), 0)", "{tuple: [3., {dtype: int64}]}", True),
    ("max(tensor([1., 3.]), 0)", "{tuple: [3., {dtype: int32}]}", False),
    ("tensor([1.])", "{within: [[1], 0.5]}", False),
    ("1.2", "{within: [1., 0.5]}", True),
    ("1.2", "{within: [1., 0.05]}", False),
    ("None", "{dtype: float32}", False),
    ("None", "{shape: [1]}", False),
    ("None", "{strides: [1]}", False),
    ("None", "{shares_memory_with: x}", False),
    ("x.grad.sum()", "null", False),
]


@pytest.mark.parametrize(("expression", "literal", "holds"), LITERALS)
def test_a_literal_fixes_value_shape_and_kind(expression: str, literal: str, holds: bool) -> None:
    quoted = "'" + expression.replace("'", "''") + "'"
    status, found = outcome(f"- expect:\n    {quoted}: {literal}")
    assert status is (Status.PASSED if holds else Status.FAILED), found


DRIFTS: list[tuple[str, Status, str]] = [
    ("expect: {x: {drift: {documented: null, torch: [1., 2., 3.]}}}", Status.DRIFTING, ""),
    ("expect: {x: {drift: {documented: [1., 2., 3.], torch: null}}}", Status.FAILED, "the drift is healed"),
    ("expect: {x: {drift: {documented: [9.], torch: null}}}", Status.FAILED, "neither what torch does"),
    ("run: fails()\n  raises: {drift: {documented: null, torch: {ValueError: no}}}", Status.DRIFTING, ""),
    (
        "run: fails()\n  raises: {drift: {documented: {ValueError: no}, torch: null}}",
        Status.FAILED,
        "the drift is healed",
    ),
    (
        "run: fails()\n  raises: {drift: {documented: {KeyError: no}, torch: null}}",
        Status.FAILED,
        "neither what torch does",
    ),
    ("run: x\n  raises: {drift: {documented: {ValueError: no}, torch: null}}", Status.DRIFTING, ""),
    ("run: (x * 2).grad\n  warns: {drift: {documented: null, torch: {UserWarning: loud}}}", Status.FAILED, "neither"),
    ("run: (x * 2).grad\n  warns: {drift: {documented: null, torch: {UserWarning: not a leaf}}}", Status.DRIFTING, ""),
    ("run: x\n  warns: {drift: {documented: {UserWarning: leaf}, torch: null}}", Status.DRIFTING, ""),
    ("run: x\n  warns: {drift: {documented: null, torch: {UserWarning: leaf}}}", Status.FAILED, "the drift is healed"),
]


@pytest.mark.parametrize(("step", "status", "fragment"), DRIFTS)
def test_a_drift_has_three_outcomes(step: str, status: Status, fragment: str) -> None:
    found = outcome(f"- {step}")
    assert found[0] is status
    assert fragment in found[1]


EVENTS: list[tuple[str, bool]] = [
    ("run: fails()\n  raises: {ValueError: no value}", True),
    ("run: fails()\n  raises: {ValueError: ''}", True),
    ("run: fails()\n  raises: {Exception: no    value}", True),
    ("run: fails()\n  raises: {ValueError: {matches: '^no v.*e$'}}", True),
    ("run: fails()\n  raises: {ValueError: {matches: '^value'}}", False),
    ("run: fails()\n  raises: {ValueError: 'no.value'}", False),
    ("run: fails()\n  raises: {KeyError: no value}", False),
    ("run: x\n  raises: {ValueError: no value}", False),
    ("run: (x * 2).grad\n  warns: {UserWarning: is not a leaf Tensor}", True),
    ("run: (x * 2).grad\n  warns: {Warning: is not a leaf Tensor}", True),
    ("run: (x * 2).grad\n  warns: {UserWarning: is a leaf}", False),
    ("run: (x * 2).grad\n  warns: {DeprecationWarning: is not a leaf Tensor}", False),
    ("run: x.grad\n  warns: {UserWarning: is not a leaf Tensor}", False),
    ("run: pair((x * 2).grad, fails())\n  raises: {ValueError: no}\n  warns: {UserWarning: not a leaf}", True),
    ("run: pair((x * 2).grad, fails())\n  raises: {ValueError: no}\n  warns: {UserWarning: a tree}", False),
]


@pytest.mark.parametrize(("step", "holds"), EVENTS)
def test_errors_and_warnings(step: str, holds: bool) -> None:
    status, found = outcome(f"- {step}\n- observe: [x]")
    assert status is (Status.PASSED if holds else Status.FAILED), found


def test_two_nested_guards_each_hear_what_happens_inside_them() -> None:
    steps = """
    - with: no_grad()
      warns: {UserWarning: not a leaf}
      do:
      - run: x.grad
        warns: {drift: {documented: {UserWarning: loud}, torch: null}}
      - with: enable_grad()
        do:
        - run: (x * 2).grad
    """
    status, found = outcome(steps)
    assert (status, found) == (Status.DRIFTING, "")
