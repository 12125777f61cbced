"""What a program declares, for the judge: plain data that never enters the compiled code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.language.source import Mark


@dataclass(frozen=True)
class Look:
    """Probe number ``probe`` must satisfy one matcher."""

    probe: int
    matcher: str
    argument: Any


@dataclass(frozen=True)
class Either:
    """Documented as unspecified: any one of the options."""

    options: tuple[Expected, ...]


@dataclass(frozen=True)
class Drift:
    """torch differs from its documentation: ``torch`` is what it does, ``documented`` what it says."""

    documented: Expected
    torch: Expected


Expected = Look | Either | Drift


@dataclass(frozen=True)
class Expectation:
    """One line under expect: or observe:. ``expected`` is None where only agreement is asked for.

    ``probes`` are all probes of the line; the first one is what engines are compared by.
    """

    path: str
    mark: Mark
    expected: Expected | None
    probes: tuple[int, ...]


@dataclass(frozen=True)
class Guard:
    """A step that declares errors (``kind`` raises) or warnings (``kind`` warns). ``argument`` is the YAML's."""

    number: int
    kind: str
    mark: Mark
    argument: Any
