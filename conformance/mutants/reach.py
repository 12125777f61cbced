"""Which mutants a case can notice at all: those that patch something which the case, or what it calls, gets to.

Note [Reach]
A thousand mutants times all cases would take hours; but most mutants change what most cases never call. So every place that
any mutant patches is watched once while each case plays, and a mutant is played only on the cases that came by one of its
places. A place that cannot be watched (a class, a constant) counts as reached by every case, and a case that does not
conform while it is watched reaches everything: nothing is missed, some plays are in vain. What the harness itself calls to
make inputs, to look at results and to restore global state is not reached: there is no merit in noticing a change of that.
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


class Reach:
    """Entered, it watches the places of the mutants; ``take()`` names the mutants that were reached since the last time."""

    def __init__(self, mutants: Sequence[Mutant], torch: Torch) -> None:
        self.at: dict[_Key, set[str]] = defaultdict(set)
        self.places: dict[_Key, Place] = {}
        for made in mutants:
            for place in places(made, torch):
                self.at[_key(place)].add(made.name)
                self.places[_key(place)] = place
        self.everywhere: set[_Key] = set()
        self.seen: set[_Key] = set()

    def take(self) -> frozenset[str]:
        reached = frozenset[str]().union(*(self.at[key] for key in self.seen | self.everywhere))
        self.seen.clear()
        return reached

    @contextlib.contextmanager
    def watching(self) -> Iterator[Reach]:
        with contextlib.ExitStack() as stack:
            for key, (owner, name) in self.places.items():
                watched = self._watched(key, owner, name)
                if watched is None:
                    self.everywhere.add(key)
                else:
                    stack.enter_context(patched(owner, name, watched))
            self.seen.clear()
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

    def _noting(self, key: _Key, real: Any) -> Any:
        seen = self.seen

        def called(*arguments: Any, **keywords: Any) -> Any:
            if key not in seen and _asked_by_the_case():
                seen.add(key)
            return real(*arguments, **keywords)

        with contextlib.suppress(AttributeError):
            functools.update_wrapper(called, real)
        return called


def _asked_by_the_case() -> bool:
    """Whether a line of a case is nearer than one of the harness. A thread of the engine has neither, and counts."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename in _OWN:
            return False
        if frame.f_code.co_filename.endswith(".yaml"):
            return True
        frame = frame.f_back
    return True


def _key(place: Place) -> _Key:
    return id(place[0]), place[1]


def _raw(owner: Any, name: str) -> Any:
    """The attribute as it is stored, unbound, with its own or an inherited place."""
    for space in getattr(owner, "__mro__", (owner,)):
        if name in vars(space):
            return vars(space)[name]
    return getattr(owner, name, None)
