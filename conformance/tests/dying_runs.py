"""What the tests of runs with engines that die share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.program.compile import compile_all
from conformance.run import Suite
from conformance.tests.support import LEAF, case, cases_of, file_of

RUINOUS = "conformance.tests.dying_engines:ruinous"
BOTH = (RUINOUS, "reference")
GOOD = "- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 6.]}"


def calling(name: str, more: str = "") -> str:
    """A case that calls the function of that name, and holds on an engine on which it does nothing bad."""
    return case(f"- let: {{y: {name}(x) * 0}}\n- expect: {{y: [0., 0., 0.]}}", given=LEAF, name=name, more=more)


def suite_of(*cases: str) -> Suite:
    return Suite(tuple(compile_all(cases_of(file_of(*cases)))), {}, Path("cases"))


Lines = list[dict[str, Any]]


def lines_of(path: Path) -> Lines:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def verdicts(lines: Lines) -> dict[tuple[str, str], dict[str, Any]]:
    return {(v["case"].rpartition(":")[2], v["engine"]): v for v in lines if v["kind"] == "verdict"}
