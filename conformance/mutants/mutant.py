"""What a mutant is: an engine with *one* behaviour changed while a context is entered, and the list of all of them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from conformance.language.inventory import Claim

Torch = Any
"""A namespace with torch's face: torch itself, or reference_impl."""

Change = Callable[[Torch], contextlib.AbstractContextManager[None]]


@dataclass(frozen=True)
class Scope:
    """Which claims a change of operators can be about, of these ``kinds``: in the chapters on what ``all`` operators do those
    whose id or text has the regular expression ``says``; in those on ``single`` ones those whose id names the operator."""

    kinds: frozenset[str]
    says: str
    all: frozenset[str] = frozenset()
    single: frozenset[str] = frozenset()

    def has(self, claim: Claim, word: str) -> bool:
        """Whether a claim is about such a change of the operator `word`."""
        if claim.kind not in self.kinds:
            return False
        if claim.chapter in self.single:
            return re.search(rf"[.-]{word.replace('_', '-')}([.-]|$)", claim.id) is not None
        return claim.chapter in self.all and _speaks(claim, self.says)


@dataclass(frozen=True)
class Mutant:
    """``change(namespace)`` changes the engine while it is entered. ``about`` says how in one sentence.

    ``claims`` are the claims of the inventory whose behaviour it changes: globs over their ids; ``says`` narrows them to those
    whose id or text has this regular expression, ``kind`` to those of this kind. ``also`` are claims on whole programs that say
    the same again. ``word`` is the operator that it changes, and ``scope`` the claims on operators of which this is the
    behaviour. ``only`` is the one kind of engine that it can change (None: every engine). ``made`` says that it is one of many
    made from a list; one that no case can reach is left out.
    """

    name: str
    about: str
    claims: tuple[str, ...]
    only: str | None
    change: Change
    word: str | None = None
    scope: Scope | None = None
    says: str | None = None
    kind: str | None = None
    also: tuple[str, ...] = ()
    made: bool = False

    def applies_to(self, engine: str) -> bool:
        """Whether it can change the engine of that name."""
        return self.only is None or engine.split("-")[0] == self.only

    def is_about(self, claim: Claim) -> bool:
        """Whether the claim says what the mutant changes, be it of whole programs."""
        return self.names(claim) or any(fnmatchcase(claim.id, glob) for glob in self.also)

    def names(self, claim: Claim) -> bool:
        """Whether the claim says what the mutant changes, other than of whole programs."""
        if self.word is not None and self.scope is not None:
            return self.scope.has(claim, self.word)
        if self.kind not in (None, claim.kind) or (self.says is not None and not _speaks(claim, self.says)):
            return False
        return any(fnmatchcase(claim.id, glob) for glob in self.claims)


def rows(table: str) -> dict[str, list[str]]:
    """``name | words`` of each line of a table; an indented line goes on."""
    parts = (row.split("|", 1) for row in re.split(r"\n(?! )", table.strip()))
    return {name.strip(): words.split() for name, words in parts}


def _speaks(claim: Claim, of: str) -> bool:
    return re.search(of, f"{claim.id} {claim.kind} {claim.claim}", re.IGNORECASE) is not None


SPEAKS_OF_ERRORS = (
    "error|rais|refus|reject|must|cannot|can't|not allowed|invalid|only|needs|fails|forbid|unsupported"
    "|wrong|mismatch|missing|too-"
)
"""What a claim says that is about an error."""

REGISTERED: dict[str, Mutant] = {}


def register(made: Mutant) -> None:
    """Add a mutant to the collection. Raises ValueError where there is one of that name."""
    if made.name in REGISTERED:
        raise ValueError(f"two mutants are called {made.name!r}")
    REGISTERED[made.name] = made


def mutant(
    *claims: str, says: str | None = None, kind: str | None = None, only: str | None = None
) -> Callable[[Change], Change]:
    """Register a function as a mutant: its name is the mutant's, the first line of its docstring the description."""

    def registered(change: Change) -> Change:
        about = (change.__doc__ or "").strip().split("\n")[0]
        register(Mutant(change.__name__, about, claims, only, change, says=says, kind=kind))
        return change

    return registered


Place = tuple[Any, str]
"""Something that mutants patch: the attribute of that name of a module or a class."""

_noting: list[list[Place]] = []


def places(made: Mutant, torch: Torch) -> list[Place]:
    """Everything that the mutant patches; nothing where the engine lacks it, if it is one of many."""
    found: list[Place] = []
    _noting.append(found)
    try:
        with made.change(torch):
            return found
    except AttributeError:
        if not made.made:
            raise
        return []
    finally:
        _noting.pop()


@contextlib.contextmanager
def patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    """``owner.name`` is ``value`` while this is entered. Mutants change an engine by this alone."""
    for noted in _noting:
        noted.append((owner, name))
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


def owners(torch: Torch, name: str) -> list[Any]:
    """Where the operator of that name stands: in torch, as a method, in nn.functional, special, linalg and fft."""
    spaces = (torch, torch.Tensor, torch.nn.functional, torch.special, torch.linalg, torch.fft)
    return [space for space in spaces if callable(found := getattr(space, name, None)) and not isinstance(found, type)]


@contextlib.contextmanager
def operator(torch: Torch, name: str, around: Callable[..., Any]) -> Iterator[None]:
    """The operator of that name goes through ``around(the real one, ...)`` wherever it stands."""
    with contextlib.ExitStack() as stack:
        for owner in owners(torch, name):
            stack.enter_context(wrapped(owner, name, around))
        yield
