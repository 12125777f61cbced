"""``conformance check``: what is wrong with cases, without playing them, on every processor that there is."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from conformance.collector import no_collection
from conformance.language.inventory import read_inventory
from conformance.language.lint import lint
from conformance.language.problem import MalformedCase, Problem
from conformance.language.reader import case_files, cases_root, read_file
from conformance.program.compile import compile_all

_FEW = 30
"""So many files are read in the time in which another process starts."""
_AT_ONCE = 6

File = tuple[Path, Path]
"""A file of cases and the root that names its chapter."""

Checked = tuple[int, list[Problem]]
"""How many cases, and what is wrong with them."""


def check(paths: Sequence[Path] = ()) -> int:
    """Read, compile and lint every case at or under the paths (default: the suite's own); how many there are.

    Raises MalformedCase with the problems of all files, in their order.
    """
    files = case_files([Path(path).resolve() for path in paths] or [cases_root()])
    helpers = min(os.cpu_count() or 1, len(files) // _FEW + 1) - 1
    checked = _shared(files, helpers) if helpers else [_checked(files, frozenset(read_inventory()))]
    if problems := [problem for _, found in checked for problem in found]:
        raise MalformedCase(problems)
    return sum(count for count, _ in checked)


def _shared(files: Sequence[File], helpers: int) -> list[Checked]:
    """The helpers take files from the front; this process takes them from the back, until they meet."""
    parts = [files[start : start + _AT_ONCE] for start in range(0, len(files), _AT_ONCE)]
    with ProcessPoolExecutor(helpers, multiprocessing.get_context("spawn")) as pool:
        for _ in range(helpers):
            pool.submit(_checked, (), frozenset())  # they start while this process reads the inventory
        claims = frozenset(read_inventory())
        theirs = [pool.submit(_checked, part, claims) for part in parts]
        ours: list[Checked] = []
        while theirs and theirs[-1].cancel():
            ours.append(_checked(parts[len(theirs) - 1], claims))
            theirs.pop()
        return [*(future.result() for future in theirs), *reversed(ours)]


def _checked(files: Iterable[File], claims: Collection[str]) -> Checked:
    count, problems = 0, list[Problem]()
    with no_collection():  # what is read stays until the end
        for path, root in files:
            try:
                cases = list(read_file(path, root).cases)
                count += len(cases)
                problems += lint(cases, claims)
                compile_all(cases)
            except MalformedCase as error:
                problems += error.problems
        gc.freeze()  # nor is it looked through at the end
    return count, problems
