"""Results files for the tests of the report: made up, but shaped and sized like those of a run."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = dict[str, Any]

REFERENCE = {"name": "reference", "device": "cpu", "version": "2.13"}
TORCH = {"name": "torch-cpu", "device": "cpu", "version": "2.13"}
CUDA = {"name": "torch-cuda", "absent": "this build of torch has no CUDA"}
ENGINES = (REFERENCE, TORCH, CUDA)
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"> {{ 7 * 7 }} `|*_ \x07 \ud800"

_NEEDS = ("nn", "complex", "forward_ad", "custom_function", "threads", "sparse")
_CHAPTERS = ("backward", "hooks", "in_place", "functional", "custom_functions", "saved_tensors", "views", "conventions")
_NOTEBOOKS = ("000_a7dd", "001_8fe7", "002_3b17", "003_0577", "004_099e")
_TEXT = """the a gradient leaf tensor view base hook cotangent engine node saved buffer version counter graph backward
    forward accumulates returns raises keeps frees adds into gives sees runs before after once twice when unless only
    every first last input output result shape dtype stride mask boundary tie zero one scalar matrix batch function
    context closure thread"""
_WORDS = _TEXT.split()

_YAML = """\
- case: {name}
  says: {says}
  given:
    x: {{leaf: {data}}}
  steps:
{lets}
  - backward: y0 + y1
  - expect:
      x.grad: {data}
      {second}"""

_SCRIPT = '''\
"""{id}

{says}
"""
import torch


def expect(got, want, within=None):
    """The same text, or the same shape, kind (bool, int, float, complex) and values within the dtype's tolerance."""
    if isinstance(want, str):
        assert without_addresses(str(got)) == without_addresses(want), f"expected {{want!r}}, got {{got}}"
        return
    with torch.no_grad():
        got, want = torch.as_tensor(got).detach().cpu(), torch.tensor(want)
        assert got.shape == want.shape, f"expected shape {{list(want.shape)}}, got {{list(got.shape)}}"
        tolerance = {{}} if within is None else {{"rtol": within, "atol": within}}
        torch.testing.assert_close(got, want.to(got.dtype), equal_nan=True, **tolerance)


x = torch.tensor({data}, requires_grad=True)
{lets}
(y0 + y1).backward()
expect(x.grad, {data})
'''


def write(path: Path, lines: list[Line]) -> Path:
    """Write lines as a results file."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def run(cases: int = 24, claims: int = 40, seed: int = 0) -> list[Line]:
    """The lines of a whole run on three engines, of which one is absent. Every verdict occurs from 24 cases on."""
    return list(_Run(cases, claims, seed).lines())


class _Run:
    def __init__(self, cases: int, claims: int, seed: int) -> None:
        self.number_of_cases, self.draw = cases, random.Random(seed)
        self.claims = [self.claim(number) for number in range(claims)]
        self.values: dict[str, list[float]] = {}
        self.counts: dict[str, dict[str, int]] = {engine["name"]: {} for engine in ENGINES}

    def lines(self) -> Iterator[Line]:
        yield self.header()
        yield from self.claims
        cases = [self.case(number) for number in range(self.number_of_cases)]
        yield from cases
        times = []
        for number, case in enumerate(cases):
            for engine in ENGINES:
                verdict = self.verdict(number, case, engine)
                counts = self.counts[engine["name"]]
                counts[verdict["status"]] = counts.get(verdict["status"], 0) + 1
                yield verdict
                times += [self.time(number, verdict, engine)] if engine is not CUDA else []
        yield from times
        footer = {"kind": "footer", "finished": "2026-03-01T10:21:30Z", "seconds": 60.2}
        yield footer | {"counts": self.counts, "noise": 0.06}

    def sentence(self, length: int = 14) -> str:
        return " ".join(self.draw.choices(_WORDS, k=self.draw.randint(length // 2, length))).capitalize() + "."

    def header(self) -> Line:
        header: Line = {"kind": "header", "format": 2, "started": "2026-03-01T10:20:30Z", "conformance": "0.1.0"}
        header |= {"python": "3.11.7", "platform": "Linux x86_64", "cpu": "A processor @ 2.5 GHz", "numpy": "2.4.6"}
        header |= {"torch": "2.13.0+cpu", "seed": None, "shuffled": False, "timing": True, "selected": []}
        return header | {"cases": self.number_of_cases, "engines": list(ENGINES)}

    def claim(self, number: int) -> Line:
        notebook = number % 3 == 0
        chapter = "notebooks" if notebook else ("api", "notes")[number % 2]
        topic = _NOTEBOOKS[number % 5] if notebook else f"torch.{_CHAPTERS[number % 8]}"
        source = f"{topic}.txt In [{1 + number // 15}]" if notebook else f"{topic} § {self.draw.choice(_WORDS)}"
        claim: Line = {"kind": "claim", "id": f"{chapter}.in{number}.{'-'.join(self.draw.choices(_WORDS, k=3))}"}
        claim |= {"chapter": chapter, "topic": topic, "source": source, "claim": self.sentence(22)}
        claim["documented"] = number % 9 != 4
        if notebook:
            claim["recorded"] = claim["now"] = f"tensor({[round(self.draw.random(), 4) for _ in range(3)]})"
        if number % 7 == 3:
            claim |= {"drift": self.sentence(20), "now": "tensor([1., 0.])"}
        if number % 11 == 5:
            claim["not_expressible"] = "it takes a second machine"
        return claim

    def case(self, number: int) -> Line:
        chapter = "notebooks" if number % 3 == 0 else _CHAPTERS[number * len(_CHAPTERS) // self.number_of_cases]
        topic, name = f"{chapter}_{number // 20}", f"{'_'.join(self.draw.choices(_WORDS, k=5))}_{number}"
        says, data = self.sentence(), [round(self.draw.gauss(0, 1), 4) for _ in range(6)]
        case: Line = {"kind": "case", "id": f"{chapter}/{topic}::{name}", "chapter": chapter, "topic": topic}
        self.values[case["id"]] = data
        lets = [f"y{i}: {self.draw.choice(('exp', 'sin', 'tanh'))}(x * {value}).sum()" for i, value in enumerate(data)]
        drift = "y3: {drift: {documented: [0.5, 0.5], torch: [1., 0.]}}"
        second = drift if number % 8 == 4 else "y3.grad_fn.name(): AddBackward0   # the last one"
        steps = "\n".join(f"  - let:\n      {let}" for let in lets)
        case |= {"name": name, "says": says, "source": f"autograd note § {self.draw.choice(_WORDS)}"}
        case["covers"] = [self.claims[number % len(self.claims)]["id"]] if self.claims and number % 10 != 8 else []
        case["needs"] = [_NEEDS[number % len(_NEEDS)]] if number % 4 == 1 else []
        case |= {"file": f"cases/{chapter}/{topic}.yaml", "line": 6 + 24 * (number % 20)}
        case["yaml"] = _YAML.format(name=name, says=says, data=data, lets=steps, second=second)
        lets = [let.replace(": ", " = torch.") for let in lets]
        case["script"] = _SCRIPT.format(id=case["id"], says=says, data=data, lets="\n".join(lets))
        return case

    def verdict(self, number: int, case: Line, engine: Line) -> Line:
        verdict: Line = {
            "kind": "verdict",
            "case": case["id"],
            "engine": engine["name"],
            "status": "passed",
            "detail": "",
        }
        verdict |= {"findings": [], "seen": [], "leaks": []}
        if engine is CUDA:
            return verdict | {"status": "not run", "detail": engine["absent"]}
        reference = engine is REFERENCE
        if reference and number % 13 == 7:
            return verdict | {"status": "unsupported", "detail": f"torch.linalg.{('svd', 'eig', 'qr')[number % 3]}"}
        line = case["line"] + 19
        if reference and number % 19 == 11:
            message = "raised IndexError: list index out of range"
            finding = {"line": line, "path": "step", "message": message, "odd": None}
            return verdict | {"status": "errored", "detail": f"line {line}: {message}", "findings": [finding]}
        values, second = self.values[case["id"]], "AddBackward0"
        if reference and number % 17 == 9:
            message = f"expected {values[:2]}, got {values[2:4]}: largest difference 0.31 at [1]"
            odd = "torch-cpu agrees with the declaration: this engine is the odd one out"
            finding = {"line": line, "path": "x.grad", "message": message, "odd": odd}
            verdict |= {"status": "failed", "detail": f"line {line}: x.grad: {message}", "findings": [finding]}
            values = values[2:] + values[:2]
        tensor = {"tensor": values, "dtype": "torch.float32", "device": "cpu", "shape": [6], "strides": [1]}
        verdict["seen"] = [
            {"line": line, "path": "x.grad", "saw": [tensor | {"requires_grad": False}]},
            {"line": line + 1, "path": "y3.grad_fn.name()", "saw": [{"value": second}]},
        ]
        if verdict["status"] == "passed":
            verdict |= {"status": "drifting"} if number % 8 == 4 else {}
        return verdict

    def time(self, number: int, verdict: Line, engine: Line) -> Line:
        line = {"kind": "time", "case": verdict["case"], "engine": verdict["engine"]}
        if verdict["status"] not in ("passed", "drifting"):
            return line | {"not_timed": "it did not pass"}
        return line | ({"not_timed": "it raises"} if number % 6 == 5 else {"time": self.figures(engine)})

    def figures(self, engine: Line) -> Line:
        scale = 1e-6 if engine is TORCH else 1e-6 * 2 ** self.draw.gauss(0.2, 1)
        times = {"forward": 4 * scale, "backward": 9 * scale, "total": 13 * scale}
        return {name: {"min": 0.97 * time, "median": time, "spread": 0.02 * time} for name, time in times.items()}
