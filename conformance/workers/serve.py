"""The worker's side: make the engines, then play and time what is asked for until the pipe ends."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from conformance.engines import Engine, engine
from conformance.language.problem import MalformedCase
from conformance.play import play
from conformance.timing import one_thread, time_case
from conformance.workers.wire import Play, Time, receive, send


def serve() -> None:
    """Take the names of the engines, answer with each, Present or Absent (or the error of a wrong name or file), then serve."""
    requests, replies = _private_pipes()
    _prepare_to_die()
    with requests, replies:
        _serve(requests, replies)


def _serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    engines: dict[str, Engine] = {}
    for name in receive(requests):
        try:
            made = engine(name)
        except (ValueError, MalformedCase) as error:
            send(replies, error)
            return
        if isinstance(made, Engine):
            engines[name] = made
            send(replies, made.present)
        else:
            send(replies, made)
    gc.freeze()  # what is loaded by now is no garbage: without it every collect: of a case walks all of torch
    with one_thread(list(engines.values())), contextlib.suppress(EOFError):
        while True:
            _answer(receive(requests), engines, replies)


def _answer(request: Play | Time, engines: dict[str, Engine], replies: IO[bytes]) -> None:
    program = request.packed.program()
    if isinstance(request, Time):
        with _alarm(request.seconds):
            timed = time_case(program, [engines[name] for name in request.engines])
        send(replies, timed)
        return
    for name in request.engines:
        with _alarm(request.seconds):
            transcript = play(program, engines[name], request.fresh)
        send(replies, transcript)


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the parent, out of the way of engines: what they print goes to standard error, what they read is empty."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _prepare_to_die() -> None:
    """Tell the line at every fatal signal, leave no core file, be the first that the system kills when memory is short."""
    faulthandler.enable(all_threads=False)
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """The system ends this process after that time, GIL or not: only needed where the parent is gone."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
