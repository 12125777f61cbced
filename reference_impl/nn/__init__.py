"""torch.nn: Parameter, Module and a few layers; the functions are in functional."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from ..missing import missing
from . import functional  # noqa: F401

LATER = dict.fromkeys(("Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer"), "parameter")


def __getattr__(name: str) -> Any:
    """Layers load when first asked for."""
    if name in ("grad", "init", "modules", "parameter", "utils"):
        return importlib.import_module(f".{name}", __name__)
    found = getattr(importlib.import_module("." + LATER.get(name, "modules"), __name__), name, None)
    if name.startswith("_") or found is None or isinstance(found, ModuleType):  # the files are torch.nn.modules' own
        raise missing("nn", name)
    return found
