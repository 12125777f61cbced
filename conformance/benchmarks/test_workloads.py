"""The workload cases, timed by pytest-benchmark: grouped by case, one test an engine.

tox run -e benchmark                                            # a table a workload
tox run -e benchmark -- --benchmark-autosave                    # keep it
tox run -e benchmark -- --benchmark-compare                     # hold a later run against it
"""

from __future__ import annotations

from typing import Any

import pytest

from conformance.engines import DEFAULT, Engine, engine, own_process
from conformance.program.compile import Program
from conformance.program.replay import replay
from conformance.run import load
from conformance.timing import one_thread

LANES = [engine(name) for name in DEFAULT if not own_process(name)]
ENGINES = [lane for lane in LANES if isinstance(lane, Engine)]


@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
@pytest.mark.parametrize("lane", ENGINES, ids=lambda lane: str(lane.name))
@pytest.mark.parametrize("program", load(patterns=["workloads"]).programs, ids=lambda program: str(program.case.id))
def test_workload(benchmark: Any, program: Program, lane: Engine) -> None:
    """Forward and backward together; the inputs are rebuilt before every play, outside the clock."""
    if missing := lane.lacks(program.uses):
        pytest.skip(f"{lane.name} lacks {', '.join(missing)}")
    replayed, wait = replay(program.case, lane.torch), lane.synchronize

    def play(*inputs: Any) -> None:
        replayed(*inputs)
        if wait is not None:
            wait()

    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        inputs = [lane.tensor(given) if given.tensor else given.data for given in program.case.given]
        return (*inputs, lambda phase: None), {}

    benchmark.group = program.case.id
    with one_thread([lane]):
        benchmark.pedantic(play, setup=setup, rounds=30, warmup_rounds=3)
