"""torch.profiler: the profiler of torch.autograd in cycles, of which a schedule says what is recorded."""

from __future__ import annotations

import enum
import os
import socket
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from .autograd.profiler import record_function
from .autograd.profiler_event import DeviceType
from .autograd.profiler_util import EventList, write_trace
from .autograd.recorder import Recorder
from .missing import getter

__all__ = [
    "DeviceType",
    "ProfilerAction",
    "ProfilerActivity",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
    "tensorboard_trace_handler",
]

__getattr__ = getter("profiler")


class ProfilerActivity(enum.Enum):
    """What may be recorded; here there is only the CPU (source: torch.profiler.ProfilerActivity)."""

    CPU = 0


class ProfilerAction(enum.Enum):
    """What a step of a schedule asks for (source: torch.profiler.ProfilerAction)."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


CLEARED = (
    "Warning: Profiler clears events at the end of each cycle. Only events from the current cycle will be reported. To keep "
    "events across cycles, set acc_events=True."
)
NONE, WARMUP, RECORD, RECORD_AND_SAVE = ProfilerAction
RECORDS = (RECORD, RECORD_AND_SAVE)


def supported_activities() -> set[ProfilerActivity]:
    return {ProfilerActivity.CPU}


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """Cycles of waiting, warming up and recording, `repeat` of them or without end (source: torch.profiler.schedule)."""
    if min(wait, warmup, repeat, skip_first) < 0 or active <= 0:
        raise AssertionError(
            f"Invalid profiler schedule arguments. Got wait={wait} (need >= 0), warmup={warmup} (need >= 0), "
            f"active={active} (need > 0), repeat={repeat} (need >= 0), skip_first={skip_first} (need >= 0)."
        )
    if not warmup:
        warnings.warn("Profiler won't be using warmup, this can skew profiler results", stacklevel=2)

    def action(step: int) -> ProfilerAction:
        if step < skip_first:
            return NONE
        cycle, at = divmod(step - skip_first + (wait if skip_first_wait else 0), wait + warmup + active)
        if (repeat and cycle >= repeat) or at < wait:
            return NONE
        if at < wait + warmup:
            return WARMUP
        return RECORD if at < wait + warmup + active - 1 else RECORD_AND_SAVE

    return action


_WARNINGS_SHOWN: set[str] = set()  # torch's name for it


def say_once(message: str) -> None:
    """Warn, whatever set_warn_always says, once a process."""
    if message not in _WARNINGS_SHOWN:
        _WARNINGS_SHOWN.add(message)
        warnings.warn(message, stacklevel=5)


class profile:
    """Records while the schedule says so; `step` ends a step (source: torch.profiler.profile).

    on_trace_ready(profile) is called at the end of each cycle. acc_events: keep the events of all cycles, not of the last
    alone. The other options as those of torch.autograd.profiler.profile.
    """

    def __init__(
        self,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[[profile], Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        with_modules: bool = False,
        acc_events: bool = False,
    ) -> None:
        if activities is not None and not set(activities):
            raise AssertionError("No valid profiler activities found")
        self.options = (record_shapes or with_flops, with_flops, profile_memory, with_stack)
        self.schedule, self.on_trace_ready, self.acc_events = schedule, on_trace_ready, acc_events
        self.step_num, self.action = 0, self.action_of(0)
        self._recorder: Recorder | None = None
        self._label: record_function | None = None
        self._events: EventList | None = None

    def action_of(self, step: int) -> ProfilerAction:
        return RECORD if self.schedule is None else self.schedule(step)

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self.pass_to(NONE, self.action)

    def step(self) -> None:
        """The end of a step, and the beginning of the next one."""
        before, self.step_num = self.action, self.step_num + 1
        self.action = self.action_of(self.step_num)
        self.pass_to(before, self.action)

    def stop(self) -> None:
        self.pass_to(self.action, None)

    def pass_to(self, before: ProfilerAction, after: ProfilerAction | None) -> None:
        """Begin and end recordings between two steps; after None comes nothing."""
        if self._label is not None:
            self._label.__exit__()
            self._label = None
        if before is RECORD and after in (NONE, WARMUP):
            warnings.warn(f"Incorrect schedule: RECORD followed by {after.name}", stacklevel=4)  # type: ignore[union-attr]
        if self._recorder is not None and (before is RECORD_AND_SAVE or after not in RECORDS):
            self.finish(ready=before is RECORD_AND_SAVE or after is None)
        if after is WARMUP and before is not WARMUP and not self.acc_events:
            if self._events is not None:
                say_once(CLEARED)
            self._events = EventList()  # of a new cycle
        if after in RECORDS and self._recorder is None:
            self._recorder = Recorder(*self.options)
            self._recorder.__enter__()
        if self.schedule is not None and after is not None:
            self._label = record_function(f"ProfilerStep#{self.step_num}")
            self._label.__enter__()

    def finish(self, ready: bool) -> None:
        assert self._recorder is not None
        self._recorder.__exit__()
        kept, found = self._events if self.acc_events else None, self._recorder.events()
        self._events = found if kept is None else found.like([*kept, *found])
        self._recorder = None
        if ready and self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def events(self) -> EventList:
        """What was recorded in the last cycle, by its start."""
        return self.recorded("accessing events")

    def recorded(self, what: str) -> EventList:
        if self._events is None:
            raise AssertionError(f"Profiler must be initialized before {what}")
        return self._events

    def key_averages(
        self, group_by_input_shape: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        events = self.recorded("getting key averages")
        return events.key_averages(group_by_input_shape, group_by_stack_n, group_by_overload_name)

    def export_chrome_trace(self, path: str) -> None:
        write_trace(self.recorded("exporting chrome trace"), path)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        self.events().export_stacks(path, metric)


def tensorboard_trace_handler(
    dir_name: str, worker_name: str | None = None, use_gzip: bool = False
) -> Callable[[profile], None]:
    """An on_trace_ready that writes each cycle's trace into a folder (source: torch.profiler)."""

    def write(finished: profile) -> None:
        os.makedirs(dir_name, exist_ok=True)
        worker = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        name = f"{worker}.{time.time_ns()}.pt.trace.json" + (".gz" if use_gzip else "")
        finished.export_chrome_trace(os.path.join(dir_name, name))

    return write
