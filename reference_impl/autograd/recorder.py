"""What a profiler is told: Python's own profiling hook (sys.setprofile), and which functions are operators.

Note [A profiler without hooks of ours]
Python calls a thread's profiling function at each call and return. From the code that is called the recorder knows what it
is: an operator compiled from a row, a composite, a function that makes a tensor, or a node's derivative; anything else it
passes over. So no operator asks whether somebody is profiling. A backward goes by Tensors meanwhile (the mode PROFILED),
for what it does on arrays are no calls of operators.
"""

from __future__ import annotations

import importlib
import math
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from time import perf_counter_ns
from types import CodeType, FrameType, FunctionType
from typing import Any

from ..graph.accumulate import accumulate
from ..graph.anomaly import OURS
from ..graph.clock import tick
from ..graph.modes import GRAD, PROFILED, mode, set_mode
from ..graph.node import AccumulateGrad, Node
from ..operators import operator_of
from ..ops import registry
from ..ops.form import Names
from ..tensor import Tensor
from ..trees import leaves
from .profiler_event import FunctionEvent
from .profiler_util import EventList

BACKWARD, USER = 1, 7  # of torch's scopes; operators have 0
THREAD = 1  # a recorder belongs to one thread
SUBSCRIPTS = ("getitem", "setitem")  # are to torch what they come to: select, slice, copy_
STEP = re.compile(r"^ProfilerStep#\d+$")  # torch.profiler's steps are counted together
LEAF_NODE = "torch::autograd::AccumulateGrad"
COMPILED = re.compile(r"<reference_impl row (\w+)>")
# methods of Tensor that are written by hand and are operators to torch
METHODS = (
    "detach", "to", "item", "contiguous", "clone", "copy_", "zero_", "fill_", "resize_", "expand", "reshape", "view",
)  # fmt: skip
NAMED = {  # functions that know their operator's name
    "inplace_form.<locals>.in_place": "{}_",
    "filled_by.<locals>.factory": "{}",
    "filled_by.<locals>.like": "{}_like",
    "filled_by.<locals>.of_same_kind": "new_{}",
}
# modules whose public functions are operators
MAKERS = ("factories", "factories.ranges", "factories.drawing", "factories.windows")


def next_number() -> int:
    """The sequence number that the next node will get."""
    return int(repr(tick.__self__)[len("count(") : -1])  # type: ignore[attr-defined]


@cache
def by_hand() -> dict[CodeType, str | None]:
    """The operators that are Python functions."""
    package = __name__.partition(".")[0]
    torch = importlib.import_module(package)
    found: dict[CodeType, str | None] = {
        f.__code__: n for n in METHODS if isinstance(f := vars(Tensor).get(n), FunctionType)
    }
    for name in MAKERS:
        module = importlib.import_module(f"{package}.{name}")
        for n, f in vars(module).items():
            if isinstance(f, FunctionType) and f.__module__ == module.__name__ and getattr(torch, n, None) is f:
                found[f.__code__] = n
    composites = [what for names in registry.MODULES.values() for what in names.values()]
    for what in [*composites, *(what for what, _ in registry.METHODS.values())]:
        if isinstance(getattr(what, "names", None), Names) and what.names.name not in SUBSCRIPTS:
            name = what.names.name  # code that several share tells nothing
            found[what.__code__] = name if found.get(what.__code__, name) == name else None
    return found


def name_of(frame: FrameType) -> str | None:
    """The operator that a call is, without its namespace; None for any other function."""
    code = frame.f_code
    compiled = COMPILED.fullmatch(code.co_filename)
    if compiled is not None and compiled[1] == code.co_name:
        row = frame.f_globals.get("ROW")
        return code.co_name if row is None or row.public else operator_of(str(row.grad_fn)) or row.name
    if code.co_qualname in NAMED:
        return NAMED[code.co_qualname].format(frame.f_locals["name"])
    return by_hand().get(code)


def shape_of(x: Any) -> Any:
    """An argument in an event's input_shapes; what has no shape is []."""
    if isinstance(x, Tensor):
        return list(x.shape)
    return [list(t.shape) for t in x] if isinstance(x, list | tuple) and x and isinstance(x[0], Tensor) else []


# operations by the number of elements of the result and the shapes of the arguments (source: torch.autograd.profiler)
FLOPS: dict[str, Callable[[int, list], int]] = {
    "mm": lambda n, shapes: 2 * n * shapes[0][-1],
    "bmm": lambda n, shapes: 2 * n * shapes[0][-1],
    "addmm": lambda n, shapes: 2 * n * shapes[1][-1],
    "baddbmm": lambda n, shapes: 2 * n * shapes[1][-1],
    "conv2d": lambda n, shapes: 2 * n * math.prod(shapes[1][1:]),
    "add": lambda n, shapes: math.prod(shapes[0]),
    "mul": lambda n, shapes: math.prod(shapes[0]),
}


def memory_of(t: Tensor) -> int:
    """Which memory a tensor lies in."""
    a = t._array
    while getattr(a, "base", None) is not None:
        a = a.base
    return id(a)


@dataclass
class Call:
    """What the recorder keeps of one event until all are over."""

    frame: Any  # or the label's own object
    name: str
    parent: int  # the number of the event that it lies in, or -1
    sequence_nr: int
    scope: int
    stack: list[str]
    input_shapes: list
    memory: set[int]  # that it was given
    start_us: float = 0.0
    end_us: float = 0.0
    flops: int = 0
    cpu_memory_usage: int = 0


KEPT = ("name", "sequence_nr", "scope", "stack", "input_shapes", "start_us", "end_us", "flops", "cpu_memory_usage")


class Recorder:
    """Records the events of one thread, from `with` to its end. See Note [A profiler without hooks of ours]."""

    def __init__(self, shapes: bool, flops: bool, memory: bool, stacks: bool) -> None:
        self.shapes, self.flops, self.memory, self.stacks = shapes, flops, memory, stacks
        self.calls: list[Call] = []
        self.open: list[int] = []  # the numbers of those that are not over, the innermost last

    def __enter__(self) -> Recorder:
        by_hand()  # found now, not in the first operator's time
        self.before, self.outer = sys.getprofile(), current.get()
        current.set(self)
        set_mode(mode() | PROFILED)
        sys.setprofile(self.told)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self.before)
        current.set(self.outer)
        if self.outer is None:
            set_mode(mode() & ~PROFILED)
        while self.open:
            self.end()

    def events(self) -> EventList:
        """The events, by their start."""
        events: list[FunctionEvent] = []
        for number, call in enumerate(self.calls):
            facts = {name: getattr(call, name) for name in KEPT}
            ran_backward = call.scope == BACKWARD
            facts["name"] = STEP.sub("ProfilerStep*", call.name)
            event = FunctionEvent(id=number + 1, thread=THREAD, fwd_thread=THREAD if ran_backward else 0, **facts)
            event.trace_name = call.name
            if call.parent >= 0:
                event.set_cpu_parent(events[call.parent])
                events[call.parent].append_cpu_child(event)
            events.append(event)
        return EventList(events, profile_memory=self.memory, with_flops=self.flops)

    def told(self, frame: FrameType, what: str, value: Any) -> None:
        """Python's profiling function."""
        if what == "call":
            self.called(frame)
        elif what == "return":
            while self.open and self.calls[self.open[-1]].frame is frame:
                self.end(value)

    def called(self, frame: FrameType) -> None:
        code = frame.f_code
        if code.co_name == "taped" and isinstance(node := frame.f_locals.get(code.co_varnames[0]), Node):
            if not isinstance(node, AccumulateGrad):
                self.begin_node(frame, node.name(), node.seq)
        elif code is accumulate.__code__:
            self.begin_node(frame, LEAF_NODE, -1)
        elif (name := name_of(frame)) is not None and not self.goes_on(name):
            number = next_number() if mode() & GRAD else -1
            self.begin(frame, f"aten::{name}", number, given=arguments(frame))

    def goes_on(self, name: str) -> bool:
        """Whether the innermost operator is this one already: its function goes on to one for other operands."""
        return bool(self.open) and self.calls[self.open[-1]].name.rstrip("_") == f"aten::{name}".rstrip("_")

    def begin_node(self, frame: FrameType, name: str, number: int) -> None:
        self.begin(frame, f"autograd::engine::evaluate_function: {name}", number)
        self.begin(frame, name, number, BACKWARD, arguments(frame)[1:2])

    def begin(self, frame: Any, name: str, number: int = -1, scope: int = 0, given: Sequence[Any] = ()) -> None:
        memory = {memory_of(t) for t in tensors_in(given)} if self.memory else set()
        stack, shapes = called_from() if self.stacks else [], [shape_of(a) for a in given]
        call = Call(frame, name, self.open[-1] if self.open else -1, number, scope, stack, shapes, memory)
        self.calls.append(call)
        self.open.append(len(self.calls) - 1)
        call.start_us = perf_counter_ns() / 1000

    def end_of(self, label: Any) -> None:
        """End a label, and what is still open in it."""
        if any(self.calls[k].frame is label for k in self.open):
            while self.calls[self.open[-1]].frame is not label:
                self.end()
            self.end()

    def end(self, result: Any = None) -> None:
        now = perf_counter_ns() / 1000
        call = self.calls[self.open.pop()]
        call.end_us, call.frame = now, None
        made = tensors_in(result) if self.memory or self.flops else []
        if self.memory:
            call.cpu_memory_usage = sum(t.nbytes for t in made if memory_of(t) not in call.memory)
        count = FLOPS.get(call.name.removeprefix("aten::"))
        if self.flops and count is not None and made:
            call.flops = count(made[0].numel(), [s for s in call.input_shapes if s])
        if not self.shapes:
            call.input_shapes = []


def arguments(frame: FrameType) -> list[Any]:
    code = frame.f_code
    return [frame.f_locals[n] for n in code.co_varnames[: code.co_argcount]]


def tensors_in(x: Any) -> list[Tensor]:
    return [t for t in leaves(x) if isinstance(t, Tensor)]


current: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


def called_from() -> list[str]:
    """The user's frames, innermost first."""
    frames = traceback.extract_stack()
    return [f"{f.filename}({f.lineno}): {f.name}" for f in reversed(frames) if not f.filename.startswith(OURS)]
