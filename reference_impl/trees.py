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
            return dict, {k: walk(v) for k, v in x.items()}
        leaves.append(x)
        return None

    return leaves, walk(tree)


def unflatten(leaves: list[Any], spec: Any) -> Any:
    items = iter(leaves)

    def build(s: Any) -> Any:
        if s is None:
            return next(items)
        kind, inside = s
        if kind is dict:
            return {k: build(v) for k, v in inside.items()}
        built = [build(v) for v in inside]
        named = (
            hasattr(kind, "_fields") and kind.__module__ != "torch.return_types"
        )  # those take one sequence, as in torch
        return kind(*built) if named else kind(built)

    return build(spec)


def tree_map(f: Callable[[Any], Any], tree: Any) -> Any:
    leaves, spec = flatten(tree)
    return unflatten([f(x) for x in leaves], spec)


def spread(prefix: Any, spec: Any) -> list[Any] | None:
    """One value of prefix for each leaf of spec: a value stands for everything below it. None where they do not fit."""
    if spec is None:
        return None if isinstance(prefix, list | tuple | dict) else [prefix]
    kind, inside = spec
    if not isinstance(prefix, list | tuple | dict):
        return [x for v in (inside.values() if kind is dict else inside) for x in (spread(prefix, v) or ())]
    if (kind is dict) != isinstance(prefix, dict) or len(prefix) != len(inside):
        return None
    pairs = [(prefix[k], v) for k, v in inside.items()] if kind is dict else list(zip(prefix, inside, strict=True))
    found: list[Any] = []
    for p, v in pairs:
        part = spread(p, v)
        if part is None:
            return None
        found += part
    return found


class Leaf:
    """Stands for a leaf where a tree is shown."""

    def __repr__(self) -> str:
        return "*"


def shown(spec: Any) -> str:
    """A structure as a tree of asterisks."""

    def count(s: Any) -> int:
        return 1 if s is None else sum(map(count, s[1].values() if s[0] is dict else s[1]))

    return repr(unflatten([Leaf()] * count(spec), spec))


def text(spec: Any) -> str:
    """A structure as torch's error messages write it: what is beside the first thing held stands on lines of its own."""

    def write(s: Any, indent: int) -> str:
        if s is None:
            return "*"
        kind, inside = s
        names, items = (list(inside), list(inside.values())) if kind is dict else (None, inside)
        return (
            f"TreeSpec({kind.__name__}, {names}, ["
            + f",\n{' ' * indent}".join(write(i, indent + 2) for i in items)
            + "])"
        )

    return write(spec, 2)
