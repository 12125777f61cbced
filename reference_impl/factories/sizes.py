"""The sizes that factories are given: integers, one by one or in a sequence."""

from __future__ import annotations

import math
from operator import index
from typing import Any

from ..errors import Unsupported, type_name


def size_of(given: tuple, name: str) -> tuple[int, ...]:
    """Sizes given one by one, or as one sequence."""
    items = given[0] if len(given) == 1 and isinstance(given[0], tuple | list) else given
    if not given:
        raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
    sizes = whole(items, name, inside=items is not given)
    if name == "zeros" and any(n < 0 for n in sizes):
        raise RuntimeError("zeros: Dimension size must be non-negative.")
    check_size(sizes)
    if len(sizes) > 64:
        raise Unsupported(f"{name}: more than 64 dimensions, which numpy does not have")
    return sizes


def whole(items: Any, name: str, argument: str = "size", position: int = 1, inside: bool = True) -> tuple[int, ...]:
    """Sizes as ints. inside: they came in a sequence."""
    if not isinstance(items, tuple | list):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be tuple of ints, not {type_name(items)}"
        )
    where = (name, argument, position, inside)
    return tuple([n if type(n) is int else whole_size(n, i, *where) for i, n in enumerate(items)])


def whole_size(n: Any, i: int, name: str, argument: str, position: int, inside: bool) -> int:
    """One of the sizes as an int."""
    try:
        if i or not isinstance(n, bool):
            return index(n)
    except TypeError:
        pass
    if i:
        why = f"type must be tuple of ints,but got {type_name(n)}"
        raise TypeError(
            f"{name}(): argument '{argument}' failed to unpack the object at pos {i + 1} with error \"{why}\""
        )
    found = f"but found element of type {type_name(n)} at pos 0" if inside else f"not {type_name(n)}"
    raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be tuple of ints, {found}")


def check_negative(sizes: tuple[int, ...]) -> None:
    for n in sizes:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(sizes)}")


def check_size(sizes: tuple[int, ...]) -> None:
    check_negative(sizes)
    if 0 in sizes and math.prod(max(n, 1) for n in sizes) >= 2**63:
        raise RuntimeError("Stride calculation overflowed")
    if math.prod(sizes) >= 2**61:
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(sizes)}")
