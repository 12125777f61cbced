"""The kill table: which mutants are killed by which cases, and what follows from it for the cases and for the claims."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from conformance.compare import Lane
from conformance.judge import Finding
from conformance.language.inventory import Claim
from conformance.language.model import Case
from conformance.mutants.mutant import Mutant

COARSE = 0.2
"""A mutant that breaks more than this share of all cases says nothing of any of them, and does not count."""

BROAD = 60
"""A mutant that names more claims than this changes more than one behaviour, and proves none of them."""


class How(StrEnum):
    """What it is in a case that fails under a mutant."""

    EXPECT = "expect"
    RAISES = "raises"
    WARNS = "warns"
    CRASHES = "step"
    LEAVES = "global state"
    HEALED = "healed"


def hows(lane: Lane) -> frozenset[How]:
    """How a case failed."""
    return frozenset(map(_how, lane.verdict.findings))


def _how(found: Finding) -> How:
    if found.path in {"raises", "warns", "step", "global state"}:
        return How(found.path)
    if "the drift is healed" in found.message:
        return How.HEALED
    return How.RAISES if re.match(r"expected \w+(Error|Exception)\b", found.message) else How.EXPECT


DECLARED_BY = {"error": How.RAISES, "warning": How.WARNS}
"""The kinds of claims for which a case has a declaration of its own."""


def proves(claim: Claim, case: Case, killed: frozenset[How]) -> bool:
    """Whether what failed in the case is what says the claim: of an error its ``raises``, of a warning its ``warns``."""
    declared = DECLARED_BY.get(claim.kind or "")
    return declared is None or bool(killed & {declared, How.HEALED}) or re.search(rf"\b{declared}:", case.yaml) is None


class Standing(StrEnum):
    """What the mutants say of a claim that is covered."""

    PROVEN = "proven"
    NOTICED = "noticed"
    UNPROVEN = "unproven"
    UNNOTICED = "unnoticed"


@dataclass
class Proof:
    """Of the ``cases`` that cover a claim, whether one kills a mutant that counts (``kills``), and one of that claim's own
    behaviour (``proves``); whether there is such a mutant (``named``)."""

    claim: Claim
    cases: list[str] = field(default_factory=list)
    kills: bool = False
    proves: bool = False
    named: bool = False

    @property
    def standing(self) -> Standing:
        """How well the claim is held."""
        if self.proves:
            return Standing.PROVEN
        if self.named:
            return Standing.UNPROVEN
        return Standing.NOTICED if self.kills else Standing.UNNOTICED


@dataclass
class KillTable:
    """``killers`` maps each mutant to the ids of the cases that kill it, and how; ``reaching`` to the number of cases that it
    was played on; ``cases`` are those that conform; ``claims`` the inventory; ``size`` counts all cases of the suite, played or
    not; ``planned`` all mutants, of which an ``interrupted`` table has but some."""

    cases: list[Case]
    claims: dict[str, Claim]
    size: int
    planned: int = 0
    interrupted: bool = False
    killers: dict[str, dict[str, frozenset[How]]] = field(default_factory=dict)
    reaching: dict[str, int] = field(default_factory=dict)
    mutants: dict[str, Mutant] = field(default_factory=dict)
    disturbed: list[tuple[str, str]] = field(default_factory=list)
    """Case and mutant, where the case no longer conforms once the mutant is gone: something was left behind."""
    lost: list[tuple[str, str]] = field(default_factory=list)
    """Case and mutant, where the process ended, or said nothing any more: nothing is known of these."""

    def add(
        self,
        mutant: Mutant,
        killers: Mapping[str, frozenset[How]],
        reaching: int,
        disturbed: Iterable[str] = (),
        lost: Iterable[str] = (),
    ) -> None:
        """Note what became of a mutant. ``reaching``: on how many cases it was played."""
        self.mutants[mutant.name], self.killers[mutant.name] = mutant, dict(killers)
        self.reaching[mutant.name] = reaching
        self.disturbed += [(case, mutant.name) for case in disturbed]
        self.lost += [(case, mutant.name) for case in lost]

    def coarse(self, name: str) -> bool:
        """Whether so many cases kill the mutant that it says nothing."""
        return len(self.killers[name]) > COARSE * self.size

    @property
    def counting(self) -> list[Mutant]:
        """The mutants that are killed, and by no more cases than count."""
        return [made for made in self.mutants.values() if self.killers[made.name] and not self.coarse(made.name)]

    @property
    def too_coarse(self) -> list[str]:
        """The mutants of which that is so."""
        return [name for name in self.mutants if self.coarse(name)]

    @cached_property
    def too_broad(self) -> list[str]:
        """The mutants, apart from those made from a list or about one kind of claims, that name so many that they prove none."""
        own = [made for made in self.mutants.values() if not made.made and made.kind is None]
        return [made.name for made in own if sum(map(made.names, self.claims.values())) > BROAD]

    @property
    def survivors(self) -> list[str]:
        """The mutants that no case kills, though a case covers a claim that they are about.

        Those that were made from a list are not among them: a case may call an operator without a look at its gradient.
        """
        covered = {claim for case in self.cases for claim in case.covers}
        return [
            made.name
            for made in self.mutants.values()
            if not self.killers[made.name]
            and not made.made
            and any(made.is_about(self.claims[name]) for name in covered)
        ]

    def killing(self) -> dict[str, list[Mutant]]:
        """For each case the mutants that it kills."""
        found: dict[str, list[Mutant]] = {case.id: [] for case in self.cases}
        for made in self.counting:
            for case in self.killers[made.name]:
                found[case].append(made)
        return found

    def useless(self) -> list[Case]:
        """The cases that kill no mutant that counts."""
        killing = self.killing()
        return [case for case in self.cases if not killing[case.id]]

    def proofs(self) -> dict[str, Proof]:
        """For each claim that a conforming case covers: whether such a case would notice if it were false; see ``proves``."""
        killing, broad = self.killing(), set(self.too_broad)
        naming = [made for made in self.counting if made.name not in broad]
        found: dict[str, Proof] = {}
        for case in self.cases:
            for name in case.covers:
                proof = found.setdefault(name, Proof(self.claims[name]))
                proof.cases.append(case.id)
                proof.kills |= bool(killing[case.id])
                proof.proves |= any(
                    made.name not in broad
                    and made.is_about(proof.claim)
                    and proves(proof.claim, case, self.killers[made.name][case.id])
                    for made in killing[case.id]
                )
        for proof in found.values():
            proof.named = any(made.is_about(proof.claim) for made in naming)
        return found
