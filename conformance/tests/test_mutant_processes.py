"""The processes in which mutants are played: every answer in its place, and a process that ends loses one case alone."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from conformance.mutants import processes
from conformance.mutants.kill import Bench, Played
from conformance.mutants.processes import doing_in_processes


class Doing:
    """What stands in for a bench."""

    def times(self, factor: int, cases: Sequence[str]) -> Iterator[int]:
        for case in cases:
            yield factor * int(case)

    def end(self, bad: Sequence[str], cases: Sequence[str]) -> Iterator[int]:
        for case in cases:
            if case in bad:
                os._exit(1)
            yield os.getpid()

    def spoil(self, bad: Sequence[str], cases: Sequence[str]) -> Iterator[Played]:
        for case in cases:
            yield Played(disturbed=case in bad)
            self.times_used = getattr(self, "times_used", 0) + 1
            assert not set(cases[: self.times_used]) & set(bad), "a spoiled process is used again"

    def hang(self, cases: Sequence[str]) -> Iterator[str]:
        for case in cases:
            if case == "2":
                time.sleep(1000)
            yield case


@contextlib.contextmanager
def making() -> Iterator[Bench]:
    yield cast(Bench, Doing())


@pytest.mark.parametrize("jobs", [1, 3])
def test_answers_come_in_the_order_of_the_tasks(jobs: int) -> None:
    with doing_in_processes(jobs, making) as doing:
        assert list(doing([("times", (2,), [str(n), "0"], ()) for n in range(10)])) == [[2 * n, 0] for n in range(10)]
        assert list(doing([("times", (2,), [], ())])) == [[]]
        assert list(doing([])) == []


def test_a_case_that_ends_its_process_has_no_answer_and_the_others_go_on() -> None:
    with doing_in_processes(2, making) as doing:
        answers: list[Any] = list(doing([("end", (["2"],), ["1", "2", "3"], ()), ("end", ([],), ["1", "2"], ())]))
    (one, none, other), well = answers
    assert none is None
    assert None not in well
    assert os.getpid() not in [one, other, *well]
    assert one != other


def test_a_process_that_is_spoiled_is_replaced() -> None:
    with doing_in_processes(1, making) as doing:
        ((one, other, last),) = doing([("spoil", (["2"],), ["1", "2", "3"], ())])
    assert [answer.disturbed for answer in (one, other, last)] == [False, True, False]


def test_a_mutant_that_ends_too_many_processes_is_given_up() -> None:
    with doing_in_processes(1, making) as doing:
        assert list(doing([("end", (["1", "2", "3"],), ["1", "2", "3", "4"], ())])) == [[None] * 4]


def test_a_case_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE_S", 20)
    with doing_in_processes(1, making) as doing:
        assert list(doing([("hang", (), ["1", "2", "3"], ())])) == [["1", None, "3"]]
