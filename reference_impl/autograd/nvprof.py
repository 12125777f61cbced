"""What nvprof wrote: its ranges as events, with the kernels that ran in them (source: torch.autograd.profiler.load_nvprof)."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from .profiler_event import FunctionEvent
from .profiler_util import EventList, StringTable

RANGES = """
SELECT start.id, start.name, start.timestamp, end.timestamp
FROM CUPTI_ACTIVITY_KIND_MARKER AS start JOIN CUPTI_ACTIVITY_KIND_MARKER AS end ON start.id = end.id
WHERE start.name != 0 AND end.name = 0
"""
KERNELS = f"""
SELECT ranges.id, runtime._id_, runtime.cbid, kernel.name, kernel.start, kernel.end
FROM ({RANGES.replace("start.timestamp, end.timestamp", "start.timestamp AS first, end.timestamp AS last")}) AS ranges
JOIN CUPTI_ACTIVITY_KIND_RUNTIME AS runtime ON ranges.first < runtime.start AND runtime.end < ranges.last
JOIN CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL AS kernel ON kernel.correlationId = runtime.correlationId
"""
LAUNCH = 211  # the number of cudaLaunchKernel


class EnforceUnique:
    """Refuses a key that it has seen (source: torch.autograd.profiler.EnforceUnique)."""

    def __init__(self) -> None:
        self.seen: set[tuple] = set()

    def see(self, *key: Any) -> None:
        if key in self.seen:
            raise RuntimeError("duplicate key: " + str(key))
        self.seen.add(key)


def load_nvprof(path: str) -> EventList:
    """The events in a file of nvprof (source: torch.autograd.profiler.load_nvprof)."""
    return EventList(parse_nvprof_trace(path))


def parse_nvprof_trace(path: str) -> list[FunctionEvent]:
    """The same as a list, by their start; sqlite3's error where the file is of something else."""
    import sqlite3

    with closing(sqlite3.connect(path)) as file:
        strings, names = StringTable(), {}
        for number, value in file.execute("SELECT _id_, value FROM StringTable"):
            names[number] = strings[value]
        unique, events = EnforceUnique(), {}
        for number, name, start, end in file.execute(RANGES):
            unique.see(number)
            events[number] = FunctionEvent(number, names[name], 0, start, end, node_id=0)
        unique = EnforceUnique()
        for number, launch, call, name, start, end in file.execute(KERNELS):
            unique.see(number, launch)
            if call != LAUNCH:
                raise AssertionError(f"Expected cbid to be {LAUNCH}, but got {call}")
            events[number].append_kernel(name, 0, end - start)
    return sorted(events.values(), key=lambda event: event.time_range.start)
