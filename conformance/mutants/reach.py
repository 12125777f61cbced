"""Which mutants a case can notice at all: those that patch something which the case, or what it calls, gets to.

Note [Reach]
Thousands of mutants times all cases would take hours; but most mutants change what most cases never call. So every place
that any mutant patches is watched once while each case plays, and a mutant is played only on the cases that came by one of
its places. A place that cannot be watched (a class, a constant) counts as reached by every case. A case that does not conform
while it is watched asks which function is which: it is watched again without the operators, and reaches none of these. What
the harness itself calls to make inputs, to look at results and to restore global state is not reached: there is no merit in
noticing a change of that. Neither is an operator that only the engine's own printing and gradcheck compute by: a case about
gradcheck is not one about the comparison of numbers, and it costs a hundred times as much as others.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from conformance.engines.engine import Engine
from conformance.engines.reference import reference
from conformance.engines.torch_device import torch_on
from conformance.mutants.mutant import Mutant, Place, Torch, patched, places
from conformance.play import play
from conformance.state import State

_Key = tuple[int, str]
"""A place by the id of its owner."""

_OWN = {inspect.getfile(inspect.unwrap(one)) for one in (play, State, Engine, reference, torch_on)}
"""Where the harness itself calls the engine."""

_COMPUTE_FOR_THEMSELVES = (
    *("torch/_tensor_str.py", "torch/autograd/gradcheck.py", "torch/testing/_internal/optests/generate_tests.py"),
    *(
        f"reference_impl/{name}.py"
        for name in ("methods/printing", "autograd/differences", "autograd/gradcheck", "autograd/jacobians")
    ),
)
"""Files of engines whose operators are no behaviour that a case asks for."""


class Reach:
    """Entered, it watches the places of the mutants; ``take()`` names the mutants that were reached since the last time."""

    def __init__(self, mutants: Sequence[Mutant], torch: Torch) -> None:
        self.at: dict[_Key, set[str]] = defaultdict(set)
        self.places: dict[_Key, Place] = {}
        for made in mutants:
            for place in places(made, torch):
                self.at[_key(place)].add(made.name)
                self.places[_key(place)] = place
        self.all = frozenset(made.name for made in mutants)
        self.operators = {made.name for made in mutants if made.word is not None}
        self.everywhere: set[_Key] = set()
        self.seen: set[_Key] = set()
        """By the case, or by what it calls."""
        self.asked: set[_Key] = set()
        """The same without what the engine computes for itself."""

    def take(self) -> frozenset[str]:
        """The names of the mutants reached since the last time; an operator counts only where the case asked for it."""
        reached = frozenset[str]().union(*(self.at[key] for key in self.seen | self.everywhere))
        asked = frozenset[str]().union(*(self.at[key] for key in self.asked))
        self.seen.clear()
        self.asked.clear()
        return reached - (self.operators - asked)

    @contextlib.contextmanager
    def watching(self) -> Iterator[Reach]:
        """Watch while it is entered. What cannot be watched counts as reached, always."""
        with contextlib.ExitStack() as stack:
            for key, (owner, name) in self.places.items():
                watched = self._watched(key, owner, name)
                if watched is None:
                    self.everywhere.add(key)
                else:
                    stack.enter_context(patched(owner, name, watched))
            self.take()
            yield self

    def _watched(self, key: _Key, owner: Any, name: str) -> Any:
        """What stands in for ``owner.name`` and notes that it was used; None where nothing can."""
        raw = _raw(owner, name)
        if isinstance(raw, classmethod | staticmethod):
            return type(raw)(self._noting(key, raw.__func__))
        if hasattr(raw, "__set__"):
            return property(
                *(self._noting(key, getattr(raw, access)) for access in ("__get__", "__set__", "__delete__"))
            )
        if isinstance(raw, type) or not callable(raw):
            return None
        return self._noting(key, raw)

    def _note(self, key: _Key) -> None:
        """Note who calls: the nearest of the harness, the case, and what computes for itself. A thread of the engine has no frame
        of theirs, and counts as the case."""
        frame: FrameType | None = sys._getframe(2)
        for_itself = False
        while frame is not None and not frame.f_code.co_filename.endswith(".yaml"):
            if frame.f_code.co_filename in _OWN:
                return
            for_itself |= frame.f_code.co_filename.endswith(_COMPUTE_FOR_THEMSELVES)
            frame = frame.f_back
        self.seen.add(key)
        if not for_itself:
            self.asked.add(key)

    def _noting(self, key: _Key, real: Any) -> Any:
        def called(*arguments: Any, **keywords: Any) -> Any:
            if key not in self.asked:
                self._note(key)
            return real(*arguments, **keywords)

        with contextlib.suppress(AttributeError):
            functools.update_wrapper(called, real)
        return called


def _key(place: Place) -> _Key:
    return id(place[0]), place[1]


def _raw(owner: Any, name: str) -> Any:
    """The attribute as it is stored, unbound, with its own or an inherited place."""
    for space in getattr(owner, "__mro__", (owner,)):
        if name in vars(space):
            return vars(space)[name]
    return getattr(owner, name, None)
