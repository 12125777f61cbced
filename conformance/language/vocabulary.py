"""The closed list of names that an expression may use, read from vocabulary.yaml."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from conformance.language import source

_PYTHON_INTERNALS = re.compile(r"(f|gi|cr|ag|tb|co|func|im)_")
_FILE = Path(__file__).with_name("vocabulary.yaml")


@dataclass(frozen=True)
class Vocabulary:
    """``names`` maps what a case may write (``sum``, ``F.relu``, ``range``) to what it stands for (``torch.sum``)."""

    names: dict[str, str]
    modules: dict[str, str]
    attributes: frozenset[str]
    creators: frozenset[str]
    refused: frozenset[str]
    helpers: dict[str, tuple[str, ...]]

    def refuses(self, attribute: str) -> bool:
        """Whether a case may not even make this attribute its own: it means something on a Python or torch object,
        or is a module that a module may hold."""
        return (
            attribute in self.refused
            or attribute in sys.stdlib_module_names
            or _PYTHON_INTERNALS.match(attribute) is not None
            or attribute in _on_python_objects()
        )

    def lookup(self, parts: list[str]) -> tuple[str, int] | None:
        """The Python path that the longest known beginning of ``parts`` stands for, and how many parts that took."""
        for end in range(len(parts), 0, -1):
            found = self.names.get(".".join(parts[:end]))
            if found is not None:
                return found, end
        return None

    def suggestion(self, name: str, also: Iterable[str] = ()) -> str:
        """What to say behind an unknown name; `also` are the names of the case itself."""
        return closest(name, [*also, *self.names])

    def attribute_suggestion(self, name: str, also: Iterable[str] = ()) -> str:
        """The same behind an unknown attribute."""
        return closest(name, [*also, *sorted(self.attributes)])


def closest(name: str, known: list[str]) -> str:
    """``; did you mean ...?`` where a known name is close, else nothing."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of vocabulary.yaml, with every name that a case may write for a function of torch."""
    data = source.load(_FILE)
    names: dict[str, str] = {}
    by_module = {module: text.split() for module, text in data["functions"].items()}
    for module, members in by_module.items():
        short = module.removeprefix("torch").removeprefix(".")
        for name in members:
            names[f"{module}.{name}"] = names[f"{short}.{name}" if short else name] = f"{module}.{name}"
    for short, module in data["modules"].items():
        names.update({f"{short}.{name}": f"{module}.{name}" for name in by_module[module]})
    names.update(data["shorthands"])
    names.update(data["python"])
    names.update({name: name for name in (data["builtins"] + data["numpy"]).split()})
    helpers = {name: tuple(taken) for name, taken in data["helpers"].items()}
    names.update({name: name for name in helpers})
    attributes = frozenset(name for text in data["attributes"].values() for name in text.split())
    creators = frozenset(f"torch.{name}" for name in data["creators"].split())
    return Vocabulary(names, dict(data["modules"]), attributes, creators, frozenset(data["refused"].split()), helpers)


@cache
def _on_python_objects() -> frozenset[str]:
    kinds: tuple[type, ...] = (
        np.ndarray,
        np.generic,
        str,
        list,
        tuple,
        dict,
        set,
        int,
        float,
        complex,
        type,
        BaseException,
    )
    return frozenset(name for kind in kinds for name in dir(kind))
