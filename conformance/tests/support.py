"""What the tests of the harness share: cases written in a few lines, and played."""

from __future__ import annotations

import linecache
import warnings
from pathlib import Path
from textwrap import dedent, indent

from conformance.engines import Engine, engine
from conformance.judge import Status, Verdict, judge
from conformance.language.model import Case
from conformance.language.reader import read_text
from conformance.play import play
from conformance.program.compile import Program, compile_all
from conformance.program.script import script
from conformance.transcript import Transcript

HEAD = "about: A file.\nsource: torch.Tensor\ncases:\n"
LEAF = "x: {leaf: [1., 2., 3.]}"
DEFINE = """
double: {takes: [grad], returns: grad * 2}
pair: {takes: [a, b], returns: a}
fails: {raises: {ValueError: "no value"}}
"""


def case(steps: str, given: str = LEAF, define: str = "", name: str = "a_case", more: str = "") -> str:
    """The YAML of one case in a file of its own. ``more`` holds further keys of the case."""
    made = f"- case: {name}\n  says: Something holds.\n"
    if more:
        made += indent(dedent(more).strip(), "  ") + "\n"
    if given:
        made += "  given:\n" + indent(dedent(given).strip(), "    ") + "\n"
    if define:
        made += "  define:\n" + indent(dedent(define).strip(), "    ") + "\n"
    return made + "  steps:\n" + indent(dedent(steps).strip(), "  ") + "\n"


def file_of(*cases: str) -> str:
    """The text of a file that holds these cases."""
    return HEAD + "\n".join(cases)


def cases_of(text: str, path: Path = Path("made_up.yaml")) -> list[Case]:
    return list(read_text(text, path, "chapter", "topic").cases)


def program(steps: str, given: str = LEAF, define: str = "", more: str = "") -> Program:
    """One compiled case."""
    (made,) = compile_all(cases_of(file_of(case(steps, given, define, more=more))))
    return made


def write(folder: Path, text: str | bytes, place: str = "chapter/topic.yaml") -> Path:
    """A file with that text at that place in the folder."""
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def lane(name: str) -> Engine:
    """An engine that is here."""
    made = engine(name)
    assert isinstance(made, Engine), f"{name} is absent: {made.reason}"
    return made


def judged_on(made: Program, name: str = "torch-cpu") -> tuple[Transcript, Verdict]:
    transcript = play(made, lane(name))
    return transcript, judge(made, transcript)


def messages(verdict: Verdict) -> str:
    return "\n".join(map(str, verdict.findings))


def run_script(case: Case) -> None:
    """Run the standalone script of a case in a namespace of its own, its lines there for tracebacks; raises where it fails."""
    text, name = script(case), f"script of {case.id}"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, name, "exec"), {"__name__": "__main__"})


def script_notices(case: Case) -> bool:
    """Whether the standalone script of a case fails."""
    try:
        run_script(case)
    except Exception:
        return True
    return False


def outcome(steps: str, given: str = LEAF, define: str = DEFINE, more: str = "") -> tuple[Status, str]:
    """The verdict of torch and its findings, after checking that the script says the same."""
    made = program(steps, given, define, more)
    _, verdict = judged_on(made)
    if verdict.status.conforms:
        run_script(made.case)
    else:
        assert script_notices(made.case), "the judge has a finding, the script has none"
    return verdict.status, messages(verdict)
