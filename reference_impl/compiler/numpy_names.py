"""numpy's names for arguments, which torch takes as well: `axis` for dim, `keepdims` for keepdim.

They are parameters of their own, so that a call without them pays for a comparison with None only: in rows behind the
others that have a position, for keywords cost more; in rows without keywords, keywords, lest they be given by position.
Since `axis` may stand for a dim that has no default, that and what follows it get one which says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

NAMES = {"dim": "axis", "keepdim": "keepdims"}


class Required:
    """The default of an argument that has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = Required()


def numpys(names: Iterable[str]) -> list[str]:
    return [NAMES[name] for name in names if name in NAMES]


def renamed(function: str, defaults: dict[str, Any]) -> list[str]:
    """The text that puts arguments in place. defaults: of all arguments; REQUIRED, where an argument has none."""
    lines = []
    for name, default in defaults.items():
        if name in NAMES:
            lines.append(
                f"    if {NAMES[name]} is not None: {name} = instead({function!r}, {NAMES[name]!r}, {NAMES[name]}, {name}, "
                f"{default!r})"
            )
    required = [name for name, default in defaults.items() if default is REQUIRED]
    return lines + [f"    if {name} is REQUIRED: raise missing({function!r}, {name!r})" for name in required]


def instead(function: str, name: str, value: Any, given: Any, default: Any) -> Any:
    """The value under numpy's name, unless torch's name was given one, too."""
    if given is not default:
        raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
    return value


def missing(function: str, name: str) -> TypeError:
    return TypeError(f'{function}() missing 1 required positional arguments: "{name}"')
