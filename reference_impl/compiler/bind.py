"""Formulas get their globals here.

Note [One text, two worlds]
A formula is rebound, never rewritten: the same code object gets globals in which the names of rows are kernels (vjp on
arrays), operators (taped, on Tensors; forward mode), or kernels that also take batches (rows, batching/kernels.py).
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from ..ops.form import Row

NAMELESS = None  # reference_impl, Note [Silence]
TABLES = "reference_impl.ops."  # the tables' own functions are rebound with the formulas


def bind(f: Callable[..., Any], world: str, done: dict[Any, Any] | None = None) -> Callable[..., Any]:
    """The same code with the rows it names replaced by their kernels ("raw", "rows") or functions ("taped"); or, a
    kernel's, with the rows themselves.

    See Note [One text, two worlds].
    """
    done = {} if done is None else done
    if f in done:
        return done[f]
    scope = {name: f.__globals__[name] for name in ("__builtins__", "__package__")} | {"__name__": NAMELESS}
    closure = f.__closure__ and tuple(types.CellType() for _ in f.__closure__)
    bound = done[f] = types.FunctionType(f.__code__, scope, f.__name__, f.__defaults__, closure)
    bound.__kwdefaults__ = f.__kwdefaults__
    for cell, own in zip(closure or (), f.__closure__ or (), strict=True):
        cell.cell_contents = rebound(own.cell_contents, world, done)
    for name in global_names(f.__code__):
        if name in f.__globals__:
            scope[name] = rebound(f.__globals__[name], world, done)
    return bound


def rebound(value: Any, world: str, done: dict[Any, Any]) -> Any:
    """What a name of a formula stands for in this world."""
    if isinstance(value, Row) and world != "kernel":
        return stand_in(value, world)
    return bind(value, world, done) if of_the_tables(value) else value


def stand_in(row: Row, world: str) -> Callable[..., Any]:
    if world == "rows":
        from ..batching.kernels import lifted

        return lifted(row)
    return silent(row.kernel) if world == "raw" else row.steps or row.function


def global_names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= global_names(const)
    return names


def of_the_tables(value: Any) -> bool:
    return isinstance(value, types.FunctionType) and (value.__module__ or "").startswith(TABLES)


@functools.cache
def silent(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel of the tables in which numpy does not warn."""
    return bind(kernel, "kernel") if of_the_tables(kernel) else kernel


def execute(text: str, scope: dict[str, Any], name: str) -> Any:
    exec(compile(text, f"<reference_impl row {name}>", "exec"), scope)
    return scope[name.partition(".")[2] or name]
