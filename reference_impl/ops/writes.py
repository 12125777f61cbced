"""Copies and writes: what becomes of a tensor's values.

HOWTO. As in shape.py; the in-place forms (copy_, zero_, fill_) are derived from these rows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import dtypes, placement
from ..compiler.runtime import cannot_broadcast, raw
from ..warn import real_part_only
from .form import general, linear
from .memory_format import channels_last, laid_out
from .structure import cast, cast_kernel, sum_to

# -- copies and writes


def clone_kernel(x, memory_format=None):
    """torch keeps the strides of dense memory, and is contiguous where elements share a place."""
    if memory_format in placement.CHANNELS_LAST:
        order = placement.channels_behind(x.ndim, memory_format)
        return x.transpose(order).copy().transpose(np.argsort(order))
    if memory_format is placement.contiguous_format or 0 in np.asarray(x).strides:
        return x.copy()
    return x.copy(order="K")


clone = linear(
    "clone(self, *, memory_format=None)",
    clone_kernel,
    self=lambda g: g,
    inplace=False,
    grad_fn="CloneBackward0",
    half_ready=True,
)


laid_out_as = linear(
    "laid_out_as(self, like: nondiff)",
    lambda x, like: laid_out(x, channels_last(like)),
    steps=lambda g, like: laid_out_as.function(g, like) if channels_last(raw(like)) else g,  # a copy only then
    self=lambda g: g,
    public=False,
    grad_fn="CloneBackward0",
)
to_copy = replace(clone, grad_fn="ToCopyBackward0", public=False)  # x.to(copy=True)


cast_and_lay_out = linear(  # x.to(dtype, memory_format=...)
    "cast_and_lay_out(self, dtype, memory_format)",
    lambda x, dtype, memory_format: clone_kernel(cast_kernel(x, dtype), memory_format),
    self=lambda g, self_dtype: cast(g, self_dtype),
    grad_fn="ToCopyBackward0",
    half_ready=True,
    public=False,
)


def copy_kernel(x, src, non_blocking=False):
    real_part_only(src.dtype, x.dtype)
    try:
        return np.broadcast_to(src, x.shape).astype(x.dtype)
    except ValueError:
        pass
    try:
        wide = np.broadcast_shapes(x.shape, src.shape)
    except ValueError:
        raise cannot_broadcast(x.shape, src.shape) from None
    raise RuntimeError(f"output with shape {list(x.shape)} doesn't match the broadcast shape {list(wide)}")


copy = general(
    "copy(self, other, non_blocking=False)",
    copy_kernel,
    wrt="self other",
    vjp=lambda g, other_shape, other_dtype, needs_self: (
        zero(g) if needs_self else None,
        cast(sum_to(g, other_shape), other_dtype),
    ),
    jvp=lambda other_t: other_t,
    public=False,
    grad_fn="CopyBackwards",
    inplace=True,
)
zero = linear(
    "zero(self)",
    lambda x: np.zeros(x.shape, x.dtype),
    steps=lambda g: zero.function(g.detach()),  # a constant: no further derivative leads through it
    self=lambda g: zero(g),
    public=False,
    inplace=True,
)
fill_number = general(
    "fill(self, value)",
    lambda x, value: np.full(x.shape, dtypes.number(value, x.dtype), x.dtype),
    self=lambda g: zero(g),
    jvp=lambda self_t: zero(self_t),
    modules="torch",
    method=False,
)
fill_tensor = linear(
    "fill(self, value)",
    copy_kernel,
    self=lambda g: zero(g),
    value=lambda g, value_dtype: cast(sum_to(g, ()), value_dtype),
    public=False,
    grad_fn="FillBackward1",
)
zeros_of = linear(
    "zeros_of(self, shape)",
    lambda x, shape: np.zeros(shape, x.dtype),
    steps=lambda g, shape: zeros_of.function(g.detach(), shape),
    self=lambda g, self_shape: zeros_of(g, self_shape),
    public=False,
    grad_fn="ZerosBackward0",
)


def of_its_shape(g, like_shape):
    """The gradient of `like`, of which an operator takes no more than the shape and the layout."""
    return zeros_of(g, like_shape)


linked = general(
    "linked(self, other)",
    lambda x, other: x,
    wrt="self other",
    vjp=lambda g, other_shape, needs_other: (g, zeros_of(g, other_shape) if needs_other else None),
    jvp=lambda self_t: self_t,
    public=False,
)
attached = replace(linked, vjp=lambda g: (g, None))


def linking(row):
    """What makes a gradient depend on the tensors that a row names (Row.linked), with derivative 0."""
    of_its_own = replace(
        linked if row.vjp is None else attached, grad_fn=row.grad_fn.replace("Backward0", "BackwardBackward0")
    )

    def link(g, of):
        return g if g is None or of is None or of._edge is None else of_its_own(g, of)

    return link
