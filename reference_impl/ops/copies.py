"""Views that copy: for every view of shape.py and joining.py torch has an operator that returns fresh memory.

HOWTO. `copying(row)` is the linear row `<name>_copy` with the same formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.modes import is_grad_enabled
from ..tensor import Tensor
from .complex_ import view_as_complex, view_as_real
from .dims import at, whole
from .expanding import expand
from .form import SIZES, Row, composite, linear
from .joining import split_evenly, split_kernel, split_sizes_kernel, split_with_sizes, unbind
from .shape import alias, basic_adjoint, diagonal, permute, select, slice_, squeeze, t, transpose, unsqueeze, view_
from .strides import as_strided, unfold
from .structure import no_derivative


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
        keeps=row.keeps,
        saved_as=row.saved_as,
        shows=row.shows,
        **row.formulas,
    )


alias_copy, diagonal_copy, expand_copy, permute_copy, select_copy, squeeze_copy, t_copy, transpose_copy = map(
    copying, (alias, diagonal, expand, permute, select, squeeze, t, transpose)
)
unbind_copy, unfold_copy, unsqueeze_copy = map(copying, (unbind, unfold, unsqueeze))
view_copy = copying(view_, lambda x, size: x.reshape(whole(x.shape, size)))
split_copy, split_with_sizes_copy = map(copying, (split_evenly, split_with_sizes))
slice_copied, as_strided_copied, view_as_real_copy = map(copying, (slice_, as_strided, view_as_real))
narrow_copied = linear(
    "narrow_copy(self, dim, start, length)",
    lambda x, dim, start, length: x[at(dim, slice(start, start + length))].copy(),
    self=lambda g, self_shape, dim, start, length: basic_adjoint(g, self_shape, at(dim, slice(start, start + length))),
    grad_fn="NarrowCopyBackward0",
    saved_as=SIZES,
)
detach_copy = linear(
    "detach_copy(self)",
    lambda x: x.copy(),
    self=no_derivative("detach_copy"),
    grad_fn="NotImplementedBackward0",
    method=False,
)


@composite(method=False, out=True)
def view_as_complex_copy(input: Tensor) -> Tensor:
    if is_grad_enabled() and input.requires_grad:
        raise RuntimeError(
            "view_as_complex_copy does not support automatic differentiation for outputs with complex dtype."
        )
    return alias_copy(view_as_complex(input))


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
