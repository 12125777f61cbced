"""What the tests of mutants share: steps that kill some of them, a bench, a small table."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.language.inventory import read_inventory
from conformance.mutants import Mutant, mutants
from conformance.mutants.kill import Bench, doing_here, kill
from conformance.mutants.table import KillTable
from conformance.program.compile import Program
from conformance.run import Suite
from conformance.tests.support import lane, program

pytest.importorskip("torch")

BY_NAME = {made.name: made for name in ("torch-cpu", "reference") for made in mutants(name)}
TWICE = """
    - backward: sum(x * x)
    - backward: sum(x * x)
    - expect: {x.grad: [4., 8., 12.]}
"""
FREED = """
    - let: {y: sum(x * x)}
    - backward: y
    - backward: y
      raises: {RuntimeError: backward through the graph a second time}
"""
HOOK = """
    - run: x.register_hook(double)
    - backward: sum(x * 3)
    - expect: {x.grad: [6., 6., 6.]}
"""
REMOVED = """
    - let: {handle: x.register_hook(double)}
    - run: handle.remove()
    - backward: sum(x * 3)
    - expect: {x.grad: [3., 3., 3.]}
"""
MODES = """
    - with: no_grad()
      do:
      - let: {y: x * 2}
    - expect: {y.requires_grad: false}
"""
VERSION = """
    - let: {y: x.detach()}
    - run: y.add_(1)
    - expect: {x._version: 1}
"""
VIEW = """
    - let: {y: "x.view(3, 1)"}
    - expect: {y: {shares_memory_with: x}}
"""
RELU = """
    - let: {y: relu(x - 1)}
    - backward: sum(y)
    - expect: {x.grad: [0., 1., 1.]}
"""


def made(steps: str) -> Program:
    return program(steps, define="double: {takes: [grad], returns: grad * 2}" if "double" in steps else "")


CLAIMS = read_inventory()


def engine_of(one: Mutant) -> str:
    return "reference" if one.only == "reference" else "torch-cpu"


def bench(programs: list[Program], changes: list[Mutant]) -> Bench:
    return Bench(programs, lane(engine_of(changes[0])), None, changes)


def table_of(programs: list[Program], changes: list[Mutant], size: int = 100) -> KillTable:
    """The table of these cases among ``size``."""
    suite = Suite((*programs, *[programs[0]] * (size - len(programs))), CLAIMS, Path())
    return kill(programs, changes, doing_here(bench(programs, changes)), suite)
