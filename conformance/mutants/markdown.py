"""The kill table as a page of Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from conformance.mutants.mutant import Mutant
from conformance.mutants.table import COARSE, KillTable, Proof, Standing

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
        *_section("Cases that kill nothing", [case.id for case in table.useless()]),
        *_section(
            "Cases that no longer conformed after a mutant", [f"{case} ({name})" for case, name in table.disturbed]
        ),
        *_section("Mutants that ended the process, which count nowhere", table.fatal),
        "## Claims\n",
        *_claims(proofs),
        "## Mutants\n",
        *_mutants(table, [made for made in table.mutants.values() if made.word is None]),
        "## Operators\n",
        *_operators(table),
    ]
    return "\n".join(parts) + "\n"


def _summary(table: KillTable, engine: str) -> str:
    return f"""# Which cases notice a wrong engine

Made by `conformance mutants --engine {engine}`. Each mutant changes one behaviour of {engine}; a case kills it when it conforms
on the engine as it is, does not under the mutant, and conforms again afterwards. A mutant that more than {COARSE:.0%} of the
cases kill says nothing, and does not count.

{len(table.cases)} cases conform. They reach {len(table.mutants)} mutants; {len(table.counting)} of these are killed and count.
"""


def _section(title: str, entries: list[str]) -> Iterator[str]:
    yield f"### {title}: {len(entries)}\n"
    if entries:
        yield "\n".join(f"- `{entry}`" for entry in entries) + "\n"


def _claims(proofs: dict[str, Proof]) -> Iterator[str]:
    yield (
        "A claim is *proven* when a case that covers it kills a mutant of that claim's behaviour; *noticed* when the cases that\n"
        "cover it kill mutants, but none that names the claim; *unproven* when a mutant names it that no covering case kills.\n"
    )
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


def _by(cases: list[str]) -> str:
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
        first = list(dict.fromkeys(case for cases in killers.values() for case in cases[:1]))
        yield f"| `{name}` | {' | '.join(numbers)} | {_by(first)} |"
