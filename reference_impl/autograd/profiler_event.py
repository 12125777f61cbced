"""Events: one call of an operator, or the sum of several; times in microseconds, memory in bytes."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any, NamedTuple

from .profiler_table import time_text


class DeviceType(enum.Enum):
    """Where an event took place: here always the CPU."""

    CPU = 0


class Interval:
    """From start to end, in microseconds (source: torch.autograd.profiler_util.Interval)."""

    def __init__(self, start: float, end: float) -> None:
        self.start, self.end = start, end

    def elapsed_us(self) -> float:
        return self.end - self.start


class Kernel(NamedTuple):
    """What a device ran for an event (source: torch.autograd.profiler_util.Kernel)."""

    name: str
    device: int
    duration: float


class FormattedTimesMixin:
    """Times of an event, or of several that were added up, per call and as text."""

    count: int
    cpu_time_total: float
    device_time_total: float

    @property
    def cpu_time(self) -> float:
        return self.cpu_time_total / self.count if self.count else 0.0

    @property
    def device_time(self) -> float:
        return self.device_time_total / self.count if self.count else 0.0


for _time in ("cpu_time", "cpu_time_total", "self_cpu_time_total"):
    for _name in (_time, _time.replace("cpu", "device")):
        _text = property(lambda self, name=_name: time_text(getattr(self, name)))
        setattr(FormattedTimesMixin, f"{_name}_str", _text)


class FunctionEvent(FormattedTimesMixin):
    """One call of an operator, one run of a node, or one labelled block (source: torch.autograd.profiler_util)."""

    count = 1
    device_type = DeviceType.CPU
    device_time_total = self_device_time_total = 0
    device_memory_usage = self_device_memory_usage = 0

    def __init__(
        self,
        id: int,
        name: str,
        thread: int,
        start_us: float,
        end_us: float,
        *,
        node_id: int = -1,
        overload_name: str = "",
        fwd_thread: int = 0,
        input_shapes: Any = (),
        stack: Iterable[str] = (),
        scope: int = 0,
        sequence_nr: int = -1,
        flops: int = 0,
        cpu_memory_usage: int = 0,
    ) -> None:
        self.id, self.name, self.trace_name, self.node_id, self.overload_name = id, name, name, node_id, overload_name
        self.thread, self.fwd_thread, self.scope, self.sequence_nr = thread, fwd_thread, scope, sequence_nr
        self.time_range = Interval(start_us, end_us)
        self.input_shapes, self.stack, self.flops = list(input_shapes), list(stack), flops
        self.cpu_memory_usage = cpu_memory_usage
        self.cpu_children: list[FunctionEvent] = []
        self.cpu_parent: FunctionEvent | None = None
        self.kernels: list[Kernel] = []
        self.use_device, self.is_async, self.is_remote, self.is_legacy = None, False, False, False

    @property
    def key(self) -> str:
        return self.name

    @property
    def cpu_time_total(self) -> float:  # type: ignore[override]
        return self.time_range.elapsed_us()

    @property
    def self_cpu_time_total(self) -> float:
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    @property
    def self_cpu_memory_usage(self) -> int:
        return self.cpu_memory_usage - sum(child.cpu_memory_usage for child in self.cpu_children)

    def append_kernel(self, name: str, device: int, duration: float) -> None:
        self.kernels.append(Kernel(name, device, duration))

    def append_cpu_child(self, child: FunctionEvent) -> None:
        self.cpu_children.append(child)

    def set_cpu_parent(self, parent: FunctionEvent) -> None:
        self.cpu_parent = parent

    def __repr__(self) -> str:
        children = [child.id for child in self.cpu_children]
        return (
            f"<FunctionEvent id={self.id} name={self.name} overload_name={self.overload_name} "
            f"device_type={self.device_type} node_id={self.node_id} cpu_time={self.cpu_time_str} "
            f"start_us={self.time_range.start} end_us={self.time_range.end} cpu_children={children} "
            f"None_time={self.device_time_str} name={self.name} thread={self.thread} input_shapes={self.input_shapes} "
            f"cpu_memory_usage={self.cpu_memory_usage} None_memory_usage=0 is_async={self.is_async} "
            f"is_remote={self.is_remote} seq_nr={self.sequence_nr} is_legacy={self.is_legacy}>"
        )


SUMMED = ("cpu_time_total", "self_cpu_time_total", "cpu_memory_usage", "self_cpu_memory_usage", "count", "flops")
SHARED = ("node_id", "is_async", "is_remote", "is_legacy", "cpu_parent", "cpu_children", "overload_name", "input_shapes",
          "stack", "scope")  # fmt: skip


class FunctionEventAvg(FormattedTimesMixin):
    """The sum of events of one key (source: torch.autograd.profiler_util.FunctionEventAvg)."""

    device_type = DeviceType.CPU
    device_time_total = self_device_time_total = 0
    device_memory_usage = self_device_memory_usage = 0
    use_device = None

    def __init__(self) -> None:
        self.key: str | None = None
        self.count = self.node_id = self.flops = 0
        self.cpu_time_total = self.self_cpu_time_total = 0.0
        self.cpu_memory_usage = self.self_cpu_memory_usage = 0
        self.is_async = self.is_remote = self.is_legacy = False
        self.input_shapes = self.overload_name = self.stack = self.scope = None
        self.cpu_children = self.cpu_parent = None

    def add(self, other: Any) -> FunctionEventAvg:
        """Add an event, or another sum, of the same key; the first one gives the key."""
        if self.key is None:
            self.key = other.key
            for name in SHARED:
                setattr(self, name, getattr(other, name))
        if not isinstance(other, FunctionEvent | FunctionEventAvg):
            raise AssertionError("Expected other to be a FunctionEvent or FunctionEventAvg")
        if other.key != self.key:
            raise AssertionError(f"Expected keys to match, but got {other.key} vs {self.key}")
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    __iadd__ = add

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} cpu_time={self.cpu_time_str} "
            f" self_cuda_time={self.self_device_time_total_str} cuda_time={self.device_time_str} "
            f"input_shapes={self.input_shapes} cpu_memory_usage={self.cpu_memory_usage} cuda_memory_usage=0>"
        )
