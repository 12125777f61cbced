"""What is wrong with a case, and where: the one way in which malformed input is reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Spot:
    """A place in a file. Line and column count from 1; 0 stands for the file as a whole."""

    file: Path
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        where = [str(self.file), str(self.line), str(self.column)] if self.line else [str(self.file)]
        return ":".join(where)


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it stands, what it is and what to do about it."""

    spot: Spot
    message: str

    def __str__(self) -> str:
        return f"{self.spot}: {self.message}"


class MalformedCase(Exception):
    """One or several problems of one file. ``str()`` gives a line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[MalformedCase], tuple[tuple[Problem, ...]]]:
        return MalformedCase, (self.problems,)


def malformed(spot: Spot, message: str) -> MalformedCase:
    """The error of a single problem, to be raised."""
    return MalformedCase([Problem(spot, message)])
