"""The parent's side of one worker: start it, ask it, tell how it died."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from conformance.engines.engine import Absent, Present
from conformance.timing import Timed
from conformance.transcript import Died, Transcript
from conformance.workers import memory
from conformance.workers.wire import Packed, Play, Time, receive, send

_POSIX = os.name == "posix"
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from conformance.workers.serve import serve; serve()"
TO_START = 300.0
"""Seconds that the engines of a worker may take to be made: importing torch from a slow disk can take long."""

_LAST_WORDS = 16_384
_LINES_SAID = 24
_GRACE = 0.5
"""Seconds between asking a worker for its last words and killing it."""

_PATIENCE = 5.0
"""Seconds to wait for a process that has been killed."""

_ORPHANED = 10.0
"""Seconds by which the worker's own alarm is later than the parent's deadline."""


class WorkerDied(ChildProcessError):
    """The process of a worker came to its end before it had answered."""

    def __init__(self, reason: str, said: str) -> None:
        super().__init__(reason)
        self.reason, self.said = reason, said

    def during(self, file: Path) -> Died:
        """What became of a case of that file; its line is the innermost of the file in the stack that was told."""
        lines = [int(line) for name, line in re.findall(r'File "(.*)", line (\d+)', self.said) if name == str(file)]
        return Died(self.reason, lines[0] if lines else 0, self.said)


class Worker:
    """One process with the engines of these names. One thread asks it, another (the pool's) may ``watch`` it."""

    def __init__(self, engines: Sequence[str]) -> None:
        arguments = [sys.executable, "-c", _START, json.dumps(sys.path)]
        pipe = subprocess.PIPE
        # a session of its own: an interrupt from the terminal is for the parent alone, and children of engines can be killed too
        self.process = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=_POSIX)
        assert self.process.stdin
        assert self.process.stdout
        assert self.process.stderr
        self.requests = self.process.stdin
        self.replies, self.errors = _Replies(self.process.stdout), _Tail(self.process.stderr)
        self.engines = tuple(engines)
        self.played = 0
        self.due: float | None = None
        self.overdue = self.doom = ""
        self.doomed_at = 0.0
        self.killed_at: float | None = None

    # -- asking

    def start(self, seconds: float) -> Iterator[Present | Absent]:
        """Which engines are here, one after the other. Raises WorkerDied; ValueError or MalformedCase for what is wrong."""
        self._send(self.engines)
        for _ in self.engines:
            answer = self._receive(seconds, "its engines were not ready")
            if isinstance(answer, Exception):
                raise answer
            yield answer

    def play(self, packed: Packed, engines: Sequence[str], fresh: bool, seconds: float) -> Iterator[Transcript]:
        """The transcripts of a case, engine by engine, ``seconds`` for each. Raises WorkerDied."""
        self._send(Play(packed, tuple(engines), fresh, seconds + _ORPHANED))
        for _ in engines:
            yield self._receive(seconds, "the case had not ended")
            self.played += 1

    def time(self, packed: Packed, engines: Sequence[str], seconds: float) -> dict[str, Timed]:
        """What ``time_case`` says. Raises WorkerDied."""
        self._send(Time(packed, tuple(engines), seconds + _ORPHANED))
        timed: dict[str, Timed] = self._receive(seconds, "timing it had not ended")
        return timed

    @property
    def usable(self) -> bool:
        """Whether it lives, and nobody is about to end it."""
        return not self.doom and self.process.poll() is None

    def _send(self, message: Any) -> None:
        self.errors.forget()
        try:
            send(self.requests, message)
        except OSError:
            raise self._died() from None

    def _receive(self, seconds: float, overdue: str) -> Any:
        self.overdue = f"killed, for {overdue} after {seconds:g} s"
        self.due = time.monotonic() + seconds
        answer, error = self.replies.next()
        self.due = None
        if error is None:
            return answer
        if not isinstance(error, EOFError):
            self.kill(f"killed, for what it answers cannot be read ({type(error).__name__}: {error})")
        raise self._died()

    # -- dying

    def watch(self, most_memory: float) -> None:
        """End the process when it is overdue or needs too much memory, and end the waiting for one that is dead.

        See Note [What ends a worker].
        """
        now, due, overdue = time.monotonic(), self.due, self.overdue  # the other thread changes them
        if self.killed_at is not None:
            if now > self.killed_at + _GRACE:
                self.replies.give_up()
        elif self.process.poll() is not None or (self.doom and now > self.doomed_at + _GRACE):
            self.kill("")
        elif self.doom:
            return
        elif due is not None and now > due:
            self._doom(overdue)
        elif (held := memory.resident(self.process.pid)) > most_memory:
            self._doom(f"killed, for it held {held / 1e9:.1f} GB of memory, and may hold {most_memory / 1e9:.1f} GB")

    def _doom(self, reason: str) -> None:
        """Ask for the last words: on SIGABRT ``faulthandler`` writes where it was, even where the GIL is held."""
        self.doom, self.doomed_at = reason, time.monotonic()
        if _POSIX:
            self.process.send_signal(signal.SIGABRT)

    def kill(self, reason: str) -> None:
        """End the process, and what it started, at once."""
        self.doom = self.doom or reason
        if self.killed_at is not None:
            return
        self.killed_at = time.monotonic()
        if _POSIX:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()

    def close(self) -> None:
        """End the process and wait for it, but not for one that the system cannot end: it may hang in a driver."""
        self.kill("killed, for it was needed no longer")
        self._wait()
        with contextlib.suppress(OSError):
            self.requests.close()
        self.replies.join(_GRACE)
        self.errors.join(_GRACE)

    def _wait(self) -> int | None:
        try:
            return self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return None

    def _died(self) -> WorkerDied:
        code = self._wait()
        if code is None:
            self.kill("killed, for it had stopped answering")
            code = self._wait()
        reason = self.doom or ("it cannot be ended" if code is None else _ended(code))
        before = f"; {self.played} plays before had gone well" if self.played else ""
        said = self.errors.last_words()
        if self.doom:  # the abort was ours
            said = said.removeprefix("Fatal Python error: Aborted\n")
        return WorkerDied(f"the engine's process ended: {reason}{before}", said)


def _ended(code: int) -> str:
    """In words, how a process ended that nobody here killed."""
    if code >= 0:
        return f"it exited with code {code}" if code < 256 else f"it exited with code {code:#x}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    hint = "; the system does that when memory is short" if name == "SIGKILL" else ""
    return f"{name} ({signal.strsignal(-code)}){hint}"


class _Replies(threading.Thread):
    """Reads messages to the end of the pipe. A thread of its own, for a pipe need not end where its process does: a process
    that it started may hold it open."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.pipe = pipe
        self.read: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()
        self.given_up = False
        self.start()

    def run(self) -> None:
        try:
            while True:
                self.read.put((receive(self.pipe), None))
        except Exception as error:
            self.read.put((None, error))
        self.pipe.close()

    def next(self) -> tuple[Any, Exception | None]:
        """Wait for a message, or for the error that ends them: EOFError, or what makes one unreadable."""
        return self.read.get()

    def give_up(self) -> None:
        """End the waiting for a message that will not come."""
        if not self.given_up:
            self.given_up = True
            self.read.put((None, EOFError()))


class _Tail(threading.Thread):
    """Reads a pipe to its end and keeps the last of it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.pipe, self.data = pipe, b""
        self.start()

    def run(self) -> None:
        while chunk := os.read(self.pipe.fileno(), _LAST_WORDS):
            self.data = (self.data + chunk)[-_LAST_WORDS:]
        self.pipe.close()

    def forget(self) -> None:
        self.data = b""

    def last_words(self) -> str:
        self.join(1)
        text = self.data.decode("utf-8", "backslashreplace")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Extension modules: ")]
        return "\n".join(lines[-_LINES_SAID:])
