"""Nested tuples, lists and dicts as flat lists: what vmap, grad and checkpoint take and return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves, from left to right, and a description of what held them."""
    leaves: list[Any] = []

    def walk(x: Any) -> Any:
        if isinstance(x, list | tuple):
            return type(x), [walk(y) for y in x]
        if isinstance(x, dict):
            return type(x), {k: walk(v) for k, v in x.items()}
        leaves.append(x)
        return None

    return leaves, walk(tree)


def unflatten(leaves: list[Any], spec: Any) -> Any:
    items = iter(leaves)

    def build(s: Any) -> Any:
        if s is None:
            return next(items)
        kind, inside = s
        if issubclass(kind, dict):
            return kind((k, build(v)) for k, v in inside.items())
        built = [build(v) for v in inside]
        return kind(*built) if is_named(kind) else kind(built)

    return build(spec)


def is_named(kind: type) -> bool:
    """Whether this is a named tuple of the user's. (Those of torch take one sequence.)"""
    return hasattr(kind, "_fields") and kind.__module__ != "torch.return_types"


def tree_map(f: Callable[[Any], Any], tree: Any) -> Any:
    leaves, spec = flatten(tree)
    return unflatten([f(x) for x in leaves], spec)


def spread(prefix: Any, spec: Any) -> list[Any] | None:
    """One value of prefix for each leaf of spec: a value stands for everything below it. None where they do not fit."""
    if spec is None:
        return None if isinstance(prefix, list | tuple | dict) else [prefix]
    kind, inside = spec
    if not isinstance(prefix, list | tuple | dict):
        return [x for v in parts(inside) for x in (spread(prefix, v) or ())]
    if isinstance(inside, dict):
        if not isinstance(prefix, dict) or prefix.keys() != inside.keys():
            return None
        prefix = [prefix[k] for k in inside]
    elif type(prefix) is not kind or len(prefix) != len(inside):
        return None
    pairs = zip(prefix, parts(inside), strict=True)
    found: list[Any] = []
    for p, v in pairs:
        part = spread(p, v)
        if part is None:
            return None
        found += part
    return found


def parts(inside: Any) -> Any:
    return inside.values() if isinstance(inside, dict) else inside


class Leaf:
    """Stands for a leaf where a tree is shown."""

    def __repr__(self) -> str:
        return "*"


def shown(spec: Any) -> str:
    """A structure as a tree of asterisks."""

    def count(s: Any) -> int:
        return 1 if s is None else sum(map(count, parts(s[1])))

    return repr(unflatten([Leaf()] * count(spec), spec))


def text(spec: Any) -> str:
    """A structure as torch's error messages write it: what is beside the first thing held stands on lines of its own."""

    def write(s: Any, indent: int) -> str:
        if s is None:
            return "*"
        kind, inside = s
        name, context = kind.__name__, list(inside) if isinstance(inside, dict) else None
        if is_named(kind):
            name, context = "namedtuple", kind
        return (
            f"TreeSpec({name}, {context}, ["
            + f",\n{' ' * indent}".join(write(i, indent + 2) for i in parts(inside))
            + "])"
        )

    return write(spec, 2)
