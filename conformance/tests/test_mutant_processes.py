"""The processes in which mutants are played: every result in its place, and a process that ends loses its task alone."""

from __future__ import annotations

import os
from typing import Any, cast

import pytest

from conformance.mutants.kill import Bench
from conformance.mutants.processes import doing_in_processes


class Doing:
    """What stands in for a bench."""

    def twice(self, number: int) -> int:
        return 2 * number

    def end(self, number: int) -> int:
        if number == 1:
            os._exit(1)
        return os.getpid()


def making() -> Bench:
    return cast(Bench, Doing())


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    with doing_in_processes(jobs, making) as doing:
        assert list(doing("twice", [(number,) for number in range(10)])) == list(range(0, 20, 2))
        assert list(doing("twice", [])) == []


def test_a_task_that_ends_its_process_has_no_result_and_the_others_go_on() -> None:
    with doing_in_processes(2, making) as doing:
        results: list[Any] = list(doing("end", [(number,) for number in range(6)]))
    assert [index for index, result in enumerate(results) if result is None] == [1]
    assert os.getpid() not in results
    assert len(set(results)) <= 4
