"""Engines that ruin their process, made in workers by ``module:function`` (dying_runs.py), never to be called here.

Each is the reference with some functions replaced: what a case calls decides how the process ends.
"""

from __future__ import annotations

import ctypes
import dataclasses
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from conformance.engines import Engine
from conformance.engines.reference import reference


def _for_ever(x: Any) -> None:
    """Hold the GIL in C: no Python code runs in this process any more, no signal handler of Python either."""
    ctypes.pythonapi.usleep(10**9)


def _all_memory(x: Any) -> None:
    kept = []
    while True:
        kept.append(b"x" * 20_000_000)


def _killed_from_outside(x: Any) -> None:
    subprocess.run([sys.executable, "-c", f"import os; os.kill({os.getpid()}, 9)"], check=False)
    time.sleep(1000)


def _garbage(x: Any) -> Any:
    for number in range(1000):
        os.write(1, b"\x80\x05garbage \xff" * 100 + str(number).encode())
    print("more garbage")
    sys.stdin.read()
    return x * 1


def _garbage_everywhere(x: Any) -> Any:
    """Into every pipe that this process holds: what a worker answers becomes unreadable."""
    for number in range(3, 64):
        try:
            os.write(number, b"garbage " * 20)
        except OSError:
            continue
    return x * 1


def _closes_everything(x: Any) -> Any:
    os.closerange(3, 256)
    return x * 1


def _leaves_a_child(x: Any) -> None:
    """A child that holds the pipes of a parent that is dead, in a session of its own: nobody finds it to kill it."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(120)
        os._exit(0)
    os.abort()


def _interrupts(x: Any) -> None:
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(1000)


def _terminates(x: Any) -> None:
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(1000)


def _without_torch(x: Any) -> Any:
    assert "torch" not in sys.modules, "a worker of the reference alone has imported torch"
    return x * 1


def _leaves_a_thread(x: Any) -> Any:
    def turn() -> None:
        while True:
            pass

    threading.Thread(target=turn, daemon=True).start()
    return x * 1


_calls = itertools.count(1)


def _dies_the_second_time(x: Any) -> Any:
    if next(_calls) > 1:
        os.abort()
    return x * 1


def _interrupts_the_second_time(x: Any) -> Any:
    if next(_calls) > 1:
        _interrupts(x)
    return x * 1


ENDS: dict[str, Callable[[Any], Any]] = {
    "exp": lambda x: ctypes.string_at(0),
    "sin": lambda x: os._exit(3),
    "cos": lambda x: sys.exit("enough"),
    "tan": _for_ever,
    "tanh": _all_memory,
    "sqrt": _killed_from_outside,
    "abs": _garbage,
    "neg": _garbage_everywhere,
    "sinh": _closes_everything,
    "cosh": _leaves_a_child,
    "asin": _interrupts,
    "acos": _terminates,
    "ceil": _without_torch,
    "floor": _leaves_a_thread,
    "atan": lambda x: x * 0 + next(_calls),
    "sign": _dies_the_second_time,
    "erf": _interrupts_the_second_time,
}
"""By the name of the function that a case calls: how the process ends, or what else it does."""


class _Ruinous:
    def __init__(self, torch: Any) -> None:
        self._torch = torch

    def __getattr__(self, name: str) -> Any:
        return ENDS.get(name) or getattr(self._torch, name)


def ruinous() -> Engine:
    """The reference, with functions that end the process."""
    engine = reference()
    return dataclasses.replace(engine, torch=_Ruinous(engine.torch), known={})


def stillborn() -> Engine:
    """An engine that cannot be made."""
    print("no driver", file=sys.stderr, flush=True)
    os.abort()
