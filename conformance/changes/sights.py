"""What an engine was seen to do, where the verdict is the same: texts of errors and warnings, dtypes, shapes, strides, strings.

Numbers are left to the verdicts, which know their tolerances. Of a message the beginning of its first line counts, without
what differs from build to build and from run to run: numbers, and where in torch it was triggered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.changes.model import Lane, Sight
from conformance.judge import Status
from conformance.report import shown
from conformance.report.model import Results, Verdict

_INTERNAL = re.compile(r"\(Triggered internally at .*?\)")
_NUMBER = re.compile(r"-?\b\d+(\.\d*)?(e[-+]?\d+)?\b")
_BEGINNING = 300
"""Characters of a message that count: after them come lists of the backends that torch was built with."""

_FACTS = ("dtype", "shape", "strides", "requires_grad")


def sights(old: Results, new: Results, lanes: Iterable[Lane]) -> Iterator[Sight]:
    """Every place where a case that conforms in both runs, and reads the same in both, showed something else."""
    before = {case.id: case for case in old.cases}
    for lane in lanes:
        for case in new.cases:
            pair = (old.verdicts.get((case.id, lane.old)), new.verdicts.get((case.id, lane.new)))
            if None in pair or before[case.id].yaml != case.yaml:
                continue
            then, now = (verdict for verdict in pair if verdict is not None)
            if then.status is now.status and now.status in (Status.PASSED, Status.DRIFTING):
                yield from (Sight(lane, case, *place) for place in _differences(then, now))


def _differences(old: Verdict, new: Verdict) -> Iterator[tuple[str, str, str]]:
    """Path, old and new text of every expectation that saw something else."""
    for then, now in zip(old.seen, new.seen, strict=False):
        if len(then.saw) != len(now.saw):
            yield now.path, f"seen {len(then.saw)} times", f"seen {len(now.saw)} times"
            continue
        for a, b in zip(then.saw, now.saw, strict=True):
            if _gist(a) != _gist(b):
                yield now.path, _text(a), _text(b)
                break


def _gist(saw: Any) -> Any:
    """What of an observation is the same wherever the engine does the same."""
    if isinstance(saw, list):
        return [_gist(item) for item in saw]
    if isinstance(saw, float):
        return "a number"
    if not isinstance(saw, dict):
        return saw
    if "tensor" in saw:
        return [saw.get(fact) for fact in _FACTS]
    if "error" in saw or "warning" in saw:
        return saw.get("error", saw.get("warning")), _NUMBER.sub("#", _message(saw))
    return {key: _gist(value) for key, value in saw.items()}


def _message(saw: dict[str, Any]) -> str:
    lines = _INTERNAL.sub("", str(saw.get("message", ""))).strip().splitlines()
    return lines[0].strip()[:_BEGINNING] if lines else ""


def _text(saw: Any) -> str:
    """An observation in words, a message by its first line."""
    if isinstance(saw, list):
        return "; ".join(map(_text, saw)) or "no warning"
    if isinstance(saw, dict) and ("error" in saw or "warning" in saw):
        return f"{saw.get('error') or saw.get('warning')}: {_message(saw)}"
    if isinstance(saw, dict) and "tensor" in saw:
        grad = ", requires grad" if saw.get("requires_grad") else ""
        return f"{saw.get('dtype')}, shape {saw.get('shape')}, strides {saw.get('strides')}{grad}"
    return shown.observation(saw, "cpu")
