"""The reference implementation of this repository, as an engine."""

from __future__ import annotations

import importlib
from functools import cache, partial
from pathlib import Path
from typing import Any

from conformance.engines.engine import Engine, Switch
from conformance.known import read_known
from conformance.language.model import NEEDS

FOLLOWS = "2.13"
"""The torch version whose behaviour reference_impl reproduces."""

_OTHER_DEVICES = {"accelerator", "streams", "cuda"}
_LACKS = _OTHER_DEVICES | {"quantized", "nested", "processes", "fresh_process"}

_SWITCHES = {
    "the gradient layout policy": "grad_layout",
    "multithreading of backward": "multithreading",
    "view replay": "view_replay",
}
"""Attributes of reference_impl.graph.modes.Switches."""


@cache
def reference() -> Engine:
    """reference_impl on the CPU; it needs no torch."""
    torch = importlib.import_module("reference_impl")
    return Engine(
        name="reference",
        torch=torch,
        device="cpu",
        version=FOLLOWS,
        offers=frozenset(NEEDS) - _LACKS,
        unsupported=(torch.Unsupported,),
        traceable=True,
        switches=_switches(importlib.import_module("reference_impl.graph.modes").Switches.of_thread()),
        known=read_known(Path(str(torch.__file__)).with_name("known_differences.yaml")),
    )


def _switches(of_thread: Any) -> dict[str, Switch]:
    return {
        called: (partial(getattr, of_thread, name), partial(setattr, of_thread, name))
        for called, name in _SWITCHES.items()
    }
