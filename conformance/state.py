"""The global state of an engine: what a case may change and must give back."""

from __future__ import annotations

import contextlib
import threading
from functools import cache
from typing import Any

import numpy

from conformance.engines.engine import Engine, Switch


class State:
    """A snapshot of one engine's global state, taken before a case.

    ``restore`` puts back what the case left changed and names it: grad mode, anomaly mode, default dtype, autocast, the
    device type of checkpoints, the engine's own switches, dual levels, hooks of all modules, threads still running;
    random states are put back silently.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.torch = torch = engine.torch
        self.values = {name: read() for name, (read, _) in self._switches().items()}
        self.threads = _threads()
        self.hooks = {name: dict(hooks) for name, hooks in _hooks_of_all_modules(torch).items()}
        self.numpy_random = numpy.random.get_state()
        self.random = torch.get_rng_state() if hasattr(torch, "get_rng_state") else None

    def _switches(self) -> dict[str, Switch]:
        torch = self.torch
        switches: dict[str, Switch] = {
            "grad mode": (torch.is_grad_enabled, torch.set_grad_enabled),
            "anomaly mode": (torch.is_anomaly_enabled, lambda mode: torch.autograd.set_detect_anomaly(mode)),
            "default dtype": (torch.get_default_dtype, torch.set_default_dtype),
        }
        return switches | _more_switches(torch) | dict(self.engine.switches)

    def _leave_dual_levels(self) -> int:
        """Leave the levels that a case entered, and count them. Leaving one where there is none raises, on every engine."""
        levels = 0
        with contextlib.suppress(Exception):
            while True:
                self.torch.autograd.forward_ad.exit_dual_level()
                levels += 1
        return levels

    def restore(self) -> list[str]:
        """Put the state back. Returns a sentence for each difference that was found."""
        found = []
        for name, (read, write) in self._switches().items():
            now, before = read(), self.values[name]
            if now != before:
                found.append(f"{name} was left {now}, it was {before}")
                write(before)
        if levels := self._leave_dual_levels():
            found.append(f"{levels} dual level{'s'[: levels != 1]} of forward mode left open")
        for name, hooks in _hooks_of_all_modules(self.torch).items():
            if hooks != self.hooks[name]:
                found.append(f"torch.nn.modules.module.{name} was left with {len(hooks)} entries")
                hooks.clear()
                hooks.update(self.hooks[name])
        if (threads := _threads()) > self.threads:
            found.append(f"{threads - self.threads} threads were left running")
        numpy.random.set_state(self.numpy_random)
        if self.random is not None:
            self.torch.set_rng_state(self.random)
        return found


def _threads() -> int:
    """How many threads Python started. One of torch's own, in which a hook asked who it is, is a dummy here."""
    return sum(not isinstance(thread, threading._DummyThread) for thread in threading.enumerate())


def _hooks_of_all_modules(torch: Any) -> dict[str, dict[int, Any]]:
    """The registries of hooks that every module calls, by the names that torch gives them."""
    modules = getattr(getattr(getattr(torch, "nn", None), "modules", None), "module", None)
    return {name: getattr(modules, name) for name in _registries(modules)} if modules else {}


@cache
def _registries(modules: Any) -> tuple[str, ...]:
    return tuple(n for n, value in vars(modules).items() if n.startswith("_global_") and isinstance(value, dict))


def _more_switches(torch: Any) -> dict[str, Switch]:
    """State of which an engine may have no notion."""
    found: dict[str, Switch] = {}
    if hasattr(torch, "is_anomaly_check_nan_enabled"):
        found["the check for nan of anomaly mode"] = (
            torch.is_anomaly_check_nan_enabled,
            lambda check: torch.autograd.set_detect_anomaly(torch.is_anomaly_enabled(), check),
        )
    if hasattr(torch, "set_autocast_enabled"):
        found["autocast"] = (
            lambda: torch.is_autocast_enabled("cpu"),
            lambda mode: torch.set_autocast_enabled("cpu", mode),
        )
    checkpoint = getattr(getattr(torch, "utils", None), "checkpoint", None)
    if default := getattr(checkpoint, "DefaultDeviceType", None):
        found["the default device type of checkpoints"] = (default.get_device_type, default.set_device_type)
    return found
