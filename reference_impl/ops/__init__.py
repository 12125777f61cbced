"""The tables of operators; as torch.ops, the operators themselves as objects (operators.py)."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "aten":
        from ..operators import aten

        return aten
    raise AttributeError(f"module 'torch.ops' has no attribute '{name}'")
