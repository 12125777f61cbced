"""Warnings as torch gives them: most once a process, unless set_warn_always(True)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

_always = False
_given: set[str] = set()


def set_warn_always(b: bool) -> None:
    global _always
    _always = b


def is_warn_always_enabled() -> bool:
    return _always


def once(message: str, level: int = 3, **details: Any) -> None:
    """Warn, of each kind once. details: what the message is filled in with."""
    if _always or message not in _given:
        _given.add(message)
        warnings.warn(message.format(**details) if details else message, UserWarning, stacklevel=level)


def real_part_only(have: np.dtype, want: np.dtype) -> None:
    """Say what a cast from complex numbers to real ones loses."""
    if have.kind == "c" and want.kind not in "cb":
        once("Casting complex values to real discards the imaginary part")
