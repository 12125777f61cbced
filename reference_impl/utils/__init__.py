"""torch.utils: checkpoint, the handles of hooks, and switches without effect."""

from __future__ import annotations

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    if name in ("backcompat", "checkpoint", "hooks"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'")
