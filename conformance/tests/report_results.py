"""Results files for the tests of the report: made up, but shaped and sized like those of a run."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = dict[str, Any]

NEEDS = ("nn", "complex", "forward_ad", "custom_function", "threads", "sparse")
CHAPTERS = (
    "backward",
    "hooks",
    "in_place",
    "functional",
    "custom_functions",
    "saved_tensors",
    "views",
    "gradient_conventions",
)
_TEXT = """the a gradient leaf tensor view base hook cotangent engine node saved buffer version counter graph backward forward
    accumulates returns raises keeps frees adds into gives sees runs before after once twice when unless only every first last
    input output result shape dtype stride mask boundary tie zero one scalar matrix batch function context closure thread"""
_FUNCTIONS = ("exp", "sin", "tanh")
_WORDS = _TEXT.split()
ENGINES = (
    {"name": "reference", "device": "cpu", "version": "2.13"},
    {"name": "torch-cpu", "device": "cpu", "version": "2.13"},
    {"name": "torch-cuda", "absent": "this build of torch has no CUDA"},
)
_NOTEBOOKS = ("a7dd", "8fe7", "3b17", "0577", "099e")
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"> {{ 7 * 7 }} `|*_ \x07 \ud800"


def write(path: Path, lines: list[Line]) -> Path:
    """Write lines as a results file."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def run(cases: int = 24, claims: int = 40, seed: int = 0) -> list[Line]:
    """The lines of a whole run: a third of it notebooks; every verdict occurs."""
    return list(_Run(cases, claims, seed).lines())


class _Run:
    def __init__(self, cases: int, claims: int, seed: int) -> None:
        self.cases, self.draw = cases, random.Random(seed)
        self.claims = [self.claim(number) for number in range(claims)]
        self.counts: dict[str, dict[str, int]] = {engine["name"]: {} for engine in ENGINES}

    def sentence(self, length: int = 14) -> str:
        return " ".join(self.draw.choices(_WORDS, k=self.draw.randint(length // 2, length))).capitalize() + "."

    def claim(self, number: int) -> Line:
        notebook = number % 3 == 0
        chapter = "notebooks" if notebook else ("api", "notes")[number % 2]
        topic = f"00{number % 5}_{_NOTEBOOKS[number % 5]}" if notebook else f"torch.{CHAPTERS[number % 8]}"
        source = f"{topic}.txt In [{1 + number // 15}]" if notebook else f"{topic} § {self.draw.choice(_WORDS)}"
        claim: Line = {
            "kind": "claim",
            "id": f"{chapter}.in{number}.{'-'.join(self.draw.choices(_WORDS, k=3))}",
            "chapter": chapter,
        }
        claim |= {"topic": topic, "source": source, "claim": self.sentence(22), "documented": number % 9 != 4}
        if notebook:
            claim["recorded"] = claim["now"] = str([[round(self.draw.random(), 4) for _ in range(3)] for _ in range(2)])
        if number % 7 == 3:
            claim["drift"] = self.sentence(20)
            claim["now"] = "tensor([1., 0.])"
        if number % 11 == 5:
            claim["not_expressible"] = "it takes a second machine"
        return claim

    def lines(self) -> Iterator[Line]:
        yield {
            "kind": "header",
            "format": 1,
            "started": "2026-03-01T10:20:30Z",
            "conformance": "0.1.0",
            "python": "3.11.7",
            "platform": "Linux x86_64",
            "cpu": "A processor @ 2.5 GHz",
            "numpy": "2.4.6",
            "torch": "2.13.0+cpu",
            "seed": None,
            "shuffled": False,
            "timing": True,
            "selected": [],
            "cases": self.cases,
            "engines": list(ENGINES),
        }
        yield from self.claims
        cases = [self.case(number) for number in range(self.cases)]
        yield from cases
        for number, case in enumerate(cases):
            for engine in ENGINES:
                verdict = self.verdict(number, case, engine)
                counts = self.counts[engine["name"]]
                counts[verdict["status"]] = counts.get(verdict["status"], 0) + 1
                yield verdict
        yield {
            "kind": "footer",
            "finished": "2026-03-01T10:21:30Z",
            "seconds": 60.2,
            "counts": self.counts,
            "noise": 0.06,
        }

    def case(self, number: int) -> Line:
        chapter = "notebooks" if number % 3 == 0 else CHAPTERS[number * len(CHAPTERS) // self.cases]
        topic = f"{chapter}_{number // 20}"
        name = f"{'_'.join(self.draw.choices(_WORDS, k=5))}_{number}"
        says, data = self.sentence(), [round(self.draw.gauss(0, 1), 4) for _ in range(6)]
        claim = self.claims[number % len(self.claims)] if self.claims else None
        steps = "".join(
            f"  - let:\n      y{i}: {self.draw.choice(_FUNCTIONS)}(x * {data[i]}).sum() + where(x > 0, x, {data[i]})\n"
            for i in range(4)
        )
        drift = "{drift: {documented: [0.5, 0.5], torch: [1., 0.]}}"
        body = f"  given:\n    x: {{leaf: {data}}}\n  steps:\n{steps}  - backward: y0 + y1\n  - expect:\n      x.grad: {data}\n"
        body += (
            f"      y3.grad: {drift}\n"
            if number % 8 == 4
            else "      y3.grad_fn.name(): AddBackward0   # the last one\n"
        )
        script = "\n".join(
            [
                f'"""{chapter}/{topic}::{name}',
                "",
                says,
                '"""',
                "import torch",
                "",
                "",
                _HELPER,
                f"x = torch.tensor({data}, requires_grad=True)",
            ]
            + [f"y{i} = torch.exp(x * {value}).sum()" for i, value in enumerate(data)]
            + ["(y0 + y1).backward()", f"expect(x.grad, {data})", "assert y3.grad_fn.name() == 'AddBackward0'"]
        )
        return {
            "kind": "case",
            "id": f"{chapter}/{topic}::{name}",
            "chapter": chapter,
            "topic": topic,
            "name": name,
            "says": says,
            "source": f"autograd note § {self.draw.choice(_WORDS)}",
            "covers": [claim["id"]] if claim else [],
            "needs": [NEEDS[number % len(NEEDS)]] if number % 4 == 1 else [],
            "file": f"cases/{chapter}/{topic}.yaml",
            "line": 6 + 20 * (number % 20),
            "yaml": f"- case: {name}\n  says: {says}\n{body}",
            "script": script,
        }

    def verdict(self, number: int, case: Line, engine: Line) -> Line:
        lane = engine["name"]
        verdict: Line = {
            "kind": "verdict",
            "case": case["id"],
            "engine": lane,
            "status": "passed",
            "detail": "",
            "findings": [],
        }
        verdict |= {"seen": [], "leaks": [], "time": None, "not_timed": None}
        if "absent" in engine:
            return verdict | {"status": "not run", "detail": engine["absent"]}
        if lane == "reference" and number % 13 == 7:
            return verdict | {
                "status": "unsupported",
                "detail": f"torch.linalg.{self.draw.choice(['svd', 'eig', 'qr'])}",
            }
        line, values = case["line"] + 13, [round(self.draw.gauss(0, 1), 5) for _ in range(6)]
        shape = {"dtype": "torch.float32", "device": "cpu", "shape": [6], "strides": [1], "requires_grad": False}
        verdict["seen"] = [
            {
                "line": line,
                "path": "x.grad",
                "saw": [{"tensor": values if number % 5 else [float(number)] * 6, **shape}],
            },
            {"line": line + 1, "path": "y3.grad_fn.name()", "saw": [{"value": "AddBackward0"}]},
        ]
        if number % 8 == 4:
            verdict["status"] = "drifting"
        elif lane == "reference" and number % 17 == 9:
            message = f"expected [0.1, 0.2], got {values[:2]}: largest difference 0.31 at [1]"
            odd = "torch-cpu agrees with the declaration: this engine is the odd one out"
            verdict |= {"status": "failed", "detail": f"line {line}: x.grad: {message}"}
            verdict["findings"] = [{"line": line, "path": "x.grad", "message": message, "odd": odd}]
        elif lane == "reference" and number % 19 == 11:
            verdict |= {"status": "errored", "detail": f"line {line}: IndexError: list index out of range", "seen": []}
            verdict["findings"] = [
                {"line": line, "path": "step", "message": "raised IndexError: list index out of range", "odd": None}
            ]
        elif number % 6 == 5:
            verdict["not_timed"] = "it raises"
        if verdict["status"] in ("passed", "drifting") and not verdict["not_timed"]:
            scale = 1e-6 * (1 if lane == "torch-cpu" else 2 ** self.draw.gauss(0.2, 1))
            times = {"forward": 4 * scale, "backward": 9 * scale, "total": 13 * scale}
            verdict["time"] = {k: {"min": 0.97 * t, "median": t, "spread": 0.02 * t} for k, t in times.items()}
        elif not verdict["not_timed"]:
            verdict["not_timed"] = "it did not pass"
        return verdict


_HELPER = '''def expect(got, want, within=None):
    """The same text, or the same shape, kind (bool, int, float, complex) and values within the dtype's tolerance."""
    if isinstance(want, str):
        assert without_addresses(str(got)) == without_addresses(want), f"expected {want!r}, got {got}"
        return
    with torch.no_grad():
        got, want = torch.as_tensor(got).detach().cpu(), torch.tensor(want)
        assert got.shape == want.shape, f"expected shape {list(want.shape)}, got {list(got.shape)}"
        tolerance = {} if within is None else {"rtol": within, "atol": within}
        torch.testing.assert_close(got, want.to(got.dtype), equal_nan=True, **tolerance)


'''
