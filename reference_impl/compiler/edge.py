"""The edge of a node: what its formulas' results go through on their way to the inputs, on arrays and on Tensors.

Broadcasting is summed, what an input cannot take is dropped, masks select. `worlds` are the globals of a derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .runtime import CONSTANTS, HALF, raw, wide

nd = np.ndarray
FEW = 1 << 14  # what one product adds up: numpy adds longer rows with less rounding, and the ones are kept


def how_to_sum(have: tuple[int, ...], want: tuple[int, ...], char: str) -> tuple[Any, Any, Any]:
    """Ones to multiply with from the left, or from the right: a third of the time of add.reduce; else numpy's axes."""
    lead = len(have) - len(want)
    axes = (*range(lead), *(i + lead for i, n in enumerate(want) if n == 1 and have[i + lead] != 1))
    if len(have) < 3 and len(axes) == 1 and have[axes[0]] <= FEW and char in "fd":
        ones = np.ones(have[axes[0]], char)
        return (ones, None, None) if axes == (0,) else (None, ones, None)
    return None, None, None if len(axes) == len(have) else axes


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum over the dimensions that broadcasting added."""
    have, char = g.shape, g.dtype.char
    if have == shape:
        return g
    how = _how.get((have, shape, char))
    if how is None:
        if len(_how) >= 256:
            _how.clear()
        how = _how[have, shape, char] = how_to_sum(have, shape, char)
    left, right, axes = how
    if left is not None:
        g = left.dot(g)
    elif right is not None:
        g = g.dot(right)
    elif char in HALF:
        return sum_to(wide(g), shape).astype(g.dtype)
    else:
        g = np.add.reduce(g, axes)
    if g.shape == shape:
        return g
    if type(g) is nd:
        return g.reshape(shape)
    one = np.empty(shape, g.dtype)  # its own memory: a leaf may keep it, and add to it
    one.fill(g)
    return one


_how: dict[tuple, tuple[Any, Any, Any]] = {}


def project(g: Any, meta: tuple[tuple[int, ...], Any]) -> Any:
    """A gradient in the shape and dtype of its input: sum broadcasting, drop what a real input cannot take."""
    if g is None or isinstance(meta, list):
        return g if g is None else [project(h, m) for h, m in zip(g, meta, strict=True)]
    shape, dtype = meta
    if g.shape != shape:
        g = sum_to(g, shape)
    if g.dtype is not dtype:
        if g.dtype.kind == "c" and dtype.kind != "c":
            g = g.real
        if g.dtype != dtype:
            g = g.astype(dtype)
    return g


def conj(p: Any) -> Any:
    if type(p) is nd:
        return p.conj() if p.dtype.kind == "c" else p
    return p.conjugate() if type(p) in COMPLEX_SCALARS else p


COMPLEX_SCALARS = frozenset({complex, np.complex64, np.complex128})


def constant(number: Any, g: Any) -> Any:
    """A number as g's kernels like it best."""
    return CONSTANTS[g.dtype][number] if type(g) is nd and g.dtype in CONSTANTS else number


# Note [Selecting by bits]
# np.where mispredicts a branch for every other element of an irregular mask; a product does not. It is one of integers, of
# the bits of g with 1 or 0, so that what is masked becomes +0, also where g is inf, nan or negative. Of a mask in g's own
# dtype (never -0) the bits tell where it is not 0: their sign, as unsigned integers, is taken at a quarter of the time
# of a comparison and a product of integers with booleans.
BITS = {np.dtype("f2"): np.uint16, np.dtype("f4"): np.uint32, np.dtype("f8"): np.uint64}


def select(mask: Any, g: Any) -> Any:
    """g where mask, else 0: a cotangent of inf or nan must not survive where nothing depends on it."""
    if type(mask) is nd:
        if type(g) is nd and g.dtype in BITS:
            bits = BITS[g.dtype]
            return np.multiply(g.view(bits), np.sign(mask.view(bits)) if mask.dtype is g.dtype else mask).view(g.dtype)
        return np.where(mask, g, g.dtype.type(0))
    return g if mask else type(g)(0) if type(g) is not nd else np.zeros_like(g)


def worlds(which: str) -> dict[str, Any]:
    """The globals of a node's derivative: on arrays, on batches of them, or on Tensors."""
    if which == "rows":
        from ..batching.arrays import WORLD

        return worlds("raw") | WORLD
    if which == "raw":
        return {
            "project": project,
            "sum_to": sum_to,
            "constant": constant,
            "conj": conj,
            "select": select,
            "raw": raw,
            "wide": wide,
            "HALF": HALF,
            "__name__": "reference_impl.ops.compiled",
        }
    from ..graph.saved import unpack
    from ..ops import structure

    return {
        "project": structure.project_tensor,
        "sum_to": structure.sum_in_steps,
        "conj": structure.conj_if_complex,
        "select": structure.select_tensor,
        "unpack": unpack,
        "raw": raw,
    }
