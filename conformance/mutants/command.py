"""The table of a whole suite: which mutants are played, and several processes that play them side by side."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from conformance.engines import Engine, engine
from conformance.language.reader import select
from conformance.mutants import mutants
from conformance.mutants.kill import Bench, Doing, Task, doing_here, kill
from conformance.mutants.mutant import Mutant
from conformance.mutants.table import KillTable
from conformance.program.compile import Program
from conformance.run import ORACLE, Suite, load

Progress = Callable[[int], contextlib.AbstractContextManager[Callable[[str], None]]]

_bench: list[Bench] = []
"""The bench of this process, where it is one of the pool's."""


def play_mutants(patterns: tuple[str, ...], name: str, jobs: int, progress: Progress) -> KillTable:
    """Play the mutants of the engine of that name on the selected cases. Raises ValueError where the engine is not here."""
    lane, suite = _present(name), load()
    chosen = _chosen(suite, patterns)
    about = _about(suite, chosen, mutants(name)) if patterns else mutants(name)
    with contextlib.ExitStack() as stack:
        if jobs == 1:
            doing = doing_here(_bench_of(lane, chosen))
        else:
            doing = stack.enter_context(_doing_in_pool(jobs, name, patterns))
        advance = stack.enter_context(progress(len(about)))
        return kill(chosen, about, doing, suite, advance)


def _chosen(suite: Suite, patterns: tuple[str, ...]) -> list[Program]:
    """The programs of the selected cases. Raises ValueError for a selection that names nothing."""
    ids = {case.id for case in select((program.case for program in suite.programs), patterns)}
    return [program for program in suite.programs if program.case.id in ids]


def _about(suite: Suite, chosen: list[Program], every: list[Mutant]) -> list[Mutant]:
    """The mutants about what the cases cover; and all operators, which only say something of cases that reach them."""
    covered = [suite.claims[name] for name in {name for program in chosen for name in program.case.covers}]
    return [made for made in every if made.word is not None or any(map(made.is_about, covered))]


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


def _start(name: str, patterns: tuple[str, ...]) -> None:
    _bench.append(_bench_of(_present(name), load(patterns=patterns).programs))


def _do(method: str, task: Task) -> Any:
    return getattr(_bench[0], method)(*task)


@contextlib.contextmanager
def _doing_in_pool(jobs: int, name: str, patterns: tuple[str, ...]) -> Iterator[Doing]:
    """Tasks in ``jobs`` processes. They are spawned, not forked: a process that has run torch must not be copied."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start, (name, patterns)) as pool:

        def doing(method: str, tasks: Iterable[Task]) -> Iterator[Any]:
            waiting = [pool.submit(_do, method, task) for task in tasks]
            return (done.result() for done in waiting)

        yield doing
