"""The simulated device: that it is a device, and that the harness notices what goes wrong on one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from conformance.closeness import arrays_differ, tolerance
from conformance.engines import DEFAULT, own_process
from conformance.known import read_known
from conformance.run import load
from conformance.transcript import TensorSeen

KNOWN = Path(__file__).parents[1] / "engines" / "sim" / "known_differences.yaml"

pytestmark = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")


def in_a_process_of_its_own(*arguments: str) -> Any:
    """The JSON that a module prints."""
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen() -> Any:
    return in_a_process_of_its_own("conformance.tests.sim_controls")


def test_it_is_a_lane_of_every_run_in_a_process_of_its_own() -> None:
    assert "torch-sim" in DEFAULT
    assert [name for name in DEFAULT if own_process(name)] == ["torch-sim"]


def test_it_is_an_accelerator_and_never_cuda(seen: Any) -> None:
    device, is_cuda, is_cpu, _ = seen["device"]
    assert (device, is_cuda, is_cpu) == ("sim:0", False, False)
    assert seen["lacks"] == ["cpu", "cuda", "streams"]
    assert all(seen[name][0] == "torch-sim" for name in ("right", "bent", "printed"))


def test_backward_runs_in_the_thread_of_the_device(seen: Any) -> None:
    assert seen["thread"] == [True, True]


def test_tensors_of_two_devices_do_not_mix(seen: Any) -> None:
    assert seen["mixed"] == (
        "Expected all tensors to be on the same device, but found at least two devices, sim:0 and cpu!"
    )
    assert seen["mixed equal"] == seen["mixed"]
    assert seen["mixed backward"] == "invalid gradient at index 0 - expected device sim:0 but got cpu"


def test_memory_is_the_memory_of_a_tensor(seen: Any) -> None:
    assert seen["resized"] == [[1.0, 20.0], [1.0, 20.0, 30.0, 40.0], [1.0, 20.0, 30.0, 40.0], [2, 3]]


def test_a_bent_kernel_is_caught_and_named(seen: Any) -> None:
    engine, status, detail, odd = seen["bent"]
    assert (engine, status) == ("torch-sim", "failed")
    assert "x.grad: expected" in detail
    assert odd == "torch-cpu agrees with the declaration: this engine is the odd one out"
    for name in ("right", "bent where nobody looks", "straight again"):
        assert seen[name][1:] == ["passed", "", ""]


def test_a_tensor_on_the_wrong_device_is_caught(seen: Any) -> None:
    _, status, detail, _ = seen["on the host"]
    assert status == "failed"
    assert "device cpu" in detail
    assert seen["on the host, alone"] == "line 9: x.cpu(): is on the CPU, the engine on sim:0"


def test_a_missing_synchronisation_shows_in_the_times(seen: Any) -> None:
    waits, forgets = seen["milliseconds"]
    assert waits >= 30
    assert forgets < 30
    assert seen["not timed"] == "a simulation: its times mean nothing"


def test_a_kernel_that_is_missing_is_unsupported_by_name(seen: Any) -> None:
    assert seen["no kernel"][1] == "unsupported"
    assert seen["no kernel"][2].startswith("aten::_thnn_fused_gru_cell on sim")
    assert seen["no attribute"][1] == "errored"


def test_what_is_random_is_drawn_on_the_host_for_a_case_and_by_the_device_in_an_operator(seen: Any) -> None:
    assert seen["drawn"][1] == "passed"
    assert seen["drawn by the device"][1] == "failed"


@pytest.mark.parametrize("name", ["printed", "kinds", "raising"])
def test_texts_and_errors_are_those_of_the_cpu(seen: Any, name: str) -> None:
    assert seen[name][1:] == ["passed", "", ""]


def test_cases_are_judged_in_full_precision(seen: Any) -> None:
    before, meanwhile, after = seen["settings"]
    assert before == after == [True, True]
    assert meanwhile == [False, False]


def test_its_slot_may_be_taken() -> None:
    script = (
        "import json, torch; torch.utils.rename_privateuse1_backend('npu')\n"
        "from conformance.engines import engine; print(json.dumps(engine('torch-sim').reason))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "npu" in json.loads(done.stdout), done.stderr


def test_its_known_differences_are_cases() -> None:
    assert set(read_known(KNOWN)) <= {made.case.id for made in load().programs}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("c++") is None, reason="needs a C++ compiler")
def test_the_cases_of_streams_hold_and_can_fail(tmp_path: Path) -> None:
    entered, stuck = in_a_process_of_its_own("conformance.tests.sim_streams", str(tmp_path))
    assert len(entered) >= 9
    assert set(entered.values()) == {"passed"}
    assert sum(status == "failed" for status in stuck.values()) >= 6


@pytest.mark.parametrize(("device", "wide"), [("cpu", False), ("sim:0", False), ("cuda:0", True)])
def test_tolerances_go_by_dtype_and_device(device: str, wide: bool) -> None:
    import numpy as np

    seen = TensorSeen(np.array([100.0005]), "torch.float32", device, (1,), "torch.strided", False)
    assert (arrays_differ(seen.values, np.array([100.0]), tolerance(seen)) is None) == wide
