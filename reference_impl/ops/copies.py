"""Views that copy: for every view of shape.py and joining.py torch has an operator that returns fresh memory.

HOWTO. `copying(row)` is the linear row `<name>_copy` with the same formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .expanding import expand
from .form import SIZES, Row, linear
from .joining import split_evenly, split_kernel, split_sizes_kernel, split_with_sizes, unbind
from .shape import alias, diagonal, permute, select, squeeze, t, transpose, unsqueeze, view_, whole
from .strides import unfold


def copying(row: Row, look: Callable[..., Any] | None = None) -> Row:
    """look: what finds the elements, where it need not be the view."""
    look = look or row.kernel

    def kernel(*args):
        made = look(*args)
        return [m.copy() for m in made] if isinstance(made, list) else made.copy()

    return linear(
        row.signature.replace("(", "_copy(", 1),
        kernel,
        grad_fn=row.grad_fn.replace("0", "0_copy").replace("1", "1_copy").replace("2", "2_copy"),
        method=False,
        saved_as=row.saved_as,
        **row.formulas,
    )


alias_copy, diagonal_copy, expand_copy, permute_copy, select_copy, squeeze_copy, t_copy, transpose_copy = map(
    copying, (alias, diagonal, expand, permute, select, squeeze, t, transpose)
)
unbind_copy, unfold_copy, unsqueeze_copy = map(copying, (unbind, unfold, unsqueeze))
view_copy = copying(view_, lambda x, size: x.reshape(whole(x.shape, size)))
split_copy, split_with_sizes_copy = map(copying, (split_evenly, split_with_sizes))

# outputs that share memory with their input, but of which autograd keeps no account
unsafe_split = linear(
    "unsafe_split(self, split_size, dim=0) -> results*", split_kernel, saved_as=SIZES, **split_evenly.formulas
)
unsafe_split_with_sizes = linear(
    "unsafe_split_with_sizes(self, split_sizes, dim=0) -> results*",
    split_sizes_kernel,
    saved_as=SIZES,
    **split_with_sizes.formulas,
)
