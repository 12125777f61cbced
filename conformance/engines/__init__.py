"""Whom we test. An engine is a torch-shaped namespace on a device; adding one is a line in ``known`` (or a device name)."""

from __future__ import annotations

import dataclasses
import importlib

from conformance.engines.engine import Absent, Engine, Present
from conformance.engines.reference import reference
from conformance.engines.simulated import simulated
from conformance.engines.torch_device import torch_on

DEFAULT = ("reference", "torch-cpu", "torch-cuda", "torch-sim")
"""The lanes of a run that names none."""


def own_process(name: str) -> bool:
    """Whether the engine of that name changes torch for its whole process, so that no other torch may be played beside it."""
    return name == "torch-sim"


def engine(name: str) -> Engine | Absent:
    """The engine of that name, or why it is absent here. Raises ValueError for a name that is none.

    ``reference`` is the numpy implementation of this repository; ``torch-<device>`` is real torch on that device;
    ``torch-sim`` torch on a simulated accelerator, which changes torch for the whole process (see ``own_process``);
    ``module:function`` is what that function makes, an Engine or Absent, under that name.
    """
    if name == "reference":
        return reference()
    if name == "torch-sim":
        return simulated()
    prefix, _, device = name.partition("-")
    if prefix == "torch" and device:
        return torch_on(device)
    module, _, function = name.partition(":")
    if module and function:
        return _of_others(name, module, function)
    raise ValueError(
        f"unknown engine {name!r}; there are 'reference', 'torch-<device>', such as {', '.join(DEFAULT[1:])}, "
        "and 'module:function' for one of your own"
    )


def _of_others(name: str, module: str, function: str) -> Engine | Absent:
    try:
        make = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"engine {name!r} cannot be imported: {error}") from None
    made: Engine | Absent = make()
    return dataclasses.replace(made, name=name)


__all__ = ["DEFAULT", "Absent", "Engine", "Present", "engine", "own_process"]
