"""How much memory there is, and how much of it a process holds, where the system tells: on Linux."""

from __future__ import annotations

import math
import os
from pathlib import Path


def resident(process: int) -> int:
    """The bytes of memory that a process holds; 0 where nobody tells."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def available() -> float:
    """The bytes that the machine still has to give, or all that the container has that we are in; infinity where nobody tells."""
    return min(_of_machine(), _of_container())


def _of_machine() -> float:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("MemAvailable:"))) * 1024
    except (OSError, StopIteration, ValueError):
        return math.inf


def _of_container() -> float:
    try:
        return float(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii"))
    except (OSError, ValueError):  # not in a container, or the word "max"
        return math.inf
