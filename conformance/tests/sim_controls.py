"""What the simulated device does when it is looked at, and whether the harness sees what is wrong. Prints JSON.

Played by test_sim.py in a process of its own: the device changes torch for the whole process.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from typing import Any

import torch

from conformance.engines import Engine, engine
from conformance.engines.sim.clock import clock
from conformance.engines.sim.faults import bent
from conformance.play import play
from conformance.program.compile import Program
from conformance.run import judged
from conformance.tests.support import program
from conformance.timing import time_case

SINE = "- backward: {of: sin(x), gradient: [1., 10., 100.]}\n- expect: {x.grad: [0.5403023, -4.1614684, -98.99925]}"
HOST = "- observe: [x.cpu()]"
CELL = "- let: {cell: 'nn.GRU(3, 2)'}\n- run: cell(x.view(1, 3))"
PRINT = "- backward: sum(x * x)\n- expect: {x.grad: {repr: 'tensor([2., 4., 6.])'}}"
VERSION = (
    "- let: {y: exp(x)}\n- run: y.add_(1)\n- backward: sum(y)\n  raises: {RuntimeError: '[torch.FloatTensor [3]]'}"
)
RANDOM = "- run: manual_seed(3)\n- observe: [rand(4), 'nn.Linear(2, 2).weight']"
DROPOUT = "- run: manual_seed(3)\n- observe: ['F.dropout(ones(64), 0.5)']"
RAISING = "- run: x.register_hook(wrong)\n- backward: sum(x * x)\n  raises: {ValueError: of the hook}"
WRONG = "wrong: {takes: [grad], raises: {ValueError: of the hook}}"


def main() -> None:
    cpu, sim = engine("torch-cpu"), engine("torch-sim")
    assert isinstance(cpu, Engine)
    assert isinstance(sim, Engine)

    def verdict(made: Program) -> list[str]:
        found = judged(made, [cpu, sim])[1].verdict
        return [found.engine, str(found.status), found.detail, found.findings[0].odd or "" if found.findings else ""]

    seen: dict[str, Any] = {
        "device": [sim.device, sim.torch.ones(1).is_cuda, sim.torch.ones(1).is_cpu, torch.cuda.is_available()],
        "lacks": sorted({"cpu", "accelerator", "streams", "cuda"} - sim.offers),
        "thread": _threads(sim),
        "mixed": _error(lambda: sim.torch.ones(2) * torch.ones(2)),
        "mixed equal": _error(lambda: torch.equal(sim.torch.ones(2), torch.ones(2))),
        "mixed backward": _error(lambda: sim.torch.ones(2, requires_grad=True).backward(torch.ones(2))),
        "right": verdict(program(SINE)),
        "on the host": verdict(program(HOST)),
        "on the host, alone": judged(program(HOST), [sim])[0].verdict.detail,
        "no kernel": verdict(program(CELL)),
        "no attribute": verdict(program("- run: x.tangent")),
        "printed": verdict(program(PRINT)),
        "kinds": verdict(program(VERSION)),
        "drawn": verdict(program(RANDOM)),
        "drawn by the device": verdict(program(DROPOUT)),
        "raising": verdict(program(RAISING, define=WRONG)),
        "settings": _settings(sim),
        "resized": _resized(sim),
    }
    with bent("aten::sin", lambda result: result * 1.01):
        seen["bent where nobody looks"] = verdict(program(SINE))
    with bent("aten::cos", lambda result: result * 1.0001):
        seen["bent"] = verdict(program(SINE))
    seen["straight again"] = verdict(program(SINE))
    seen["not timed"] = time_case(program(SINE), [sim])["torch-sim"].not_timed
    seen["milliseconds"] = _milliseconds(dataclasses.replace(sim, not_timed=None))
    print(json.dumps(seen))


def _threads(sim: Engine) -> list[bool]:
    """Whether a hook runs in another thread than the caller's, and whether that is always the same one."""
    x, threads = sim.torch.ones(2, requires_grad=True), []
    x.register_hook(lambda grad: threads.append(threading.get_ident()))
    for _ in range(2):
        (x * x).sum().backward()
    return [threading.get_ident() not in threads, len(set(threads)) == 1]


def _resized(sim: Engine) -> list[Any]:
    """A tensor made smaller and larger within its memory, which a view goes on to share, and larger than that."""
    x = sim.torch.tensor([1.0, 2.0, 3.0, 4.0])
    view = x[1:]
    x.resize_(2)
    view.mul_(10)
    smaller = x.tolist()
    within = x.resize_(4).tolist()
    return [smaller, within, x.resize_(2, 3).flatten()[:4].tolist(), list(x.shape)]


def _error(act: Any) -> str:
    try:
        act()
    except RuntimeError as error:
        return str(error)
    return ""


def _settings(sim: Engine) -> list[list[bool]]:
    """TF32 for matrices and convolutions: before, while a case plays, and after."""
    backends = torch.backends.cuda.matmul, torch.backends.cudnn
    for backend in backends:
        backend.allow_tf32 = True
    now = [[backend.allow_tf32 for backend in backends]]
    with sim.playing():
        now.append([backend.allow_tf32 for backend in backends])
    return [*now, [backend.allow_tf32 for backend in backends]]


def _milliseconds(sim: Engine) -> list[float]:
    """The time of a play of three kernels at 10 ms: by a harness that waits for the device, and by one that forgets to."""
    made = program("- let: {y: sin(cos(sin(x)))}\n- expect: {y.shape: [3]}")
    play(made, sim)
    clock.cost = 0.01
    waits = time_case(made, [sim])[sim.name]
    forgets = time_case(made, [dataclasses.replace(sim, synchronize=lambda: None)])[sim.name]
    return [timed.figures["total"].min * 1000 for timed in (waits, forgets)]


if __name__ == "__main__":
    main()
