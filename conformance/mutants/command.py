"""The table of a whole suite: which mutants are played, on which cases, in how many processes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from conformance.engines import Engine, engine
from conformance.language.reader import select
from conformance.mutants import mutants
from conformance.mutants.kill import Bench, kill
from conformance.mutants.processes import doing_in_processes
from conformance.mutants.table import KillTable
from conformance.program.compile import Program
from conformance.run import ORACLE, WORKLOADS, Suite, load
from conformance.timing import one_thread

Progress = Callable[[int], contextlib.AbstractContextManager[Callable[[str], None]]]


def play_mutants(patterns: tuple[str, ...], name: str, jobs: int, progress: Progress) -> KillTable:
    """Play the mutants of the engine of that name on the selected cases. Raises ValueError where the engine is not here."""
    _present(name)
    suite = load()
    chosen, every = _chosen(suite, patterns), mutants(name)
    with (
        ended_as_interrupted(),
        doing_in_processes(jobs, partial(_loaded, name, patterns)) as doing,
        progress(len(every)) as advance,
    ):
        return kill(chosen, every, doing, suite, advance)


@contextlib.contextmanager
def ended_as_interrupted() -> Iterator[None]:
    """SIGTERM is KeyboardInterrupt."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _chosen(suite: Suite, patterns: tuple[str, ...]) -> list[Program]:
    """The programs of the selected cases; of a workload with several sizes the smallest, for the others show nothing more.

    Raises ValueError for a selection that names nothing.
    """
    ids = {case.id for case in select((program.case for program in suite.programs), patterns)}
    chosen = [program for program in suite.programs if program.case.id in ids]
    first = {program.case.id.split("[")[0]: program.case.id for program in reversed(chosen)}
    return [
        program
        for program in chosen
        if program.case.chapter != WORKLOADS or first[program.case.id.split("[")[0]] == program.case.id
    ]


def _present(name: str) -> Engine:
    lane = engine(name)
    if isinstance(lane, Engine):
        return lane
    raise ValueError(f"{name} is not here: {lane.reason}")


def _bench_of(lane: Engine, programs: Iterable[Program]) -> Bench:
    """A bench with all mutants of the engine, beside torch on the CPU."""
    oracle = engine(ORACLE)
    beside = oracle if isinstance(oracle, Engine) and lane.name != ORACLE else None
    return Bench(programs, lane, beside, mutants(lane.name))


@contextlib.contextmanager
def _loaded(name: str, patterns: tuple[str, ...]) -> Iterator[Bench]:
    """The bench of another process, which computes in one thread: several in each of several processes wait for each other."""
    lane = _present(name)
    with one_thread([lane]):
        yield _bench_of(lane, load(patterns=patterns).programs)
