"""A copy with one part replaced (torch's *_scatter).

HOWTO. `where` says which part: a kind of cut in CUTS and what it takes, as it was given.
"""

from __future__ import annotations

import numpy as np

from .dims import at, wrap_dim
from .form import linear
from .shape import diagonal_kernel, put
from .strides import copied_memory, from_the_start
from .structure import cast


def select(x, dim, index):
    return x[at(wrap_dim(dim, x.ndim), index)]


def narrow(x, dim, start, end, step):
    return x[at(wrap_dim(dim, x.ndim), slice(start, end, step))]


CUTS = {"slice": narrow, "select": select, "diagonal": diagonal_kernel, "as_strided": from_the_start}


def window(x, where):
    return CUTS[where[0]](x, *where[1:])


def replace_kernel(x, src, where):
    x = np.asarray(x)
    r = copied_memory(x) if where[0] == "as_strided" else x.copy("C")
    part = window(r, where)
    if part.shape != src.shape:
        raise RuntimeError(
            f"expected src to have a size equal to the slice of self. src size = {list(src.shape)}, slice size = "
            f"{list(part.shape)}"
        )
    part[...] = src
    return r


def replacing(name, shown):
    """shown: what torch calls the items of `where` behind the first."""

    def item(k):
        return lambda where: where[k]

    return linear(
        f"{name}_replaced(self, src, where)",
        replace_kernel,
        self=wiped_strides if name == "AsStrided" else lambda g, where: wiped(g, where),
        src=lambda g, where, src_dtype: cast(windowed(g, where), src_dtype),
        public=False,
        saved_as={"where": ""},
        shows={word: item(k) for k, word in enumerate(shown.split(), 1)},
        grad_fn=f"{name}ScatterBackward0",
    )


def wiped_strides(g, where):
    """torch gives self the gradient of the window, where it was overwritten, and 0 outside."""
    return unwindowed(windowed(g, where), g.shape, where)


slice_replaced = replacing("Slice", "dim start end step")
select_replaced = replacing("Select", "dim index")
diagonal_replaced = replacing("Diagonal", "offset dim1 dim2")
strided_replaced = replacing("AsStrided", "size stride storage_offset")


wiped = linear(
    "wiped(self, where)",
    lambda x, where: put(x.copy(), 0, lambda r: window(r, where)),
    self=lambda g, where: wiped(g, where),
    public=False,
    grad_fn="SliceScatterBackward0 if where[0] == 'slice' else SelectScatterBackward0 if where[0] == 'select' else "
    "DiagonalScatterBackward0 if where[0] == 'diagonal' else AsStridedScatterBackward0",
    edges="Tn",
)


windowed = linear(
    "windowed(self, where)",
    lambda x, where: window(np.ascontiguousarray(x), where).copy(),
    self=lambda g, self_shape, where: unwindowed(g, self_shape, where),
    public=False,
    grad_fn="SliceBackward0 if where[0] == 'slice' else SelectBackward0 if where[0] == 'select' else DiagonalBackward0 if "
    "where[0] == 'diagonal' else AsStridedBackward0",
)


unwindowed = linear(
    "unwindowed(self, shape, where)",
    lambda g, shape, where: put(np.zeros(shape, g.dtype), g, lambda r: window(r, where)),
    self=lambda g, where: windowed(g, where),
    public=False,
)
