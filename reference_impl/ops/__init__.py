"""The tables of operators; as torch.ops, the operators themselves as objects (operators.py)."""

import sys
from typing import Any


def __getattr__(name: str) -> Any:
    if name == "aten":
        from ..operators import aten

        return aten
    library = sys.modules.get("reference_impl.library")
    if library is not None and name in library.OPERATORS:
        from ..operators import Namespace

        return Namespace(name, library.OPERATORS[name])
    raise AttributeError(f"module 'torch.ops' has no attribute '{name}'")
