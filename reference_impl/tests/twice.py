"""Play one piece of code on the reference and on torch, and compare what it logged, word for word."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import pytest

import reference_impl


class Log:
    """What a script saw: values by their repr, errors and warnings by class and text."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, *values: Any) -> None:
        self.lines.append(" ".join(map(repr, values)))

    def attempt(self, f: Callable[[], Any]) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                line = f"gave {f()!r}"
            except Exception as error:
                line = f"raised {type(error).__name__}: {error}"
        self.lines.append(line)
        for w in caught:
            text = str(w.message)
            at = text.find("Traceback of forward call")  # the frames that follow are those of either engine
            self.lines.append(f"  warned {w.category.__name__}: {text[:at] if at >= 0 else text}")


def plain(line: str) -> str:
    line = re.sub(r"0x[0-9a-f]+", "0x", line)
    line = re.sub(r" \(Triggered internally[^)]*\)", "", line)
    return re.sub(r"at 0x|\s+", " ", line)


def same_on_both(script: Callable[[Any, Log], None]) -> None:
    torch = pytest.importorskip("torch")
    logs = []
    for engine in (torch, reference_impl):
        log = Log()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is not logged by `attempt` is not compared
            script(engine, log)
        logs.append([plain(line) for line in log.lines])
    different = [(a, b) for a, b in zip_longest(*logs) if a != b]
    assert not different, "\n".join(f"torch:     {a}\nreference: {b}" for a, b in different)
