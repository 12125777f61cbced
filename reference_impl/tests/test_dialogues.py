"""What torch says, the reference says: values, errors and warnings of the public functions (see dialogues/)."""

from __future__ import annotations

import importlib
import pkgutil
import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from . import dialogues

NAMES = [m.name for m in pkgutil.iter_modules(dialogues.__path__)]
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]\d+)?")
IGNORED = re.compile(
    r" \(Triggered internally.*?\)|(?<=RuntimeError ).* INTERNAL ASSERT FAILED at .*? bug to PyTorch\. "
    r"| object at 0x[0-9a-f]+|reference_impl\.tensor\.|reference_impl\.|torch\."
)

# what differs and is meant to: part of what torch says
KNOWN = {
    "given to None": "torch names no function there",
    "enable checkpoint": "torch's advice about its compiler is left out",
    "doesn't match the broadcast shape [2, 3, 4]": "the reference notices first that the written tensor is shared",
    "uninitialized parameter in <": "torch names the function",
    "cannot be interpreted as an integer": "argument parsers differ",
}


def transcript(torch: Any, play: Callable[..., None]) -> list[str]:
    """What a program tells, one string for each thing."""
    lines: list[str] = []

    def tell(*items: Any) -> None:
        lines.append(re.sub(r"\s+", " ", IGNORED.sub("", " ".join(map(str, items)))))

    def tr(f: Callable[[], Any]) -> None:
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            try:
                tell(f())
            except Exception as error:
                tell(type(error).__name__, error)
        for w in given:
            if "jit.script" not in str(w.message):
                tell("warning", w.category.__name__, w.message)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        play(torch, tr, tell)
    return lines


def alike(a: str, b: str) -> bool:
    """Equal text, and numbers equal as far as four printed digits tell."""
    if a == b:
        return True
    if NUMBER.sub("#", a).replace(" ", "") != NUMBER.sub("#", b).replace(" ", ""):
        return False
    pairs = zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
    return all(float(x) == pytest.approx(float(y), rel=2e-3, abs=2e-6) for x, y in pairs)


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_says_what_torch_says(name: str) -> None:
    torch = pytest.importorskip("torch")
    reference = importlib.import_module("reference_impl")
    play = importlib.import_module(f"{dialogues.__name__}.{name}").play
    expected, found = transcript(torch, play), transcript(reference, play)
    pairs = zip(expected, found, strict=False)
    differing = [f"- {a}\n+ {b}" for a, b in pairs if not alike(a, b) and not any(k in a for k in KNOWN)]
    assert not differing, "\n".join(differing[:12])
    assert len(expected) == len(found)
