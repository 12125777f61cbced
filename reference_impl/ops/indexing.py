"""Advanced indexing: gathering by index arrays and masks, and writing to them.

HOWTO. `indices: nondiff` arrives as arrays in kernels and formulas alike. What is gathered comes back by adding at the
same places (`index_add_at`), for an index may occur twice.
"""
from __future__ import annotations

import numpy as np

from .form import linear
from .structure import sum_to


def add_at_kernel(g, shape, indices):
    r = np.zeros(shape, g.dtype)
    np.add.at(r, indices, g)
    return r


index = linear("index(self, indices: nondiff)", lambda x, indices: x[indices],
               self=lambda g, self_shape, indices: add_at(g, self_shape, indices), method=False)
add_at = linear("add_at(self, shape, indices: nondiff)", add_at_kernel, public=False, grad_fn="IndexPutBackward0",
                self=lambda g, indices: index(g, indices))


def index_put_kernel(x, indices, values, accumulate):
    r = x.copy()
    if accumulate:
        np.add.at(r, indices, values)
    else:
        r[indices] = values
    return r


index_put = linear(
    "index_put(self, indices: nondiff, values, accumulate=False)", index_put_kernel,
    self=lambda g, indices, accumulate: g if accumulate else cleared(g, indices),
    values=lambda g, indices, values_shape: sum_to(index(g, indices), values_shape), inplace=True)
cleared = linear("cleared(self, indices: nondiff)", lambda g, indices: index_put_kernel(g, indices, 0, False),
                 public=False, grad_fn="IndexPutBackward0", self=lambda g, indices: cleared(g, indices))
