"""repr of sparse tensors, character for character as torch prints it."""

from __future__ import annotations

from typing import Any

from .. import dtypes
from ..methods.printing import OPTIONS, array_text, ends, finish, formatters, history_of
from ..placement import sparse_coo, sparse_csc, sparse_csr
from ..tensor import Tensor
from .tensor import SparseTensor

START = "tensor("
NAMES = {
    sparse_coo: ("_indices",),
    sparse_csr: ("crow_indices", "col_indices"),
    sparse_csc: ("ccol_indices", "row_indices"),
}


def text(t: SparseTensor) -> str:
    names = NAMES[t.layout]
    parts = [(n.strip("_"), getattr(t, n)()) for n in names] + [("values", t._values_tensor)]
    suffixes = [f"size={tuple(t.shape)}", f"nnz={t._nnz()}"]
    if t.dtype not in (
        dtypes.get_default_dtype(),
        dtypes.COMPLEX_OF[dtypes.get_default_dtype()],
        dtypes.int64,
        dtypes.bool_,
    ):
        suffixes.append(f"dtype={t.dtype!r}")
    body = (",\n" + " " * len(START)).join(part(n, x) for n, x in parts)
    return finish(body, [*suffixes, f"layout={t.layout}", *history_of(t)], START, t.is_sparse)


def part(name: str, t: Tensor) -> str:
    start, a = f"{name}=tensor(", t._array
    if not a.size:
        return f"{start}[], size={tuple(a.shape)})"
    shorten = a.size > OPTIONS.threshold
    indent: Any = len(START) + len(start)
    return f"{start}{array_text(a, indent, formatters(ends(a) if shorten else a), shorten)})"
