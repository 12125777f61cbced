"""The autograd profiler: what it records, how events are summed up, and the small tools beside it."""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections import namedtuple
from pathlib import Path
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]


def _util(torch: Torch) -> Any:
    return importlib.import_module(f"{torch.__name__}.autograd.profiler_util")


def _events(torch: Torch, **changes: Any) -> Changed:
    """Events are made with other arguments: ``changes`` maps their names to functions of the real value."""

    def around(real: Any, self: Any, *arguments: Any, **keywords: Any) -> None:
        real(
            self,
            *arguments,
            **{key: changes[key](value) if key in changes else value for key, value in keywords.items()},
        )

    return wrapped(_util(torch).FunctionEvent, "__init__", around)


@mutant("profiler.profile.*", "profiler.record-function.*", "profiler.util.function-event*")
def events_have_other_names(torch: Torch) -> Changed:
    """The names of events are in capitals."""
    return _events(torch, name=str.upper)


@mutant("profiler.profile.*sequence-number*")
def events_have_no_sequence_number(torch: Torch) -> Changed:
    """No event has a sequence number."""
    return _events(torch, sequence_nr=lambda number: -1)


@mutant("profiler.profile.backward-ops-without-sequence-number")
def every_event_has_a_sequence_number(torch: Torch) -> Changed:
    """Events without a sequence number have 0."""
    return _events(torch, sequence_nr=lambda number: max(number, 0))


@mutant("profiler.util.function-event-time-range", "profiler.profile.*")
def events_take_no_time(torch: Torch) -> Changed:
    """Every event ends when it begins."""

    def around(real: Any, self: Any, *arguments: Any, **keywords: Any) -> None:
        real(self, *arguments, **{**keywords, "end_us": keywords["start_us"]})

    return wrapped(_util(torch).FunctionEvent, "__init__", around)


@mutant("profiler.util.function-event-time-range")
def events_have_no_thread(torch: Torch) -> Changed:
    """Every event says thread -1."""
    return _events(torch, thread=lambda thread: -1)


@mutant("profiler.record-function.*", "profiler.profile.self-cpu-time-total")
def events_have_no_parents(torch: Torch) -> Changed:
    """No event lies within another one."""
    event = _util(torch).FunctionEvent
    return patched_all(
        (event, "set_cpu_parent", lambda self, parent: None), (event, "append_cpu_child", lambda self, child: None)
    )


@mutant("profiler.profile.key-averages*", "profiler.profile.group-by*", "profiler.util.function-event-avg")
def averages_do_not_add(torch: Torch) -> Changed:
    """Adding an event to an average changes nothing but its key."""

    def add(self: Any, other: Any) -> Any:
        self.key = other.key
        return self

    return patched(_util(torch).FunctionEventAvg, "add", add)


@mutant("profiler.profile.key-averages*", "profiler.profile.group-by*")
def averages_are_the_events(torch: Torch) -> Changed:
    """key_averages returns every event by itself."""
    util = _util(torch)
    return wrapped(util.EventList, "key_averages", lambda real, self, *how, **named: util.EventList(list(self)))


@mutant("profiler.profile.total-average")
def the_total_is_of_nothing(torch: Torch) -> Changed:
    """total_average is an empty average."""
    return patched(_util(torch).EventList, "total_average", lambda self: _util(torch).FunctionEventAvg())


@mutant("profiler.profile.self-cpu-time-total")
def the_total_time_is_zero(torch: Torch) -> Changed:
    """self_cpu_time_total is 0."""
    return patched_all(
        (_util(torch).EventList, "self_cpu_time_total", property(lambda self: 0)),
        (torch.autograd.profiler.profile, "self_cpu_time_total", property(lambda self: 0)),
    )


@mutant("profiler.profile.table*")
def tables_are_empty(torch: Torch) -> Changed:
    """table() returns an empty text."""
    return wrapped(
        torch.autograd.profiler.profile, "table", lambda real, self, *how, **named: real(self, *how, **named)[:0]
    )


@mutant("profiler.profile.repr-unfinished")
def profilers_do_not_say_that_they_run(torch: Torch) -> Changed:
    """A profiler without results prints nothing."""
    return patched_all(
        (torch.autograd.profiler.profile, "__repr__", lambda self: ""),
        (torch.autograd.profiler.profile, "__str__", lambda self: ""),
    )


@mutant("profiler.profile.gradients-unchanged", "profiler.record-function.backward-unaffected")
def profiling_switches_gradients_off(torch: Torch) -> Changed:
    """Under a profiler nothing is recorded for backward."""

    def around(real: Any, self: Any) -> Any:
        torch.set_grad_enabled(False)
        return real(self)

    return wrapped(torch.autograd.profiler.profile, "__enter__", around)


@mutant("profiler.record-function.*")
def labels_have_other_names(torch: Torch) -> Changed:
    """record_function labels with something else."""
    return wrapped(
        torch.autograd.profiler.record_function,
        "__init__",
        lambda real, self, name, args=None: real(self, f"{name}?", args),
    )


@mutant("profiler.record-function.without-profiler", "profiler.record-function.backward-unaffected")
def labels_switch_gradients_off(torch: Torch) -> Changed:
    """Under record_function nothing is recorded for backward."""

    def around(real: Any, self: Any) -> Any:
        torch.set_grad_enabled(False)
        return real(self)

    return wrapped(torch.autograd.profiler.record_function, "__enter__", around)


@mutant("profiler.enforce-unique.*")
def duplicates_are_seen_at_once(torch: Torch) -> Changed:
    """EnforceUnique raises for whatever it sees."""

    def see(self: Any, *key: Any) -> None:
        raise RuntimeError(f"duplicate key: {key}")

    return patched(torch.autograd.profiler.EnforceUnique, "see", see)


@mutant("profiler.enforce-unique.*")
def duplicates_are_not_seen(torch: Torch) -> Changed:
    """EnforceUnique raises for nothing."""
    return patched(torch.autograd.profiler.EnforceUnique, "see", lambda self, *key: None)


@mutant("profiler.kineto-step-tracker.*")
def steps_count_from_elsewhere(torch: Torch) -> Changed:
    """KinetoStepTracker is one step ahead."""
    return wrapped(
        torch.autograd.profiler.KinetoStepTracker, "increment_step", lambda real, requester: real(requester) + 1
    )


@mutant("profiler.kineto-step-tracker.erase")
def steps_are_not_erased(torch: Torch) -> Changed:
    """erase_step_count leaves the requester's steps."""
    return wrapped(torch.autograd.profiler.KinetoStepTracker, "erase_step_count", lambda real, requester: False)


@mutant("profiler.util.interval", "profiler.util.function-event-time-range")
def intervals_have_no_length(torch: Torch) -> Changed:
    """elapsed_us is 0."""
    return patched(_util(torch).Interval, "elapsed_us", lambda self: 0)


@mutant("profiler.util.string-table")
def string_tables_know_everything(torch: Torch) -> Changed:
    """A StringTable maps a name that it does not know to the empty text."""
    return patched(_util(torch).StringTable, "__missing__", lambda self, key: "")


@mutant("profiler.emit-itt.*", "profiler.emit-nvtx.*")
def annotations_switch_gradients_off(torch: Torch) -> Changed:
    """Under emit_itt and emit_nvtx nothing is recorded for backward."""

    def enter(real: Any, self: Any) -> Any:
        torch.set_grad_enabled(False)
        return real(self)

    with_itt = torch.autograd.profiler.emit_itt.__enter__
    with_nvtx = torch.autograd.profiler.emit_nvtx.__enter__
    return patched_all(
        (torch.autograd.profiler.emit_itt, "__enter__", lambda self: enter(with_itt, self)),
        (torch.autograd.profiler.emit_nvtx, "__enter__", lambda self: enter(with_nvtx, self)),
    )


@mutant("profiler.parse-nvprof-trace.events", "profiler.load-nvprof.eventlist")
def functions_of_nvprof_are_in_disorder(torch: Torch) -> Changed:
    """parse_nvprof_trace returns the last function first."""
    return wrapped(torch.autograd.profiler, "parse_nvprof_trace", lambda real, path: sorted(real(path), key=_later))


def _later(event: Any) -> float:
    return -float(event.time_range.start)


@mutant("profiler.load-nvprof.eventlist")
def events_of_nvprof_are_a_list(torch: Torch) -> Changed:
    """load_nvprof returns a plain list."""
    return wrapped(torch.autograd.profiler, "load_nvprof", lambda real, path: list(real(path)))


@mutant("profiler.profile.export-chrome-trace")
def traces_are_empty(torch: Torch) -> Changed:
    """export_chrome_trace writes no events."""

    def write(self: Any, path: str) -> None:
        Path(path).write_text('{"traceEvents": []}', encoding="utf-8")

    return patched(torch.autograd.profiler.profile, "export_chrome_trace", write)


@mutant("profiler.util.kernel")
def kernels_begin_with_their_duration(torch: Torch) -> Changed:
    """The fields of Kernel are in another order."""
    return patched(_util(torch), "Kernel", namedtuple("Kernel", ["duration", "name", "device"]))


@mutant("profiler.util.mem-records-acc")
def intervals_end_before_their_end(torch: Torch) -> Changed:
    """in_interval leaves out the record that starts with its end."""
    return wrapped(_util(torch).MemRecordsAcc, "in_interval", lambda real, self, start, end: real(self, start, end - 1))


@mutant("profiler.legacy.deprecated")
def the_legacy_profiler_is_warned_of(torch: Torch) -> Changed:
    """The profiler of old warns that it is deprecated."""
    return _warning(importlib.import_module(f"{torch.__name__}.autograd.profiler_legacy").profile)


@mutant("tut.introyt.profiler-use-cuda-argument")
def profilers_are_warned_of(torch: Torch) -> Changed:
    """Making a profiler warns."""
    return _warning(torch.autograd.profiler.profile)


def _warning(profiler: Any) -> Changed:
    def around(real: Any, self: Any, *arguments: Any, **named: Any) -> None:
        warnings.warn("this is deprecated", FutureWarning, stacklevel=2)
        real(self, *arguments, **named)

    return wrapped(profiler, "__init__", around)


@mutant("profiler.profile.example-names")
def names_have_no_namespace(torch: Torch) -> Changed:
    """The names of events lack what stands before the last colon."""
    return _events(torch, name=lambda name: name.rpartition(":")[2])
