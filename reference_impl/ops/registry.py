"""Every operator by its public name: the rows of all tables, and the Python functions that choose between rows."""
from __future__ import annotations

from typing import Any

from . import arithmetic, composite, exponential, indexing, layers, linalg, products, reduce, shape, structure
from .form import Row

TABLES = (structure, arithmetic, exponential, shape, indexing, reduce, products, linalg, layers)
ROWS: dict[str, Row] = {}
_rows = [r for table in TABLES for r in vars(table).values() if isinstance(r, Row)]
_overloads = {id(o) for r in _rows for o in r.overloads.values()}
for _row in _rows:
    if id(_row) not in _overloads:
        for _name in (_row.name, *_row.aliases):
            ROWS.setdefault(_name, _row)
FUNCTIONS: dict[str, Any] = composite.FUNCTIONS      # they come before rows of the same name


def function(name: str) -> Any:
    """torch.<name>, compiled, or None."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    row = ROWS.get(name)
    return row.function if row is not None and row.public else None
