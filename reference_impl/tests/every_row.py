"""Every row of the tables, so that a new one is tested without a test of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference_impl.ops import registry
from reference_impl.ops.form import Row


def rows() -> Iterator[tuple[Row, str]]:
    """Every row once, and for which pattern of Tensors and numbers ("Tn"); overloads included."""
    seen: set[int] = set()
    for table in registry.tables():
        for value in vars(table).values():
            if isinstance(value, Row):
                for row, pattern in ((value, ""), *((r, p) for p, r in value.overloads.items())):
                    if id(row) not in seen and not any(row is o for o in overloaded(table) if not pattern):
                        seen.add(id(row))
                        yield row, pattern


def overloaded(table: Any) -> list[Row]:
    return [o for v in vars(table).values() if isinstance(v, Row) for o in v.overloads.values()]


def label(row: Row) -> str:
    return row.signature.partition(" ->")[0]
