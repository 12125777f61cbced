"""Engines that ruin their process lose exactly their case, whatever they do; nothing that was computed before is lost."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from conformance.engines import Absent, Present
from conformance.judge import Status
from conformance.play import play
from conformance.run import judged_together, run
from conformance.tests.dying_runs import BOTH, GOOD, RUINOUS, Lines, calling, lines_of, suite_of, verdicts
from conformance.tests.support import case, lane, program
from conformance.transcript import Died, Transcript
from conformance.workers.pool import WorkerPool
from conformance.workers.worker import Worker

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the engines that die here use signals and forks")

STILLBORN = "conformance.tests.dying_engines:stillborn"
TIMEOUT = 4.0
MEMORY = 4e8


class Counting(WorkerPool):
    """A pool that knows how many workers it has started."""

    hired = 0

    def hire(self, group: tuple[str, ...]) -> Worker:
        self.hired += 1
        return super().hire(group)


HOW = {
    "exp": "SIGSEGV (Segmentation fault)",
    "sin": "it exited with code 3",
    "cos": "it exited with code 1",
    "tan": "killed, for the case had not ended after 4 s",
    "tanh": "killed, for it held ",
    "sqrt": "SIGKILL (Killed); the system does that when memory is short",
    "neg": "killed, for what it answers cannot be read",
    "sinh": "it exited with code 1",
    "cosh": "SIGABRT (Aborted)",
}
"""How the process ends in the case that calls a function, in the words of the finding."""

TELLS_ITS_LINE = {"exp", "tan", "tanh", "cosh"}
"""Where the line of the YAML is known: ended by a signal that can be heard, by itself or by us."""


@pytest.fixture(scope="module")
def ruined(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lines, int]:
    """The lines of a run in which the process dies in every way, with good cases between; and how many workers it took.

    In the last but one case the engine fills its standard output, which is no pipe of ours; in the last it looks for torch.
    """
    cases = [text for name in HOW for text in (case(GOOD, name=f"before_{name}"), calling(name))]
    path = tmp_path_factory.mktemp("ruined") / "results.jsonl"
    with Counting(BOTH, timeout=TIMEOUT, memory=MEMORY) as pool:
        run(suite_of(*cases, calling("abs"), calling("ceil")), pool, path, timing=False)
    return lines_of(path), pool.hired


@pytest.mark.parametrize("name", HOW)
def test_an_engine_that_dies_loses_its_case(name: str, ruined: tuple[Lines, int]) -> None:
    lost = verdicts(ruined[0])[name, RUINOUS]
    assert lost["status"] == "errored"
    assert f"the engine's process ended: {HOW[name]}" in lost["detail"]
    finding = lost["findings"][0]
    assert finding["path"] == "process"
    assert finding["odd"] is None  # torch is not there to say
    (made,) = [line for line in ruined[0] if line["kind"] == "case" and line["name"] == name]
    step = made["yaml"].splitlines().index(f"  - let: {{y: {name}(x) * 0}}") + made["line"]
    assert finding["line"] == (step if name in TELLS_ITS_LINE else made["line"])
    assert lost["seen"] == []


def test_nothing_else_is_lost(ruined: tuple[Lines, int]) -> None:
    lines = ruined[0]
    found = verdicts(lines)
    assert len(found) == 2 * (2 * len(HOW) + 2)
    assert {key for key, verdict in found.items() if verdict["status"] != "passed"} == {(name, RUINOUS) for name in HOW}
    assert lines[-1]["kind"] == "footer"
    assert lines[-1]["counts"][RUINOUS] | {"passed": len(HOW) + 2, "errored": len(HOW)} == lines[-1]["counts"][RUINOUS]


def test_a_worker_is_replaced_only_when_it_died(ruined: tuple[Lines, int]) -> None:
    assert ruined[1] == 1 + len(HOW)


def test_the_last_words_are_told(ruined: tuple[Lines, int]) -> None:
    found = verdicts(ruined[0])
    said = {
        name: [f["message"] for f in found[name, RUINOUS]["findings"] if f["path"] == "standard error"] for name in HOW
    }
    assert said["cos"] == ["enough"]
    assert said["exp"][0].startswith("Fatal Python error: Segmentation fault")
    assert 'File "made_up.yaml", line ' in said["tan"][0]
    assert "Fatal" not in said["tan"][0]
    assert said["sin"] == said["sqrt"] == []


def test_a_fresh_process_is_fresh_for_each_case_and_engine(tmp_path: Path) -> None:
    """``atan`` counts its calls in the process."""
    once, twice = (f"- expect: {{atan(x): [{count}, {count}, {count}]}}" for count in ("1.", "2."))
    cases = [case(once, name="first"), case(twice, name="second")]
    cases += [case(once, name=f"fresh_{n}", more="needs: [fresh_process]") for n in range(2)]
    with WorkerPool([RUINOUS], timeout=60) as pool:
        run(suite_of(*cases), pool, tmp_path / "r.jsonl", timing=False)
    found = verdicts(lines_of(tmp_path / "r.jsonl"))
    assert [(v["status"], v["detail"]) for v in found.values()] == [("passed", "")] * 4


def test_a_pipe_that_a_child_holds_open_holds_nothing_up(tmp_path: Path) -> None:
    """It does for two minutes; the process that was asked is dead, and there is nothing to wait for."""
    started = time.monotonic()
    with WorkerPool([RUINOUS], timeout=60) as pool:
        run(suite_of(calling("cosh")), pool, tmp_path / "r.jsonl", timing=False)
    assert verdicts(lines_of(tmp_path / "r.jsonl"))["cosh", RUINOUS]["status"] == "errored"
    assert time.monotonic() - started < 60


def test_several_jobs_lose_no_more_than_one(tmp_path: Path) -> None:
    cases = [*(case(GOOD, name=f"good_{n}") for n in range(8)), calling("sin")]
    with Counting(BOTH, 3, TIMEOUT) as pool:
        run(suite_of(*cases), pool, tmp_path / "r.jsonl", timing=False)
    found = verdicts(lines_of(tmp_path / "r.jsonl"))
    assert len(found) == 18
    assert [key for key, verdict in found.items() if verdict["status"] != "passed"] == [("sin", RUINOUS)]
    assert 3 <= pool.hired <= 4  # the one that died last need not be replaced


def test_a_worker_with_a_thread_left_running_is_replaced(tmp_path: Path) -> None:
    with Counting([RUINOUS], timeout=TIMEOUT) as pool:
        run(suite_of(calling("floor"), case(GOOD, name="next")), pool, tmp_path / "r.jsonl", timing=False)
    first, after = verdicts(lines_of(tmp_path / "r.jsonl")).values()
    assert (first["status"], first["leaks"]) == ("failed", ["1 threads were left running"])
    assert after["status"] == "passed"
    assert pool.hired == 2


def test_who_died_alone_is_the_odd_one_out() -> None:
    made = program(GOOD)
    well, dead = Transcript("torch-cpu"), Transcript("reference", died=Died("it ended", 7))
    well.probes = {made.expectations[0].probes[0]: play(made, lane("reference")).probes[0]}
    engines = [Present("reference", "cpu", "2.13"), Present("torch-cpu", "cpu", "2.13")]
    lost, good = (one.verdict for one in judged_together(made, [dead, well], engines))
    assert (good.status, good.findings) == (Status.PASSED, [])
    (finding,) = lost.findings
    assert (lost.status, finding.line, finding.message) == (Status.ERRORED, 7, "it ended")
    assert finding.odd == "torch-cpu agrees with the declaration: this engine is the odd one out"


def test_a_dead_oracle_blames_nobody() -> None:
    made = program(GOOD)
    dead, well = Transcript("torch-cpu", died=Died("it ended")), play(made, lane("reference"))
    engines = [Present("reference", "cpu", "2.13"), Present("torch-cpu", "cpu", "2.13")]
    good, lost = (one.verdict for one in judged_together(made, [well, dead], engines))
    assert (good.status, good.findings) == (Status.PASSED, [])
    assert lost.findings[0].odd == "reference agrees with the declaration: this engine is the odd one out"


def test_an_engine_that_dies_while_it_is_timed_keeps_its_verdict(tmp_path: Path) -> None:
    with WorkerPool(BOTH, timeout=TIMEOUT) as pool:
        run(suite_of(calling("sign"), case(GOOD, name="next")), pool, tmp_path / "r.jsonl")
    lines = lines_of(tmp_path / "r.jsonl")
    assert {v["status"] for v in verdicts(lines).values()} == {"passed"}
    times = {(t["case"].rpartition(":")[2], t["engine"]): t for t in lines if t["kind"] == "time"}
    assert "SIGABRT" in times["sign", RUINOUS]["not_timed"]
    assert times["next", RUINOUS]["time"]["total"]["min"] > 0


def test_an_engine_that_dies_while_it_is_made_is_absent_and_says_why() -> None:
    with WorkerPool(["reference", STILLBORN, RUINOUS]) as pool:
        first, dead, last = pool.lanes
    assert isinstance(first, Present)
    assert isinstance(last, Present)
    assert isinstance(dead, Absent)
    assert "the engine's process ended: SIGABRT (Aborted)" in dead.reason
    assert "no driver" in dead.reason


@pytest.mark.parametrize("name", ["no_such_module:engine", "conformance.tests.dying_engines:nothing", "abacus"])
def test_a_name_of_no_engine_is_wrong_use(name: str) -> None:
    with WorkerPool([name]) as pool, pytest.raises(ValueError, match=f"engine '{name}'"):
        assert pool.lanes


def test_an_engine_that_starts_no_more_is_given_up(tmp_path: Path) -> None:
    """Its cases are errored; what the others do is not lost."""

    class Failing(Counting):
        def hire(self, group: tuple[str, ...]) -> Worker:
            worker = super().hire(group)
            if self.hired > 1:
                worker.kill("no memory")
            return worker

    cases = [calling("sin"), *(case(GOOD, name=f"good_{n}") for n in range(5))]
    with Failing([RUINOUS], timeout=TIMEOUT) as pool:
        run(suite_of(*cases), pool, tmp_path / "r.jsonl", timing=False)
    found = [v["detail"] for v in verdicts(lines_of(tmp_path / "r.jsonl")).values()]
    assert len(found) == 6
    assert all("no memory" in detail for detail in found[1:])
    assert pool.hired == 4  # the first, and three attempts
