"""numpy's names for arguments, which torch takes as well: `axis` for dim, `keepdims` for keepdim.

They are parameters of their own, so that a call without them pays for a comparison with None only: in rows behind the
others that have a position, for keywords cost more; in rows without keywords, keywords, lest they be given by position.
Since `axis` may stand for a dim that has no default, that and what follows it get one which says so.
"""

from __future__ import annotations

from collections.abc import Iterable

NAMES = {"dim": "axis", "keepdim": "keepdims"}


class Required:
    """The default of an argument that has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = Required()


def others(names: Iterable[str]) -> list[str]:
    return [NAMES[name] for name in names if name in NAMES]


def renamed(function: str, names: list[str], required: list[str]) -> list[str]:
    """The text that puts arguments in place. required: those with the default REQUIRED."""
    lines = [f"    if {NAMES[name]} is not None: {name} = {NAMES[name]}" for name in names if name in NAMES]
    return lines + [f"    if {name} is REQUIRED: raise missing({function!r}, {name!r})" for name in required]


def missing(function: str, name: str) -> TypeError:
    return TypeError(f'{function}() missing 1 required positional arguments: "{name}"')
