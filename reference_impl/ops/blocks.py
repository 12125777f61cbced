"""Matrices along a diagonal, zeros elsewhere.

HOWTO. As joining.py: `tensors*` takes a sequence, and its formula returns a list.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import get_default_dtype, result_type
from ..tensor import Tensor, wrap
from .form import composite, linear
from .shape import basic, squeezed
from .shaping import listed
from .writes import zeros_of


def blocks(shapes, nothing=1):
    """Where each matrix lies; a vector of no elements has `nothing` rows."""
    row = column = 0
    found = []
    for size in shapes:
        m, n = (nothing, 0) if tuple(size) == (0,) else (1,) * (2 - len(size)) + tuple(size)
        found.append((slice(row, row + m), slice(column, column + n)))
        row, column = row + m, column + n
    return found


def blocks_kernel(xs):
    places = blocks([x.shape for x in xs])
    r = np.zeros([d.stop for d in places[-1]], xs[0].dtype)
    for x, place in zip(xs, places, strict=True):
        r[place] = x
    return r


def block_of(g, place, shape):
    if tuple(shape) == (0,):
        return zeros_of(g, shape)
    rows, columns = place
    g = basic(basic(g, (rows,)), (slice(None), columns))
    for _ in range(2 - len(shape)):
        g = squeezed(g, 0)
    return g


joined_blocks = linear(
    "block_diag(tensors*)",
    blocks_kernel,
    tensors=lambda g, tensors_shape: [  # torch's gradient knows of no row that a vector without elements takes
        block_of(g, place, shape) for place, shape in zip(blocks(tensors_shape, 0), tensors_shape, strict=True)
    ],
    public=False,
)


@composite(method=False)
def block_diag(*tensors: Tensor) -> Tensor:
    """The matrices along the diagonal, zeros elsewhere (source: torch.block_diag)."""
    for i, x in enumerate(listed(tensors)):
        if x.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {x.ndim} dimensions"
            )
    if not listed(tensors):
        return wrap(np.zeros((1, 0), get_default_dtype().np))
    common = result_type(tuple(t._array for t in listed(tensors)))
    return joined_blocks([t.to(common) for t in listed(tensors)])
