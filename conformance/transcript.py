"""What an engine did: everything that was observed while a program played, as plain data that holds no tensor.

A transcript says nothing about right or wrong; the judge does, from the transcript and the declaration alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


def without_addresses(text: str) -> str:
    """``text`` with every memory address written ``0x...``, so that two runs and two engines can be compared."""
    return _ADDRESS.sub("0x...", text)


@dataclass(frozen=True, eq=False)
class TensorSeen:
    """A tensor. ``values`` is a copy of bool, integer, float64 or complex128 values with the tensor's shape."""

    values: np.ndarray
    dtype: str
    device: str
    strides: tuple[int, ...] | None
    layout: str
    requires_grad: bool

    def __str__(self) -> str:
        text = np.array2string(self.values, separator=", ", threshold=60, precision=7)
        return f"{text} ({self.dtype.removeprefix('torch.')}, shape {list(self.values.shape)})"


@dataclass(frozen=True)
class PlainSeen:
    """None, a truth value, a Python number or a string."""

    value: bool | int | float | complex | str | None

    def __str__(self) -> str:
        return "null" if self.value is None else repr(self.value)


@dataclass(frozen=True)
class SequenceSeen:
    """A tuple (named ones too), a list or a torch.Size; ``kind`` says which."""

    kind: str
    items: tuple[Seen, ...]

    def __str__(self) -> str:
        return f"{self.kind}[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True)
class ObjectSeen:
    """Anything else, by the name of its type and its repr without addresses."""

    type: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ErrorSeen:
    """An exception: the names of its class and bases, most derived first, the message, the YAML line it passed."""

    classes: tuple[str, ...]
    message: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.classes[0]}: {self.message}"


@dataclass(frozen=True)
class CallSeen:
    """One call of a definition of the case: its name and what it was handed."""

    name: str
    seen: tuple[Seen, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.seen))})"


Seen = TensorSeen | PlainSeen | SequenceSeen | ObjectSeen | ErrorSeen | CallSeen


@dataclass(frozen=True)
class WarningSeen:
    """A warning: category names, most derived first, the text, the YAML line that it passed (0: none)."""

    classes: tuple[str, ...]
    message: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.classes[0]}: {self.message}"


@dataclass(frozen=True)
class Died:
    """How the process that played came to its end: why, at which YAML line (0: unknown), its last words on standard error."""

    reason: str
    line: int = 0
    said: str = ""


@dataclass
class Transcript:
    """The record of one play. Probes and guards are numbered by the program; a loop or a hook may meet one often."""

    engine: str
    probes: dict[int, list[Seen]] = field(default_factory=dict)
    errors: dict[int, list[ErrorSeen | None]] = field(default_factory=dict)
    warnings: dict[int, list[tuple[WarningSeen, ...]]] = field(default_factory=dict)
    undeclared_warnings: list[WarningSeen] = field(default_factory=list)
    crashed: ErrorSeen | None = None
    died: Died | None = None
    unsupported: str | None = None
    not_run: str | None = None
    leaks: tuple[str, ...] = ()


def as_json(seen: Seen | WarningSeen | None) -> Any:
    """Plain JSON for one observation; numbers that JSON lacks become strings (``"nan"``, ``"inf"``, ``"1+2j"``)."""
    if seen is None:
        return None
    if isinstance(seen, TensorSeen):
        return {
            "tensor": numbers(seen.values),
            "dtype": seen.dtype,
            "device": seen.device,
            "shape": list(seen.values.shape),
            "strides": seen.strides and list(seen.strides),
            "requires_grad": seen.requires_grad,
        }
    if isinstance(seen, PlainSeen):
        return {"value": numbers(seen.value)}
    if isinstance(seen, SequenceSeen):
        return {seen.kind: [as_json(item) for item in seen.items]}
    if isinstance(seen, CallSeen):
        return {"call": seen.name, "seen": [as_json(item) for item in seen.seen]}
    if isinstance(seen, ObjectSeen):
        return {"object": seen.type, "text": seen.text}
    kind = "error" if isinstance(seen, ErrorSeen) else "warning"
    return {kind: seen.classes[0], "message": seen.message, "line": seen.line}


_MOST_SHOWN = 64


def numbers(value: Any) -> Any:
    """A number or an array as JSON. Of an array with more than 64 elements only the summary is kept."""
    if isinstance(value, np.ndarray):
        if value.size > _MOST_SHOWN:
            return without_addresses(np.array2string(value, separator=", ", threshold=20, precision=7))
        return numbers(value.tolist())
    if isinstance(value, list):
        return [numbers(item) for item in value]
    if isinstance(value, complex):
        return f"{value.real:.9g}{value.imag:+.9g}j"
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
