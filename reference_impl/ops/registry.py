"""Every operator by its public name: the rows of all tables, and the Python functions that choose between rows."""
from __future__ import annotations

from typing import Any

from . import arithmetic, composite, exponential, indexing, layers, linalg, products, reduce, shape, structure
from .form import Row

TABLES = (structure, arithmetic, exponential, shape, indexing, reduce, products, linalg, layers)
ROWS: dict[str, Row] = {}
for _table in TABLES:
    for _row in vars(_table).values():
        if isinstance(_row, Row):
            for _name in (_row.name, *_row.aliases):
                ROWS.setdefault(_name, _row)
FUNCTIONS: dict[str, Any] = composite.FUNCTIONS      # they come before rows of the same name


def function(name: str) -> Any:
    """torch.<name>, compiled, or None."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    row = ROWS.get(name)
    return row.function if row is not None and row.public else None
