"""torch.autograd.profiler: what ran, for how long, and inside what. How it is seen: recorder.py."""

from __future__ import annotations

import functools
import warnings
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from .nvprof import EnforceUnique, load_nvprof, parse_nvprof_trace
from .profiler_util import EventList, FunctionEvent, FunctionEventAvg, MemRecordsAcc, write_trace
from .recorder import USER, Recorder, current

__all__ = [
    "EnforceUnique",
    "EventList",
    "FunctionEvent",
    "KinetoStepTracker",
    "MemRecordsAcc",
    "emit_itt",
    "emit_nvtx",
    "load_nvprof",
    "parse_nvprof_trace",
    "profile",
    "record_function",
]

UNFINISHED = "<unfinished torch.autograd.profile>"
DEVICES = ("cuda", "xpu", "mtia", "hpu")  # that a profiler of torch may be asked for; none of them is here


class profile:
    """A context that records the operators, nodes and labels that run in it (source: torch.autograd.profiler.profile).

    record_shapes: shapes of inputs; with_flops: operations of matrix products, convolutions, sums and products of elements;
    profile_memory: bytes of what an operator returns in memory of its own; with_stack: where the user called it. The other
    options are checked, and change nothing on the CPU.
    """

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        use_device: str | None = None,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_modules: bool = False,
        use_kineto: bool = False,
        use_cpu: bool = True,
        experimental_config: Any = None,
        acc_events: bool = False,
        custom_trace_id_callback: Callable[[], str] | None = None,
        post_processing_timeout_s: float | None = None,
        activity_filters: Any = None,
    ) -> None:
        self.enabled, self.entered = enabled, False
        self._recorder: Recorder | None = None
        self._events: EventList | None = None
        if not enabled:
            return
        if use_cuda:
            warnings.warn(
                "The attribute `use_cuda` will be deprecated soon, please use ``use_device = 'cuda'`` instead.",
                FutureWarning,
                stacklevel=2,
            )
            use_device = "cuda"
        if not use_cpu and not use_kineto:
            raise AssertionError("Device-only events supported only with Kineto (use_kineto=True)")
        missing_device(use_device)
        if not use_cpu:
            raise AssertionError("No activities specified for the profiler")
        if post_processing_timeout_s is not None and post_processing_timeout_s < 0:
            raise ValueError("post_processing_timeout_s must be non-negative")
        self.record_shapes, self.with_flops = record_shapes or with_flops, with_flops
        self.profile_memory, self.with_stack = profile_memory, with_stack
        self.with_modules, self.acc_events, self.use_device = with_modules, acc_events, None

    def __enter__(self) -> profile | None:
        if not self.enabled:
            return None
        if self.entered:
            raise RuntimeError("Profiler context manager is not reentrant")
        self.entered = True
        self._recorder = Recorder(self.record_shapes, self.with_flops, self.profile_memory, self.with_stack)
        self._recorder.__enter__()
        return self

    def __exit__(self, *_: object) -> bool:
        if self._recorder is not None:
            self._recorder.__exit__()
            self._events = self._recorder.events()
        return False

    @property
    def function_events(self) -> EventList:
        """The events, by their start; none before the end of the context."""
        return EventList() if self._events is None else self._events

    def table(self, *args: Any, **options: Any) -> str:
        """The events as text; see EventList.table."""
        return self.function_events.table(*args, **options)

    def key_averages(
        self, group_by_input_shape: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        return self.function_events.key_averages(group_by_input_shape, group_by_stack_n, group_by_overload_name)

    def total_average(self) -> FunctionEventAvg:
        return self.function_events.total_average()

    @property
    def self_cpu_time_total(self) -> float:
        return self.function_events.self_cpu_time_total

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        if not self.with_stack:
            raise AssertionError("export_stacks() requires with_stack=True")
        self.function_events.export_stacks(path, metric)

    def export_chrome_trace(self, path: str) -> None:
        """Write a file that chrome://tracing reads."""
        write_trace(self.function_events, path)

    def __repr__(self) -> str:
        return UNFINISHED if self._events is None else repr(self._events)

    def __str__(self) -> str:
        return UNFINISHED if self._events is None else str(self._events)


def missing_device(device: str | None) -> None:
    """torch's words for a device that is not there."""
    if device is None:
        return
    if device not in DEVICES:
        warnings.warn(f"The {device} is not a valid device option.", stacklevel=3)
    elif device == "mtia":
        raise AssertionError("Legacy MTIA profiling is not supported. Requires use_kineto=True on MTIA devices.")
    else:
        warnings.warn(f"{device.upper()} is not available, disabling {device.upper()} profiling", stacklevel=3)


class record_function:
    """A label: an event around a block, or around each call of a function (source: torch.autograd.profiler)."""

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args, self.recorder = name, args, None

    def __enter__(self) -> record_function:
        self.recorder = current.get()
        if self.recorder is not None:
            self.recorder.begin(self, self.name, scope=USER)
        return self

    def __exit__(self, *_: object) -> None:
        if self.recorder is not None:
            self.recorder.end_of(self)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def labelled(*args: Any, **kwargs: Any) -> Any:
            with record_function(self.name, self.args):
                return function(*args, **kwargs)

        return labelled


class Annotations:
    """A context that tells another tool of each operator. There is none to tell."""

    tool = ""

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled, self.entered, self.record_shapes = enabled, False, record_shapes

    def __enter__(self) -> Annotations | None:
        if not self.enabled:
            return None
        if self.entered:
            raise RuntimeError(f"{self.tool} annotation context manager is not reentrant")
        self.entered = True
        return self

    def __exit__(self, *_: object) -> bool:
        return False


class emit_itt(Annotations):
    """Source: torch.autograd.profiler.emit_itt."""

    tool = "ITT"


class emit_nvtx(Annotations):
    """Source: torch.autograd.profiler.emit_nvtx; without CUDA it cannot be entered."""

    tool = "NVTX"

    def __enter__(self) -> Annotations | None:
        from ..cuda import synchronize

        entered = super().__enter__()
        if self.enabled:
            synchronize()
        return entered


class KinetoStepTracker:
    """The step of a training, of which several parts keep count: that of the furthest (source: torch.autograd.profiler)."""

    _current_step = 0
    _step_dict: dict[str, int] = defaultdict(int)

    @classmethod
    def init_step_count(cls, requester: str) -> None:
        cls._step_dict[requester] = cls._current_step

    @classmethod
    def erase_step_count(cls, requester: str) -> bool:
        """Whether it was known."""
        return cls._step_dict.pop(requester, None) is not None

    @classmethod
    def increment_step(cls, requester: str) -> int:
        if requester not in cls._step_dict:
            cls.init_step_count(requester)
        cls._step_dict[requester] += 1
        furthest = max(cls._step_dict.values())
        if furthest > cls._current_step + 1:
            warnings.warn(
                "Profiler step count has increased more than 1 - "
                f"current_step = {cls._current_step} step dict =  {cls._step_dict}",
                stacklevel=2,
            )
        cls._current_step = max(cls._current_step, furthest)
        return cls._current_step

    @classmethod
    def current_step(cls) -> int:
        return cls._current_step
