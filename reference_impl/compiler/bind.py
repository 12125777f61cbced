"""Formulas get their globals here.

Note [One text, two worlds]
A formula is rebound, never rewritten: the same code object gets globals in which the names of rows are kernels (vjp on
arrays), operators (taped, on Tensors; forward mode), or kernels that also take batches (rows, batch_kernels.py).
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from ..ops.form import Row

TABLES = "reference_impl.ops."  # the tables' own functions are rebound with the formulas


def bind(f: Callable[..., Any], world: str, done: dict[Any, Any] | None = None) -> Callable[..., Any]:
    """The same code with the rows it names replaced by their kernels ("raw", "rows") or functions ("taped").

    See Note [One text, two worlds].
    """
    done = {} if done is None else done
    if f in done:
        return done[f]
    scope: dict[str, Any] = {"__name__": f.__globals__["__name__"], "__builtins__": f.__globals__["__builtins__"]}
    bound = done[f] = types.FunctionType(f.__code__, scope, f.__name__, f.__defaults__, f.__closure__)
    bound.__kwdefaults__ = f.__kwdefaults__
    for name in global_names(f.__code__):
        if name in f.__globals__:
            value = f.__globals__[name]
            if isinstance(value, Row):
                value = stand_in(value, world)
            elif isinstance(value, types.FunctionType) and value.__module__.startswith(TABLES):
                value = bind(value, world, done)
            scope[name] = value
    return bound


def stand_in(row: Row, world: str) -> Callable[..., Any]:
    if world == "rows":
        from ..batch_kernels import lifted

        return lifted(row)
    if world == "taped" and row.name == "conj_physical":
        from ..ops.structure import conj_tensor

        return conj_tensor  # a real Tensor is its own conjugate: no operator, no node
    return row.kernel if world == "raw" else row.function


def global_names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= global_names(const)
    return names


def execute(text: str, scope: dict[str, Any], name: str) -> Any:
    exec(compile(text, f"<reference_impl row {name}>", "exec"), scope)
    return scope[name.partition(".")[2] or name]
