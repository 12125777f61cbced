"""What one play of a case allocates, on engines whose every allocation Python sees."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Allocated:
    """``held`` blocks of ``bytes`` bytes when the first forward steps had ended: what the graph keeps for backward, and what the
    case itself keeps. ``peak`` is the most bytes that were held at once during the whole play. Inputs do not count."""

    held: int
    bytes: int
    peak: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def allocated(play: Callable[..., None], inputs: list[Any]) -> Allocated:
    """Play once under ``tracemalloc``, which makes it several times slower: never while the clock runs."""
    held: list[tuple[int, int]] = []
    peaks: list[int] = []

    def lap(phase: int) -> None:
        size, peak = tracemalloc.get_traced_memory()
        peaks.append(peak)
        if not held:
            held.append((len(tracemalloc.take_snapshot().traces), size))
            tracemalloc.reset_peak()  # the snapshot took memory too

    tracemalloc.start()
    try:
        play(*inputs, lap)
    finally:
        tracemalloc.stop()
    return Allocated(*held[0], max(peaks))
