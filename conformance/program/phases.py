"""Which part of a play is forward, which backward, which double backward: where the clock reads a lap."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

PHASES = ("forward", "backward", "double_backward")
"""A step that differentiates is backward (all of it: ``jacobian`` runs its function too), and double backward once a call
before it had ``create_graph``; every other step is forward, what is made of recorded gradients included."""

_DIFFERENTIATE = ("backward", "grad", "jacobian", "hessian", "vjp", "vhp", "hvp")

Lap = Callable[[str], list[ast.stmt]]


def lapped(statements: Sequence[ast.stmt], lap: Lap) -> list[ast.stmt]:
    """The statements with a lap where a phase ends. A block of one phase is one statement to the clock: no lap slows a loop."""
    return _Phases(lap).lapped(statements)


class _Phases:
    """Walks statements in the order in which they run; ``recorded`` is whether some backward was itself recorded by now."""

    def __init__(self, lap: Lap) -> None:
        self.lap = lap
        self.recorded = False

    def lapped(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        last: str | None = None
        for statement in statements:
            before = self.recorded
            phases = self.phases(statement)
            if last and phases[0] != last:
                made += self.lap(last)
            made.append(statement)
            last = phases[-1]
            if len(set(phases)) > 1:
                self.recorded = before
                for block in _blocks(statement):
                    block[:] = self.lapped(block)
        return [*made, *self.lap(last)] if last else made

    def phases(self, statement: ast.stmt) -> list[str]:
        """The phases of a statement in order, those of its blocks for one that governs others."""
        if blocks := _blocks(statement):
            return [phase for block in blocks for inner in block for phase in self.phases(inner)]
        calls = [n for n in ast.walk(statement) if isinstance(n, ast.Call) and _name(n) in _DIFFERENTIATE]
        phase = "forward" if not calls else "double_backward" if self.recorded else "backward"
        self.recorded = self.recorded or any(map(_records, calls))
        return [phase]


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return []
    return [block for name in ("body", "orelse") if (block := getattr(statement, name, None))]


def _name(call: ast.Call) -> str | None:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else None


def _records(call: ast.Call) -> bool:
    return any(
        k.arg == "create_graph" and isinstance(k.value, ast.Constant) and k.value.value is True for k in call.keywords
    )
