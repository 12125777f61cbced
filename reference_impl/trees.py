"""Nested containers as flat lists: what vmap and grad take and return, and operators.

As in torch, a transform opens containers of these very classes and named tuples; an operator takes any sequence.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .dtypes import Size


class Spec(NamedTuple):
    """A container without its leaves, in whose places None stands."""

    kind: type
    context: Any  # what else makes one: a dict's keys, a deque's limit
    parts: list[Spec | None]


SEQUENCES = (list, tuple, Size)
DICTS = (dict, OrderedDict, defaultdict)


# What recurses stands at the top: a nested function that calls itself is a cycle, which would keep the leaves alive.


def flatten(tree: Any) -> tuple[list[Any], Spec | None]:
    """The leaves, from left to right, and what held them."""
    leaves: list[Any] = []
    return leaves, opened(tree, leaves)


def opened(x: Any, leaves: list[Any]) -> Spec | None:
    kind = type(x)
    if kind in SEQUENCES or (isinstance(x, tuple) and hasattr(kind, "_fields")):
        return Spec(kind, kind if is_named(kind) else None, [opened(y, leaves) for y in x])
    if kind in DICTS:
        context = [x.default_factory, list(x)] if kind is defaultdict else list(x)
        return Spec(kind, context, [opened(y, leaves) for y in x.values()])
    if kind is deque:
        return Spec(kind, x.maxlen, [opened(y, leaves) for y in x])
    leaves.append(x)
    return None


def unflatten(leaves: list[Any], spec: Spec | None) -> Any:
    return built(spec, iter(leaves))


def built(spec: Spec | None, items: Iterator[Any]) -> Any:
    if spec is None:
        return next(items)
    kind, context, parts = spec.kind, spec.context, [built(part, items) for part in spec.parts]
    if kind is defaultdict:
        return kind(context[0], zip(context[1], parts, strict=True))
    if kind in DICTS:
        return kind(zip(context, parts, strict=True))
    if kind is deque:
        return kind(parts, context)
    return kind(*parts) if is_named(kind) else kind(parts)


def is_named(kind: type) -> bool:
    """Whether this is a named tuple of the user's. (Those of torch take one sequence.)"""
    return hasattr(kind, "_fields") and kind.__module__ != "torch.return_types"


def tree_map(f: Callable[[Any], Any], tree: Any) -> Any:
    leaves, spec = flatten(tree)
    return unflatten([f(x) for x in leaves], spec)


def spread(prefix: Any, spec: Spec | None) -> list[Any] | None:
    """One value of prefix for each leaf of spec: a value stands for everything below it. None where they do not fit."""
    values, own = flatten(prefix)
    try:
        return below(own, spec, iter(values))
    except ValueError:
        return None


def below(own: Spec | None, spec: Spec | None, items: Iterator[Any]) -> list[Any]:
    if own is None:
        return [next(items)] * count(spec)
    if spec is None:
        raise ValueError
    parts = spec.parts
    if own.kind in DICTS and spec.kind in DICTS:
        named = dict(zip(keys(spec), parts, strict=True))
        if named.keys() != set(keys(own)):
            raise ValueError
        parts = [named[k] for k in keys(own)]  # as torch, which counts in the order of the prefix
    elif own.kind is not spec.kind or own.context != spec.context:
        raise ValueError
    return [x for a, b in zip(own.parts, parts, strict=True) for x in below(a, b, items)]


def keys(spec: Spec) -> list[Any]:
    return spec.context[1] if spec.kind is defaultdict else spec.context


def count(spec: Spec | None) -> int:
    """How many leaves it holds."""
    return 1 if spec is None else sum(map(count, spec.parts))


def leaves(x: Any) -> Iterator[Any]:
    """What an operator's arguments or results hold, from left to right."""
    if isinstance(x, list | tuple | dict):
        for y in x.values() if isinstance(x, dict) else x:
            yield from leaves(y)
    else:
        yield x


class Leaf:
    """Stands for a leaf where a tree is shown."""

    def __repr__(self) -> str:
        return "*"


def shown(spec: Spec | None) -> str:
    """A structure as a tree of asterisks."""
    return repr(unflatten([Leaf()] * count(spec), spec))


def text(spec: Spec | None, indent: int = 2) -> str:
    """A structure as torch's error messages write it: what is beside the first thing held stands on lines of its own."""
    if spec is None:
        return "*"
    name = "namedtuple" if is_named(spec.kind) else spec.kind.__name__
    held = f",\n{' ' * indent}".join(text(part, indent + 2) for part in spec.parts)
    return f"TreeSpec({name}, {spec.context}, [{held}])"
