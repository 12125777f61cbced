"""How products compute a whole batch at once. What a rule is: rules.py."""

from __future__ import annotations

from typing import Any

from .rules import rule

RANKS = {"mm": (2, 2), "bmm": (3, 3), "mv": (2, 1)}


def check_ranks(name: str, a: dict[str, Any], which: set[str]) -> None:
    """Whether the samples have the ranks of this product: their batches may fit though they do not."""
    (nx, x), (ny, y) = a.items()
    have, want = (x.ndim - (nx in which), y.ndim - (ny in which)), RANKS[name]
    if have != want:
        raise RuntimeError(
            f"Shape mismatch: Got incorrect dims for {name}(a, b). a has dim {have[0]}and b has dim {have[1]}but expected "
            f"them to have dim {want[0]} and dim {want[1]}"
        )


@rule("mm", "bmm", "matmul_batched")
def product(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    if row.name != "matmul_batched":
        check_ranks("bmm" if row.name == "bmm" else "mm", a, which)
    (x, y), (nx, ny) = a.values(), a
    if nx in which and ny in which:
        while x.ndim < y.ndim:
            x = x.unsqueeze(1)
        while y.ndim < x.ndim:
            y = y.unsqueeze(1)
    elif nx in which and y.ndim == 2:  # one product of a taller matrix
        return (x.reshape(x.shape[:-1].numel(), x.shape[-1]) @ y).reshape(*x.shape[:-1], y.shape[-1])
    return x @ y


@rule("mv")
def matrix_vector(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    check_ranks("mv", a, which)
    (m, v), (nm, nv) = a.values(), a
    if nv not in which:
        return m @ v
    return v @ m.transpose(0, 1) if nm not in which else (m @ v.unsqueeze(-1)).squeeze(-1)


@rule("dot")
def dot(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    (x, y), (nx, ny) = a.values(), a
    if x.ndim - (nx in which) != 1 or y.ndim - (ny in which) != 1:
        raise RuntimeError("Got wrong shapes for dot")
    both = nx in which and ny in which
    return (x.unsqueeze(1) @ y.unsqueeze(-1)).reshape(-1) if both else x @ y if nx in which else y @ x


@rule("outer")
def outer(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    x, y = a.values()
    return x.unsqueeze(-1) * y.unsqueeze(-2)


@rule("addmm")
def affine(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """Linear layers, of weights that the samples share or have each: the product, and what is added to its rows."""
    b, x, w = a["self"], a["mat1"], a["mat2"]
    alike = b.dtype is x.dtype is w.dtype and x.dtype.itemsize > 2  # half precision is rounded once, after the sum
    rows = b.ndim - ("self" in which) == 1
    if not (a["beta"] == 1 == a["alpha"] and alike and rows and x.shape[-1] == w.shape[-2]):
        return NotImplemented
    y = product(row, {"mat1": x, "mat2": w}, which)
    return y + (b.unsqueeze(1) if "self" in which else b)
