"""What backward frees, and so whether a second one is refused: decided node by node, from what was kept.

A node keeps a tensor only for the inputs whose gradients ask for it; which of them require gradients differs from call to call.
"""

from __future__ import annotations

from functools import partial

import pytest

import reference_impl as T
from reference_impl.graph.node import Node
from reference_impl.ops.form import Row
from reference_impl.tests.test_rows import DIFFERENTIABLE, Visit, leaves, named


def keeps_tensors(node: Node, row: Row) -> bool:
    """Numbers count where they are operands: torch makes tensors of them."""
    operands = () if row.scalar_overload else tuple(a.name for a in row.inputs)

    def is_tensor(name: str, s: object) -> bool:
        if isinstance(s, list | tuple):
            return any(isinstance(x, T.Tensor) for x in s)
        return isinstance(s, T.Tensor) or (s is not None and name in (*operands, *node.result_names))

    return any(is_tensor(n, s) for n, s in zip(node.saved_names, node.all_saved, strict=False))


@named(DIFFERENTIABLE)
def test_a_second_backward_is_refused_where_tensors_were_kept(row: Row) -> None:
    """Whichever input alone requires gradients."""
    f = Visit(row)
    for k in range(len(f.point)):
        xs = leaves(f.point, requires_grad=False)
        xs[k].requires_grad_()
        y = next(y for y in f(*xs) if y.requires_grad)
        kept = keeps_tensors(y._edge.source()[0], row)
        backward = partial(T.autograd.grad, y, xs[k], T.ones_like(y), allow_unused=True)
        backward()
        if kept:
            with pytest.raises(RuntimeError, match="a second time"):
                backward()
        else:
            backward()
