"""The kill table as a page of Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from conformance.mutants.mutant import Mutant
from conformance.mutants.table import BROAD, COARSE, KillTable, Proof, Standing

_NAMED = 3
"""How many of the cases that kill a mutant are named."""


def as_markdown(table: KillTable, engine: str) -> str:
    """The whole table, for the engine of that name: what counts, the mutants, the cases and the claims."""
    proofs = table.proofs()
    parts = [
        _summary(table, engine),
        "## What is left\n",
        *_section("Mutants that some case should kill, and none does", table.survivors),
        *_section("Mutants that break too much to count", table.too_coarse),
        *_section("Mutants that name too many claims to prove one", table.too_broad),
        *_section("Cases that kill nothing", [case.id for case in table.useless()]),
        *_section(
            "Cases that no longer conformed after a mutant", [f"{case} ({name})" for case, name in table.disturbed]
        ),
        *_section(
            "Plays that ended their process, which count nowhere", [f"{case} ({name})" for case, name in table.lost]
        ),
        "## Claims\n",
        *_claims(proofs),
        "## Mutants\n",
        *_mutants(table, [made for made in table.mutants.values() if made.word is None]),
        "## Operators\n",
        *_operators(table),
    ]
    return "\n".join(parts) + "\n"


def _summary(table: KillTable, engine: str) -> str:
    early = (
        f"**Interrupted: {len(table.mutants)} of {table.planned} mutants were played.**\n\n"
        if table.interrupted
        else ""
    )
    return f"""# Which cases notice a wrong engine

{early}Made by `conformance mutants --engine {engine}`. Each mutant changes one behaviour of {engine}; a case kills it when it
conforms on the engine as it is, does not under the mutant, and conforms again afterwards. A mutant that more than
{COARSE:.0%} of the cases kill says nothing, and does not count.

{len(table.cases)} cases conform; of a workload the smallest size is played. They reach {len(table.mutants)} mutants;
{len(table.counting)} of these are killed and count.
"""


def _section(title: str, entries: list[str]) -> Iterator[str]:
    yield f"### {title}: {len(entries)}\n"
    if entries:
        yield "\n".join(f"- `{entry}`" for entry in entries) + "\n"


def _claims(proofs: dict[str, Proof]) -> Iterator[str]:
    yield f"""A mutant *names* the claims whose behaviour it changes: by their ids; or, where it changes one operator, the claims
on operators and on programs that are of its kind: its gradients those on gradients, its values those on values, its errors
those on errors. One that names more than {BROAD} by their ids proves none of them. A claim is

- *proven* when a case that covers it kills a mutant that names it; and a claim about an error or a warning only when what
  fails in that case is its `raises` or its `warns`, if it has one, or a drift that is healed;
- *unproven* when there is a mutant that names it, and no case that covers it kills one in this way;
- *noticed* when no mutant names it, and the cases that cover it kill others; *unnoticed* when they kill none.
"""
    yield "| chapter | covered | " + " | ".join(Standing) + " |\n|---|" + "---|" * (len(Standing) + 1)
    by_chapter: dict[str, Counter[Standing]] = defaultdict(Counter)
    for proof in proofs.values():
        by_chapter[proof.claim.chapter][proof.standing] += 1
    for chapter, counts in [*by_chapter.items(), ("all", sum(by_chapter.values(), Counter[Standing]()))]:
        yield f"| {chapter} | {counts.total()} | " + " | ".join(str(counts[standing]) for standing in Standing) + " |"
    yield ""
    for standing in (Standing.UNPROVEN, Standing.UNNOTICED):
        open_ones = [proof for proof in proofs.values() if proof.standing is standing]
        yield f"### {standing.capitalize()}: {len(open_ones)}\n"
        yield (
            "\n".join(f"- `{p.claim.id}`: {', '.join(f'`{case}`' for case in p.cases[:_NAMED])}" for p in open_ones)
            + "\n"
        )


def _mutants(table: KillTable, mutants: Iterable[Mutant]) -> Iterator[str]:
    yield "| mutant | what it changes | played | kills | by |\n|---|---|---|---|---|"
    for made in mutants:
        number = "too many" if table.coarse(made.name) else str(len(table.killers[made.name]))
        about = made.about.replace("|", "\\|")
        yield f"| `{made.name}` | {about} | {table.reaching[made.name]} | {number} | {_by(table.killers[made.name])} |"
    yield ""


def _by(killers: Iterable[str]) -> str:
    cases = list(killers)
    more = f" and {len(cases) - _NAMED} more" if len(cases) > _NAMED else ""
    return ", ".join(f"`{case}`" for case in cases[:_NAMED]) + more


def _operators(table: KillTable) -> Iterator[str]:
    yield (
        "For each operator of which some case notices a change, how many cases notice that it passes back another gradient,\n"
        "returns other values, or words its errors otherwise.\n"
    )
    yield "| operator | gradient | values | words | by |\n|---|---|---|---|---|"
    rows: dict[str, dict[str, Mutant]] = defaultdict(dict)
    for made in table.mutants.values():
        if made.word is not None:
            name, kind = made.name.split(":")
            rows[name][kind] = made
    for name, kinds in rows.items():
        killers = {kind: table.killers[made.name] for kind, made in kinds.items()}
        if not any(killers.values()):
            continue
        numbers = (str(len(killers.get(kind, ()))) for kind in ("gradient", "values", "words"))
        first = list(dict.fromkeys(case for cases in killers.values() for case in list(cases)[:1]))
        yield f"| `{name}` | {' | '.join(numbers)} | {_by(first)} |"
