"""From transcripts to verdicts: pure functions of what was declared and what was seen.

A verdict is one of: passed; drifting (the engine does what torch does, not what torch documents); failed (an expectation
differs); errored (an exception that nobody declared); unsupported (the engine says that it lacks something); not run (the
case does not apply, or the engine is absent). None is ever folded into another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from conformance.language.source import Map
from conformance.program.compile import Program
from conformance.program.declared import Drift, Either, Expectation, Expected, Guard, Look
from conformance.program.matchers.errors import error_differs
from conformance.program.verb import MATCHERS
from conformance.transcript import Died, ErrorSeen, Seen, Transcript, WarningSeen, as_json


class Status(StrEnum):
    """What became of a case on an engine."""

    PASSED = "passed"
    DRIFTING = "drifting"
    FAILED = "failed"
    ERRORED = "errored"
    UNSUPPORTED = "unsupported"
    NOT_RUN = "not run"

    @property
    def conforms(self) -> bool:
        """Passed and drifting conform; unsupported and not run are counted, and are no failure."""
        return self not in (Status.FAILED, Status.ERRORED)


@dataclass(frozen=True)
class Finding:
    """One difference: where it stands in the YAML, the path or step, and the difference in words."""

    line: int
    path: str
    message: str
    odd: str | None = None

    def __str__(self) -> str:
        return f"line {self.line}: {self.path}: {self.message}" + (f" [{self.odd}]" if self.odd else "")


@dataclass
class Verdict:
    """The judgement of one case on one engine. ``detail`` is the reason in a sentence; ``seen`` what each line showed."""

    case: str
    engine: str
    status: Status
    detail: str = ""
    findings: list[Finding] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    leaks: tuple[str, ...] = ()
    known: str | None = None


class _Outcome(StrEnum):
    HOLDS = "holds"
    DRIFTS = "drifts"
    HEALED = "healed"
    DIFFERS = "differs"


_Result = tuple[_Outcome, str]
_HOLDS: _Result = (_Outcome.HOLDS, "")


def judge(program: Program, transcript: Transcript) -> Verdict:
    """Judge one transcript against what its case declares."""
    verdict = Verdict(program.case.id, transcript.engine, Status.PASSED, leaks=transcript.leaks)
    if transcript.not_run is not None:
        verdict.status, verdict.detail = Status.NOT_RUN, transcript.not_run
        return verdict
    if transcript.unsupported is not None:
        verdict.status, verdict.detail = Status.UNSUPPORTED, transcript.unsupported
        return verdict
    if transcript.died is not None:
        return _mourn(program, transcript.died, verdict)
    outcomes = [_judge_expectation(e, transcript, verdict) for e in program.expectations]
    outcomes += [_judge_guard(g, transcript, verdict) for g in program.guards]
    for leak in transcript.leaks:
        verdict.findings.append(Finding(program.case.mark.line, "global state", leak))
    verdict.status = _status(outcomes, transcript, verdict)
    return verdict


def _mourn(program: Program, died: Died, verdict: Verdict) -> Verdict:
    """The verdict on a case whose process died: what it had observed went with it."""
    line = died.line or program.case.mark.line
    verdict.status, verdict.detail = Status.ERRORED, f"line {line}: {died.reason}"
    verdict.findings.append(Finding(line, "process", died.reason))
    if died.said:
        verdict.findings.append(Finding(line, "standard error", died.said))
    return verdict


def _status(outcomes: list[_Outcome], transcript: Transcript, verdict: Verdict) -> Status:
    if transcript.crashed is not None:
        verdict.detail = f"line {transcript.crashed.line}: {transcript.crashed}"
        verdict.findings.insert(0, Finding(transcript.crashed.line, "step", f"raised {transcript.crashed}"))
        return Status.ERRORED
    if verdict.findings:
        verdict.detail = str(verdict.findings[0])
        return Status.FAILED
    return Status.DRIFTING if _Outcome.DRIFTS in outcomes else Status.PASSED


def _judge_expectation(expectation: Expectation, transcript: Transcript, verdict: Verdict) -> _Outcome:
    line, path = expectation.mark.line, expectation.path
    times = max((len(transcript.probes.get(p, ())) for p in expectation.probes), default=0)
    shown = transcript.probes.get(expectation.probes[0], [])
    verdict.seen.append({"line": line, "path": path, "saw": [as_json(seen) for seen in shown]})
    if times == 0:
        if transcript.crashed is None:
            verdict.findings.append(Finding(line, path, "was never reached"))
        return _Outcome.DIFFERS
    if expectation.expected is None:
        errors = [seen for seen in shown if isinstance(seen, ErrorSeen)]
        verdict.findings += [Finding(line, path, f"looking at it raised {error}") for error in errors]
        return _Outcome.DIFFERS if errors else _Outcome.HOLDS
    outcomes = [_check(expectation.expected, time, transcript) for time in range(times)]
    for time, (outcome, message) in enumerate(outcomes):
        if outcome in (_Outcome.DIFFERS, _Outcome.HEALED):
            verdict.findings.append(Finding(line, path, message if times == 1 else f"time {time + 1}: {message}"))
    found = [outcome for outcome, _ in outcomes]
    return _Outcome.DRIFTS if _Outcome.DRIFTS in found else found[0]


def _check(expected: Expected, time: int, transcript: Transcript) -> _Result:
    if isinstance(expected, Look):
        seen = _at(transcript.probes.get(expected.probe), time)
        if seen is None:
            return _Outcome.DIFFERS, "was not reached every time"
        difference = MATCHERS[expected.matcher].test(seen, expected.argument)
        return (_Outcome.DIFFERS, difference) if difference else _HOLDS
    if isinstance(expected, Either):
        results = [_check(option, time, transcript) for option in expected.options]
        for result in results:
            if result[0] is not _Outcome.DIFFERS:
                return result
        return _Outcome.DIFFERS, "none of the documented possibilities: " + "; ".join(message for _, message in results)
    assert isinstance(expected, Drift)
    return _drift(_check(expected.torch, time, transcript), _check(expected.documented, time, transcript))


def _drift(as_torch: _Result, as_documented: _Result) -> _Result:
    if as_torch[0] is _Outcome.HOLDS:
        return _Outcome.DRIFTS, ""
    if as_documented[0] is _Outcome.HOLDS:
        return (
            _Outcome.HEALED,
            "does what is documented: the drift is healed; make the documented value the expectation",
        )
    return _Outcome.DIFFERS, f"neither what torch does ({as_torch[1]}) nor what is documented ({as_documented[1]})"


def _at(items: list[Seen] | None, time: int) -> Seen | None:
    return items[time] if items is not None and time < len(items) else None


def _judge_guard(guard: Guard, transcript: Transcript, verdict: Verdict) -> _Outcome:
    events: list[Any] = (transcript.errors if guard.kind == "raises" else transcript.warnings).get(guard.number, [])
    shown = [as_json(e) if not isinstance(e, tuple) else [as_json(w) for w in e] for e in events]
    verdict.seen.append({"line": guard.mark.line, "path": guard.kind, "saw": shown})
    if not events:
        if transcript.crashed is None:
            verdict.findings.append(Finding(guard.mark.line, guard.kind, "was never reached"))
        return _Outcome.DIFFERS
    worst = _Outcome.HOLDS
    for event in events:
        outcome, message = _check_guard(guard, event)
        if outcome in (_Outcome.DIFFERS, _Outcome.HEALED):
            verdict.findings.append(Finding(guard.mark.line, guard.kind, message))
        worst = outcome if outcome is not _Outcome.HOLDS else worst
    return worst


def _check_guard(guard: Guard, event: ErrorSeen | tuple[WarningSeen, ...] | None) -> _Result:
    declared = guard.argument
    if isinstance(declared, Map) and "drift" in declared:
        sides = declared["drift"]
        return _drift(_event_result(event, sides["torch"]), _event_result(event, sides["documented"]))
    return _event_result(event, declared)


def _event_result(event: ErrorSeen | tuple[WarningSeen, ...] | None, declared: Any) -> _Result:
    if isinstance(event, tuple):
        differences = [error_differs(warning, declared) for warning in event] if declared else list(map(str, event))
        if (declared and None in differences) or (not declared and not event):
            return _HOLDS
        if not declared:
            return _Outcome.DIFFERS, f"expected no warning, heard {differences[0]}"
        heard = "; ".join(filter(None, differences)) or f"expected {next(iter(declared))}, no warning was heard"
        return _Outcome.DIFFERS, heard
    if declared is None:
        return _HOLDS if event is None else (_Outcome.DIFFERS, f"expected no error, got {event}")
    difference = error_differs(event, declared)
    return (_Outcome.DIFFERS, difference) if difference else _HOLDS
