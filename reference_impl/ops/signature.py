"""Signatures: how a row spells its arguments and outputs (form.py, "Signature"), and the names that it may not use."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

Formula = Callable[..., Any]


class Arg(NamedTuple):
    """One argument of a signature."""

    name: str
    default: Any = inspect.Parameter.empty
    variadic: bool = False
    nondiff: bool = False
    keyword_only: bool = False


def names_of(f: Formula) -> tuple[str, ...]:
    return f.__code__.co_varnames[: f.__code__.co_argcount]


SIGNATURE = re.compile(r"(\w+)\((.*?)\)(?:\s*->\s*(.+))?")


@cache
def parse(signature: str) -> tuple[str, tuple[Arg, ...], tuple[tuple[str, str], ...]]:
    """'max(self, dim) -> (values, indices: nondiff)' -> name, arguments, ((output, role), ...)."""
    found = SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(f"not a signature: {signature!r}")
    name, inside, outside = found.groups()
    args, keyword_only = [], False
    for item in filter(None, (s.strip() for s in inside.split(","))):
        if item == "*":
            keyword_only = True
            continue
        label, _, default = item.partition("=")
        label, _, role = label.partition(":")
        bare = label.strip().rstrip("*")
        args.append(Arg(bare, parse_default(default), "*" in label, role.strip() == "nondiff", keyword_only))
    outs = [s.partition(":") for s in (outside or "result").strip("()").split(",")]
    return name, tuple(args), tuple((o.strip(), role.strip() or "diff") for o, _, role in outs)


@cache
def parse_default(text: str) -> Any:
    return ast.literal_eval(text.strip()) if text.strip() else inspect.Parameter.empty


# what the compiled text calls (compiler/__init__.py), and its own variables
CALLED = """accumulator again as_view autocast by_pattern called_formerly careful instead kernel laid_as missing mode narrow
    native new no_integers operator promoted promoted_to_float quietly rare raw refuse row_failure storage_array target_dtype
    tick to_float unusual widened"""
GLOBALS = frozenset(
    f"{CALLED} NoArray CONSTANTS EASY FORMER HALF LEAF NUMBERS Output PYTHON REAL REQUIRED ROW Result Tensor Tn meta nd".split()
)
LOCALS = re.compile(r"[xse]\d+|d|r|rs|t|ts|node|m|es|half|out|(raw|r|t)_\w+")


@cache
def taken(name: str) -> bool:
    """Whether an argument may not have this name."""
    return name in GLOBALS or LOCALS.fullmatch(name) is not None
