"""What a profiler has seen: events, their averages, and lists of either (source: torch.autograd.profiler_util)."""

from __future__ import annotations

import gzip
import json
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

from .profiler_event import FormattedTimesMixin, FunctionEvent, FunctionEventAvg, Interval, Kernel
from .profiler_table import table

__all__ = [
    "EventList",
    "FormattedTimesMixin",
    "FunctionEvent",
    "FunctionEventAvg",
    "Interval",
    "Kernel",
    "MemRecordsAcc",
    "StringTable",
]


class StringTable(defaultdict):
    """Names by their mangled form; of C++'s mangled names the nested ones are known, others stay as they are."""

    def __missing__(self, key: str) -> str:
        self[key] = demangled(key)
        return self[key]


def demangled(name: str) -> str:
    """at::Tensor of _ZN2at6TensorE, as the Itanium C++ ABI nests names."""
    parts, rest = [], name[3:-1]
    if not (name.startswith("_ZN") and name.endswith("E")):
        return name
    while rest:
        size = re.match(r"[1-9]\d*", rest)
        if size is None or len(rest) < (end := size.end() + int(size[0])):
            return name
        parts.append(rest[size.end() : end])
        rest = rest[end:]
    return "::".join(parts)


class MemRecordsAcc:
    """Records of memory, (record, anything) by the record's start_ns() (source: torch.autograd.profiler_util)."""

    def __init__(self, mem_records: Iterable[tuple]) -> None:
        self._records = sorted(mem_records, key=lambda r: r[0].start_ns())
        self._starts = [r[0].start_ns() for r in self._records]

    def in_interval(self, start_us: float, end_us: float) -> Iterator[tuple]:
        """The records that start in the interval, its ends included."""
        yield from self._records[bisect_left(self._starts, start_us) : bisect_right(self._starts, end_us)]


class EventList(list):
    """Events or averages, and what can be made of them (source: torch.autograd.profiler_util.EventList)."""

    def __init__(self, events: Iterable = (), *, profile_memory: bool = False, with_flops: bool = False) -> None:
        super().__init__(events)
        self._profile_memory, self._with_flops = profile_memory, with_flops

    def like(self, events: Iterable) -> EventList:
        return EventList(events, profile_memory=self._profile_memory, with_flops=self._with_flops)

    def __str__(self) -> str:
        return self.table()

    @property
    def self_cpu_time_total(self) -> float:
        return sum(event.self_cpu_time_total for event in self)

    def table(self, sort_by: str | None = None, row_limit: int = 100, **options: Any) -> str:
        """The events as text, a row each, by descending `sort_by`, an attribute; see profiler_table.py."""
        events = self if sort_by is None else self.like(sorted(self, key=attrgetter(sort_by), reverse=True))
        return table(events, row_limit, self._profile_memory, self._with_flops, **options)

    def total_average(self) -> FunctionEventAvg:
        """The sum of all, under the key Total."""
        total = FunctionEventAvg()
        for event in self:
            total.key = None
            total += event
        total.key = "Total"
        return total

    def key_averages(
        self, group_by_input_shapes: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        """A sum for each name (and shapes of inputs, innermost n frames, overload)."""

        def group(event: Any) -> tuple:
            shapes = str(event.input_shapes) if group_by_input_shapes else None
            overload = event.overload_name if group_by_overload_name else None
            return event.key, event.node_id, event.is_legacy, shapes, overload, *event.stack[:group_by_stack_n]

        sums: dict[tuple, FunctionEventAvg] = defaultdict(FunctionEventAvg)
        for event in self:
            sums[group(event)] += event
        for average in sums.values():
            average.stack = average.stack[:group_by_stack_n]
            average.input_shapes = average.input_shapes if group_by_input_shapes else ""
            average.overload_name = average.overload_name if group_by_overload_name else ""
        return self.like(sums.values())

    def export_chrome_trace(self, path: str) -> None:
        """Write a file that chrome://tracing reads."""
        write_trace(self, path)

    def supported_export_stacks_metrics(self) -> list[str]:
        return [f"self_{device}_time_total" for device in ("cpu", "cuda", "xpu", "privateuse1")]

    def export_stacks(self, path: str, metric: str) -> None:
        """Write each event's stack, outermost first, and its metric, as flame graphs are made of."""
        if metric not in self.supported_export_stacks_metrics():
            raise ValueError(f"metric should be one of: {self.supported_export_stacks_metrics()}")
        value: Callable[[Any], float] = attrgetter(re.sub("cuda|xpu|privateuse1", "device", metric))
        plain = str.maketrans(" ;\t\n", "____")
        with open(path, "w", encoding="utf-8") as file:
            for event in self:
                if event.stack and int(value(event)) > 0:
                    frames = ";".join(frame.translate(plain) for frame in reversed(event.stack))
                    file.write(f"{frames} {int(value(event))}\n")


def write_trace(events: Iterable[FunctionEvent], path: str) -> None:
    """Write a file that chrome://tracing reads; compressed where the name ends in .gz."""
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "wt", encoding="utf-8") as file:
        json.dump({"traceEvents": [traced(event) for event in events]}, file)


def traced(event: FunctionEvent) -> dict[str, Any]:
    """An event as Chrome's traces have it."""
    return {
        "name": event.trace_name,
        "ph": "X",
        "ts": event.time_range.start,
        "dur": event.time_range.elapsed_us(),
        "tid": event.thread,
        "pid": "CPU functions",
        "args": {},
    }
