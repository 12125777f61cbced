"""torch.utils: checkpoint, the handles of hooks, and switches without effect."""

from __future__ import annotations

import importlib
from typing import Any

from ..missing import missing


def __getattr__(name: str) -> Any:
    if name in ("backcompat", "checkpoint", "data", "dlpack", "hooks"):
        return importlib.import_module(f".{name}", __name__)
    raise missing("utils", name)
