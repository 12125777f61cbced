"""What one engine did, held against what the oracle did: who is the odd one out, and do they agree where nothing is declared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from conformance.closeness import collapse, disagree
from conformance.judge import Finding, Status, Verdict
from conformance.program.compile import Program
from conformance.program.declared import Drift, Either, Expectation, Expected, Guard
from conformance.transcript import CallSeen, ErrorSeen, Seen, SequenceSeen, TensorSeen, Transcript


@dataclass(frozen=True)
class Lane:
    """What one engine did with a case: its transcript, its verdict and its device."""

    transcript: Transcript
    verdict: Verdict
    device: str

    @property
    def ran(self) -> bool:
        """Whether the engine played the case at all."""
        return self.verdict.status not in (Status.NOT_RUN, Status.UNSUPPORTED)


def compare(program: Program, oracle: Lane, lane: Lane) -> None:
    """Hold a lane against the oracle.

    A finding of either gets the odd one out of declaration, oracle and lane. Where both do as declared they must also
    agree in dtype, strides, layout, requires_grad and device, and in undeclared warnings; under ``observe:`` in the values
    too. A disagreement is a finding of the lane, which then fails.
    """
    if lane is oracle or not lane.ran or not oracle.ran:
        return
    if lane.transcript.died or oracle.transcript.died:
        _blame(lane, oracle, not (lane.transcript.died and oracle.transcript.died), None)
        return
    if lane.transcript.crashed or oracle.transcript.crashed:
        _blame(lane, oracle, _errors_disagree([lane.transcript.crashed], [oracle.transcript.crashed]), None)
        return
    held = not lane.verdict.findings and not oracle.verdict.findings
    for guard in program.guards:
        _blame(lane, oracle, _guards_disagree(guard, lane.transcript, oracle.transcript), (guard.mark.line, guard.kind))
    for expectation in program.expectations:
        difference = _expectations_disagree(expectation, lane, oracle)
        place = (expectation.mark.line, expectation.path)
        if not _blame(lane, oracle, difference is not None, place) and difference:
            _found(lane, place, difference, oracle)
    if held and (warnings := _warnings_disagree(lane.transcript, oracle.transcript)):
        _found(lane, (program.case.mark.line, "warnings"), warnings, oracle)


def stays_on_its_device(program: Program, lane: Lane) -> None:
    """Without an oracle: what a lane of another device shows is not on the CPU, except where devices are the subject."""
    if lane.device == "cpu" or not lane.ran or _ABOUT_DEVICES & program.case.needs:
        return
    for expectation in program.expectations:
        seen = lane.transcript.probes.get(expectation.probes[0], [])
        if lane.verdict.status.conforms and any(map(_on_the_cpu, seen)):
            finding = Finding(expectation.mark.line, expectation.path, f"is on the CPU, the engine on {lane.device}")
            lane.verdict.findings.append(finding)
            lane.verdict.status, lane.verdict.detail = Status.FAILED, str(finding)


_ABOUT_DEVICES = {"accelerator", "streams", "cuda"}


def _on_the_cpu(seen: Seen) -> bool:
    if isinstance(seen, SequenceSeen | CallSeen):
        return any(map(_on_the_cpu, seen.items if isinstance(seen, SequenceSeen) else seen.seen))
    return isinstance(seen, TensorSeen) and seen.device == "cpu"


_Place = tuple[int, str] | None
"""Line and path of a declaration; None is the case as a whole."""


def _blame(lane: Lane, oracle: Lane, differ: bool, place: _Place) -> bool:
    """Name the odd one out in the findings at ``place``. Returns whether there are any."""
    mine, theirs = (_findings(side.verdict, place) for side in (lane, oracle))
    for side, other, here, there in ((lane, oracle, mine, theirs), (oracle, lane, theirs, mine)):
        name = other.verdict.engine
        if not there:
            odd = f"{name} agrees with the declaration: this engine is the odd one out"
        elif differ:
            odd = f"{name} differs from the declaration in another way: all three disagree"
        else:
            odd = f"{name} does the same: the declaration is the odd one out"
        for index in here:
            finding = side.verdict.findings[index]
            side.verdict.findings[index] = finding if finding.odd else replace(finding, odd=odd)
    return bool(mine or theirs)


def _findings(verdict: Verdict, place: _Place) -> list[int]:
    return [i for i, found in enumerate(verdict.findings) if place is None or (found.line, found.path) == place]


def _found(lane: Lane, place: tuple[int, str], difference: str, oracle: Lane) -> None:
    verdict, name = lane.verdict, oracle.verdict.engine
    message = f"{difference} ({verdict.engine} against {name})"
    verdict.findings.append(
        Finding(*place, message, f"the declaration does not decide: the engine differs from {name}")
    )
    if verdict.status.conforms:
        verdict.status, verdict.detail = Status.FAILED, str(verdict.findings[0])


def _expectations_disagree(expectation: Expectation, lane: Lane, oracle: Lane) -> str | None:
    place = (expectation.mark.line, expectation.path)
    told = any(_findings(side.verdict, place) for side in (lane, oracle))
    if not told and _is_open(expectation.expected):
        return None
    number = expectation.probes[0]
    mine, theirs = (side.transcript.probes.get(number, list[Seen]()) for side in (lane, oracle))
    if len(mine) != len(theirs):
        return f"looked at {len(mine)} times against {len(theirs)}"
    values = told or expectation.expected is None
    differences = (disagree(*pair, (lane.device, oracle.device), values) for pair in zip(mine, theirs, strict=True))
    return next(filter(None, differences), None)


def _is_open(expected: Expected | None) -> bool:
    """Whether several different values are as declared."""
    return isinstance(expected, Either) or (isinstance(expected, Drift) and isinstance(expected.torch, Either))


def _guards_disagree(guard: Guard, mine: Transcript, theirs: Transcript) -> bool:
    if guard.kind == "raises":
        return _errors_disagree(mine.errors.get(guard.number, []), theirs.errors.get(guard.number, []))
    heard: list[Any] = [
        [[(w.classes[0], collapse(w.message)) for w in event] for event in side.warnings.get(guard.number, [])]
        for side in (mine, theirs)
    ]
    return bool(heard[0] != heard[1])


def _errors_disagree(mine: list[ErrorSeen | None], theirs: list[ErrorSeen | None]) -> bool:
    seen = [[error and (error.classes[0], collapse(error.message)) for error in side] for side in (mine, theirs)]
    return seen[0] != seen[1]


def _warnings_disagree(mine: Transcript, theirs: Transcript) -> str | None:
    a, b = ([(w.line, w.classes[0]) for w in t.undeclared_warnings] for t in (mine, theirs))
    if a == b:
        return None
    lone = [
        w
        for w in mine.undeclared_warnings + theirs.undeclared_warnings
        if ((w.line, w.classes[0]) in a) != ((w.line, w.classes[0]) in b)
    ]
    what = str(lone[0]) if lone else "the number of warnings"
    return f"undeclared warnings differ: {len(a)} against {len(b)} ({what})"
