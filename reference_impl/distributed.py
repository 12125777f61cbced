"""torch.distributed in a build without it."""

from __future__ import annotations

from .missing import getter

__getattr__ = getter("distributed")


def is_available() -> bool:
    return False


def is_initialized() -> bool:
    return False
