"""Which names a case may take for its own: not Python's words, and none that a program or its script stands on."""

from __future__ import annotations

import keyword
import re

_MODULES = "torch numpy np calls collections contextlib copy gc io pickle re threading warnings weakref Any"
_HELPERS = (
    "CaseThread without_addresses kind_of expect expect_tuple expect_repr copy_of log_call expect_calls raises warns "
    "hearing warns_nothing"
)
_BUILTINS = (
    "AssertionError Exception FileNotFoundError any bool classmethod complex enumerate float getattr int isinstance len list "
    "object open range repr staticmethod str super tuple type zip"
)
RESERVED = frozenset(f"{_MODULES} {_HELPERS} {_BUILTINS}".split())
"""What recorded programs and standalone scripts use themselves; a variable of that name would change what they mean."""

_PARAMETER = re.compile(
    r"\*{0,2}(?P<name>[A-Za-z][A-Za-z0-9_]*)|\*|/|(?P<optional>[A-Za-z][A-Za-z0-9_]*) *= *[^()#\n]+"
)


def objection(name: str) -> str | None:
    """Why a case may not call something ``name``, or None."""
    if keyword.iskeyword(name):
        return f"{name!r} is a word of Python's; take another name"
    if name in RESERVED or name.startswith(("draw_", "body_of_", "items_seen")):
        return f"{name!r} has a meaning of its own in every case; take another name"
    return None


def parameter(text: str) -> str | None:
    """The name in one item of ``takes:`` (``grad``, ``*args``, ``n=2``), "" for a bare ``*`` or ``/``, None for anything else."""
    found = _PARAMETER.fullmatch(text)
    return (found["name"] or found["optional"] or "") if found else None
