"""The examples of torch's own docstrings, played on both: what they print is the same, up to what is random."""

from __future__ import annotations

import ast
import contextlib
import doctest
import importlib
import inspect
import io
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MODULES = [
    "autograd", "autograd.function", "autograd.functional", "autograd.forward_ad", "autograd.graph", "autograd.gradcheck",
    "autograd.grad_mode", "autograd.anomaly_mode", "func", "utils.checkpoint", "utils.hooks", "optim", "nn.utils", "",
]  # fmt: skip
NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")
RANDOM = re.compile(r"rand|dropout|normal|multinomial|bernoulli|nn\.|empty")

# words of examples that are left out, and why
LEFT_OUT = {
    "the reference has no devices but the CPU": ["cuda", "Event"],
    "no compiler and no tracing": ["compile", "make_fx", "onnx"],
    "no other layouts": ["sparse", "quantize", "TypedStorage"],
    "no such operator or function": [
        "rearrange", "lr_scheduler", "histogram", "hash_tensor", "from_file", "channel_shuffle", "Muon",
        "skip_init", "range(", "some=False", "vander", "unravel_index", "empty_permuted",
        "use_deterministic", "set_flush_denormal", "set_printoptions", "ambiguity_check",
    ],
    "it conjugates and negates at once": ["is_conj", "is_neg"],
    "its generators are others": ["get_state", ".seed"],
    "it would outlast the example": ["set_default"],
    "it shows what memory happens to hold": ["new_empty"],
}  # fmt: skip
WORDS = [word for words in LEFT_OUT.values() for word in words]


def documented(torch: Any) -> Iterator[tuple[str, list[str]]]:
    """Names and their examples, each docstring once."""
    seen: set[str] = set()
    for name in MODULES:
        module = sys.modules[f"torch.{name}".rstrip(".")] if name != "" else torch
        for short, thing in inspect.getmembers(module):
            members = [(short, thing)] + (inspect.getmembers(thing) if inspect.isclass(thing) else [])
            for part, what in members:
                doc = getattr(what, "__doc__", None)
                if not isinstance(doc, str) or ">>>" not in doc or doc in seen or short.startswith("_"):
                    continue
                seen.add(doc)
                if inspect.ismodule(thing) or not str(getattr(what, "__module__", None) or "torch").startswith("torch"):
                    continue
                with contextlib.suppress(ValueError):
                    label = f"{name}.{short}" + (f".{part}" if part != short else "")
                    yield label, [e.source for e in doctest.DocTestParser().get_examples(doc)]


def said(source: str, names: dict[str, Any]) -> str:
    """What an example prints, or its error."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            tree = ast.parse(source)
            if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
                value = eval(compile(ast.Expression(tree.body[0].value), "<doc>", "eval"), names)
                if value is not None:
                    print(repr(value))
            else:
                exec(compile(tree, "<doc>", "exec"), names)
    except Exception as error:
        printed.write(f"{type(error).__name__}: {error}")
    text = re.sub(r"0x[0-9a-f]+|<built-in method|<function| of type object", "", printed.getvalue())
    return re.sub(r"\s+", " ", text.replace("reference_impl.", "torch."))


def played(engine: Any, examples: list[str]) -> list[str]:
    engine.manual_seed(0)
    names: dict[str, Any] = {"torch": engine, "__name__": "examples"}
    mine = engine.__name__
    found = []
    for source in examples:
        if mine != "torch":
            source = re.sub(r"(?m)^(\s*)import torch\.([\w.]+) as", rf"\1import {mine}.\2 as", source)
            source = re.sub(r"(?m)^(\s*)import torch\b.*", r"\1pass", source)
            source = re.sub(r"from torch\b", f"from {mine}", source)
        found.append(said(source, names))
    engine.set_grad_enabled(True)  # some examples leave it off
    return found


def words(text: str) -> str:
    """What is not random in a text about random values."""
    return re.sub(r"[^a-zA-Z]|nan|inf|True|False", "", NUMBER.sub("", text))


def alike(a: str, b: str, random: bool) -> bool:
    shape_a, shape_b = (NUMBER.sub("#", s).replace(" ", "") for s in (a, b))
    if random and words(a) == words(b):
        return True
    if shape_a != shape_b:
        return False
    pairs = zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
    return all(float(x) == pytest.approx(float(y), rel=2e-3, abs=1e-3) for x, y in pairs)


def test_examples_of_the_documentation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    torch = pytest.importorskip("torch")
    reference = importlib.import_module("reference_impl")
    for name in MODULES[:-1]:
        importlib.import_module(f"torch.{name}")
    different, count = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for label, examples in documented(torch):
            if any(word in label + "".join(examples) for word in WORDS):
                continue
            random = RANDOM.search("".join(examples)) is not None
            for source, a, b in zip(examples, played(torch, examples), played(reference, examples), strict=True):
                count += 1
                if not alike(a, b, random) and not (a.startswith("NameError") and b.startswith("NameError")):
                    different.append(f"{label}: {source.strip()}\n  torch:     {a[:300]}\n  reference: {b[:300]}")
    assert not different, "\n".join(different)
    assert count > 900
