"""What an engine was seen to do, as a line of text.

Numbers are shown to six digits: engines that differ in later ones show the same text. What is usual goes without saying: a
tensor's device where it is the engine's, its strides where it is contiguous.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any


def times(saw: tuple[Any, ...], device: str) -> str:
    """All that one expectation saw. What it saw several times in a row stands once, with the number of times."""
    if not saw:
        return "was not reached"
    texts = [(text, len(list(run))) for text, run in groupby(observation(item, device) for item in saw)]
    return "\n".join(text if number == 1 else f"{text}  ({number} times)" for text, number in texts)


def observation(saw: Any, device: str) -> str:
    """One observation in the notation of the results file; ``device`` is that of the engine."""
    if saw is None:
        return "nothing was raised"
    if isinstance(saw, list):
        return "; ".join(observation(item, device) for item in saw) or "no warning"
    if not isinstance(saw, dict):
        return number(saw)
    if "tensor" in saw:
        return ", ".join(_tensor(saw, device))
    if "value" in saw:
        return plain(saw["value"])
    if "error" in saw or "warning" in saw:
        return f"{saw.get('error') or saw.get('warning')}: {saw.get('message', '')}"
    if "object" in saw:
        return f"{saw.get('text', '')}  ({saw['object']})"
    return _sequence(saw, device)


def _sequence(saw: dict[str, Any], device: str) -> str:
    if "call" in saw:
        return f"{saw['call']}({', '.join(observation(item, device) for item in saw.get('seen', ()))})"
    for kind, left, right in (("tuple", "(", ")"), ("list", "[", "]"), ("Size", "Size([", "])")):
        if kind in saw:
            return left + ", ".join(observation(item, device) for item in saw[kind]) + right
    kind, items = next(iter(saw.items()), ("nothing", []))
    inside = ", ".join(observation(item, device) for item in items) if isinstance(items, list) else str(items)
    return f"{kind}({inside})"


def _tensor(saw: dict[str, Any], device: str) -> Iterator[str]:
    values, shape, strides = saw["tensor"], saw.get("shape") or [], saw.get("strides")
    yield " ".join(values.split()) if isinstance(values, str) and shape else number(values)
    yield str(saw.get("dtype", "")).removeprefix("torch.")
    if isinstance(values, str) or 0 in shape:
        yield f"shape {shape}"
    if saw.get("requires_grad"):
        yield "requires grad"
    if strides is not None and not _contiguous(shape, strides):
        yield f"strides {strides}"
    if saw.get("device", device) != device:
        yield f"on {saw['device']}"


def _contiguous(shape: list[int], strides: list[int]) -> bool:
    step = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=False):
        if size > 1 and stride != step:
            return False
        step *= max(size, 1)
    return True


def plain(value: Any) -> str:
    """A Python value: strings in quotes, except those that stand for numbers JSON lacks."""
    if isinstance(value, str) and value not in ("nan", "inf", "-inf"):
        return repr(value)
    return "None" if value is None else number(value)


def number(value: Any) -> str:
    """A number, or a nested list of numbers, as torch writes them: ``[4.5, 1.]``."""
    if isinstance(value, list):
        return "[" + ", ".join(map(number, value)) + "]"
    if not isinstance(value, float):
        return str(value)
    text = f"{value:.6g}"
    return text if any(c in text for c in ".en") else f"{text}."
