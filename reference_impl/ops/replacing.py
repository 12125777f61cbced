"""A copy with one part replaced (torch's *_scatter).

HOWTO. `where` says which part: a kind of cut in CUTS and its arguments.
"""

from __future__ import annotations

import numpy as np

from .form import linear
from .shape import diagonal_kernel, put
from .strides import copied_memory, from_the_start

# -- a copy with one part replaced (torch's *_scatter)

CUTS = {
    "slice": lambda x, index: x[index],
    "select": lambda x, index: x[index],
    "diagonal": diagonal_kernel,
    "as_strided": from_the_start,
}


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


# as_strided_scatter: torch gives self the gradient of the window, where it was overwritten, and 0 outside
replaced = linear(
    "replaced(self, src, where)",
    replace_kernel,
    self=lambda g, where: (
        unwindowed(windowed(g, where), g.shape, where) if where[0] == "as_strided" else wiped(g, where)
    ),
    src=lambda g, where: windowed(g, where),
    public=False,
    saved_as={"where": ""},
    grad_fn="SliceScatterBackward0 if where[0] == 'slice' else SelectScatterBackward0 if where[0] == 'select' "
    "else DiagonalScatterBackward0 if where[0] == 'diagonal' else AsStridedScatterBackward0",
)


wiped = linear(
    "wiped(self, where)",
    lambda x, where: put(x.copy(), 0, lambda r: window(r, where)),
    self=lambda g, where: wiped(g, where),
    public=False,
)


windowed = linear(
    "windowed(self, where)",
    lambda x, where: window(np.ascontiguousarray(x), where).copy(),
    self=lambda g, self_shape, where: unwindowed(g, self_shape, where),
    public=False,
)


unwindowed = linear(
    "unwindowed(self, shape, where)",
    lambda g, shape, where: put(np.zeros(shape, g.dtype), g, lambda r: window(r, where)),
    self=lambda g, where: windowed(g, where),
    public=False,
)
