"""Declared messages: a literal part of the text, or ``{matches: regular expression}``."""

from __future__ import annotations

import re
from typing import Any

from conformance.closeness import collapse
from conformance.language.model import Case, Placed
from conformance.language.source import Map


def declared_pattern(text: Any) -> str:
    """The regular expression that a declared message is, to be searched in the collapsed message."""
    return str(text["matches"]) if isinstance(text, Map) else re.escape(collapse(text))


def check_patterns(declared: Placed, case: Case) -> None:
    """Raise MalformedCase for a regular expression that does not compile, in {class: text} or in a drift of two of them."""
    if not isinstance(declared.value, Map):
        return
    if "drift" in declared.value:
        sides = declared.value["drift"]
        for side in ("documented", "torch"):
            check_patterns(Placed(sides[side], sides.values_at[side]), case)
        return
    for text in declared.value.values():
        try:
            re.compile(declared_pattern(text))
        except re.error as error:
            raise case.malformed(
                declared.mark, f"{declared_pattern(text)!r} is no regular expression: {error}"
            ) from None
