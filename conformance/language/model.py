"""The model of a case: what the YAML says, as frozen data with a mark for everything that can be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from conformance.language.problem import MalformedCase, Spot, malformed
from conformance.language.source import Map, Mark

NEEDS = {
    "cpu": "tensors on the CPU",
    "accelerator": "a device other than the CPU",
    "streams": "a device with several streams",
    "cuda": "a CUDA device",
    "no_cuda": "a machine without CUDA",
    "threads": "several Python threads",
    "processes": "several processes",
    "sparse": "sparse layouts",
    "complex": "complex tensors",
    "forward_ad": "forward-mode differentiation",
    "vmap": "batching with vmap",
    "nn": "modules and optimisers",
    "custom_function": "torch.autograd.Function",
    "profiler": "the autograd profiler",
    "amp": "autocast",
    "quantized": "quantisation",
    "nested": "nested tensors",
    "serialization": "copying and pickling tensors",
    "fresh_process": "a process in which nothing ran before",
}
"""The closed list of what a case may need, with what each word means."""

VERB_COMPANIONS = ("raises", "warns", "do", "else")
"""The keys that may stand beside a verb."""


class Placed(NamedTuple):
    """A value with the place where it stands."""

    value: Any
    mark: Mark


@dataclass(frozen=True)
class Step:
    """One step: a verb with its argument, and what the step declares about errors and warnings."""

    verb: str
    mark: Mark
    argument: Placed
    raises: Placed | None = None
    warns: Placed | None = None
    do: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Given:
    """An input: a tensor (``leaf`` requires grad) or, where ``tensor`` is False, a plain number."""

    name: str
    mark: Mark
    data: Any
    leaf: bool = False
    tensor: bool = True
    dtype: str | None = None
    generator: str | None = None
    layout: str | None = None


@dataclass(frozen=True)
class Case:
    """One case, one value of its ``each`` chosen. ``id`` is chapter/topic::name, with the choice in brackets."""

    id: str
    name: str
    says: str
    file: Path
    mark: Mark
    chapter: str
    topic: str
    source: str
    covers: tuple[str, ...]
    given: tuple[Given, ...]
    define: Map | None
    steps: tuple[Step, ...]
    needs: frozenset[str]
    since: str | None
    until: str | None
    choice: tuple[tuple[str, Any], ...]
    yaml: str

    def spot(self, mark: Mark | None = None) -> Spot:
        """A place in the file of the case; without a mark, where it begins."""
        at = mark or self.mark
        return Spot(self.file, at.line, at.column)

    def malformed(self, mark: Mark, message: str) -> MalformedCase:
        """The error of a problem at that place, to be raised."""
        return malformed(self.spot(mark), message)


@dataclass(frozen=True)
class CaseFile:
    """One file of cases: ``chapter/topic`` is its place under the root folder of the cases."""

    path: Path
    chapter: str
    topic: str
    about: str
    source: str
    cases: tuple[Case, ...]
