"""Warnings as torch gives them: most once a process, unless set_warn_always(True)."""

from __future__ import annotations

import sys
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


def once(message: str, **details: Any) -> None:
    """Warn, of each kind once, not counting what was warned of always. details: what the message is filled in with."""
    if _always or message not in _given:
        if not _always:
            _given.add(message)
        warn(message.format(**details) if details else message)


def warn(message: str) -> None:
    """Warn where this package was called: its own compiled functions are nowhere (`reference_impl`, Note [Silence])."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and (frame.f_globals.get("__name__") or PACKAGE).startswith(PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=level)


PACKAGE = __name__.partition(".")[0]


def real_part_only(have: np.dtype, want: np.dtype) -> None:
    """Say what a cast from complex numbers to real ones loses."""
    if have.kind == "c" and want.kind not in "cb":
        once("Casting complex values to real discards the imaginary part")
