"""Play a program on an engine and write down what happens. Judging comes later and elsewhere.

Note [Probes do not disturb]
A probe copies out at once and keeps no tensor: a held gradient would change whether AccumulateGrad steals it, and with
that layouts and identities. The path is evaluated in the modes that the case set; only the copying runs without grad mode.
A probe's own warnings and errors belong to the observation, never to the case.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

from conformance.engines.engine import Engine, Present
from conformance.program.compile import Program
from conformance.program.helpers import namespace
from conformance.state import State
from conformance.transcript import CallSeen, ErrorSeen, Seen, Transcript, WarningSeen


def play(program: Program, engine: Engine, fresh: bool = False) -> Transcript:
    """The transcript of one play. Whatever the case or the engine does ends up in it; nothing is raised but KeyboardInterrupt.

    ``fresh`` says that nothing was played in this process before.
    """
    transcript = Transcript(engine.name)
    if reason := why_not(program, engine, fresh):
        transcript.not_run = reason
        return transcript
    if missing := engine.lacks(program.uses):
        transcript.unsupported = ", ".join(missing)
        return transcript
    recorder = Recorder(program, engine, transcript)
    before = State(engine)
    try:
        with engine.playing(), recorder.listening():
            exec(program.code, recorder.namespace())
    except Exception as error:
        recorder.ended_by(error)
    finally:
        recorder.inputs.clear()
        transcript.leaks = (*before.restore(), *recorder.leaks())
    return transcript


def why_not(program: Program, engine: Engine | Present, fresh: bool = False) -> str | None:
    """Why a case does not apply to an engine: a need that it does not meet, or another version of torch."""
    case = program.case
    offers = engine.offers | {"fresh_process"} if fresh else engine.offers
    if missing := case.needs - offers:
        return f"needs {', '.join(sorted(missing))}"
    version = _version(engine.version)
    if case.since and version < _version(case.since):
        return f"holds since torch {case.since}, this is {engine.version}"
    if case.until and version >= _version(case.until):
        return f"held until torch {case.until}, this is {engine.version}"
    return None


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2])


class Recorder:
    """What a recording program calls: ``_see``, ``_raising``, ``_warning``, ``_log``, ``_given``."""

    def __init__(self, program: Program, engine: Engine, transcript: Transcript) -> None:
        self.file = str(program.case.file)
        self.program, self.engine, self.transcript = program, engine, transcript
        self.inputs = {given.name: given for given in program.case.given}
        self.calls: list[CallSeen] = []
        self.lock = threading.RLock()
        self.watching: list[list[WarningSeen]] = []
        self.probing: int | None = None
        self.warned_always = True

    def namespace(self) -> dict[str, Any]:
        """The globals of one play."""
        return {
            **namespace(self.engine.torch),
            "calls": self.calls,
            "_given": self.given,
            "_see": self.see,
            "_raising": self.raising,
            "_warning": self.warning,
            "_log": self.log,
        }

    def given(self, name: str) -> Any:
        """An input of the case, made anew."""
        return self.engine.tensor(self.inputs[name])

    def see(self, probe: int, look: Callable[[], Any]) -> None:
        """Take down what a probe sees. See Note [Probes do not disturb]."""
        outer, self.probing = self.probing, threading.get_ident()
        try:
            seen = self.observed(look())
        except self.engine.unsupported:
            raise
        except Exception as error:
            if self.lacking(error):
                raise
            seen = self.error(error)
        finally:
            self.probing = outer
        with self.lock:
            self.transcript.probes.setdefault(probe, []).append(seen)

    def observed(self, value: Any) -> Seen:
        """A copy of a value, made without grad mode."""
        with self.engine.torch.no_grad():
            return self.engine.observe(value)

    @contextlib.contextmanager
    def raising(self, guard: int) -> Iterator[None]:
        """Take down the error that ends the guarded step, or that there was none."""
        seen: ErrorSeen | None = None
        try:
            yield
        except self.engine.unsupported:
            raise
        except Exception as error:
            if self.lacking(error):
                raise
            seen = self.error(error)
        with self.lock:
            self.transcript.errors.setdefault(guard, []).append(seen)

    @contextlib.contextmanager
    def warning(self, guard: int) -> Iterator[None]:
        """Take down the warnings of the guarded step; those of a step inside it count for both."""
        heard: list[WarningSeen] = []
        self.watching.append(heard)
        try:
            yield
        finally:
            self.watching = [listener for listener in self.watching if listener is not heard]
            with self.lock:
                self.transcript.warnings.setdefault(guard, []).append(tuple(heard))

    def log(self, name: str, *seen: Any) -> None:
        """Take down a call of a definition, and what it was handed."""
        call = CallSeen(name, tuple(map(self.observed, seen)))
        with self.lock:
            self.calls.append(call)

    # -- errors and warnings

    def error(self, error: BaseException) -> ErrorSeen:
        """An exception as the judge will see it."""
        classes = tuple(base.__name__ for base in type(error).__mro__ if base is not object)
        return ErrorSeen(classes, self.engine.without_device(str(error)), self.line_of(error.__traceback__))

    def line_of(self, trace: TracebackType | None) -> int:
        """The line of the case that an exception passed last; 0 where it passed none."""
        lines = [line for frame, line in traceback.walk_tb(trace) if frame.f_code.co_filename == self.file]
        return lines[-1] if lines else 0

    def lacking(self, error: BaseException) -> str | None:
        """The name that the engine lacks, where ``error`` is the failed look-up of an attribute by the case's own code.

        Only an engine that is not torch can lack an attribute of torch. That None, a number or a list has no ``grad_fn`` is no
        lack: the engine gave that where torch gives something else.
        """
        is_torch = self.engine.name.startswith("torch-") or not self.engine.unsupported
        if is_torch or not isinstance(error, AttributeError):
            return None
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        if not frames or frames[-1].f_code.co_filename != self.file or not error.name:
            return None
        if type(error.obj) in _PLAIN:
            return None
        if _declares_attribute_error(self.program):
            return None
        return f"{type(error.obj).__name__}.{error.name}"

    def ended_by(self, error: Exception) -> None:
        """Take down what ended the case: something that the engine lacks, or an error that nobody declared."""
        if isinstance(error, self.engine.unsupported):
            self.transcript.unsupported = str(error)
        elif lacking := self.lacking(error):
            self.transcript.unsupported = lacking
        else:
            self.transcript.crashed = self.error(error)

    def leaks(self) -> list[str]:
        """What the case left changed of what the recorder itself had set."""
        return [] if self.warned_always else ["warn-always was left False; while a case plays it is True"]

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hear every warning, each time; leave loggers as they were: torch's checkpoint changes and reads one of its own."""
        torch = self.engine.torch
        always = torch.is_warn_always_enabled() if hasattr(torch, "is_warn_always_enabled") else None
        with warnings.catch_warnings():
            own = _ignored_by(torch)
            warnings.simplefilter("always")
            for category, module in own:
                warnings.filterwarnings("ignore", category=category, module=module)
            warnings.showwarning = self.heard  # type: ignore[assignment]
            if always is not None:
                torch.set_warn_always(True)
            _forget_the_profilers(torch)
            loggers = [log for log in logging.root.manager.loggerDict.values() if isinstance(log, logging.Logger)]
            propagating = [log for log in loggers if log.propagate]
            try:
                yield
            finally:
                for log in propagating:
                    log.propagate = True
                if always is not None:
                    self.warned_always = torch.is_warn_always_enabled()
                    torch.set_warn_always(always)

    def heard(self, message: Warning | str, category: type[Warning], *_: Any) -> None:
        """Take down a warning: for the steps that listen, or as undeclared, unless a probe made it."""
        classes = tuple(base.__name__ for base in category.__mro__ if base is not object)
        seen = WarningSeen(classes, str(message), self.current_line())
        for watching in self.watching:
            watching.append(seen)
        if not self.watching and self.probing != threading.get_ident():
            self.transcript.undeclared_warnings.append(seen)

    def current_line(self) -> int:
        """Where the case is in this thread; in a thread of a device, where it is in the thread that waits for it."""
        for frame in (sys._getframe(), *sys._current_frames().values()):
            if line := self._line_in(frame):
                return line
        return 0

    def _line_in(self, frame: FrameType | None) -> int:
        while frame is not None:
            if frame.f_code.co_filename == self.file:
                return frame.f_lineno
            frame = frame.f_back
        return 0


_PLAIN = frozenset({type(None), bool, int, float, complex, str, tuple, list, dict})
"""What is Python's own, and no engine's."""


def _declares_attribute_error(program: Program) -> bool:
    return "AttributeError" in program.case.yaml


def _forget_the_profilers(torch: Any) -> None:
    """torch.profiler gives its warnings once a process, whatever set_warn_always says: let it give them again."""
    for name in ("profiler.profiler", "profiler"):  # where torch has it, and the reference
        getattr(sys.modules.get(f"{torch.__name__}.{name}"), "_WARNINGS_SHOWN", set()).clear()


def _ignored_by(torch: Any) -> list[tuple[type[Warning], str]]:
    """The warnings that an engine ignores in its own modules, by a filter that it installed when it was imported."""
    return [
        (category, module.pattern)
        for action, _, category, module, _ in warnings.filters
        if action == "ignore" and isinstance(category, type) and module is not None and module.match(torch.__name__)
    ]
