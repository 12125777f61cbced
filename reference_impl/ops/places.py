"""Reading and writing along one dimension (index_*) and in the flattened tensor (take, put).

HOWTO. As in indexing.py: reading and adding up are adjoints; where something is overwritten the gradient is cleared.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..dtypes import from_numpy, number, same
from .adding import add_up
from .arithmetic import times_number
from .dims import at, row_by_row, wrap_dim
from .form import SIZES, general, linear
from .shape import reshaped
from .structure import broadcast, cast, sum_to, total

# -- index_*: one index for a whole slice along one dimension


def along(x, dim, index, name):
    d = wrap_dim(dim, x.ndim)
    if index.dtype.kind not in "iu" or index.dtype.itemsize < 4:
        raise RuntimeError(f"{name}(): Expected dtype int32 or int64 for index")
    if index.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector")
    n = x.shape[d] if x.ndim else 1
    low = -n if name == "index_fill_" else 0
    if index.size and (index.min() < low or index.max() >= n):
        bad = index[(index < low) | (index >= n)].flat[0]
        text = f"index {bad} is out of bounds for dimension {d} with size {n}"
        if name == "index_add" and x.ndim > 1:
            raise RuntimeError(text)
        if name == "index_select" and d == 1:
            raise RuntimeError(f"INDICES element is out of DATA bounds, id={bad} axis_dim={n}")
        if name in ("index_select", "index_add"):
            raise IndexError("index out of range in self")
        raise IndexError(f"index_copy_(): {text}" if name == "index_copy_" else text)
    return at(d, index.reshape(-1))


def line(x):
    """0-dim tensors behave as vectors of one element."""
    x = np.asarray(x)
    return x if x.ndim else x.reshape(1)


def index_select_kernel(x, dim, index):
    if index.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if not x.ndim and index.size != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {index.size} value(s)")
    if x.ndim > 1 and index.size and not x.shape[wrap_dim(dim, x.ndim)]:
        raise RuntimeError("index_select(): self indexing axis dim should be positive")
    r = row_by_row(line(x)[along(x, dim, index, "index_select")])
    return r if x.ndim else r.reshape(())


SOURCES = {
    "index_add": "index_add_(): self ({0.legacy}) and source ({1.legacy}) must have the same scalar type",
    "index_reduce": "index_reduce_(): self ({0.legacy}) and source ({1.legacy}) must have the same scalar type",
    "index_copy": "index_copy_(): self and source expected to have the same dtype, but got (self) {0.legacy} and (source) "
    "{1.legacy}",
}


def check_source(x, dim, index, source, name):
    if index.ndim > 1:
        raise IndexError(f"{name}_(): Index is supposed to be a vector, but got dim: {index.ndim}")
    same(SOURCES[name], x, source)
    if name == "index_copy" and x.ndim != source.ndim and x.ndim:
        if source.ndim:
            raise IndexError(
                "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source "
                f"dimensionality ({source.ndim}), destination dimensionality ({x.ndim})"
            )
        if index.size != 1:
            raise IndexError(f"index_copy_(): When source is scalar, index should have one element (got {index.size})")
    d = wrap_dim(dim, x.ndim)
    have, want = list(line(source).shape), list(line(x).shape)
    want[d] = index.size
    count = f"index_copy_(): Number of indices ({index.size}) should be equal to source.size(dim)"
    if name == "index_copy":
        if have[:d] + have[d + 1 :] != want[:d] + want[d + 1 :]:
            raise RuntimeError(
                "index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: "
                f"{' '.join(map(str, want[:d] + want[d + 1 :]))} at dimension {d} and source slice shape: "
                f"{' '.join(map(str, have[:d] + have[d + 1 :]))} at dimension {d}."
            )
        if have != want:
            raise IndexError(f"{count} ({have[d]})")
        return
    if x.ndim and source.ndim > d and have[d] != want[d]:
        raise RuntimeError(f"{count.replace('index_copy', name)}: ({have[d]}), for dim: {d}")
    others = have[:d] + have[d + 1 :] == want[:d] + want[d + 1 :]
    if not others or (x.ndim and not source.ndim) or (have == want and x.ndim != source.ndim):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(x.shape)} source.shape = {list(source.shape)}"
        )
    if have != want and not source.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    if have != want:
        raise RuntimeError(f"{count.replace('index_copy', name)}: ({have[d]}), for dim: {d}")


def index_add_kernel(x, dim, index, source, alpha=1):
    check_source(x, dim, index, source, "index_add")
    r = np.array(x, order="C")
    add_up(
        line(r),
        along(x, dim, index, "index_add"),
        line(source if alpha == 1 else source * np.asarray(alpha).astype(source.dtype)),
    )
    return r


def index_copy_kernel(x, dim, index, source):
    check_source(x, dim, index, source, "index_copy")
    r = np.array(x, order="C")
    line(r)[along(x, dim, index, "index_copy_")] = line(source)
    return r


def index_fill_kernel(x, dim, index, value):
    if index.dtype != np.int64:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    if index.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    if np.iscomplexobj(value) and x.dtype.kind != "c":
        raise RuntimeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    r = np.array(x)
    line(r)[along(x, dim, index, "index_fill_")] = number(value, x.dtype)
    return r


index_select = linear(
    "index_select(self, dim, index: nondiff)",
    index_select_kernel,
    self=lambda g, self_shape, dim, index: index_selected_back(g, self_shape, dim, index),
    saved_as=SIZES,
)
index_selected_back = linear(
    "index_selected_back(self, shape, dim, index: nondiff)",
    lambda g, shape, dim, index: index_add_kernel(np.zeros(shape, g.dtype), dim, index, g),
    self=lambda g, dim, index: index_select(g, dim, index),
    public=False,
    grad_fn="IndexAddBackward0",
    edges="nT",
)
index_add = linear(
    "index_add(self, dim, index: nondiff, source, *, alpha=1)",
    index_add_kernel,
    self=lambda g: g,
    source=lambda g, source_shape, dim, index, alpha: times_number(source_gradient(g, source_shape, dim, index), alpha),
    keeps={"source": "source"},
    shows={"source_dim": lambda source_shape: len(source_shape)},
    inplace=True,
)
index_copy = linear(
    "index_copy(self, dim, index: nondiff, source)",
    index_copy_kernel,
    self=lambda g, dim, index: index_fill_number(g, dim, index, 0),
    source=lambda g, source_shape, dim, index: source_gradient(g, source_shape, dim, index),
    keeps={"source": "source"},
    shows={"source_dim": lambda source_shape: len(source_shape)},
    inplace=True,
)
index_fill_number = general(
    "index_fill(self, dim, index: nondiff, value)",
    index_fill_kernel,
    self=lambda g, dim, index: index_fill_number(g, dim, index, 0),
    jvp=lambda self_t, dim, index: index_fill_number(self_t, dim, index, 0),
    public=False,
)
index_fill_tensor = linear(
    "index_fill(self, dim, index: nondiff, value)",
    index_fill_kernel,
    self=lambda g, dim, index: index_fill_number(g, dim, index, 0),
    value=lambda g, dim, index, value_dtype: cast(total(index_select(g, dim, once(index))), value_dtype),
    public=False,
    grad_fn="IndexFillBackward1",
)
once = linear("once(index: nondiff)", lambda index: np.unique(index), public=False)


def source_gradient(g, shape, dim, index):
    """A 0-dim source of a tensor with dimensions is one element."""
    found = index_select(g, dim, index)
    return broadcast(found, shape) if shape else sum_to(found, ())


# -- take and put: places in the flattened tensor


def flat_places(shape, index, name):
    n = prod(shape)
    if index.size and not n:
        raise IndexError(f"{name}(): tried to take from an empty tensor")
    if index.size and (index.min() < -n or index.max() >= n):
        bad = index[(index < -n) | (index >= n)].flat[0]
        raise IndexError(f"out of range: tried to access index {bad} on a tensor of {n} elements.")
    return index


def take_kernel(x, index):
    if index.dtype != np.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {from_numpy(index.dtype).legacy}")
    return np.asarray(x).reshape(-1)[flat_places(x.shape, index, "take")]


def put_kernel(x, index, source, accumulate):
    if index.dtype != np.int64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {from_numpy(index.dtype).legacy}")
    same(
        "put_(): self and source expected to have the same dtype, but got self.dtype = {0.legacy} and source.dtype = "
        "{1.legacy}",
        x,
        source,
    )
    if index.size != source.size:
        raise IndexError(
            f"put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source.size}, index.numel() = {index.size}"
        )
    r, k = np.array(x, order="C"), flat_places(x.shape, index, "put_").reshape(-1)
    if accumulate:
        np.add.at(r.reshape(-1), k, source.reshape(-1))
    else:
        r.reshape(-1)[k] = source.reshape(-1)
    return r


take = linear(
    "take(self, index: nondiff)",
    take_kernel,
    self=lambda g, self_shape, index: taken_back(g, self_shape, index),
    keeps="self",
)
taken_back = linear(
    "taken_back(self, shape, index: nondiff)",
    lambda g, shape, index: put_kernel(np.zeros(shape, g.dtype), index, g, True),
    self=lambda g, index: take(g, index),
    public=False,
    grad_fn="PutBackward0",
)
put = linear(
    "put(self, index: nondiff, source, accumulate=False)",
    put_kernel,
    self=lambda g, index, accumulate: g if accumulate else put_cleared(g, index),
    source=lambda g, source_shape, index: reshaped(take(g, index), source_shape),
    keeps={"source": "source"},
    inplace=True,
)
put_cleared = linear(
    "put_cleared(self, index: nondiff)",
    lambda g, index: put_kernel(g, index, np.zeros(np.shape(index), g.dtype), False),
    self=lambda g, index: put_cleared(g, index),
    public=False,
    grad_fn="PutBackward0",
    edges="Tn",
)
