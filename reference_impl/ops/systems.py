"""What systems of equations, A X = B or X A = B, ask of their matrices."""

from __future__ import annotations

import numpy as np

from ..compiler.runtime import cannot_broadcast
from ..dtypes import from_numpy
from ..tensor import Tensor
from .solving import square


def legacy(x: np.ndarray) -> str:
    return from_numpy(x.dtype).legacy


def check_sizes(A: np.ndarray, B: np.ndarray, left: bool, who: str) -> None:
    """Whether B has as many rows (columns) as the square A."""
    square(A, who)
    if B.ndim < 2:
        raise RuntimeError(f"{who}: The input tensor B must have at least 2 dimensions.")
    n, (rows, columns) = A.shape[-1], B.shape[-2:]
    if n != (rows if left else columns):
        raise RuntimeError(
            f"{who}: Incompatible shapes of A and B for the equation {'AX = B' if left else 'XA = B'} ({n}x{n} and "
            f"{rows}x{columns})"
        )


def check_same_dtype(A: Tensor, B: Tensor, who: str, names: str = "A B") -> None:
    """names: what the function calls them."""
    if A.dtype is not B.dtype:
        a, b = names.split()
        raise RuntimeError(
            f"{who}: Expected {a} and {b} to have the same dtype, but found {a} of type {A.dtype.legacy} and {b} of type "
            f"{B.dtype.legacy} instead"
        )


def check_of_old(b: np.ndarray, A: np.ndarray, who: str) -> None:
    """The same for the functions of torch that once were all there were."""
    if b.dtype != A.dtype:
        raise RuntimeError(
            f"Expected b and A to have the same dtype, but found b of type {legacy(b)} and A of type {legacy(A)} instead."
        )
    if A.shape[-2] != A.shape[-1]:
        raise RuntimeError(
            f"A must be batches of square matrices, but they are {A.shape[-2]} by {A.shape[-1]} matrices"
        )
    if A.shape[-1] != b.shape[-2]:
        raise RuntimeError(
            f"Incompatible matrix sizes for {who}: each A matrix is {A.shape[-1]} by {A.shape[-1]} but each b matrix is "
            f"{b.shape[-2]} by {b.shape[-1]}"
        )
    try:
        np.broadcast_shapes(b.shape[:-2], A.shape[:-2])
    except ValueError:
        raise cannot_broadcast(b.shape[:-2], A.shape[:-2]) from None
