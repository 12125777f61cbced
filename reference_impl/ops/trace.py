"""The trace of a matrix.

HOWTO. As in reduce.py. Its gradient is written into the flat memory of zeros, and then takes the matrix's shape.
"""

from __future__ import annotations

import numpy as np

from .form import SIZES, linear
from .shape import diagonal_kernel, put, reshaped


def trace_kernel(x):
    if x.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {x.ndim}")
    return np.add.reduce(x.diagonal(), dtype=np.int64 if x.dtype.kind in "biu" else x.dtype)


trace = linear(
    "trace(self)",
    trace_kernel,
    self=lambda g, self_shape: reshaped(on_diagonal(g, self_shape), self_shape),
    refuses="bool",
    saved_as=SIZES,
)
on_diagonal = linear(
    "on_diagonal(self, shape)",
    lambda g, shape: put(np.zeros(shape, g.dtype), g, lambda r: diagonal_kernel(r, 0, 0, 1)).reshape(-1),
    self=lambda g, shape: trace(reshaped(g, shape)),
    public=False,
    grad_fn="IndexFillBackward1",
    edges="nT",
)
