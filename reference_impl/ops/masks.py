"""Reading and writing where a mask is set.

HOWTO. The mask is `nondiff` and broadcasts with the tensor, whose gradient is summed back to its shape.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..compiler.edge import select
from ..compiler.runtime import cannot_broadcast
from ..dtypes import from_numpy, number, same
from .dims import row_by_row
from .form import elementwise, general, linear
from .structure import cast, sum_to, total
from .writes import zeros_of


def together(x, mask):
    """Both in one shape, or torch's error."""
    try:
        return np.broadcast_arrays(x, mask)
    except ValueError:
        raise cannot_broadcast(mask.shape, x.shape) from None


def masked_fill_kernel(x, mask, value):
    if mask.dtype.kind != "b":
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {from_numpy(mask.dtype).cpp}"
        )
    x, mask = together(x, mask)
    value = np.asarray(value)
    value = value if value.ndim else number(value.item(), x.dtype)  # batched, it has dimensions
    return row_by_row(np.where(mask, np.asarray(value).astype(x.dtype), x))


masked_fill_number = general(
    "masked_fill(self, mask: nondiff, value)",
    masked_fill_kernel,
    self=lambda g, mask, self_shape: sum_to(masked_fill_number(g, mask, 0), self_shape),
    jvp=lambda self_t, mask: masked_fill_number(self_t, mask, 0),
    public=False,
)
masked_fill_tensor = linear(
    "masked_fill(self, mask: nondiff, value)",
    masked_fill_kernel,
    self=lambda g, mask, self_shape: sum_to(masked_fill_number(g, mask, 0), self_shape),
    value=lambda g, mask, value_dtype: cast(total(masked_keep(g, mask)), value_dtype),
    public=False,
    grad_fn="MaskedFillBackward1",
)
masked_keep = linear(
    "masked_keep(self, mask: nondiff)",
    lambda g, mask: np.where(mask, g, g.dtype.type(0)),
    self=lambda g, mask: masked_keep(g, mask),
    public=False,
    grad_fn="MulBackward0",
)
without = elementwise(
    "without(self, mask: nondiff)",
    lambda g, mask: select(~mask, g),
    self=lambda g, mask: without(g, mask),
    public=False,
    half_ready=True,
    grad_fn="MaskedFillBackward0",
)
only = elementwise(
    "only(self, mask: nondiff)",
    lambda g, mask: np.where(mask, g, g.dtype.type(0))[()],
    self=lambda g, mask: masked_keep(g, mask),
    public=False,
    half_ready=True,
    grad_fn="MaskedFillBackward1",
    edges="nT",
)


def masked_select_kernel(x, mask):
    if mask.dtype.kind != "b":
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    x, mask = together(x, mask)
    return x[mask].reshape(-1)


def masked_select_back(g, shape, mask):
    r = np.zeros(np.broadcast_shapes(shape, mask.shape), g.dtype)
    r[np.broadcast_to(mask, r.shape)] = g
    return r


def masked_scatter_kernel(x, mask, source):
    if mask.dtype.kind != "b":
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    same("masked_scatter_: expected self and source to have same dtypes but got {0.legacy} and {1.legacy}", x, source)
    x, mask = together(x, mask)
    r, count = np.array(x, order="C"), int(mask.sum())
    if count > source.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    r[mask] = source.reshape(-1)[:count]
    return r


def masked_scatter_back(g, mask, shape):
    """The cotangents where the mask is set, in order; what of source was not used gets 0."""
    r = np.zeros(prod(shape), g.dtype)
    found = g[np.broadcast_to(mask, g.shape)]
    r[: found.size] = found
    return r.reshape(shape)


masked_select = linear(
    "masked_select(self, mask: nondiff)",
    masked_select_kernel,
    self=lambda g, self_shape, mask: sum_to(masked_selected_back(g, self_shape, mask), self_shape),
    keeps="self",
)
masked_selected_back = linear(
    "masked_selected_back(self, shape, mask: nondiff)",
    masked_select_back,
    self=lambda g, mask: masked_select(g, mask),
    public=False,
    grad_fn="MaskedScatterBackward0",
    edges="nT",
)
masked_scatter = linear(
    "masked_scatter(self, mask: nondiff, source)",
    masked_scatter_kernel,
    self=lambda g, mask, self_shape: sum_to(masked_fill_number(g, mask, 0), self_shape),
    source=lambda g, mask, source_shape: masked_scattered_back(g, mask, source_shape),
    saved_as={"source_shape": "source_sym_sizes"},
    inplace=True,
)
masked_scattered_back = linear(
    "masked_scattered_back(self, mask: nondiff, shape)",
    masked_scatter_back,
    self=lambda g, mask, self_shape: masked_scatter(zeros_of(g, self_shape), mask, g),
    public=False,
    grad_fn="MaskedScatterBackwardBackward0",
)
