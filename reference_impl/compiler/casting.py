"""The text by which an operator with a policy looks whether autocast is on (autocasting.py). For a row it is the one look
at the modes; the others have none to pay for."""

from __future__ import annotations

from ..autocasting import POLICY_OF
from ..graph.modes import AUTOCAST


def autocast_test(name: str, asked: str, positional: list[str], named: list[str], out: bool = False) -> list[str]:
    """asked: how the text asks for the modes. out: whether the function takes out=, which is written without casts."""
    if name not in POLICY_OF:
        return []
    policy = repr(POLICY_OF[name])
    if out:
        named, policy = [*named, "out=out"], f"{policy} if out is None else ''"
    call = f"autocast({name}, {policy}, [{', '.join(positional)}], dict({', '.join(named)}))"
    return [f"    if {asked} & {AUTOCAST}: return {call}"]
