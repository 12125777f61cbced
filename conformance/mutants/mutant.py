"""What a mutant is: an engine with *one* behaviour changed while a context is entered, and the list of all of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Torch = Any
"""A namespace with torch's face: torch itself, or reference_impl."""

Change = Callable[[Torch], contextlib.AbstractContextManager[None]]


@dataclass(frozen=True)
class Mutant:
    """``change(namespace)`` changes the engine while it is entered. ``about`` says how in one sentence, ``chapters`` name the
    chapters whose cases it is meant for, ``only`` the one kind of engine that it can change (None: every engine)."""

    name: str
    about: str
    chapters: tuple[str, ...]
    only: str | None
    change: Change

    def applies_to(self, engine: str) -> bool:
        return self.only is None or engine.split("-")[0] == self.only


REGISTERED: dict[str, Mutant] = {}


def mutant(*chapters: str, only: str | None = None) -> Callable[[Change], Change]:
    """Register a function as a mutant: its name is the mutant's, the first line of its docstring the description."""

    def register(change: Change) -> Change:
        name = change.__name__
        if name in REGISTERED:
            raise ValueError(f"two mutants are called {name!r}")
        about = (change.__doc__ or "").strip().split("\n")[0]
        REGISTERED[name] = Mutant(name, about, chapters, only, change)
        return change

    return register


@contextlib.contextmanager
def patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    """``owner.name`` is ``value`` while this is entered."""
    own, before = name in vars(owner), vars(owner).get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)


@contextlib.contextmanager
def patched_all(*patches: tuple[Any, str, Any]) -> Iterator[None]:
    """Several of ``patched`` at once."""
    with contextlib.ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patched(*patch))
        yield


def wrapped(owner: Any, name: str, around: Callable[..., Any]) -> contextlib.AbstractContextManager[None]:
    """``owner.name(...)`` is ``around(the real one, ...)`` while this is entered."""
    real = getattr(owner, name)
    return patched(owner, name, lambda *arguments, **keywords: around(real, *arguments, **keywords))


@contextlib.contextmanager
def operator(torch: Torch, name: str, around: Callable[..., Any]) -> Iterator[None]:
    """The operator of that name goes through ``around(the real one, ...)``: as a function, as a method, and in nn.functional."""
    owners = (torch, torch.Tensor, torch.nn.functional, torch.special, torch.linalg)
    with contextlib.ExitStack() as stack:
        for owner in owners:
            if hasattr(owner, name):
                stack.enter_context(wrapped(owner, name, around))
        yield
