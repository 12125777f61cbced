"""A list of events as text, laid out as torch's profiler lays it out."""

from __future__ import annotations

import math
from typing import Any

WIDTH = 12  # of a column of numbers
UNITS = {"s": 1e6, "ms": 1e3, "us": 1.0}  # in microseconds
FLOPS = ["FLOPs", "KFLOPs", "MFLOPs", "GFLOPs", "TFLOPs", "PFLOPs"]


def time_text(us: float, unit: str | None = None) -> str:
    """1.500ms; the unit is the largest that fits where none is asked for."""
    unit = unit if unit in UNITS else next((u for u in ("s", "ms") if us >= UNITS[u]), "us")
    return f"{us / UNITS[unit]:.3f}{unit}"


def share_text(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "NaN"


def memory_text(size: int) -> str:
    for power, unit in ((30, "GB"), (20, "MB"), (10, "KB")):
        if abs(size) >= 1 << power:
            return f"{size / (1 << power):.2f} {unit}"
    return f"{size} B"


def shortened(text: str, width: int | None) -> str:
    return text if width is None or len(text) < width - 3 else text[: width - 3] + "..."


def table(
    events: Any,
    row_limit: int,
    profile_memory: bool,
    with_flops: bool,
    max_src_column_width: int | None = 75,
    max_name_column_width: int | None = 55,
    max_shapes_column_width: int | None = 80,
    header: str | None = None,
    top_level_events_only: bool = False,
    time_unit: str | None = None,
) -> str:
    """One row an event. header: a line above; time_unit: s, ms or us for all times."""
    if not events:
        return ""
    whole = sum(event.self_cpu_time_total for event in events)
    chosen = [e for e in events if e.cpu_parent is None or not top_level_events_only][:row_limit]
    counted = [e.flops for e in events if e.flops > 0] if with_flops else []
    power = min(len(FLOPS) - 1, int(math.log10(min(counted)) / 3)) if counted else 0

    def columns(event: Any) -> dict[str, str]:
        found = {
            "Name": shortened(event.key, max_name_column_width),
            "Self CPU %": share_text(event.self_cpu_time_total, whole),
            "Self CPU": time_text(event.self_cpu_time_total, time_unit),
            "CPU total %": share_text(event.cpu_time_total, whole),
            "CPU total": time_text(event.cpu_time_total, time_unit),
            "CPU time avg": time_text(event.cpu_time, time_unit),
        }
        if profile_memory:
            found["CPU Mem"] = memory_text(event.cpu_memory_usage)
            found["Self CPU Mem"] = memory_text(event.self_cpu_memory_usage)
        found["# of Calls"] = str(event.count)
        if any(e.input_shapes for e in events):
            found["Input Shapes"] = str(event.input_shapes)[:max_shapes_column_width]
        if any(e.stack for e in events):
            found["Source Location"] = (event.stack or [""])[0][-(max_src_column_width or 0) :]
        if counted:
            found[f"Total {FLOPS[power]}"] = f"{event.flops / 1000**power:8.3f}" if event.flops > 0 else "--"
        return found

    rows = [columns(event) for event in chosen]
    titles = list(columns(events[0]))
    widest = {
        "Name": max_name_column_width, "Input Shapes": max_shapes_column_width, "Source Location": max_src_column_width
    }  # fmt: skip
    lines = drawn(rows, titles, widest)
    above = [header] if header is not None else []
    above += ["This report only display top-level ops statistics"] if top_level_events_only else []
    lines = [line for text in above for line in ("=" * (len(lines[0]) - 2), text)] + lines
    return "\n".join([*lines, f"Self CPU time total: {time_text(whole, time_unit)}", ""])


def drawn(rows: list[dict[str, str]], titles: list[str], widest: dict[str, int | None]) -> list[str]:
    """The lines of a table with rules. widest: how wide a column of text may be, None for as wide as it needs to be."""
    needed = {t: max(len(row[t]) for row in [*rows, {t: t}]) + 4 for t in titles}
    widths = [min(needed[t], widest[t] or needed[t]) if t in widest else WIDTH for t in titles]

    def line(cells: dict[str, str]) -> str:
        return "".join(f"{cells[t]:>{w}}  " for t, w in zip(titles, widths, strict=True))

    rule = "".join("-" * w + "  " for w in widths)
    return [rule, line({t: t for t in titles}), rule, *map(line, rows), rule]
