"""Whom we test. An engine is a torch-shaped namespace on a device; adding one is a line in ``known`` (or a device name)."""

from __future__ import annotations

from conformance.engines.engine import Absent, Engine
from conformance.engines.reference import reference
from conformance.engines.simulated import simulated
from conformance.engines.torch_device import torch_on

DEFAULT = ("reference", "torch-cpu", "torch-cuda")
"""The lanes of a run that names none."""


def own_process(name: str) -> bool:
    """Whether the engine of that name changes torch for its whole process, so that no other torch may be played beside it."""
    return name == "torch-sim"


def engine(name: str) -> Engine | Absent:
    """The engine of that name, or why it is absent here. Raises ValueError for a name that is none.

    ``reference`` is the numpy implementation of this repository; ``torch-<device>`` is real torch on that device;
    ``torch-sim`` torch on a simulated accelerator, which changes torch for the whole process (see ``own_process``).
    """
    if name == "reference":
        return reference()
    if name == "torch-sim":
        return simulated()
    prefix, _, device = name.partition("-")
    if prefix == "torch" and device:
        return torch_on(device)
    raise ValueError(
        f"unknown engine {name!r}; there are 'reference' and 'torch-<device>', such as {', '.join(DEFAULT[1:])}"
    )


__all__ = ["DEFAULT", "Absent", "Engine", "engine", "own_process"]
