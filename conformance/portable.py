"""Observations as they are written down: without what is of this machine or this run, folders, addresses, temporary names."""

from __future__ import annotations

import re
from typing import Any

from conformance.transcript import without_addresses

_FOLDERS = re.compile(r"(?<![\w.:/])(?:/[^\s/\\\"'<>:,;()\[\]{}|]+)+/(?=[^\s/])")

_TEMPORARY = re.compile(r"\btmp[a-z0-9_]{8}\b")


def portable(value: Any) -> Any:
    """``value``, plain JSON, with absolute paths in its strings cut to the name of the file, addresses written ``0x...``."""
    if isinstance(value, str):
        return _TEMPORARY.sub("tmp...", _FOLDERS.sub(".../", without_addresses(value)))
    if isinstance(value, dict):
        return {key: portable(item) for key, item in value.items()}
    return [portable(item) for item in value] if isinstance(value, list | tuple) else value
