"""Formulas keep to the contract of ops/form.py: they are made of operators and rows, and so run on arrays and Tensors."""

from __future__ import annotations

import dis
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from reference_impl.ops import registry
from reference_impl.ops.form import Row
from reference_impl.tensor import Tensor

OF_ARRAYS = {"shape", "ndim"}
OF_DTYPES = {"kind", "np", "type", "dtype", "real"}  # of the fact x_dtype and of a dtype= param
OF_NUMBERS = {"conjugate", "append", "__getitem__"}
ON_NUMBERS = {"log_of_number", "number_log", "number_log1p"}  # functions of params alone, which may use numpy


def rows() -> dict[str, Row]:
    found = [r for table in registry.tables() for r in vars(table).values() if isinstance(r, Row)]
    found += [o for r in found for o in r.overloads.values()]
    return {f"{r.signature} {i}": r for i, r in enumerate(dict.fromkeys(found))}


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from codes(const)


def breaches(f: Callable[..., Any], seen: set[Any]) -> Iterator[str]:
    """What f, or a helper that it calls, does that a formula may not."""
    if f in seen:
        return
    seen.add(f)
    module: Any = None
    for code in codes(f.__code__):
        for step in dis.get_instructions(code):
            if step.opname == "LOAD_GLOBAL":
                value = f.__globals__.get(step.argval)
                module = value if isinstance(value, types.ModuleType) else None
                if (value is np and f.__name__ not in ON_NUMBERS) or value is Tensor:
                    yield f"{f.__name__} uses {step.argval}"
                elif isinstance(value, types.FunctionType):
                    yield from breaches(value, seen)
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                if module is None and step.argval not in OF_ARRAYS | OF_DTYPES | OF_NUMBERS:
                    yield f"{f.__name__} reads .{step.argval}"
                module = None


ROWS = rows()


@pytest.mark.parametrize("name", ROWS)
def test_formulas_are_made_of_operators_and_rows(name: str) -> None:
    row = ROWS[name]
    formulas = [f for f in (*row.formulas.values(), row.vjp, row.jvp) if f is not None]
    seen: set[Any] = set()
    assert [breach for f in formulas for breach in breaches(f, seen)] == []


def test_a_breach_is_noticed() -> None:
    def formula(g: Any) -> Any:
        return np.conj(g.copy())

    assert list(breaches(formula, set())) == ["formula uses np", "formula reads .copy"]
