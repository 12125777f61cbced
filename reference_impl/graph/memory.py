"""Whose memory a gradient lies in.

A gradient may become .grad as it is, or be added to, only if nobody else holds its memory. What a compiled vjp returns
is linear in its cotangent: so it is new memory, or the cotangent's. The latter may be taken too if the cotangent was
itself new, made by the node before and sent here only (the transpose in front of a weight, for one). What is a view made
for this leaf becomes .grad as it is, as in torch, but is never added to on its way there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .node import Node

nd = np.ndarray


def owner(a: Any) -> Any:
    return a.base if type(a) is nd and a.base is not None else a


def ours(r: Any, g: Any, results: tuple, before: tuple[Node, Any, Any] | None) -> bool:
    """Whether the array r, one of a node's results for the cotangent g, is the only user of its memory.

    before: the node that g came from, if it came straight from it; what that got, and gave (g itself, or several).
    """
    own = r.base
    if own is None:
        own = r
    elif type(own) is not nd or own.size != r.size:
        return False
    users = 0
    for a in results:
        if a is own or (type(a) is nd and a.base is own):
            users += 1
    if users > 1:
        return False
    if type(g) is not nd:
        return not any(owner(h) is own for h in g) if type(g) is list else True
    if g is not own and g.base is not own:
        return True
    if before is None:
        return False
    node, received, sent = before
    return node.fresh and ours(g, received, (sent,) if sent is g else sent, None)


def handed_over(r: Any, g: Any, results: tuple, before: tuple[Node, Any, Any] | None) -> bool:
    """Whether nobody else holds the array r itself, though its memory may be somebody's.

    torch lets .grad take over such a tensor, too: a view of the cotangent that a caller gave, or that another leaf gets.
    """
    if [a is r for a in results].count(True) != 1:
        return False
    if r is not g and (type(g) is not list or not any(a is r for a in g)):
        return r.flags.forc and r.flags.writeable
    if before is None or type(g) is not nd:
        return False
    node, received, sent = before
    return node.fresh and handed_over(g, received, (sent,) if sent is g else sent, None)
