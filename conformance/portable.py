"""Observations as they are written down: the same from any machine, for they hold no folder and no address of this one."""

from __future__ import annotations

import re
from typing import Any

from conformance.transcript import without_addresses

_FOLDERS = re.compile(r"(?<![\w.:/])(?:/[^\s/\\\"'<>:,;()\[\]{}|]+)+/(?=[^\s/])")


def portable(value: Any) -> Any:
    """``value``, plain JSON, with absolute paths in its strings cut to the name of the file, addresses written ``0x...``."""
    if isinstance(value, str):
        return _FOLDERS.sub(".../", without_addresses(value)) if "/" in value or "0x" in value else value
    if isinstance(value, dict):
        return {key: portable(item) for key, item in value.items()}
    return [portable(item) for item in value] if isinstance(value, list | tuple) else value
