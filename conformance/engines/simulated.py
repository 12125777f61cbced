"""Torch on the simulated accelerator, as an engine. It changes torch for the whole process: give it one of its own."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

from conformance.engines.engine import Absent, Engine
from conformance.engines.torch_device import no_torch, torch_on
from conformance.known import read_known

_LACKS = {"sparse", "quantized", "nested"}
"""It has kernels for dense tensors alone."""


@cache
def simulated() -> Engine | Absent:
    """Torch on a device named ``sim``, by the same way as torch on any other device; or why that cannot be had here."""
    if reason := no_torch():
        return Absent("torch-sim", reason)
    try:
        from conformance.engines.sim.kernels import LacksError
        from conformance.engines.sim.registration import register

        register()
    except (ImportError, AttributeError, RuntimeError) as error:
        return Absent("torch-sim", f"this torch takes no device from Python ({str(error).splitlines()[0]})")
    engine = torch_on("sim")
    if isinstance(engine, Absent):
        return engine
    return dataclasses.replace(
        engine,
        offers=engine.offers - _LACKS,
        unsupported=(LacksError,),
        not_timed="a simulation: its times mean nothing",
        known=read_known(Path(__file__).with_name("sim") / "known_differences.yaml"),
    )
