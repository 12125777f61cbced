"""What a case leaves behind is found, and given back."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

import numpy as np
import pytest

from conformance.judge import Status, judge
from conformance.play import play
from conformance.tests.support import lane, messages, program

LEAKS = [
    ("run: set_grad_enabled(False)", "grad mode was left False, it was True", "is_grad_enabled", True),
    ("run: set_detect_anomaly(True)", "anomaly mode was left True, it was False", "is_anomaly_enabled", False),
    (
        "run: set_detect_anomaly(False, check_nan=False)",
        "the check for nan of anomaly mode was left False",
        "is_anomaly_check_nan_enabled",
        True,
    ),
    ("run: forward_ad.enter_dual_level()", "1 dual level of forward mode left open", "is_grad_enabled", True),
    (
        "run: autograd.grad_mode.set_multithreading_enabled(False)",
        "multithreading of backward was left False, it was True",
        "autograd.is_multithreading_enabled",
        True,
    ),
    (
        "run: autograd.grad_mode.enforce_grad_layout_policy(False)",
        "the gradient layout policy was left False, it was True",
        "is_grad_enabled",
        True,
    ),
    ("run: set_default_dtype(float64)", "default dtype was left torch.float64", "get_default_dtype", "torch.float32"),
]


@pytest.mark.parametrize("name", ["reference", "torch-cpu"])
@pytest.mark.parametrize(("step", "finding", "read", "value"), LEAKS)
def test_a_leak_is_found_and_restored(step: str, finding: str, read: str, value: object, name: str) -> None:
    if name != "reference":
        pytest.importorskip("torch")
    made = program(f"- {step}\n- observe: [x]")
    verdict = judge(made, play(made, lane(name)))
    assert verdict.status is Status.FAILED
    assert finding in messages(verdict)
    now: Callable[[], object] = attrgetter(read)(lane(name).torch)
    assert str(now()) == str(value)


@pytest.mark.parametrize("name", ["reference", "torch-cpu"])
def test_hooks_of_all_modules_are_found_and_taken_away(name: str) -> None:
    if name != "reference":
        pytest.importorskip("torch")
    step = "- let: {handle: nn.modules.module.register_module_full_backward_hook(f)}\n- observe: [x]"
    made = program(step, define="f: {takes: [module, grad_input, grad_output]}")
    found = messages(judge(made, play(made, lane(name))))
    assert "torch.nn.modules.module._global_backward_hooks was left with 1 entries" in found
    assert not lane(name).torch.nn.modules.module._global_backward_hooks


def test_autocast_and_the_device_of_checkpoints_are_found_and_given_back() -> None:
    torch = pytest.importorskip("torch")
    steps = (
        "- run: set_autocast_enabled('cpu', True)\n- run: utils.checkpoint.DefaultDeviceType.set_device_type('meta')\n"
    )
    found = messages(judge(made := program(steps + "- observe: [x]"), play(made, lane("torch-cpu"))))
    assert "autocast was left True, it was False" in found
    assert "the default device type of checkpoints was left meta" in found
    assert not torch.is_autocast_enabled("cpu")
    assert torch.utils.checkpoint.DefaultDeviceType.get_device_type() != "meta"


def test_warn_always_is_found_and_given_back() -> None:
    torch = pytest.importorskip("torch")
    made = program("- run: set_warn_always(False)\n- observe: [x]")
    assert "warn-always was left False" in messages(judge(made, play(made, lane("torch-cpu"))))
    assert torch.is_warn_always_enabled() is False


def test_random_states_are_given_back() -> None:
    torch = pytest.importorskip("torch")
    before = torch.get_rng_state(), np.random.get_state(legacy=False)
    play(
        program("- run: randn(3)\n- run: numpy.random.choice(5)\n- run: manual_seed(7)\n- observe: [x]"),
        lane("torch-cpu"),
    )
    assert bool((torch.get_rng_state() == before[0]).all())
    assert str(np.random.get_state(legacy=False)) == str(before[1])


def test_a_case_that_gives_back_what_it_changed_has_no_leak() -> None:
    made = program("- run: set_grad_enabled(False)\n- run: set_grad_enabled(True)\n- expect: {x.requires_grad: true}")
    assert judge(made, play(made, lane("reference"))).status is Status.PASSED
